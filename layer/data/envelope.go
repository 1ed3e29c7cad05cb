package data

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var envelope = control.Control{
	ID:       "data.envelope",
	Title:    "Application data sealed by envelope encryption with context",
	Why:      "One stolen permission to decrypt opens every record of every tenant, because the key does not ask what a ciphertext is for",
	Threats:  []control.Threat{control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Low,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 3.6.1", "GDPR 32(1)(a)"},
	Check:    checkEnvelope,
	Defeat:   defeatEnvelope,
}

// checkEnvelope judges what files can show of envelope encryption: whether
// those who may open data keys are held to an encryption context.
func checkEnvelope(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, u := range keyUses(e) {
		if u.why != "" {
			out = append(out, control.Unsure(u.on, u.at, u.why))
			continue
		}
		evidence := control.Saw(u.at, "%s allows %s", sid(u.statement), list(u.statement.Actions))
		if bound := contextOf(u.statement); bound != "" {
			out = append(out, control.Is(u.on, evidence, control.Saw(u.at, "condition %s", bound)))
			continue
		}
		out = append(out, control.Partly(u.on, control.Mistake{
			At:       u.at,
			Summary:  u.what + " allows decryption of anything under the key: " + sid(u.statement) + " has no condition on the encryption context",
			Fix:      "add a condition StringEquals kms:EncryptionContext:<name> to the statement, or kms:ViaService where only an AWS service decrypts for the caller",
			Evidence: []control.Evidence{evidence},
		}))
	}
	return out
}

// keyUse is a statement that lets somebody open data keys by themselves.
type keyUse struct {
	on        estate.Resource
	what      string
	at        diag.Pos
	statement *estate.Statement
	why       string
}

// keyUses finds them in identity and key policies. Left out are permissions by
// which a service decrypts for the caller (kms:ViaService), those of services,
// those of whole accounts, which only hand the decision to IAM, and
// administrators' (Action *), which are the layer identity's business.
func keyUses(e *estate.Estate) []keyUse {
	var out []keyUse
	look := func(on estate.Resource, what string, p *estate.Policy, ofKey bool) {
		at := or(p.Pos(), on.Meta().Pos)
		if p.Unknown() && ofKey {
			out = append(out, keyUse{on: on, what: what, at: at, why: "the policy is not known: " + p.Why()})
		}
		for i := range p.Statements {
			s := &p.Statements[i]
			if !opensDataKeys(s) || ofKey && !people(s) {
				continue
			}
			out = append(out, keyUse{on: on, what: what, at: at, statement: s})
		}
	}
	for _, p := range estate.All[*estate.IAMPolicy](e) {
		look(p, control.Named("policy", p.PolicyName, p.Meta()), &p.Policy, false)
	}
	for _, p := range estate.All[*estate.RolePolicy](e) {
		look(p, "role policy "+p.ID.Addr, &p.Policy, false)
	}
	for _, p := range estate.All[*estate.UserPolicy](e) {
		look(p, "user policy "+p.ID.Addr, &p.Policy, false)
	}
	for _, p := range estate.All[*estate.GroupPolicy](e) {
		look(p, "group policy "+p.ID.Addr, &p.Policy, false)
	}
	for _, r := range estate.All[*estate.Role](e) {
		for i := range r.Inline.Items {
			look(r, control.Named("role", r.RoleName, r.Meta()), &r.Inline.Items[i].Policy, false)
		}
	}
	for _, k := range estate.All[*estate.KMSKey](e) {
		if p, _ := policyOfKey(e, k); p != nil {
			look(k, "the policy of "+control.Named("key", k.Description, k.Meta()), p, true)
		}
	}
	return out
}

// opensDataKeys says whether a statement names an action that turns a wrapped
// data key into a plain one.
func opensDataKeys(s *estate.Statement) bool {
	if s.Effect != "Allow" {
		return false
	}
	named := slices.ContainsFunc(s.Actions, func(a string) bool {
		return a != "*" && (like(a, "kms:Decrypt") || like(a, "kms:GenerateDataKey"))
	})
	return named && !slices.ContainsFunc(s.Conditions, func(c estate.Condition) bool { return c.Key == "kms:viaservice" })
}

// people says whether a statement of a key policy is for roles and users by
// name.
func people(s *estate.Statement) bool {
	return slices.ContainsFunc(s.Principals, func(p estate.Principal) bool {
		_, whole := accountRoot(p)
		return p.Type == "AWS" && p.ID != "*" && !whole
	})
}

// contextOf shows the condition by which a statement is held to an encryption
// context, or "".
func contextOf(s *estate.Statement) string {
	for _, c := range s.Conditions {
		if strings.HasPrefix(c.Key, "kms:encryptioncontext:") || c.Key == "kms:encryptioncontextkeys" {
			return c.Operator + " " + c.Key + " = " + list(c.Values)
		}
	}
	return ""
}
