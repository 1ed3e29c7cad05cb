package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// internetTarget stands for every internet gateway that a VPC may have: it has
// at most one.
func internetTarget(s *subnet, d *domain) *target {
	for _, l := range s.table.legs(d.addrs, d.service) {
		if l.route.to.kind == toInternet {
			return l.route.to
		}
	}
	return &target{kind: toInternet, name: "an internet gateway"}
}

// fromInternet is the path from public addresses to the k-th spot of an
// interface: it needs a public address, a route back to an internet gateway,
// and the ACL and the groups on the way (VPC User Guide, "Enable internet
// access for a VPC using an internet gateway").
func (n *Network) fromInternet(i *Interface, k, f int, src domain) *path {
	s := i.spots[k]
	src.addrs = src.addrs.Intersect(flow.Public()).Family(family(f))
	if src.addrs.Empty() || f == v6 && s.six == estate.No {
		return nil
	}
	p := &path{f: f}
	p.dom[srcPublic] = src
	p.dom[dstPrivate] = domain{addrs: s.addrs[f], spot: s, name: i.Name}
	p.add(i.addressGate(k, f, dstPrivate, s.addrs[f]))
	to := internetTarget(s.subnet, &src)
	p.add(n.reply(s.subnet, srcPublic, &p.dom[srcPublic], to))
	there, back := aclGates(s.subnet, in, srcPublic, src.addrs)
	p.add(there...).add(ingress(srcPublic))
	return p.add(back...)
}

// reply is the gate of the route by which packets of the internet come in and
// the replies go out.
func (n *Network) reply(s *subnet, at side, d *domain, to *target) gate {
	g := n.leads(s, at, d, to, false)
	through := s.inspected(d)
	for _, l := range through { // an edge table may lead packets of the internet through it
		g.r = g.r.with(l.addrs, flow.Conns{}, flow.AllConns())
	}
	word := g.hop
	g.hop = func(c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
		h := word(c, live, t)
		switch {
		case t == estate.Maybe && h.Why == "" && len(through) > 0:
			r := through[0].route
			h.Of, h.At, h.Says = r.of, r.at, s.name+" routes "+r.text+" to "+r.to.name
			h.Why = or(r.to.why, "traffic passes "+r.to.name+", whose rules are not judged")
		case t == estate.No:
			h.Says, h.Open = s.noInternet(d, live), "route "+everywhere(live)+" to an internet gateway in "+s.tableName()
		}
		return h
	}
	return g
}

// inspected are the legs that lead through something whose rules are not
// judged: a firewall's endpoint, an appliance.
func (s *subnet) inspected(d *domain) []leg {
	var out []leg
	for _, l := range s.table.legs(d.addrs, d.service) {
		if l.route.to.kind == toAppliance || l.route.to.kind == toUnknown {
			out = append(out, l)
		}
	}
	return out
}

func everywhere(a flow.Addrs) string {
	if isInternet(a) && len(a.Family(4).Prefixes()) > 0 {
		return "0.0.0.0/0"
	}
	if isInternet(a) {
		return "::/0"
	}
	return a.String()
}

// noInternet says why packets of the internet do not come in.
func (s *subnet) noInternet(d *domain, live flow.Addrs) string {
	for _, l := range s.table.legs(live, d.service) {
		r := l.route
		switch r.to.kind {
		case toNAT, toEgressOnly:
			return s.name + " routes " + r.text + " to " + r.to.name + ", which lets nothing in"
		case toNothing:
			return s.name + " routes " + r.text + " to " + r.to.why
		default:
			return s.name + " routes " + r.text + " to " + r.to.name + ", not to an internet gateway"
		}
	}
	return s.name + " has no route to an internet gateway"
}

// addressGate is whether the internet can send to the k-th spot at all.
func (i *Interface) addressGate(k, f int, at side, set flow.Addrs) gate {
	p, s := i.public[k], i.spots[k]
	h := flow.Hop{Kind: flow.Address, Of: i.Of, At: p.at, Says: i.Name + " has " + p.says, Open: p.open, Why: p.says}
	if p.is == estate.Maybe {
		h.Says = "whether " + i.Name + " has a public address is not known"
	}
	if f == v4 {
		return says(at, set, p.is, h)
	}
	t := s.six.And(i.outer6)
	h.Says, h.Why, h.Open, h.At = i.Name+" has an IPv6 address, which is public", "whether it gets an IPv6 address is not known", "", i.Of.Meta().Pos
	if i.outer6 != estate.Yes {
		h.At, h.Why = p.at, p.says
		h.Says, h.Open = "the internet does not reach the IPv6 address of "+i.Name+": "+p.says, p.open
	}
	return says(at, set, t, h)
}

// fromOutside returns the paths from an outside to an interface: over the
// internet, from addresses of its own VPC, and over what leads to networks
// elsewhere.
func (n *Network) fromOutside(x End, i *Interface) []*path {
	var out []*path
	for f := v4; f <= v6; f++ {
		set := x.addrs.Family(family(f))
		for k := range i.spots {
			if !set.Empty() {
				out = append(out, n.fromOutsideTo(x, set, i, k, f)...)
			}
		}
	}
	return out
}

func (n *Network) fromOutsideTo(x End, set flow.Addrs, i *Interface, k, f int) []*path {
	s := i.spots[k]
	dom := domain{addrs: set, any: x.service == "", service: x.service, name: x.name}
	var out []*path
	if p := n.fromInternet(i, k, f, dom); p != nil {
		out = append(out, p.done())
	}
	if isInternet(set) || x.service != "" || f == v6 && s.six == estate.No {
		return out
	}
	base := func(set flow.Addrs) *path {
		p := &path{f: f}
		d := dom
		d.addrs = set
		p.dom[srcPublic], p.dom[dstPrivate] = d, domain{addrs: s.addrs[f], spot: s, name: i.Name}
		return p
	}
	if own := set.Intersect(s.subnet.vpc.addrs[f]); s.subnet.vpc.known[f] && !own.Empty() {
		there, back := aclGates(s.subnet, in, srcPublic, own)
		p := base(own).add(says(dstPrivate, s.addrs[f], estate.Yes, flow.Hop{
			Kind: flow.Route, Of: i.Of, At: s.subnet.pos(), Says: own.String() + " is in " + s.subnet.vpc.name + ", as is " + s.subnet.name,
		}))
		out = append(out, p.add(there...).add(ingress(srcPublic)).add(back...).done())
		set = set.Minus(own)
	}
	out = append(out, n.fromElsewhere(base, s, set)...)
	if len(out) == 0 && !set.Empty() {
		to := &target{kind: toVPN, name: "a gateway to that network"}
		out = append(out, base(set).add(n.leads(s.subnet, srcPublic, &domain{addrs: set, name: x.name}, to, false), ingress(srcPublic)).done())
	}
	return out
}

// fromElsewhere returns the paths from networks behind a VPN, Direct Connect, a
// transit gateway or a peering: what a subnet's routes lead back to.
func (n *Network) fromElsewhere(base func(flow.Addrs) *path, s *spot, set flow.Addrs) []*path {
	var out []*path
	seen := map[string]bool{}
	for _, l := range s.subnet.table.legs(set, "") {
		to := l.route.to
		if seen[to.id+to.name] {
			continue
		}
		seen[to.id+to.name] = true
		switch to.kind {
		case toVPN, toTransit, toPeering, toAppliance, toUnknown:
		default:
			continue
		}
		p := base(set)
		there, back := aclGates(s.subnet, in, srcPublic, set)
		p.add(n.leads(s.subnet, srcPublic, &p.dom[srcPublic], to, true))
		p.add(n.beyond(to, s.subnet.vpc, srcPublic, set)).add(there...).add(ingress(srcPublic))
		out = append(out, p.add(back...).done())
	}
	return out
}

// beyond is the gate of what stands behind a target that leads out of a VPC, to
// or from the addresses of a set. What a VPN leads to is not judged: it is
// taken to be there.
func (n *Network) beyond(to *target, v *vpc, at side, set flow.Addrs) gate {
	h := flow.Hop{Kind: flow.Gateway, Of: to.of, Says: to.name + " joins " + v.name + " to " + set.String()}
	if to.of != nil {
		h.At = to.of.Meta().Pos
	}
	switch to.kind {
	case toVPN:
		if g, ok := to.of.(*estate.VPNGateway); ok && !n.gatewayAttached(g, v) {
			h.Says, h.Open = to.name+" is not attached to "+v.name, "attach "+to.name+" to "+v.name
			return says(at, set, estate.No, h)
		}
		return says(at, set, estate.Yes, h)
	case toPeering:
		r, ok := to.of.(*estate.Peering)
		if !ok {
			h.Why = to.name + " is not in the files"
			return says(at, set, estate.Maybe, h)
		}
		other := n.vpcOf2(r.VPC, r.ID.Root)
		if other == v {
			other = n.vpcOf2(r.Peer, r.ID.Root)
		}
		if other == nil || !other.known[v4] {
			h.Why = "the ranges of the VPC behind " + to.name + " are not known"
			return says(at, set, estate.Maybe, h)
		}
		inside := set.Intersect(other.addrs[v4].Union(other.addrs[v6]))
		h.Says = to.name + " leads to " + other.name
		if inside.Empty() {
			h.Says += ", which does not hold " + set.String() + ": peering is not transitive"
		}
		return gate{side: at, r: closed(set).with(inside, flow.AllConns(), flow.AllConns()), hop: func(flow.Conn, flow.Addrs, estate.Truth) flow.Hop { return h }}
	case toTransit:
		return n.beyondTransit(to, v, at, set, h)
	}
	return passesThrough(to, at, set)
}

func (n *Network) gatewayAttached(g *estate.VPNGateway, v *vpc) bool {
	if g.VPC.Unknown() && len(g.VPC.To) == 0 {
		return true
	}
	if !g.VPC.Absent() && n.vpcOf(g.VPC, g.ID.Root) == v {
		return true
	}
	for _, a := range estate.Of[*estate.VPNGatewayAttachment](n.e, g.ID) {
		if a.VPC.Unknown() && len(a.VPC.To) == 0 || n.vpcOf(a.VPC, a.ID.Root) == v {
			return true
		}
	}
	return false
}

// beyondTransit is what a transit gateway leads to, by the table of the VPC's
// attachment: VPNs and the ranges of VPCs pass, another VPC's way on is not
// judged.
func (n *Network) beyondTransit(to *target, v *vpc, at side, set flow.Addrs, h flow.Hop) gate {
	a := n.attachedTo(to, v)
	if a == nil {
		t := estate.No
		h.Says, h.Open = v.name+" is not attached to "+to.name, "attach "+v.name+" to "+to.name
		if to.of == nil {
			t, h.Says, h.Why, h.Open = estate.Maybe, "traffic passes "+to.name, to.name+" is not in the files", ""
		}
		return says(at, set, t, h)
	}
	r := closed(set)
	for _, other := range n.transit.attachments[to.id] {
		x, _ := a.table.leads(other, set)
		if other == a {
			continue
		}
		for _, c := range x {
			out := c.addrs
			if other.vpc != nil && !c.may.Empty() {
				// Like a peering: the addresses of the VPC are there, and what is
				// beyond it is another question.
				inside := c.addrs.Intersect(other.vpc.addrs[v4].Union(other.vpc.addrs[v6]))
				r = r.with(inside, c.sure, c.may)
				if out = c.addrs.Minus(inside); !out.Empty() {
					h.Why = "traffic goes on in " + other.vpc.name + ", whose way out is not judged"
				}
				c.sure = flow.Conns{}
			}
			r = r.with(out, c.sure, c.may)
		}
	}
	if a.table.why != "" {
		h.Why = a.table.why
	}
	h.Why = or(h.Why, "which routes "+to.name+" learns by BGP is not in the files")
	h.Says = to.name + " leads on to " + set.String()
	return gate{side: at, r: r, hop: func(_ flow.Conn, _ flow.Addrs, t estate.Truth) flow.Hop {
		if t == estate.No {
			h.Says = or(a.table.name, "the route table of "+a.name) + " has no route to " + set.String()
			h.Open = "add a route for " + set.String() + " to it"
			if a.table.of != nil {
				h.Of, h.At = a.table.of, posOf(a.table.of)
			}
		}
		return h
	}}
}
