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

// changed is new without the actions, or the resources, that a statement of
// old with the same rest allows too: a grant is among those that are left. It
// says which statements have none left. That holds as long as old denies
// nothing that new does not.
func changed(old, new *iam.Document) (*iam.Document, map[int]bool) {
	type listed struct{ actions, resources map[string]map[string]bool } // the rest → what is listed
	in := listed{map[string]map[string]bool{}, map[string]map[string]bool{}}
	add := func(to map[string]map[string]bool, rest, text string) {
		if to[rest] == nil {
			to[rest] = map[string]bool{}
		}
		to[rest][text] = true
	}
	for i := range old.Statements {
		s := old.Statements[i]
		if s.Effect == iam.Deny {
			continue
		}
		rest := restOf(s, old.Version)
		for _, a := range s.Actions {
			add(in.actions, rest.actions, strings.ToLower(a.Text))
		}
		for _, r := range s.Resources {
			add(in.resources, rest.resources, r.Text)
		}
	}
	out, none := *new, map[int]bool{}
	out.Statements = slices.Clone(new.Statements)
	for i := range out.Statements {
		s := &out.Statements[i]
		if s.Effect == iam.Deny {
			continue
		}
		rest := restOf(*s, new.Version)
		actions := slices.DeleteFunc(slices.Clone(s.Actions), func(a iam.Action) bool { return in.actions[rest.actions][strings.ToLower(a.Text)] })
		resources := slices.DeleteFunc(slices.Clone(s.Resources), func(r iam.ARN) bool { return in.resources[rest.resources][r.Text] })
		switch {
		case len(actions) < len(s.Actions):
			s.Actions = actions
			none[i] = len(actions) == 0
		case len(resources) < len(s.Resources):
			s.Resources = resources
			none[i] = len(resources) == 0
		}
	}
	return &out, none
}

// rest is the spelling of a statement but for its actions, and but for its
// resources.
type rest struct{ actions, resources string }

func restOf(s iam.Statement, version string) rest {
	noActions, noResources := s, s
	noActions.Actions, noResources.Resources = nil, nil
	r := rest{spelling(&noActions, version), spelling(&noResources, version)}
	if s.Actions == nil {
		r.actions += "\x00NotAction"
	}
	if s.Resources == nil {
		r.resources += "\x00no Resource"
	}
	return r
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
	b.WriteString("\x00" + version) // which says whether ${…} is a variable
	return b.String()
}
