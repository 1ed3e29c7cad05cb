package escalate

import (
	"slices"
	"strings"

	"fathom/estate"
)

// groupSites are the groups that a user is in, or is not in.
func (f *finder) groupSites(p *person, own bool) []site {
	if p.user == nil {
		return nil
	}
	in := f.groupsOf(p.user)
	var out []site
	for _, g := range estate.All[*estate.Group](f.e) {
		arn := f.arn(g)
		if arn == "" || slices.Contains(in, g) != own {
			continue
		}
		name, _ := g.GroupName.Known()
		if name == "" {
			name = g.ID.Addr
		}
		out = append(out, site{target: -1, key: arn, group: g, holes: map[string]string{"group": arn, "groupname": name}})
	}
	return out
}

func (f *finder) groupsOf(u *estate.User) []*estate.Group {
	var out []*estate.Group
	for _, m := range estate.Of[*estate.GroupMembers](f.e, u.ID) {
		out = append(out, estate.To(f.e, m.Group)...)
	}
	for _, m := range estate.Of[*estate.UserGroups](f.e, u.ID) {
		out = append(out, estate.ToAll(f.e, m.Groups)...)
	}
	return out
}

// ownPolicySites are the customer-managed policies that a person has.
func (f *finder) ownPolicySites(p *person, w *way) []site {
	if len(w.resource) > 0 && !f.o.Assume {
		return nil
	}
	var out []site
	for _, pol := range policiesOf(&p.holder) {
		arn := f.arn(pol)
		if arn == "" {
			continue
		}
		holder := who(p.Principal)
		if p.user != nil && !directly(f.e, p.user, pol) {
			holder = "a group of " + holder
		}
		s := f.self(p)
		s.key = arn
		s.holes["policy"], s.holes["holder"] = arn, holder
		if len(w.resource) > 0 {
			s.maybe = []string{"if there is " + w.called}
		}
		out = append(out, s)
	}
	return out
}

// policiesOf are the customer-managed policies among what somebody holds.
func policiesOf(h *estate.Holder) []*estate.IAMPolicy {
	var out []*estate.IAMPolicy
	for _, g := range slices.Concat(h.Grants, h.Partial) {
		if pol, ok := g.From.(*estate.IAMPolicy); ok && !slices.Contains(out, pol) {
			out = append(out, pol)
		}
	}
	return out
}

func directly(e *estate.Estate, u *estate.User, pol *estate.IAMPolicy) bool {
	for _, a := range estate.Of[*estate.UserAttachment](e, u.ID) {
		if a.Policy.Is(pol.ID) {
			return true
		}
	}
	for _, a := range estate.Of[*estate.PolicyAttachment](e, u.ID) {
		if a.Policy.Is(pol.ID) {
			return true
		}
	}
	return false
}

// userSites are the users with so many keys, or with or without a password.
func (f *finder) userSites(o over) []site {
	var out []site
	for i := range f.people {
		u := f.people[i].user
		if u == nil {
			continue
		}
		keys := len(estate.Of[*estate.AccessKey](f.e, u.ID))
		login := len(estate.Of[*estate.LoginProfile](f.e, u.ID)) > 0
		fits := map[over]bool{
			overUserOneKey: keys < 2, overUserTwoKeys: keys >= 2,
			overUserLogin: login, overUserNoLogin: !login,
		}
		if fits[o] {
			out = append(out, f.at(i, "", "keys", [...]string{"no access key", "one access key", "two access keys"}[min(keys, 2)]))
		}
	}
	return out
}

// roleSites are the roles that a caller may try to become.
func (f *finder) roleSites(fits func(*person) bool) []site {
	var out []site
	for i := range f.people {
		p := &f.people[i]
		if p.role != nil && isTarget(p) && (fits == nil || fits(p)) {
			out = append(out, f.at(i, ""))
		}
	}
	return out
}

func (f *finder) rolePolicySites() []site {
	var out []site
	for i := range f.people {
		p := &f.people[i]
		if p.role == nil || !isTarget(p) {
			continue
		}
		for _, pol := range policiesOf(&p.holder) {
			if arn := f.arn(pol); arn != "" {
				out = append(out, f.at(i, arn, "policy", arn))
			}
		}
	}
	return out
}

// opens says whether a role's trust policy speaks of a person at all: by its
// ARN, by its account, by anybody.
func (f *finder) opens(role, person int) bool {
	r := f.people[role].role
	if f.slow || r == nil || r.Trust.Unknown() || r.Trust.Absent() {
		return true
	}
	p := &f.people[person]
	_, name, _ := strings.Cut(p.arn, "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	for i := range r.Trust.Statements {
		s := &r.Trust.Statements[i]
		if s.Effect != "Allow" {
			continue
		}
		if len(s.NotPrincipals) > 0 {
			return true
		}
		for _, pr := range s.Principals {
			switch {
			case pr.Type != "AWS" && pr.Type != "*":
			case pr.ID == "*", strings.HasSuffix(pr.ID, ":root"), !strings.Contains(pr.ID, "/"), strings.Contains(pr.ID, "${"), strings.Contains(pr.ID, name):
				return true
			}
		}
	}
	return false
}

// boundarySites are for who has a permissions boundary.
func (f *finder) boundarySites(p *person, o over) []site {
	b := p.boundary
	if b == nil || !isTarget(p) {
		return nil
	}
	kind := "Role"
	if p.user != nil {
		kind = "User"
	}
	s := site{target: -1, key: p.arn, holes: map[string]string{
		"DeleteBoundary": "Delete" + kind + "PermissionsBoundary", "PutBoundary": "Put" + kind + "PermissionsBoundary", "boundary": b.arn,
	}}
	if o == overBoundaryPolicy {
		if b.res == nil || f.arn(b.res) == "" {
			return nil
		}
		s.holes["policy"] = f.arn(b.res)
	}
	return []site{s}
}

// providerSites are the identity providers with each role that trusts them.
func (f *finder) providerSites() []site {
	var out []site
	for _, p := range estate.All[*estate.OIDCProvider](f.e) {
		arn := f.arn(p)
		if arn == "" {
			continue
		}
		for i := range f.people {
			r := &f.people[i]
			if r.role != nil && isTarget(r) && f.trusts(r.role, p, arn) {
				out = append(out, f.at(i, arn, "provider", arn))
			}
		}
	}
	return out
}

func (f *finder) trusts(r *estate.Role, p *estate.OIDCProvider, arn string) bool {
	for _, ref := range r.Trust.Refs {
		if r.ID.Root == p.ID.Root && ref.Addr == p.ID.Addr {
			return true
		}
	}
	for i := range r.Trust.Statements {
		for _, pr := range r.Trust.Statements[i].Principals {
			if pr.Type == "Federated" && pr.ID == arn {
				return true
			}
		}
	}
	return false
}

// orgSites are the SCPs.
func (f *finder) orgSites() []site {
	var out []site
	for _, o := range estate.All[*estate.OrgPolicy](f.e) {
		if kind, ok := o.Kind.Known(); ok && kind != "SERVICE_CONTROL_POLICY" {
			continue
		}
		arn := f.arn(o)
		if arn == "" {
			arn = "arn:aws:organizations::" + f.account + ":policy/o-0/service_control_policy/p-0new"
		}
		out = append(out, site{target: -1, key: o.ID.Addr, policy: o, holes: map[string]string{"policy": arn}, of: arn})
	}
	return out
}
