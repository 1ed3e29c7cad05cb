package vpc

import (
	"sync"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// pathCache remembers the private paths between two spots.
type pathCache struct {
	mu      sync.RWMutex
	private map[spotPair][]*path
}

type spotPair struct{ src, dst, f int }

// private returns the paths between two spots, or others of their classes, by
// their private addresses. They are remembered, and good for sums; privatePaths
// are good for words.
func (n *Network) private(s, d *spot, f int) []*path {
	key := spotPair{s.class, d.class, f}
	n.paths.mu.RLock()
	ps, ok := n.paths.private[key]
	n.paths.mu.RUnlock()
	if ok {
		return ps
	}
	ps = n.privatePaths(s, d, f)
	n.paths.mu.Lock()
	if n.paths.private == nil {
		n.paths.private = map[spotPair][]*path{}
	}
	n.paths.private[key] = ps
	n.paths.mu.Unlock()
	return ps
}

// privatePaths returns the paths between two spots by their private addresses:
// within a VPC, over a peering, over transit gateways. There is at least one
// where both have addresses of the family.
func (n *Network) privatePaths(s, d *spot, f int) []*path {
	if f == v6 && (s.six == estate.No || d.six == estate.No) || s.addrs[f].Empty() || d.addrs[f].Empty() {
		return nil
	}
	fresh := func() *path {
		p := &path{f: f, refs: true}
		p.dom[srcPrivate] = domain{addrs: s.addrs[f], spot: s, name: "the source"}
		p.dom[dstPrivate] = domain{addrs: d.addrs[f], spot: d, name: "the destination"}
		p.add(sixGates(f, srcPrivate, s, s.addrs[f], "the source")...)
		return p.add(sixGates(f, dstPrivate, d, d.addrs[f], "the destination")...)
	}
	sv, dv := s.subnet.vpc, d.subnet.vpc
	switch {
	case s.subnet == d.subnet && s.subnet.unknown == "":
		return []*path{fresh().add(egress(dstPrivate), together(s, d, f), ingress(srcPrivate)).done()}
	case sv == dv:
		return []*path{n.local(fresh(), s, d, f).done()}
	case sv.doubt != "" || dv.doubt != "":
		p := fresh().add(says(dstPrivate, d.addrs[f], estate.Maybe, flow.Hop{
			Kind: flow.Route, Says: "whether both are in one VPC is not known", Why: or(s.subnet.unknown, d.subnet.unknown, dv.doubt, sv.doubt),
		}))
		return []*path{n.local(p, s, d, f).done()}
	}
	var out []*path
	seen := map[string]bool{}
	for _, l := range s.subnet.table.legs(d.addrs[f], "") {
		to := l.route.to
		if seen[to.id+to.name] {
			continue
		}
		seen[to.id+to.name] = true
		switch to.kind {
		case toPeering:
			out = append(out, n.peered(fresh(), s, d, f, to).done())
		case toTransit:
			out = append(out, n.transited(fresh(), s, d, f, to).done())
		case toUnknown, toAppliance:
			out = append(out, n.through(fresh(), s, d, f, to).done())
		}
	}
	if len(out) == 0 {
		out = append(out, n.apart(fresh(), s, d, f).done())
	}
	return out
}

func egress(at side) gate  { return gate{kind: egressGate, side: at} }
func ingress(at side) gate { return gate{kind: ingressGate, side: at} }

// local is the path inside one VPC, where every table has a local route; only a
// longer one diverts packets from it.
func (n *Network) local(p *path, s, d *spot, f int) *path {
	out1, back1 := aclGates(s.subnet, out, dstPrivate, d.addrs[f])
	in2, back2 := aclGates(d.subnet, in, srcPrivate, s.addrs[f])
	p.add(egress(dstPrivate)).add(out1...)
	if s.subnet.vpc == d.subnet.vpc {
		p.add(together(s, d, f))
	}
	p.add(diverted(s.subnet, dstPrivate, &p.dom[dstPrivate], f, false)...)
	p.add(in2...).add(ingress(srcPrivate))
	p.add(diverted(d.subnet, srcPrivate, &p.dom[srcPrivate], f, true)...)
	return p.add(back2...).add(back1...)
}

// together is the hop between two spots of one VPC, which says where they are.
func together(s, d *spot, f int) gate {
	h := flow.Hop{Kind: flow.Route, At: s.subnet.pos(), Says: "both are in " + s.subnet.name}
	if s.subnet.of != nil {
		h.Of = s.subnet.of
	}
	if s.subnet != d.subnet {
		h.Says = s.subnet.name + " and " + d.subnet.name + " are both in " + s.subnet.vpc.name
	}
	return says(dstPrivate, d.addrs[f], estate.Yes, h)
}

// diverted is the gate of routes that are longer than the VPC's local one: they
// lead packets between subnets through an appliance.
func diverted(s *subnet, at side, d *domain, f int, reply bool) []gate {
	if !s.vpc.known[f] {
		return nil
	}
	localBits := bitsOf(s.vpc.addrs[f])
	taken := flow.Addrs{}
	var by *route
	for _, l := range s.table.legs(d.addrs, "") {
		if r := l.route; r.to.kind != toLocal && r.bits > localBits && !r.propagated {
			taken, by = taken.Union(l.addrs), r
		}
	}
	if taken.Empty() {
		return nil
	}
	r := closed(d.addrs).with(taken, flow.Conns{}, flow.AllConns())
	r = r.with(d.addrs.Minus(taken), flow.AllConns(), flow.AllConns())
	back := ""
	if reply {
		back = " for the replies"
	}
	return []gate{{side: at, r: r, hop: func(_ flow.Conn, _ flow.Addrs, t estate.Truth) flow.Hop {
		return flow.Hop{
			Kind: flow.Route, Of: by.of, At: by.at, Says: s.name + " routes " + by.text + " to " + by.to.name + back,
			Why: "traffic passes " + by.to.name + ", whose rules are not judged",
		}
	}}}
}

// across adds the gates of a path that leaves the source's VPC by one target,
// passes what is between, and whose replies leave the destination's by another.
func (n *Network) across(p *path, s, d *spot, f int, there, back *target, between []gate) *path {
	out1, back1 := aclGates(s.subnet, out, dstPrivate, d.addrs[f])
	in2, back2 := aclGates(d.subnet, in, srcPrivate, s.addrs[f])
	p.add(egress(dstPrivate)).add(out1...)
	p.add(n.leads(s.subnet, dstPrivate, &p.dom[dstPrivate], there, false)).add(between...)
	p.add(in2...).add(ingress(srcPrivate))
	p.add(n.leads(d.subnet, srcPrivate, &p.dom[srcPrivate], back, true))
	return p.add(back2...).add(back1...)
}

// peered is the path over a peering connection. Peering is not transitive, and
// both sides need a route (VPC Peering Guide).
func (n *Network) peered(p *path, s, d *spot, f int, to *target) *path {
	t, why := n.joins(to, s.subnet.vpc, d.subnet.vpc)
	h := flow.Hop{Kind: flow.Gateway, Of: to.of, Says: to.name + " joins " + s.subnet.vpc.name + " and " + d.subnet.vpc.name, Why: why}
	if to.of != nil {
		h.At = to.of.Meta().Pos
	}
	if t == estate.No {
		h.Says = to.name + " does not lead to " + d.subnet.vpc.name
		h.Open = "peer " + s.subnet.vpc.name + " with " + d.subnet.vpc.name
	}
	return n.across(p, s, d, f, to, to, []gate{says(dstPrivate, d.addrs[f], t, h)})
}

// joins says whether a peering connection joins two VPCs.
func (n *Network) joins(to *target, a, b *vpc) (estate.Truth, string) {
	r, ok := to.of.(*estate.Peering)
	if !ok {
		return estate.Maybe, to.name + " is not in the files"
	}
	x, y := n.vpcOf2(r.VPC, r.ID.Root), n.vpcOf2(r.Peer, r.ID.Root)
	switch {
	case x == a && y == b, x == b && y == a:
		return estate.Yes, ""
	case x != nil && x.doubt != "" && (y == a || y == b):
		return estate.Maybe, x.doubt
	case y != nil && y.doubt != "" && (x == a || x == b):
		return estate.Maybe, y.doubt
	}
	return estate.No, ""
}

// through is the path over something that is not judged.
func (n *Network) through(p *path, s, d *spot, f int, to *target) *path {
	out1, _ := aclGates(s.subnet, out, dstPrivate, d.addrs[f])
	in2, _ := aclGates(d.subnet, in, srcPrivate, s.addrs[f])
	p.refs = false
	p.add(egress(dstPrivate)).add(out1...)
	p.add(n.leads(s.subnet, dstPrivate, &p.dom[dstPrivate], to, false), passesThrough(to, dstPrivate, d.addrs[f]))
	return p.add(in2...).add(ingress(srcPrivate))
}

// passesThrough is the gate of something whose rules are not judged.
func passesThrough(to *target, at side, set flow.Addrs) gate {
	h := flow.Hop{Kind: flow.Gateway, Of: to.of, Says: "traffic passes " + to.name, Why: or(to.why, "traffic passes "+to.name+", whose rules are not judged")}
	if to.of != nil {
		h.At = to.of.Meta().Pos
	}
	return says(at, set, estate.Maybe, h)
}

// apart is the path between VPCs that nothing joins.
func (n *Network) apart(p *path, s, d *spot, f int) *path {
	h := flow.Hop{
		Kind: flow.Route, At: s.subnet.pos(), Says: s.subnet.name + " has no route to " + d.subnet.vpc.name + " (" + d.shown(f) + ")", Why: s.subnet.table.why,
		Open: "join " + s.subnet.vpc.name + " and " + d.subnet.vpc.name + " by a peering connection, with routes on both sides",
	}
	if s.subnet.table.of != nil {
		h.Of, h.At = s.subnet.table.of, s.subnet.table.of.Pos
	}
	t := estate.No
	if s.subnet.table.why != "" {
		t, h.Says = estate.Maybe, "whether "+s.subnet.name+" has a route to "+d.subnet.vpc.name+" is not known"
	}
	return p.add(egress(dstPrivate), says(dstPrivate, d.addrs[f], t, h), ingress(srcPrivate))
}

// transited is the path over a transit gateway: the table of the source's
// attachment has to lead to the destination's, and back.
func (n *Network) transited(p *path, s, d *spot, f int, to *target) *path {
	a, b := n.attachedTo(to, s.subnet.vpc), n.attachedTo(to, d.subnet.vpc)
	p.refs = a != nil && b != nil && a.refs && b.refs
	if to.of == nil && (a == nil || b == nil) {
		return n.across(p, s, d, f, to, to, []gate{says(dstPrivate, d.addrs[f], estate.Maybe, flow.Hop{
			Kind: flow.Gateway, Says: "traffic passes " + to.name, Why: to.name + " is not in the files",
		})})
	}
	for k, x := range []*attachment{a, b} {
		if v := []*vpc{s.subnet.vpc, d.subnet.vpc}[k]; x == nil {
			return n.across(p, s, d, f, to, to, []gate{says(dstPrivate, d.addrs[f], estate.No, flow.Hop{
				Kind: flow.Gateway, Of: to.of, Says: v.name + " is not attached to " + to.name, Open: "attach " + v.name + " to " + to.name,
			})})
		}
	}
	between := []gate{a.table.gate(b, dstPrivate, d.addrs[f], to, false)}
	for _, x := range []*attachment{a, b} {
		for _, sub := range x.subnets {
			if !sub.acl.plain() && sub != s.subnet && sub != d.subnet {
				between = append(between, says(dstPrivate, d.addrs[f], estate.Maybe, flow.Hop{
					Kind: flow.NetworkACL, Says: "traffic passes " + sub.name + ", where " + x.name + " stands", Why: "the network ACL of a transit gateway attachment's subnet is not judged",
				}))
			}
		}
	}
	n.across(p, s, d, f, to, to, between)
	return p.add(b.table.gate(a, srcPrivate, s.addrs[f], to, true))
}

// attachedTo is the attachment of a VPC to a transit gateway, or nil.
func (n *Network) attachedTo(to *target, v *vpc) *attachment {
	for _, a := range n.transit.attachments[to.id] {
		if a.vpc == v {
			return a
		}
	}
	return nil
}

// gate is what a transit gateway's table sends to an attachment.
func (t *transitTable) gate(to *attachment, at side, set flow.Addrs, gw *target, reply bool) gate {
	r, by := t.leads(to, set)
	back := ""
	if reply {
		back = " for the replies"
	}
	return gate{side: at, r: r, hop: func(_ flow.Conn, live flow.Addrs, ok estate.Truth) flow.Hop {
		h := flow.Hop{Kind: flow.Route, Of: gw.of, Says: gw.name + " routes " + live.String() + " to " + to.name + back, Why: t.why}
		if by != nil {
			h.Of, h.At, h.Why = by.of, by.at, or(by.why, t.why)
		}
		if ok == estate.No {
			h.Says = t.name + " has no route to " + to.name + back
			h.Open = "propagate " + to.name + " to " + t.name + ", or add a route for " + live.String()
			if by != nil && by.blackhole {
				h.Says = t.name + " drops packets to " + by.dest.String() + " (black hole)"
			} else {
				h.Of, h.At = t.of, posOf(t.of)
			}
		}
		return h
	}}
}
