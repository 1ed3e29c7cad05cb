package identity

import (
	"encoding/json"
	"slices"
	"strings"

	"fathom/estate"
)

// everythingAllowed is the policy of somebody who had no time.
const everythingAllowed = `{"Version":"2012-10-17","Statement":[{"Sid":"ForNow","Effect":"Allow","Action":"*","Resource":"*"}]}`

// widened gives every role, user and permission set a policy that allows
// everything, as one does who wants to get on: what is denied stays denied, and
// so does what is for others to allow.
func widened(e *estate.Estate) *estate.Estate {
	return estate.Edit(e, func(d *estate.Draft) {
		for _, r := range estate.All[*estate.Role](e) {
			d.Add(&estate.RolePolicy{
				Base: another(&r.Base, "aws_iam_role_policy"), Role: estate.Naming[*estate.Role](r.ID),
				Policy: estate.KnownPolicy(everythingAllowed, r.Pos),
			})
		}
		for _, u := range estate.All[*estate.User](e) {
			d.Add(&estate.UserPolicy{
				Base: another(&u.Base, "aws_iam_user_policy"), User: estate.Naming[*estate.User](u.ID),
				Policy: estate.KnownPolicy(everythingAllowed, u.Pos),
			})
		}
		for _, s := range estate.All[*estate.PermissionSet](e) {
			d.Add(&estate.PermissionSetPolicy{
				Base: another(&s.Base, "aws_ssoadmin_permission_set_inline_policy"), Set: estate.Naming[*estate.PermissionSet](s.ID),
				Policy: estate.KnownPolicy(everythingAllowed, s.Pos),
			})
		}
	})
}

// another is a new resource where another stands.
func another(b *estate.Base, kind string) estate.Base {
	_, name, _ := strings.Cut(b.ID.Addr, ".")
	return estate.Base{ID: estate.ID{Root: b.ID.Root, Addr: kind + "." + name + "_for_now"}, Type: kind, Pos: b.Pos, Module: b.Module, Provider: b.Provider}
}

// rewriting is a policy of which statements can be changed.
type rewriting struct {
	Version   string           `json:"Version,omitempty"`
	ID        string           `json:"Id,omitempty"`
	Statement []map[string]any `json:"Statement"`
}

// rewritten changes the statements of a policy, and says whether any was; one
// for which change is false is left out.
func rewritten(p estate.Policy, change func(s map[string]any) (keep, changed bool)) (estate.Policy, bool) {
	var w rewriting
	if p.Text() == "" || json.Unmarshal([]byte(p.Text()), &w) != nil {
		var one struct {
			Version   string
			Statement map[string]any
		}
		if json.Unmarshal([]byte(p.Text()), &one) != nil {
			return p, false
		}
		w = rewriting{Version: one.Version, Statement: []map[string]any{one.Statement}}
	}
	touched := false
	w.Statement = slices.DeleteFunc(w.Statement, func(s map[string]any) bool {
		keep, changed := change(s)
		touched = touched || changed || !keep
		return !keep
	})
	text, err := json.Marshal(w)
	if !touched || err != nil {
		return p, false
	}
	return estate.KnownPolicy(string(text), p.Pos()), true
}

// unconditioned takes the conditions on some keys out of a statement.
func unconditioned(s map[string]any, of func(key string) bool) bool {
	byOp, _ := s["Condition"].(map[string]any)
	found := false
	for op, v := range byOp {
		byKey, _ := v.(map[string]any)
		for key := range byKey {
			if of(strings.ToLower(key)) {
				delete(byKey, key)
				found = true
			}
		}
		if len(byKey) == 0 {
			delete(byOp, op)
		}
	}
	if found && len(byOp) == 0 {
		delete(s, "Condition")
	}
	return found
}
