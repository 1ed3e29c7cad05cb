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
	d := &p.dom[at]
	var r region
	if d.spot != nil {
		r = own.set.bySpot(dir, d.spot, p.f)
	} else {
		r = own.set.byAddress(dir, d.addrs, d.service)
	}
	if p.refs && peer != nil {
		sure, may := own.set.byGroup(dir, peer.set)
		r = r.everywhere(sure, may)
	}
	return r
}

// conns is what surely passes on the path, and what may.
func (p *path) conns(src, dst *Interface) (sure, may flow.Conns) {
	all := p.fixed
	for k := range p.gates {
		g := &p.gates[k]
		if g.kind == fixedGate {
			continue
		}
		r := p.region(g, src, dst)
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
