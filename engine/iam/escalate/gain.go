package escalate

import (
	"strings"

	"fathom/engine/iam"
	"fathom/estate"
)

// gained is a gain and how certain it is.
type gained struct {
	Gain
	certain estate.Truth
}

// prize says what a way gains at a site, in words too; false when it is nothing
// that the principal could not do before.
func (f *finder) prize(p *person, w *way, s *site, holes map[string]string, n *notes) (gained, string, bool) {
	how := fill(w.how, holes)
	switch w.gain {
	case prizeSelf:
		return f.prizeEverything(p, p, how, n)
	case prizeTargetAdmin:
		return f.prizeEverything(p, &f.people[s.target], how, n)
	case prizeTarget:
		return f.prizePrincipal(p, &f.people[s.target], how, n)
	case prizeGroup:
		return f.prizeGroup(p, s.group, how, n)
	case prizeCluster:
		return gained{Gain{Kind: ClusterAdmin, Of: s.of}, estate.Yes}, how, true
	case prizeUse:
		return f.prizeUse(p, w, s, how, holes)
	case prizeData:
		n.doubt("what it reaches is in no file")
		return gained{Gain{Kind: DataAccess, Of: w.called}, estate.Maybe}, how, true
	case prizeNoCap:
		return f.prizeWithout(p, how, byBoundary, nil)
	case prizeNoSCP:
		return f.prizeWithout(p, how, bySCP, s.policy)
	}
	return gained{}, "", false
}

// obstacles says what stays in the way, for a note.
func (f *finder) obstacles(t *person, by obstacle, n *notes) {
	switch by {
	case byBoundary:
		n.limit("the permissions boundary of " + who(t.Principal) + " stays in force")
	case bySCP:
		n.limit("a service control policy stays in force")
	case byDeny:
		n.limit("an explicit Deny stays in force")
	}
}

// prizeEverything is for a principal that is given everything: the attacker
// itself, or one that it then is.
func (f *finder) prizeEverything(p, t *person, how string, n *notes) (gained, string, bool) {
	g := gained{certain: estate.Yes}
	if t != p {
		g.As = t.Name
	}
	all, by := f.afterAdmin(t)
	if all != estate.No {
		g.Kind, g.certain = Administrator, all
		if all == estate.Maybe {
			n.doubt("what of it the boundary or a Deny keeps away is not known")
		}
		if t == p {
			return g, how + " makes " + who(p.Principal) + " administrator", true
		}
		return g, how + relative(t) + " administrator then", true
	}
	r, ok := f.newAfter(p, t)
	if !ok {
		return g, "", false
	}
	f.obstacles(t, by, n)
	g.Kind, g.Witness = Permissions, r.request(t)
	if t == p {
		return g, how + " lets " + who(p.Principal) + " " + request(g.Witness), true
	}
	return g, how + which(t) + " may then " + request(g.Witness), true
}

// newAfter finds something that t may do once it is given everything and p may
// not do now.
func (f *finder) newAfter(p, t *person) (probe, bool) {
	try := func(r probe) bool {
		u, _ := f.after(t, r.action, r.arn, r.ctx)
		return u == estate.Yes && f.bestAllows(p, r) == estate.No
	}
	for _, x := range telling {
		if r := f.probe(t, x[0], x[1]); try(r) {
			return r, true
		}
	}
	if t.boundary == nil || t.boundary.doc == nil {
		return probe{}, false
	}
	for i := range t.boundary.doc.Statements {
		s := permissionOf(&t.boundary.doc.Statements[i])
		if s.Effect != iam.Allow {
			continue
		}
		for _, r := range f.standsFor(t, &s) {
			if try(r) {
				return r, true
			}
		}
	}
	return probe{}, false
}

func which(t *person) string {
	if t.user != nil {
		return ", who"
	}
	return ", which"
}

func relative(t *person) string { return which(t) + " is" }

// prizePrincipal is for the credentials of another user or role.
func (f *finder) prizePrincipal(p, t *person, how string, n *notes) (gained, string, bool) {
	g := gained{Gain: Gain{As: t.Name}, certain: estate.Yes}
	if admin := f.isAdmin(t); admin == estate.Yes {
		g.Kind = Administrator
		return g, how + relative(t) + " administrator", true
	}
	more, certain := f.moreThan(p, t)
	switch certain {
	case estate.No:
		return g, "", false
	case estate.Yes:
		g.Kind, g.Witness = Permissions, more.request(t)
		return g, how + which(t) + " may " + request(g.Witness) + ", as " + who(p.Principal) + " may not", true
	}
	n.doubt("what " + who(t.Principal) + " may do is not wholly known")
	g.Kind, g.Witness, g.certain = Permissions, more.request(t), estate.Maybe
	return g, how + which(t) + " may perhaps " + request(g.Witness) + ", as " + who(p.Principal) + " may not", true
}

// difference is something that one person may do and another may not.
type difference struct {
	probe
	certain estate.Truth // No: there is nothing
}

// moreThan finds something that t may do and p may not. Every way to t at every
// place asks for it, so that it is kept.
func (f *finder) moreThan(p, t *person) (probe, estate.Truth) {
	key := [2]*person{p, t}
	d, known := f.more[key]
	if !known || f.slow {
		d = f.differ(p, t)
		f.more[key] = d
	}
	return d.probe, d.certain
}

func (f *finder) differ(p, t *person) difference {
	var d difference
	for _, r := range f.stands(t) {
		if d.certain == estate.Maybe && f.bestAllows(t, r) != estate.Yes || f.bestAllows(p, r) != estate.No {
			continue
		}
		if f.bestAllows(t, r) == estate.Yes {
			return difference{r, estate.Yes}
		}
		d = difference{r, estate.Maybe}
	}
	return d
}

// prizeGroup is for what a group's members may do.
func (f *finder) prizeGroup(p *person, grp *estate.Group, how string, n *notes) (gained, string, bool) {
	h := grp.HolderOf(f.e)
	for _, m := range h.AWSManaged {
		if arn, _ := m.Known(); strings.HasSuffix(arn, ":policy/AdministratorAccess") {
			return f.prizeEverything(p, p, how, n)
		}
	}
	for _, g := range h.Grants {
		doc, _ := iam.Parse([]byte(ofTerraform.ReplaceAllString(g.Policy.Text(), "hole")), "", iam.Identity)
		for i := range doc.Statements {
			s := permissionOf(&doc.Statements[i])
			if s.Effect != iam.Allow {
				continue
			}
			if isEverything(&doc.Statements[i]) {
				return f.prizeEverything(p, p, how, n)
			}
			for _, r := range f.standsFor(p, &s) {
				if f.bestAllows(p, r) != estate.No {
					continue
				}
				if t, _ := f.after(p, r.action, r.arn, r.ctx); t == estate.Yes && lets(doc, r.request(p)) {
					g := gained{Gain{Kind: Permissions, Witness: r.request(p)}, estate.Yes}
					return g, how + " lets " + who(p.Principal) + " " + request(g.Witness), true
				}
			}
		}
	}
	return f.prizeManaged(p, grp, &h, how, n)
}

// prizeManaged looks at what members of the group do already: what AWS's own
// policies say is not in the estate's files.
func (f *finder) prizeManaged(p *person, grp *estate.Group, h *estate.Holder, how string, n *notes) (gained, string, bool) {
	if len(h.AWSManaged) == 0 {
		return gained{}, "", false
	}
	for i := range f.people {
		m := &f.people[i]
		if m.user == nil || m.user == p.user || !inGroup(f.groupsOf(m.user), grp) {
			continue
		}
		for _, r := range f.stands(m) {
			if f.bestAllows(p, r) != estate.No || f.bestAllows(m, r) != estate.Yes {
				continue
			}
			if t, _ := f.after(p, r.action, r.arn, r.ctx); t != estate.Yes || !f.byAWS(m, r) {
				continue
			}
			g := gained{Gain{Kind: Permissions, Witness: r.request(p)}, estate.Yes}
			return g, how + " lets " + who(p.Principal) + " " + request(g.Witness), true
		}
		return gained{}, "", false
	}
	arn, _ := h.AWSManaged[0].Known()
	n.doubt("what AWS's policy " + arn[strings.LastIndexByte(arn, '/')+1:] + " allows was not looked up: the group has no member to ask for")
	g := gained{Gain{Kind: Permissions}, estate.Maybe}
	return g, how + " gives " + who(p.Principal) + " what " + arn + " allows", true
}

// byAWS says whether it is one of AWS's policies that lets somebody do it.
func (f *finder) byAWS(m *person, r probe) bool {
	for _, b := range f.w.Ask(m.Principal, r.action, r.arn, r.ctx).Because {
		if b.Policy != "" {
			return true
		}
	}
	return false
}

func inGroup(in []*estate.Group, g *estate.Group) bool {
	for _, x := range in {
		if x == g {
			return true
		}
	}
	return false
}

func isEverything(s *iam.Statement) bool {
	return len(s.Conditions) == 0 && len(s.Actions) == 1 && (s.Actions[0].Text == "*" || s.Actions[0].Text == "*:*") &&
		len(s.Resources) == 1 && s.Resources[0].Text == "*"
}

// lets says whether a document allows a request by itself.
func lets(doc *iam.Document, r *iam.Request) bool {
	return iam.Evaluate(r, &iam.Policies{Identity: []*iam.Document{doc}}).Allowed
}

// prizeUse is for data that a rewritten policy opens.
func (f *finder) prizeUse(p *person, w *way, s *site, how string, holes map[string]string) (gained, string, bool) {
	action, arn := "kms:Decrypt", s.of
	if last := w.asks[len(w.asks)-1]; last.supposing != "" {
		action, arn = last.do, fill(last.on, holes)
	}
	r := probe{action, arn, f.context(&ask{do: action}, holes)}
	if f.bestAllows(p, r) != estate.No {
		return gained{}, "", false
	}
	return gained{Gain{Kind: DataAccess, Of: s.of, Witness: r.request(p)}, estate.Yes}, "that is " + how, true
}
