package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// shared says which statements both documents have, by their index in new and
// in old. What both allow is new only where old denied it, and what both deny
// old cannot deny alone, so that a change to a long policy costs what changed,
// and none costs nothing.
func shared(old, new *iam.Document) (inNew, inOld map[int]bool) {
	inNew, inOld = map[int]bool{}, map[int]bool{}
	if old == nil {
		return inNew, inOld
	}
	byText := map[string][]int{}
	for i := range old.Statements {
		k := spelling(&old.Statements[i], old.Version)
		byText[k] = append(byText[k], i)
	}
	for i := range new.Statements {
		for _, j := range byText[spelling(&new.Statements[i], new.Version)] {
			inNew[i], inOld[j] = true, true
		}
	}
	return inNew, inOld
}

// spelling is all of a statement that decides what it matches: two with the
// same spelling match the same requests.
func spelling(s *iam.Statement, version string) string {
	var b strings.Builder
	part := func(name string, there bool, texts []string) {
		if there {
			b.WriteString("\x00" + name)
			for _, t := range texts {
				b.WriteString("\x01" + t)
			}
		}
	}
	b.WriteString(s.Effect.String())
	names := func(list []iam.PrincipalPattern) (out []string) {
		for _, p := range list {
			out = append(out, p.Type+"\x02"+p.Value)
		}
		return out
	}
	part("P", s.Principals != nil, names(s.Principals))
	part("NP", s.NotPrincipals != nil, names(s.NotPrincipals))
	actions := func(list []iam.Action) (out []string) {
		for _, a := range list {
			out = append(out, strings.ToLower(a.Text))
		}
		return out
	}
	part("A", s.Actions != nil, actions(s.Actions))
	part("NA", s.NotActions != nil, actions(s.NotActions))
	resources := func(list []iam.ARN) (out []string) {
		for _, r := range list {
			out = append(out, r.Text)
		}
		return out
	}
	part("R", s.Resources != nil, resources(s.Resources))
	part("NR", s.NotResources != nil, resources(s.NotResources))
	for i := range s.Conditions {
		c := &s.Conditions[i]
		part("C", true, slices.Concat([]string{strings.ToLower(c.Operator.Text), c.Key}, c.Values))
	}
	if strings.Contains(b.String(), "${") {
		b.WriteString("\x00" + version) // which says whether ${…} is a variable
	}
	return b.String()
}
