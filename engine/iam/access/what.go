package access

import (
	"slices"
	"strings"

	"fathom/engine/iam"
	"fathom/engine/iam/permit"
	"fathom/estate"
)

// What returns what somebody may do, statement by statement, with what takes
// away from each: first what the principal's own policies allow, then what the
// policies of resources grant to it by name. For a workload that is what each
// of its roles may do. Policies of resources that would deny are not looked at:
// ask Can.
func (w *World) What(who string) ([]Permission, error) {
	p, err := w.Principal(who)
	if err != nil {
		return nil, err
	}
	if p.Kind != Workload {
		return w.what(&p), nil
	}
	var out []Permission
	for i := range p.As {
		for _, one := range w.what(&p.As[i].Role) {
			one.Via = &p.As[i]
			one.Truth = one.Truth.And(p.As[i].Truth)
			out = append(out, one)
		}
	}
	return out, nil
}

func (w *World) what(p *Principal) []Permission {
	if p.subject == nil {
		return nil
	}
	l := w.limitsOf(p)
	var out []Permission
	for _, d := range p.identity {
		statements, index := d.allows(about{})
		for i, s := range statements {
			one := permission(d, s, index[i])
			l.limit(&one, s, d.draft.version, true)
			out = append(out, one)
		}
		if d.policy != "" && !d.certain() && !d.draft.whole {
			out = append(out, Permission{
				Because: Because{Effect: iam.Allow, Place: d.place, Holder: d.holder, Policy: d.policy, At: d.at, Statement: -1, Text: "may allow more than is known of it"},
				Truth:   estate.Maybe, Doubts: d.doubts,
			})
		}
	}
	if p.Kind == Root {
		out = append(out, Permission{
			Because: Because{Effect: iam.Allow, Place: "root", Text: "the root user may do everything in its account"},
			Actions: []string{"*"}, Resources: []string{"*"}, Truth: estate.Yes,
		})
	}
	return append(out, w.granted(p, l)...)
}

// permission describes a statement that allows. It is as it was written, with
// its references filled.
func permission(d *document, upper map[string]any, at int) Permission {
	r := &reading{of: d, index: []int{at}}
	one := Permission{Because: r.because(0, iam.Allow), Truth: estate.Yes}
	s := d.wrote(at)
	if s == nil {
		s = upper
	}
	one.Actions, _ = stringsOf(s["Action"])
	one.NotActions, _ = stringsOf(s["NotAction"])
	one.Resources, _ = stringsOf(s["Resource"])
	one.NotResources, _ = stringsOf(s["NotResource"])
	one.Conditions = conditionWords(s)
	if at < 0 || d.maybe || !d.certain() && (hollowIn(s) || !sameJSON(s, upper)) {
		one.Truth = estate.Maybe
		one.Doubts = d.doubts
	}
	return one
}

// limits are what may take away from what a principal is allowed.
type limits struct {
	w        *World
	denies   []*document // with statements that deny
	deny     composed    // those statements, as they surely are
	boundary *bound
	levels   []*bound
}

// bound is one thing that has to allow besides: the boundary, or a level
// of SCPs.
type bound struct {
	documents []*document
	allow     *iam.Document // the upper reading of what they allow
}

func (w *World) limitsOf(p *Principal) *limits {
	l := &limits{w: w, deny: composed{kind: iam.Identity}}
	all := append(slices.Clone(p.identity), p.boundary...)
	if p.guard != nil {
		all = append(all, p.guard.scps.all()...)
		for _, lv := range p.guard.scps.levels {
			if lv.full {
				continue
			}
			one := &bound{}
			c := composed{kind: iam.Identity}
			for _, a := range lv.attached {
				one.documents = append(one.documents, a.document)
				c.with(a.document, true, "Allow", about{})
			}
			one.allow = c.document()
			l.levels = append(l.levels, one)
		}
	}
	if len(p.boundary) > 0 {
		c := composed{kind: iam.Identity}
		for _, d := range p.boundary {
			c.with(d, true, "Allow", about{})
		}
		l.boundary = &bound{p.boundary, c.document()}
	}
	for _, d := range all {
		if d.rejected == "" && denies(d) {
			l.denies = append(l.denies, d)
			l.deny.with(d, true, "Deny", about{})
		}
	}
	return l
}

func denies(d *document) bool {
	return slices.ContainsFunc(d.draft.statements, func(raw any) bool {
		s, _ := raw.(map[string]any)
		return s["Effect"] == "Deny"
	})
}

// limit notes what takes away from a permission. Nothing is left of one that
// its denies cover, or that the boundary or a level of SCPs does not share.
func (l *limits) limit(p *Permission, s map[string]any, version string, bounded bool) {
	for _, d := range l.denies {
		for i, raw := range d.draft.statements {
			deny, _ := raw.(map[string]any)
			if deny["Effect"] == "Deny" && meets(s, deny) {
				r := &reading{of: d}
				p.Limits = append(p.Limits, Limit{Because: r.because(i, iam.Deny)})
			}
		}
	}
	gone := false
	if len(p.Limits) > 0 {
		c := composed{kind: iam.Identity, statements: slices.Clone(l.deny.statements), version: l.deny.version}
		c.add(version, own(s))
		gone = permit.Find(c.document(), permit.Constraint{}, permit.Options{}).Grants == permit.No
		for i := range p.Limits {
			p.Limits[i].Whole = gone && len(p.Limits) == 1
		}
	}
	if bounded && l.boundary != nil {
		gone = l.ceiling(p, s, version, l.boundary, "boundary") || gone
	}
	for _, lv := range l.levels {
		gone = l.ceiling(p, s, version, lv, "SCP") || gone
	}
	if gone {
		p.Truth = estate.No
	}
}

// own is a statement as an identity policy would have it.
func own(s map[string]any) map[string]any {
	out := map[string]any{"Resource": "*"}
	for k, v := range s {
		if k != "Principal" && k != "NotPrincipal" {
			out[k] = v
		}
	}
	if out["NotResource"] != nil {
		delete(out, "Resource")
	}
	return out
}

// ceiling notes that a boundary, or a level of SCPs, does not allow all of a
// permission, and says whether it allows none of it.
func (l *limits) ceiling(p *Permission, s map[string]any, version string, c *bound, place string) (gone bool) {
	one := composed{kind: iam.Identity}
	one.add(version, own(s))
	if permit.Compare(c.allow, one.document(), permit.Options{}).Grants == permit.No {
		return false
	}
	shared := slices.ContainsFunc(c.documents, func(d *document) bool {
		statements, _ := d.allows(about{})
		return slices.ContainsFunc(statements, func(t map[string]any) bool { return meets(s, t) })
	})
	d := c.documents[0]
	text := "allows only part of it"
	if !shared {
		text = "allows none of it"
	}
	p.Limits = append(p.Limits, Limit{
		Because: Because{Effect: iam.Deny, Place: place, Holder: d.holder, Policy: d.policy, At: d.at, Statement: -1, Text: text},
		Whole:   !shared,
	})
	return !shared
}

// meets says whether two statements share an action and a resource, their
// conditions left aside.
func meets(a, b map[string]any) bool {
	return shares(a, b, "Action", "NotAction", true) && shares(a, b, "Resource", "NotResource", false)
}

func shares(a, b map[string]any, name, not string, fold bool) bool {
	x, has := stringsOf(a[name])
	y, also := stringsOf(b[name])
	same := func(p, q string) bool {
		if fold {
			p, q = strings.ToLower(p), strings.ToLower(q)
		}
		return overlap(p, q)
	}
	outside := func(list []string, except any) bool { // whether some of the list is not all excepted
		others, _ := stringsOf(except)
		return slices.ContainsFunc(list, func(p string) bool {
			return !slices.ContainsFunc(others, func(q string) bool { return q == "*" || fold && strings.EqualFold(p, q) || p == q })
		})
	}
	switch {
	case has && also:
		return slices.ContainsFunc(x, func(p string) bool { return slices.ContainsFunc(y, func(q string) bool { return same(p, q) }) })
	case has:
		return outside(x, b[not])
	case also:
		return outside(y, a[not])
	}
	return true
}

// granted are the statements of resources' policies that grant to a principal
// by name.
func (w *World) granted(p *Principal, l *limits) []Permission {
	if p.IAM.ARN == "" || p.Kind == Root {
		return nil
	}
	w.namesOnce.Do(w.nameGrants)
	var out []Permission
	for _, g := range w.namesOf[p.IAM.ARN] {
		one := permission(g.in, g.statement, g.index)
		if len(one.Resources)+len(one.NotResources) == 0 || g.in.place == "trust" {
			one.Resources = []string{g.arn}
		}
		l.limit(&one, g.statement, g.in.draft.version, p.Kind != User)
		out = append(out, one)
	}
	return out
}

// namedGrant is a statement of a resource's policy that names somebody.
type namedGrant struct {
	arn       string // of the resource
	in        *document
	statement map[string]any
	index     int
}

// nameGrants lists them by who is named: there are as many as resources, and
// everybody is asked about.
func (w *World) nameGrants() {
	w.namesOf = map[string][]namedGrant{}
	for _, group := range []map[string]*target{w.targets, w.trusts} {
		for _, arn := range sorted(group) {
			for _, d := range group[arn].policies {
				statements, index := d.allows(about{})
				for i, s := range statements {
					m, _ := s["Principal"].(map[string]any)
					names, _ := stringsOf(m["AWS"])
					for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
						w.namesOf[name] = append(w.namesOf[name], namedGrant{arn, d, s, index[i]})
					}
				}
			}
		}
	}
}
