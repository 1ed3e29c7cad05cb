package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// toOutside returns the paths from an interface to an outside: from each of its
// spots by every route that takes a part of the addresses.
func (n *Network) toOutside(i *Interface, x End) []*path {
	var out []*path
	for f := v4; f <= v6; f++ {
		set := x.addrs.Family(family(f))
		if set.Empty() {
			continue
		}
		dom := domain{addrs: set, any: x.service == "", service: x.service, name: x.name}
		for k := range i.spots {
			out = append(out, n.outward(i, k, f, dom)...)
		}
	}
	return out
}

// outward returns the paths from the k-th spot of an interface to addresses
// outside its VPC, or to addresses of the VPC that no interface of the estate
// is known to have.
func (n *Network) outward(i *Interface, k, f int, dst domain) []*path {
	s := i.spots[k]
	if f == v6 && s.six == estate.No || s.addrs[f].Empty() {
		return nil
	}
	base := func() *path {
		p := &path{f: f}
		p.dom[dstPublic] = dst
		p.dom[srcPrivate] = domain{addrs: s.addrs[f], spot: s, name: i.Name}
		p.dom[srcPublic] = domain{addrs: flow.Public().Family(family(f)), name: "the public address of " + i.Name}
		return p.add(sixGates(f, srcPrivate, s, s.addrs[f], i.Name)...).add(egress(dstPublic))
	}
	var out []*path
	if own := dst.addrs.Intersect(s.subnet.vpc.addrs[f]); s.subnet.vpc.known[f] && !own.Empty() && dst.any && !isInternet(dst.addrs) {
		p := base()
		p.dom[dstPublic].addrs = own
		there, back := aclGates(s.subnet, outDir, dstPublic, own)
		p.add(there...).add(says(srcPrivate, s.addrs[f], estate.Yes, flow.Hop{
			Kind: flow.Route, Of: i.Of, At: s.subnet.pos(), Says: own.String() + " is in " + s.subnet.vpc.name + ", as is " + s.subnet.name,
		}))
		out = append(out, p.add(back...).done())
		if dst.addrs = dst.addrs.Minus(own); dst.addrs.Empty() {
			return out
		}
	}
	seen := map[string]bool{}
	for _, l := range s.subnet.table.legs(dst.addrs, dst.service) {
		if to := l.route.to; !seen[to.id+to.name] {
			seen[to.id+to.name] = true
			if p := n.by(base(), i, k, f, to); p != nil {
				out = append(out, p.done())
			}
		}
	}
	if len(out) == 0 {
		to := &target{kind: toInternet, name: "an internet or NAT gateway"}
		p := base()
		out = append(out, p.add(n.leads(s.subnet, dstPublic, &p.dom[dstPublic], to, false)).done())
	}
	return out
}

const outDir = out

// by is the path that leaves the k-th spot by one target.
func (n *Network) by(p *path, i *Interface, k, f int, to *target) *path {
	s := i.spots[k]
	d := &p.dom[dstPublic]
	there, back := aclGates(s.subnet, out, dstPublic, d.addrs)
	p.add(there...).add(n.leads(s.subnet, dstPublic, d, to, false))
	switch to.kind {
	case toInternet:
		if !i.PublicAddrs.Empty() && f == v4 {
			p.dom[srcPublic].addrs = i.PublicAddrs
		}
		if f == v6 {
			p.dom[srcPublic].addrs = s.addrs[v6]
		}
		p.add(i.needsAddress(k, f, srcPrivate, s.addrs[f]), n.publicOnly(d, dstPublic))
	case toEgressOnly:
		if f == v6 {
			p.dom[srcPublic].addrs = s.addrs[v6]
		}
		p.add(n.publicOnly(d, dstPublic))
	case toNAT:
		n.byNAT(p, s, f, to)
	case toEndpoint:
		p.add(says(dstPublic, d.addrs, estate.Yes, flow.Hop{Kind: flow.Endpoint, Of: to.of, At: to.of.Meta().Pos, Says: to.name + " leads to " + d.name}))
	case toNothing:
		p.add(says(dstPublic, d.addrs, estate.No, flow.Hop{Kind: flow.Gateway, Of: to.of, Says: to.why, Open: "attach it to " + s.subnet.vpc.name}))
	case toLocal:
		return nil
	default:
		p.add(n.beyond(to, s.subnet.vpc, dstPublic, d.addrs))
	}
	return p.add(back...)
}

// needsAddress is the gate of an internet gateway for packets on their way out:
// it forwards only what has a public address.
func (i *Interface) needsAddress(k, f int, at side, set flow.Addrs) gate {
	if f == v6 {
		return says(at, set, i.spots[k].six, flow.Hop{Kind: flow.Address, Of: i.Of, At: i.Of.Meta().Pos, Says: i.Name + " has an IPv6 address, which is public", Why: "whether it gets an IPv6 address is not known"})
	}
	return i.addressGate(k, f, at, set)
}

// publicOnly is the gate of the internet, which leads to public addresses
// alone.
func (n *Network) publicOnly(d *domain, at side) gate {
	open := d.addrs.Intersect(flow.Public())
	return gate{side: at, r: closed(d.addrs).with(open, flow.AllConns(), flow.AllConns()), hop: func(_ flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
		h := flow.Hop{Kind: flow.Gateway}
		if t != estate.Yes {
			h.Says, h.Why = "the internet does not lead to "+live.String(), "a part of these addresses is not on the internet"
		}
		return h
	}}
}

// natProtocols are what a NAT gateway translates (VPC User Guide, "NAT gateway
// basics").
var natProtocols = flow.Ports(flow.TCP, 0, 65535).Union(flow.Ports(flow.UDP, 0, 65535)).Union(flow.Ports(flow.ICMP, 0, 65535))

// byNAT adds the gates of a NAT gateway: the ACL of its subnet on both sides of
// it, and its subnet's own route.
func (n *Network) byNAT(p *path, s *spot, f int, to *target) {
	d := &p.dom[dstPublic]
	h := flow.Hop{Kind: flow.Gateway, Of: to.of, Says: to.name + " translates the address"}
	r, ok := to.of.(*estate.NATGateway)
	if !ok {
		h.Why = to.name + " is not in the files"
		p.add(says(dstPublic, d.addrs, estate.Maybe, h))
		return
	}
	h.At = r.Pos
	private := r.Connectivity.Default("public").Is("private")
	p.add(gate{side: srcPrivate, r: region{{s.addrs[f], natProtocols, natProtocols}}, hop: func(c flow.Conn, _ flow.Addrs, t estate.Truth) flow.Hop {
		h := h
		if t == estate.No {
			h.Says = to.name + " passes TCP, UDP and ICMP alone"
		}
		return h
	}})
	if a := n.natAddress(r); !a.Empty() {
		p.dom[srcPublic].addrs = a
	}
	if r.Subnet.Absent() && !r.VPC.Absent() { // a regional one has no subnet; its table leads to the internet
		return
	}
	var sub *subnet
	for _, x := range estate.To(n.e, r.Subnet) {
		sub = n.subnets[x.ID]
	}
	if sub == nil {
		p.add(says(dstPublic, d.addrs, estate.Maybe, flow.Hop{Kind: flow.Gateway, Of: r, At: r.Pos, Says: to.name + " stands in a subnet that is not known", Why: or(r.Subnet.Why(), "subnet "+r.Subnet.String()+" is not in the files")}))
		return
	}
	var back []gate
	if sub != s.subnet {
		in1, back1 := aclGates(sub, in, srcPrivate, s.addrs[f])
		out2, back2 := aclGates(sub, out, dstPublic, d.addrs)
		p.add(in1...).add(out2...)
		back = append(back2, back1...)
	}
	if private == estate.Yes {
		p.add(says(dstPublic, d.addrs, estate.Maybe, flow.Hop{Kind: flow.Gateway, Of: r, At: r.Pos, Says: to.name + " is private", Why: "where a private NAT gateway leads on is not judged"}))
	} else {
		next := internetTarget(sub, d)
		p.add(n.leads(sub, dstPublic, d, next, false), n.publicOnly(d, dstPublic))
	}
	p.add(back...)
}

// natAddress is the public address of a NAT gateway, where it is known.
func (n *Network) natAddress(r *estate.NATGateway) flow.Addrs {
	texts := []estate.Str{r.PublicIP}
	for _, ip := range estate.To(n.e, r.Allocation) {
		texts = append(texts, ip.PublicIP)
	}
	return literals(texts)
}
