package identity

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var guardrails = control.Control{
	ID:       "identity.guardrails",
	Title:    "service and resource control policies and permission boundaries stop what no role may ever do",
	Why:      "one over-privileged role switches off the logs, the backups and the keys of the whole account",
	Threats:  []control.Threat{control.AccountTakeover, control.Ransom},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.AWS,
	Maps:     []string{"PCI DSS 4.0.1 7.2.1", "HIPAA 164.308(a)(4)"},
	Check:    checkGuardrails,
	Defeat:   unrailed,
	Fells:    []string{"identity.mfa", "data.residency"},
}

// checkGuardrails looks at the two kinds of ceiling: policies of the
// organisation, which stand in the management account's configuration, and
// boundaries of roles and users, which stand beside them.
func checkGuardrails(e *estate.Estate) []control.Result {
	if len(estate.All[*estate.Role](e))+len(estate.All[*estate.User](e))+len(estate.All[*estate.OrgPolicy](e)) == 0 {
		return nil
	}
	var out []control.Result
	for _, p := range estate.All[*estate.OrgPolicy](e) {
		out = append(out, judgeOrgPolicy(e, p)...)
	}
	out = append(out, boundaries(e)...)
	for i := range out {
		if out[i].Status == control.Present {
			return out
		}
	}
	if len(estate.All[*estate.OrgPolicy](e)) > 0 {
		return out
	}
	return append(out, control.Nowhere(e, control.Mistake{
		Summary: "no ceiling holds here: no service or resource control policy, and no permission boundary",
		Fix:     "attach an aws_organizations_policy that denies stopping CloudTrail and GuardDuty, deleting keys and backups and leaving the organisation, and give roles a permissions_boundary",
	})...)
}

func judgeOrgPolicy(e *estate.Estate, p *estate.OrgPolicy) []control.Result {
	kind := p.Kind.Default("SERVICE_CONTROL_POLICY")
	switch kind.In("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY") {
	case estate.No:
		return nil // tag and backup policies are no guard
	case estate.Maybe:
		return []control.Result{control.Unsure(p, kind.Pos(), "the type of "+p.ID.Addr+" is not known: "+kind.Why())}
	}
	if p.Content.Unknown() {
		return []control.Result{control.Unsure(p, p.Content.Pos(), "the content of "+p.ID.Addr+" is not known: "+p.Content.Why())}
	}
	if !slices.ContainsFunc(p.Content.Statements, func(s estate.Statement) bool { return s.Effect == "Deny" }) && !narrowAllow(&p.Content) {
		return nil // FullAWSAccess and its like
	}
	if len(estate.Of[*estate.OrgAttachment](e, p.ID)) == 0 {
		return []control.Result{control.Lacks(e, p, control.Mistake{
			Summary: "control policy " + p.ID.Addr + " is attached to nothing",
			Fix:     "add aws_organizations_policy_attachment with the root, unit or account that it is for",
		})}
	}
	for _, o := range estate.All[*estate.Organization](e) {
		k, _ := kind.Known()
		if o.PolicyTypes.Has(k) == estate.No {
			return []control.Result{control.Not(p, control.Mistake{
				At:      o.PolicyTypes.Pos(),
				Summary: "control policy " + p.ID.Addr + " is not in force: the organisation does not enable " + k,
				Fix:     "add " + k + " to enabled_policy_types of " + o.ID.Addr,
			})}
		}
	}
	return []control.Result{control.Is(p)}
}

// narrowAllow is a control policy that lists what may be done at all.
func narrowAllow(p *estate.Policy) bool {
	return len(p.Statements) > 0 && !slices.ContainsFunc(p.Statements, func(s estate.Statement) bool {
		return slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Trim(a, "*:") == "" })
	})
}

// makers are the actions with which an identity makes or changes others.
var makers = []string{"iam:AttachRolePolicy", "iam:CreateRole", "iam:CreateUser", "iam:PutRolePolicy", "iam:PutUserPolicy"}

// boundaries judges the identities that have a boundary, and those that may
// make others without one: what they make is not bound by what they are. A
// condition on iam:PermissionsBoundary, which narrows the statement, makes them
// pass the boundary on.
func boundaries(e *estate.Estate) []control.Result {
	var out []control.Result
	made := map[*estate.Policy][]string{} // a policy is read once, however many hold it
	judge := func(on estate.Resource, name string, boundary estate.Ref[*estate.IAMPolicy], h func() estate.Holder) {
		switch boundary.Set() {
		case estate.Yes:
			out = append(out, control.Is(on, control.Evidence{At: boundary.Pos(), Saw: "permissions_boundary = " + boundary.String()}))
			return
		case estate.Maybe:
			out = append(out, control.Unsure(on, boundary.Pos(), "whether "+name+" has a permissions boundary is not known: "+boundary.Why()))
			return
		}
		for _, g := range h().Grants {
			up, ok := made[g.Policy]
			if !ok {
				up = byName(g.Policy, makers)
				made[g.Policy] = up
			}
			if len(up) > 0 {
				out = append(out, control.Not(on, control.Mistake{
					Summary:  name + " may make and change roles (" + list(slices.Clone(up), 3) + ") and no boundary holds for it or for them",
					Fix:      "set permissions_boundary on it, and allow those actions only with condition iam:PermissionsBoundary equal to the boundary's ARN",
					Evidence: []control.Evidence{{At: g.At, Saw: "allows " + list(slices.Clone(up), 5)}},
				}))
				return
			}
		}
	}
	for _, r := range estate.All[*estate.Role](e) {
		judge(r, roleLabel(r), r.Boundary, func() estate.Holder { return r.HolderOf(e) })
	}
	for _, u := range estate.All[*estate.User](e) {
		judge(u, label("user", u.UserName, &u.Base), u.Boundary, func() estate.Holder { return ownGrants(e, u) })
	}
	return out
}

// ownGrants are the policies on the user itself: a group's are judged as often
// as it has members otherwise.
func ownGrants(e *estate.Estate, u *estate.User) estate.Holder {
	h := estate.Holder{Resource: u}
	for _, p := range estate.Of[*estate.UserPolicy](e, u.ID) {
		h.Grants = append(h.Grants, estate.Grant{From: p, Policy: &p.Policy, At: p.Policy.Pos()})
	}
	for _, a := range estate.Of[*estate.UserAttachment](e, u.ID) {
		for _, p := range estate.To(e, a.Policy) {
			h.Grants = append(h.Grants, estate.Grant{From: p, Policy: &p.Policy, At: p.Policy.Pos()})
		}
	}
	return h
}
