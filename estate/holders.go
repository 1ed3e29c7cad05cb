package estate

import (
	"cmp"
	"strings"

	"fathom/diag"
)

// HolderOf gathers the permissions of a role: its inline policies, the
// customer-managed policies attached to it and the names of the AWS-managed
// ones, wherever each is written.
func (r *Role) HolderOf(e *Estate) Holder {
	h := Holder{Resource: r}
	for i := range r.Inline.Items {
		h.grant(r, &r.Inline.Items[i].Policy, "")
	}
	h.unread(r.Inline.At, r.Inline.Why)
	h.managed(e, "", r.Managed.Items...)
	h.unread(r.Managed.Pos(), r.Managed.Why())
	for _, p := range Of[*RolePolicy](e, r.ID) {
		h.grant(p, &p.Policy, p.Maybe)
	}
	for _, a := range Of[*RoleAttachment](e, r.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	for _, a := range Of[*RoleAttachments](e, r.ID) {
		h.managed(e, a.Maybe, a.Policies.Items...)
		h.unread(a.Policies.Pos(), a.Policies.Why())
	}
	for _, a := range Of[*PolicyAttachment](e, r.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	return h
}

// HolderOf gathers the permissions of a user, those of its groups included.
func (u *User) HolderOf(e *Estate) Holder {
	h := Holder{Resource: u}
	for _, p := range Of[*UserPolicy](e, u.ID) {
		h.grant(p, &p.Policy, p.Maybe)
	}
	for _, a := range Of[*UserAttachment](e, u.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	for _, a := range Of[*PolicyAttachment](e, u.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	for _, m := range Of[*GroupMembers](e, u.ID) {
		for _, g := range To(e, m.Group) {
			h.add(g.HolderOf(e))
		}
	}
	for _, m := range Of[*UserGroups](e, u.ID) {
		for _, g := range ToAll(e, m.Groups) {
			h.add(g.HolderOf(e))
		}
	}
	return h
}

// HolderOf gathers the permissions of a group.
func (g *Group) HolderOf(e *Estate) Holder {
	h := Holder{Resource: g}
	for _, p := range Of[*GroupPolicy](e, g.ID) {
		h.grant(p, &p.Policy, p.Maybe)
	}
	for _, a := range Of[*GroupAttachment](e, g.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	for _, a := range Of[*PolicyAttachment](e, g.ID) {
		h.managed(e, a.Maybe, a.Policy)
	}
	return h
}

// HolderOf gathers the permissions of an Identity Center permission set.
func (s *PermissionSet) HolderOf(e *Estate) Holder {
	h := Holder{Resource: s}
	for _, p := range Of[*PermissionSetPolicy](e, s.ID) {
		h.grant(p, &p.Policy, p.Maybe)
	}
	for _, p := range Of[*PermissionSetManaged](e, s.ID) {
		h.AWSManaged, h.ManagedMaybe = append(h.AWSManaged, p.Policy), append(h.ManagedMaybe, p.Maybe)
	}
	for _, p := range Of[*PermissionSetCustomer](e, s.ID) {
		for i := range p.Policy.Items {
			h.managed(e, p.Maybe, p.Policy.Items[i].Name)
		}
		h.unread(p.Policy.At, p.Policy.Why)
	}
	return h
}

func (h *Holder) add(o Holder) {
	h.Grants = append(h.Grants, o.Grants...)
	h.AWSManaged, h.ManagedMaybe = append(h.AWSManaged, o.AWSManaged...), append(h.ManagedMaybe, o.ManagedMaybe...)
	h.Partial = append(h.Partial, o.Partial...)
	h.Unread = append(h.Unread, o.Unread...)
	h.because(o.Why)
}

func (h *Holder) grant(from Resource, p *Policy, maybe string) {
	if p.Absent() {
		return
	}
	if p.Unknown() {
		h.Partial = append(h.Partial, Grant{From: from, Policy: p, At: p.Pos(), Maybe: maybe})
		h.because(p.Why())
		return
	}
	h.Grants = append(h.Grants, Grant{From: from, Policy: p, At: p.Pos(), Maybe: maybe})
}

func (h *Holder) managed(e *Estate, maybe string, refs ...Ref[*IAMPolicy]) {
	for _, ref := range refs {
		found := To(e, ref)
		for _, p := range found {
			h.grant(p, &p.Policy, cmp.Or(maybe, p.Maybe))
		}
		arn, ok := ref.Known()
		switch {
		case len(found) > 0:
		case ok && strings.Contains(arn, ":iam::aws:policy/"):
			h.AWSManaged, h.ManagedMaybe = append(h.AWSManaged, ref.Str), append(h.ManagedMaybe, maybe)
		case ok:
			h.unread(ref.Pos(), "policy "+arn+" is not in what was read")
		case ref.Unknown():
			h.unread(ref.Pos(), ref.Why())
		}
	}
}

func (h *Holder) unread(at diag.Pos, why string) {
	if why == "" {
		return
	}
	h.Unread = append(h.Unread, Unread{at, why})
	h.because(why)
}

func (h *Holder) because(why string) {
	if h.Why == "" {
		h.Why = why
	}
}
