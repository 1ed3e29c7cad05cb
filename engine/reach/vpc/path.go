package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// side says whose addresses a gate looks at.
type side int

const (
	srcPrivate side = iota
	dstPrivate
	dstPublic // of the destination as the internet sees it, or of an outside
	srcPublic // of the source as the internet sees it, or of an outside
	sides
)

// domain is the addresses of one side. A packet has one of them; it is not
// known which, unless any is set: then there are senders (or receivers) at all
// of them.
type domain struct {
	addrs   flow.Addrs
	any     bool
	service string
	spot    *spot  // whose they are, where results can be remembered
	name    string // in words
}

// A path is one way with its gates, in the order in which they are met. Gates
// that depend on the groups of the ends are filled in when they are known, so
// that a path is that of all interfaces in the same spots.
type path struct {
	f     int
	dom   [sides]domain
	gates []gate
	refs  bool // rules that name a group apply: both ends are seen by their private addresses
	// fixed is what the gates pass that depend on no groups, by side; nil where
	// everything does.
	fixed [sides]region
	// plain says that the fixed gates pass the same for all addresses, and the
	// groups look at the addresses of spots: then all passes are sums.
	plain bool
	sum   passes
}

type gateKind int

const (
	fixedGate   gateKind = iota
	egressGate           // the groups of the source
	ingressGate          // the groups of the destination
)

// gate is one thing on a path that decides, by the addresses of one side.
type gate struct {
	kind gateKind
	side side
	r    region
	// hop words the gate's decision t about a connection, for the addresses
	// that are still on the way.
	hop func(c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop
}

func (p *path) add(gs ...gate) *path {
	p.gates = append(p.gates, gs...)
	return p
}

// done sums up the fixed gates.
func (p *path) done() *path {
	for _, g := range p.gates {
		if g.kind != fixedGate {
			continue
		}
		if p.fixed[g.side] == nil {
			p.fixed[g.side] = g.r
		} else {
			p.fixed[g.side] = p.fixed[g.side].meet(g.r)
		}
	}
	p.plain, p.sum = true, passes{flow.AllConns(), flow.AllConns()}
	for k := range p.fixed {
		if p.fixed[k] != nil {
			p.plain = p.plain && len(p.fixed[k]) == 1
			sure, may := p.fixed[k].sum(p.dom[k].any)
			p.sum = passes{p.sum.sure.Intersect(sure), p.sum.may.Intersect(may)}
		}
	}
	for _, g := range p.gates {
		p.plain = p.plain && (g.kind == fixedGate || p.dom[g.side].spot != nil)
	}
	return p
}

// region is what a gate passes between two ends.
func (p *path) region(g *gate, src, dst *Interface) region {
	switch g.kind {
	case egressGate:
		return p.groups(out, g.side, src, dst)
	case ingressGate:
		return p.groups(in, g.side, dst, src)
	}
	return g.r
}

// groups is what the groups of one end pass in a direction.
func (p *path) groups(dir int, at side, own, peer *Interface) region {
	r := own.set.byAddress(dir, p.dom[at].addrs, p.dom[at].service)
	if p.refs && peer != nil {
		sure, may := own.set.byGroup(dir, peer.set)
		r = r.everywhere(sure, may)
	}
	return r
}

// byAddress is that part of it which depends on addresses, for sums.
func (p *path) byAddress(dir int, at side, own *Interface) region {
	if d := &p.dom[at]; d.spot == nil {
		return own.set.byAddress(dir, d.addrs, d.service)
	}
	return own.set.bySpot(dir, p.dom[at].spot, p.f).region
}

// named is what the groups of two interfaces let pass because they name each
// other: the destination's rules in, the source's out.
type named [2]passes

func nameEachOther(src, dst *Interface) (x named) {
	if src != nil && dst != nil {
		x[in].sure, x[in].may = dst.set.byGroup(in, src.set)
		x[out].sure, x[out].may = src.set.byGroup(out, dst.set)
	}
	return x
}

// conns is what surely passes on the path, and what may. It is the sum of the
// same gates that way walks one by one. The path may be that of other spots of
// the same classes: where these have one address each, a region has one cell,
// and whose address it is does not matter.
func (p *path) conns(src, dst *Interface, names *named) (sure, may flow.Conns) {
	if p.plain {
		return p.plainConns(src, dst, names)
	}
	all := p.fixed
	for k := range p.gates {
		g := &p.gates[k]
		var r region
		var x passes
		switch g.kind {
		case fixedGate:
			continue
		case egressGate:
			r, x = p.byAddress(out, g.side, src), names[out]
		case ingressGate:
			r, x = p.byAddress(in, g.side, dst), names[in]
		}
		if p.refs {
			r = r.everywhere(x.sure, x.may)
		}
		if all[g.side] != nil {
			r = all[g.side].meet(r)
		}
		all[g.side] = r
	}
	sure, may = flow.AllConns(), flow.AllConns()
	for k := range all {
		if all[k] == nil {
			continue
		}
		s, m := all[k].sum(p.dom[k].any)
		sure, may = sure.Intersect(s), may.Intersect(m)
		if may.Empty() {
			return sure, may
		}
	}
	return sure, may
}

// plainConns is conns where sums will do: what passes for all addresses of a
// side, and what the groups let pass because they name each other, add up.
func (p *path) plainConns(src, dst *Interface, names *named) (sure, may flow.Conns) {
	sure, may = p.sum.sure, p.sum.may
	for k := range p.gates {
		g := &p.gates[k]
		dir, own := in, dst
		switch g.kind {
		case fixedGate:
			continue
		case egressGate:
			dir, own = out, src
		}
		r := own.set.bySpot(dir, p.dom[g.side].spot, p.f)
		s, m := r.sure, r.may
		if p.refs {
			s, m = s.Union(names[dir].sure), m.Union(names[dir].may)
		}
		if sure, may = sure.Intersect(s), may.Intersect(m); may.Empty() {
			return sure, may
		}
	}
	return sure, may
}

// way explains what becomes of one connection on the path.
func (p *path) way(src, dst *Interface, c flow.Conn) flow.Way {
	w := flow.Way{Family: family(p.f)}
	var live [sides]struct{ sure, may flow.Addrs }
	for k := range p.dom {
		live[k].sure, live[k].may = p.dom[k].addrs, p.dom[k].addrs
	}
	for k := range p.gates {
		g := &p.gates[k]
		l := &live[g.side]
		sure, may := p.region(g, src, dst).has(c)
		sure, may = sure.Intersect(l.may), may.Intersect(l.may)
		t := estate.Maybe
		switch {
		case may.Empty():
			t = estate.No
		case !p.dom[g.side].any && sure.Holds(l.may):
			t = estate.Yes
		case p.dom[g.side].any && l.sure.Empty() && !sure.Empty():
			t = estate.Yes // what gets here is doubtful already
		case p.dom[g.side].any && sure.Overlaps(l.sure):
			t = estate.Yes
		}
		h := p.hop(g, src, dst, c, l.may, t)
		h.Pass = t
		if t != estate.Maybe {
			h.Why = ""
		}
		if t != estate.No {
			h.Open = ""
		}
		if h.Says != "" {
			w.Hops = append(w.Hops, h)
		}
		if t != estate.No {
			l.may, l.sure = may, sure.Intersect(l.sure)
		}
	}
	if p.dom[srcPublic].any && w.Pass() != estate.No {
		w.Sources = live[srcPublic].sure
		if w.Sources.Empty() {
			w.Sources = live[srcPublic].may
		}
	}
	return w
}

func (p *path) hop(g *gate, src, dst *Interface, c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
	switch g.kind {
	case egressGate:
		return p.groupHop(out, g.side, src, dst, c, live, t)
	case ingressGate:
		return p.groupHop(in, g.side, dst, src, c, live, t)
	}
	return g.hop(c, live, t)
}
