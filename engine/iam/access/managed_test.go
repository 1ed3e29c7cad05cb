package access

import (
	"slices"
	"strings"
	"testing"

	"fathom/diag"
	"fathom/engine/iam"
)

// AWS takes its own policies, so every one in the table has to be taken too.
func TestManagedPoliciesAreTaken(t *testing.T) {
	table := managedPolicies()
	if len(table) < 25 {
		t.Errorf("the table has only %d policies", len(table))
	}
	for _, name := range sorted(table) {
		p := table[name]
		if p.Version == "" || p.Date == "" {
			t.Errorf("%s has no version and date", name)
		}
		for _, text := range []string{string(p.Document), string(p.ceiling())} {
			if text == "" {
				continue
			}
			doc, problems := iam.Parse([]byte(text), name, iam.Identity)
			if len(problems) > 0 || len(doc.Statements) == 0 {
				t.Errorf("%s: %v", name, problems)
			}
		}
		if p.ceiling() != nil {
			d := managedByAWS("arn:aws:iam::aws:policy/"+name, "identity", nil, diag.Pos{})
			if d.certain() || len(d.doubts) == 0 {
				t.Errorf("%s is shortened, and has to be unknown in between", name)
			}
		}
	}
}

// A path does not matter to which policy it is; one that denies does.
func TestManagedByName(t *testing.T) {
	for _, tt := range []struct {
		arn             string
		certain, denies bool
	}{
		{"arn:aws:iam::aws:policy/AdministratorAccess", true, false},
		{"arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", true, false},
		{"arn:aws:iam::aws:policy/NotMadeYet", false, false},
		{"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", false, true},
	} {
		d := managedByAWS(tt.arn, "identity", nil, diag.Pos{})
		denies := slices.ContainsFunc(d.lower.doc.Statements, func(s iam.Statement) bool {
			return s.Effect == iam.Deny && !strings.Contains(s.Actions[0].Text, "None")
		})
		if d.certain() != tt.certain || denies != tt.denies {
			t.Errorf("%s: certain %v, denies %v", tt.arn, d.certain(), denies)
		}
	}
}
