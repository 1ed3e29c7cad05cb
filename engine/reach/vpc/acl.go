package vpc

import (
	"cmp"
	"slices"
	"strconv"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// acl is a network ACL, compiled: an ordered list of rules for each direction,
// of which the first that matches a packet decides; what none matches is denied
// (VPC User Guide, "Network ACL rules"). The zero acl is the default one that
// AWS makes: everything passes.
type acl struct {
	of    *estate.NetworkACL
	name  string
	rules [2][]aclRule
	why   string // why it is not known which ACL this is, or what is in it
}

// plain reports whether the ACL lets everything pass because nobody wrote one.
func (a *acl) plain() bool { return a.of == nil && a.why == "" }

type aclRule struct {
	of        estate.Resource
	at        diag.Pos
	number    int
	allow     estate.Truth
	sure, may flow.Conns
	addrs     flow.Addrs
	why       string // why it is not sure what the rule matches
	anywhere  bool   // it may match any address
}

// written is what the two forms of a rule have in common.
type written struct {
	of                  estate.Resource
	at                  diag.Pos
	number              estate.Int
	action, protocol    estate.Str
	from, to, typ, code estate.Int
	cidr, cidr6         estate.Str
	existence           string
}

func (n *Network) aclOf(a *estate.NetworkACL) *acl {
	c := &acl{of: a, name: called("network ACL", a)}
	for dir, rules := range map[int]estate.Blocks[estate.InlineACL]{in: a.Ingress, out: a.Egress} {
		for _, r := range rules.Items {
			c.rules[dir] = append(c.rules[dir], written{
				of: a, at: r.At, number: r.Number, action: r.Action, protocol: r.Protocol, from: r.From, to: r.To,
				typ: r.ICMPType, code: r.ICMPCode, cidr: r.CIDR, cidr6: r.IPv6CIDR,
			}.compile())
		}
		if rules.Why != "" {
			c.rules[dir] = append(c.rules[dir], anyRule(a, rules.At, rules.Why))
		}
	}
	for _, r := range estate.Of[*estate.NetworkACLRule](n.e, a.ID) {
		if !r.ACL.Is(a.ID) {
			continue
		}
		w := written{
			of: r, at: r.Pos, number: r.Number, action: r.Action, protocol: r.Protocol, from: r.From, to: r.To,
			typ: r.ICMPType, code: r.ICMPCode, cidr: r.CIDR, cidr6: r.IPv6CIDR, existence: r.Maybe,
		}
		if r.Egress.Is(true) != estate.No {
			c.rules[out] = append(c.rules[out], w.compile())
		}
		if r.Egress.Is(true) != estate.Yes {
			c.rules[in] = append(c.rules[in], w.compile())
		}
	}
	for dir := range c.rules {
		slices.SortStableFunc(c.rules[dir], func(x, y aclRule) int { return cmp.Compare(x.number, y.number) })
	}
	return c
}

// anyRule is a rule of which nothing is known; it may stand before all others.
func anyRule(of estate.Resource, at diag.Pos, why string) aclRule {
	return aclRule{of: of, at: at, allow: estate.Maybe, may: flow.AllConns(), anywhere: true, why: why}
}

func (w written) compile() aclRule {
	number, ok := w.number.Known()
	if !ok {
		return anyRule(w.of, w.at, or(w.number.Why(), "its number is not written"))
	}
	r := aclRule{of: w.of, at: w.at, number: number, allow: w.action.In("allow", "ALLOW", "Allow")}
	from, to := w.from, w.to
	if p, ok := w.protocol.Known(); ok {
		if p, ok := protocolOf(p); ok && (p == flow.ICMP || p == flow.ICMPv6) {
			from, to = w.typ, w.code
		}
	}
	r.sure, r.may, r.why = connsOf(w.protocol, from, to)
	for _, c := range []estate.Str{w.cidr, w.cidr6} {
		if c.Absent() {
			continue
		}
		text, known := c.Known()
		a, err := flow.ParseAddrs(text)
		if !known || err != nil {
			r.anywhere, r.why = true, or(c.Why(), "its range is not known")
			continue
		}
		r.addrs = r.addrs.Union(a)
	}
	if w.existence != "" {
		r.sure, r.why = flow.Conns{}, "it is not known whether it exists: "+w.existence
	}
	if r.allow == estate.Maybe {
		r.why = or(w.action.Why(), r.why)
	}
	return r
}

// region is what the ACL admits in a direction, of packets from or to the
// addresses of a set.
//
// For every cell it keeps what can become of a packet: allowed, denied, or not
// decided yet, as sets of connections, so that a rule that is not known leads
// to both outcomes.
func (a *acl) region(dir int, set flow.Addrs) region {
	switch {
	case a.why != "" && a.of == nil:
		return doubtful(set)
	case a.of == nil:
		return open(set)
	}
	cells := []aclCell{{addrs: set, open: flow.AllConns()}}
	for i := range a.rules[dir] {
		cells = a.rules[dir][i].apply(cells)
	}
	r := make(region, 0, len(cells))
	for _, c := range cells {
		may := c.allowed
		r = append(r, cell{c.addrs, may.Minus(c.denied.Union(c.open)), may})
	}
	return r
}

type aclCell struct {
	addrs                 flow.Addrs
	allowed, denied, open flow.Conns
}

func (r *aclRule) apply(cells []aclCell) []aclCell {
	out := make([]aclCell, 0, len(cells)+1)
	for _, c := range cells {
		hit := c.addrs.Intersect(r.addrs)
		if rest := c.addrs.Minus(hit); !rest.Empty() {
			other := aclCell{rest, c.allowed, c.denied, c.open}
			if r.anywhere {
				other.decide(r.allow, flow.Conns{}, r.may)
			}
			out = append(out, other)
		}
		if !hit.Empty() {
			c.addrs = hit
			c.decide(r.allow, r.sure, r.may)
			out = append(out, c)
		}
	}
	return out
}

// decide takes what a rule surely matches out of what is not decided; what it
// may match can go either way.
func (c *aclCell) decide(allow estate.Truth, sure, may flow.Conns) {
	hit := c.open.Intersect(may)
	if allow != estate.No {
		c.allowed = c.allowed.Union(hit)
	}
	if allow != estate.Yes {
		c.denied = c.denied.Union(hit)
	}
	c.open = c.open.Minus(sure)
}

// first returns the rule that decides about a connection with some address of
// a set, and whether it surely does; nil where the final deny does.
func (a *acl) first(dir int, c flow.Conn, set flow.Addrs) (*aclRule, bool) {
	for i := range a.rules[dir] {
		r := &a.rules[dir][i]
		if r.may.Has(c) && (r.anywhere || r.addrs.Overlaps(set)) {
			return r, r.sure.Has(c) && r.allow != estate.Maybe && r.addrs.Holds(set)
		}
	}
	return nil, true
}

// says shows the rule: "rule 100 (deny TCP 22 from 0.0.0.0/0)".
func (r *aclRule) says(dir int) string {
	verb, word := "deny ", " from "
	switch r.allow {
	case estate.Yes:
		verb = "allow "
	case estate.Maybe:
		verb = "allow or deny "
	}
	if dir == out {
		word = " to "
	}
	conns, addrs := r.sure, r.addrs.String()
	if conns.Empty() {
		conns = r.may
	}
	if r.anywhere {
		addrs = "some range"
	}
	return "rule " + strconv.Itoa(r.number) + " (" + verb + connsText(conns) + word + shown(addrs) + ")"
}

// shown writes the whole internet as rules do.
func shown(addrs string) string {
	switch addrs {
	case "the internet (IPv4)":
		return "0.0.0.0/0"
	case "the internet (IPv6)":
		return "::/0"
	}
	return addrs
}
