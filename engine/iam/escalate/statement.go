package escalate

import (
	"fathom/engine/iam"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// permissionOf shows a statement as the World shows those that it lists.
func permissionOf(s *iam.Statement) access.Permission {
	out := access.Permission{Truth: estate.Yes}
	out.Effect = s.Effect
	for _, a := range s.Actions {
		out.Actions = append(out.Actions, a.Text)
	}
	for _, a := range s.NotActions {
		out.NotActions = append(out.NotActions, a.Text)
	}
	for _, r := range s.Resources {
		out.Resources = append(out.Resources, r.Text)
	}
	for _, r := range s.NotResources {
		out.NotResources = append(out.NotResources, r.Text)
	}
	return out
}

// written are the statements of a holder's documents as they are written,
// without those of AWS's own policies.
func written(h *estate.Holder) []access.Permission {
	var out []access.Permission
	for _, g := range h.Grants {
		for i := range g.Policy.Statements {
			s := &g.Policy.Statements[i]
			p := access.Permission{
				Actions: s.Actions, NotActions: s.NotActions, Resources: s.Resources, NotResources: s.NotResources, Truth: estate.Maybe,
			}
			if s.Effect == "Allow" {
				p.Effect, p.Truth = iam.Allow, estate.Yes
			}
			out = append(out, p)
		}
	}
	return out
}
