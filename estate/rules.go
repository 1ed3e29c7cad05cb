package estate

import (
	"net/netip"
	"strings"

	"fathom/diag"
)

// Rule is one rule of a security group, from whichever of the three forms it
// was written in.
type Rule struct {
	// Of is the resource that holds the rule: the group itself for an inline
	// rule.
	Of Resource
	// At is the line to change: that of the address range which is the world,
	// and otherwise that of the rule.
	At     diag.Pos
	Egress bool
	// Protocol is tcp, udp, icmp, icmpv6, a number, or -1 and all for
	// everything; From and To are ports (ICMP type and code), both absent for
	// everything.
	Protocol    Str
	From, To    Int
	CIDRs       List // IPv4 and IPv6
	Groups      []Ref[*SecurityGroup]
	GroupsWhy   string // why more groups may be named than Groups; ""
	PrefixLists []Ref[*PrefixList]
	ListsWhy    string // why more prefix lists may be named than PrefixLists; ""
	Self        Bool
	Description Str
}

// RulesOf returns the rules of a security group wherever they are written,
// inline ones first.
func RulesOf(e *Estate, g *SecurityGroup) []Rule {
	var out []Rule
	for _, b := range []struct {
		rules  Blocks[InlineRule]
		egress bool
	}{{g.Ingress, false}, {g.Egress, true}} {
		for _, r := range b.rules.Items {
			out = append(out, Rule{
				Of: g, At: r.CIDRs.and(r.IPv6CIDRs).lineOfWorld(r.At), Egress: b.egress, Protocol: r.Protocol, From: r.From, To: r.To,
				CIDRs: r.CIDRs.and(r.IPv6CIDRs), Groups: r.Groups.Items, GroupsWhy: r.Groups.Why(),
				PrefixLists: r.PrefixLists.Items, ListsWhy: r.PrefixLists.Why(), Self: r.Self, Description: r.Description,
			})
		}
	}
	for _, r := range Of[*SecurityGroupRule](e, g.ID) {
		if r.Group.Is(g.ID) {
			out = append(out, r.rule())
		}
	}
	for _, r := range Of[*IngressRule](e, g.ID) {
		if r.Group.Is(g.ID) {
			out = append(out, r.rule(r, false))
		}
	}
	for _, r := range Of[*EgressRule](e, g.ID) {
		if r.Group.Is(g.ID) {
			out = append(out, r.rule(r, true))
		}
	}
	return out
}

func (r *SecurityGroupRule) rule() Rule {
	rule := Rule{
		Of: r, At: r.CIDRs.and(r.IPv6CIDRs).lineOfWorld(r.Pos), Egress: r.Direction.Is("egress") == Yes, Protocol: r.Protocol, From: r.From, To: r.To,
		CIDRs: r.CIDRs.and(r.IPv6CIDRs), PrefixLists: r.PrefixLists.Items, ListsWhy: r.PrefixLists.Why(), Self: r.Self, Description: r.Description,
	}
	if !r.Source.Absent() {
		rule.Groups = []Ref[*SecurityGroup]{r.Source}
	}
	return rule
}

func (r *SingleRule) rule(of Resource, egress bool) Rule {
	rule := Rule{
		Of: of, At: of.base().Pos, Egress: egress, Protocol: r.Protocol, From: r.From, To: r.To,
		Description: r.Description,
	}
	for _, c := range []Str{r.CIDR, r.IPv6CIDR} {
		if !c.Absent() {
			rule.CIDRs.state, rule.CIDRs.at = known, c.Pos()
			rule.CIDRs.Items = append(rule.CIDRs.Items, c)
		}
	}
	rule.At = rule.CIDRs.lineOfWorld(rule.At)
	if !r.Source.Absent() {
		rule.Groups = []Ref[*SecurityGroup]{r.Source}
	}
	if !r.PrefixList.Absent() {
		rule.PrefixLists = []Ref[*PrefixList]{r.PrefixList}
	}
	return rule
}

// LooseRules returns the rules whose security group is not in the estate: it
// is made by a module that is not there, by AWS (the group of an EKS cluster)
// or by somebody else.
func LooseRules(e *Estate) []Rule {
	var out []Rule
	for _, r := range All[*SecurityGroupRule](e) {
		if len(To(e, r.Group)) == 0 {
			out = append(out, r.rule())
		}
	}
	for _, r := range All[*IngressRule](e) {
		if len(To(e, r.Group)) == 0 {
			out = append(out, r.rule(r, false))
		}
	}
	for _, r := range All[*EgressRule](e) {
		if len(To(e, r.Group)) == 0 {
			out = append(out, r.rule(r, true))
		}
	}
	return out
}

// RulesWhy says why a group may have more rules than RulesOf shows, or "".
func RulesWhy(g *SecurityGroup) string {
	if g.Ingress.Why != "" {
		return g.Ingress.Why
	}
	return g.Egress.Why
}

// FromWorld says whether the rule names everyone: 0.0.0.0/0, ::/0, or CIDRs
// that together with others would (a /1 to /7 is the internet cut in pieces).
func (r *Rule) FromWorld() Truth { return r.CIDRs.Any(IsWorld) }

// IsWorld says whether a CIDR is the internet or a large piece of it: an IPv4
// prefix of less than 8 bits, or an IPv6 prefix of less than 16.
func IsWorld(cidr string) bool {
	p, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	if err != nil {
		return false
	}
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 16
}

// AllTraffic says whether the rule is about every protocol.
func (r *Rule) AllTraffic() Truth { return r.Protocol.In("-1", "all", "ALL") }

// Covers says whether the rule admits a TCP port.
func (r *Rule) Covers(port int) Truth {
	tcp := r.Protocol.In("tcp", "TCP", "6")
	return r.AllTraffic().Or(tcp.And(r.From.Test(func(f int) bool { return f <= port })).And(r.To.Test(func(t int) bool { return port <= t })))
}

// Ports shows the rule's ports: "all ports", "443", "1024-65535".
func (r *Rule) Ports() string {
	from, ok1 := r.From.Known()
	to, ok2 := r.To.Known()
	switch {
	case r.AllTraffic() == Yes, ok1 && ok2 && from == 0 && to == 65535:
		return "all ports"
	case !ok1 || !ok2:
		return "ports " + r.From.String() + "-" + r.To.String()
	case from == to:
		return "port " + itoa(from)
	}
	return "ports " + itoa(from) + "-" + itoa(to)
}

// lineOfWorld is where the first range that is the world was written, or rule.
func (l List) lineOfWorld(rule diag.Pos) diag.Pos {
	for _, it := range l.Items {
		if it.Test(IsWorld) == Yes && it.Pos().Line != 0 && it.Pos().File == rule.File {
			return it.Pos()
		}
	}
	return rule
}

// and joins two lists.
func (l List) and(m List) List {
	if m.Absent() {
		return l
	}
	if l.Absent() {
		return m
	}
	l.Items = append(append([]Str{}, l.Items...), m.Items...)
	if m.state == unknown {
		l.state, l.why = unknown, m.why
	}
	return l
}
