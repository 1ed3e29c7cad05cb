package vpc

import (
	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// says is a gate that one truth decides, whatever the connection.
func says(at side, set flow.Addrs, t estate.Truth, h flow.Hop) gate {
	return gate{side: at, r: fixed(set, t), hop: func(flow.Conn, flow.Addrs, estate.Truth) flow.Hop { return h }}
}

// aclGates are the gates of a subnet's network ACL for packets that leave it
// (out) or enter it (in) on their way from the source, and for the replies in
// the other direction. at is the side of the far end. An ACL that lets
// everything pass because nobody wrote one is no gate.
func aclGates(s *subnet, dir int, at side, set flow.Addrs) (there, back []gate) {
	a := s.acl
	if a.plain() {
		return nil, nil
	}
	there = []gate{{side: at, r: a.region(dir, set), hop: func(c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
		return a.hop(s, dir, c, live, t, false)
	}}}
	back = []gate{{side: at, r: a.region(1-dir, set).each(replies), hop: func(c flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
		return a.hop(s, 1-dir, c, live, t, true)
	}}}
	return there, back
}

// hop words what the ACL does with a connection (or its reply) to or from live.
func (a *acl) hop(s *subnet, dir int, c flow.Conn, live flow.Addrs, t estate.Truth, reply bool) flow.Hop {
	h := flow.Hop{Kind: flow.NetworkACL, Why: a.why}
	if a.of == nil {
		h.Says = "which network ACL filters " + s.name + " is not known"
		return h
	}
	h.Of, h.At = a.of, a.of.Pos
	what, asked := connText(c), c
	if reply {
		what, asked = "the replies of "+connText(c), replyOf(c)
		if ephemeral(c.Protocol) {
			what += " on ports 1024-65535"
		}
	}
	name := a.name + " of " + s.name
	r, _ := a.first(dir, asked, live)
	if reply && ephemeral(c.Protocol) && t != estate.Yes {
		r = a.partial(dir, c.Protocol, live)
	}
	by := ""
	if r != nil {
		h.Of, h.At, by = r.of, r.at, ", by "+r.says(dir)
	}
	switch t {
	case estate.Yes:
		h.Says = name + verb(dir) + what + word(dir) + shown(live.String()) + by
	case estate.Maybe:
		h.Says = "whether " + name + verb(dir) + what + word(dir) + shown(live.String()) + " is not known"
		h.Why = a.doubt(r, reply && ephemeral(c.Protocol), live)
	default:
		if r = a.decides(r, dir, asked, live); r != nil {
			h.Of, h.At, by = r.of, r.at, ", by "+r.says(dir)
		}
		if r == nil || r.allow == estate.Yes {
			by = ": no rule allows it"
		}
		h.Says = name + [2]string{" does not let in ", " does not let out "}[dir] + what + word(dir) + shown(live.String()) + by
		need := connText(c)
		if reply && ephemeral(c.Protocol) {
			need = flow.Ports(c.Protocol, ephemeralFrom, ephemeralTo).String()
		}
		h.Open = "add an allow rule for " + need + word(dir) + shown(live.String()) + " to the " + [2]string{"inbound", "outbound"}[dir] + " rules of " + a.name
		if r != nil && r.allow == estate.No {
			h.Open += ", before rule " + itoa(r.number)
		}
	}
	return h
}

// decides is the rule that stops the last of the addresses: one that denies a
// part of them may stay where it is. The first one stands for those that the
// final rule denies.
func (a *acl) decides(first *aclRule, dir int, c flow.Conn, live flow.Addrs) *aclRule {
	if first == nil || first.anywhere || first.allow != estate.No || first.addrs.Holds(live) {
		return first
	}
	rest := live
	for i := range a.rules[dir] {
		r := &a.rules[dir][i]
		if !r.may.Has(c) {
			continue
		}
		if rest = rest.Minus(r.addrs); rest.Empty() || r.anywhere {
			return r
		}
	}
	return nil
}

// partial is the first rule about a part of the ephemeral ports that does not
// simply allow them.
func (a *acl) partial(dir int, p flow.Protocol, live flow.Addrs) *aclRule {
	need := flow.Ports(p, ephemeralFrom, ephemeralTo)
	for i := range a.rules[dir] {
		r := &a.rules[dir][i]
		if !r.may.Intersect(need).Empty() && (r.anywhere || r.addrs.Overlaps(live)) {
			return r
		}
	}
	return nil
}

func (a *acl) doubt(r *aclRule, reply bool, live flow.Addrs) string {
	switch {
	case r == nil:
		return or(a.why, "its rules are not all known")
	case r.why != "":
		return "rule " + itoa(r.number) + ": " + r.why
	case !r.addrs.Holds(live):
		return r.says(in) + " is about a part of these addresses"
	case reply:
		return "the client's port is not known, and it admits a part of 1024-65535"
	}
	return "its rules admit a part of these packets"
}

// ephemeral says whether replies of a protocol go to an ephemeral port.
func ephemeral(p flow.Protocol) bool { return p == flow.TCP || p == flow.UDP || p == flow.SCTP }

// replyOf is the packet that a reply is, to some ephemeral port.
func replyOf(c flow.Conn) flow.Conn {
	switch {
	case ephemeral(c.Protocol):
		return flow.Conn{Protocol: c.Protocol, Port: 49152}
	case c.Protocol == flow.ICMP:
		return flow.Conn{Protocol: flow.ICMP}
	case c.Protocol == flow.ICMPv6:
		return flow.Conn{Protocol: flow.ICMPv6, Port: 129 << 8}
	}
	return c
}

// leads is the gate of a subnet's routes: what of the addresses leaves by the
// target. reply says that it is the way back.
func (n *Network) leads(s *subnet, at side, d *domain, to *target, reply bool) gate {
	r := closed(d.addrs)
	var by *route
	var sure, may []flow.Addrs
	for _, l := range s.table.legs(d.addrs, d.service) {
		if l.route.to.id != to.id || l.route.to.kind != to.kind {
			continue
		}
		if by == nil {
			by = l.route
		}
		if l.sure && to.kind != toUnknown {
			sure = append(sure, l.addrs)
		} else {
			may = append(may, l.addrs)
		}
	}
	r = r.with(flow.UnionOf(sure), flow.AllConns(), flow.AllConns()).with(flow.UnionOf(may), flow.Conns{}, flow.AllConns())
	if s.table.why != "" {
		r = r.everywhere(flow.Conns{}, flow.AllConns())
	}
	return gate{side: at, r: r, hop: func(_ flow.Conn, live flow.Addrs, t estate.Truth) flow.Hop {
		return s.routeHop(by, d, to, live, t, reply)
	}}
}

func (s *subnet) routeHop(by *route, d *domain, to *target, live flow.Addrs, t estate.Truth, reply bool) flow.Hop {
	h := flow.Hop{Kind: flow.Route, At: s.pos()}
	if s.table.of != nil {
		h.Of, h.At = s.table.of, s.table.of.Pos
	}
	back := ""
	if reply {
		back = " for the replies"
	}
	switch {
	case by != nil && t != estate.No:
		h.Of, h.At = by.of, by.at
		h.Says = s.name + " routes " + by.text + " to " + to.name + back
		h.Why = or(by.why, to.why, s.table.why)
		if t == estate.Maybe && h.Why == "" {
			h.Why = d.name + " has " + d.address() + ", of which the route takes a part"
		}
	case t == estate.Maybe:
		h.Says, h.Why = "whether "+s.name+" has a route to "+to.name+" is not known", s.table.why
	default:
		h.Says = s.name + " has no route to " + shown(live.String()) + " by " + to.name + back
		h.Open = "add a route for " + shown(live.String()) + " to " + to.name + " to " + s.tableName()
	}
	return h
}

func (s *subnet) pos() (at diag.Pos) {
	if s.of != nil {
		return s.of.Pos
	}
	return at
}

func (s *subnet) tableName() string { return or(s.table.name, "the route table of "+s.name) }

// sixGates are the gates of having an IPv6 address at all.
func sixGates(f int, at side, x *spot, set flow.Addrs, name string) []gate {
	if f == v4 || x.six == estate.Yes {
		return nil
	}
	return []gate{says(at, set, x.six, flow.Hop{
		Kind: flow.Address, At: x.subnet.pos(), Says: name + " may have no IPv6 address", Why: "whether it gets an IPv6 address is not known",
	})}
}
