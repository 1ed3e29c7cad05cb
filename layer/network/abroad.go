package network

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"fathom/diag"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// largest is the range that a rule may name as somebody's: a /16. In a larger
// one, such as a cloud's, anybody can have an address.
const largest = 16

// abroad are addresses that an attacker may have, and connections that rules let
// out to such. Nobody has the address that a rule names but him whose it is. So
// he has one that no rule names; and one in each range of rules that is too
// large to be somebody's.
func abroad(e *estate.Estate) ([]reach.Place, []flow.Conn) {
	b := egressOf(e)
	var out []reach.Place
	for _, within := range append([]netip.Prefix{{}}, b.broad...) {
		if a := b.free(within); a.IsValid() && len(out) < mostPorts {
			text := netip.PrefixFrom(a, a.BitLen()).String()
			set, _ := flow.ParseAddrs(text) // made of an address
			out = append(out, reach.Place{Kind: reach.CIDR, Name: text, Addrs: set})
		}
	}
	return out, b.conns
}

// free is an address within a range, or anywhere, that no rule names.
func (b *egress) free(within netip.Prefix) netip.Addr {
	bits := within.Bits()
	base := uint32(0)
	if within.IsValid() {
		a := within.Addr().As4()
		base = binary.BigEndian.Uint32(a[:])
	} else {
		bits = 0
	}
	const stride = 2654435761 // spreads over all addresses
	for i := uint32(1); i < 4096; i++ {
		n := i * stride
		if bits > 0 {
			n = base | n>>bits
		}
		var raw [4]byte
		binary.BigEndian.PutUint32(raw[:], n)
		a := netip.AddrFrom4(raw)
		if flow.Public().Holds(flow.FromPrefix(netip.PrefixFrom(a, 32))) && !b.mentions(a) {
			return a
		}
	}
	return netip.Addr{}
}

// egress is what the rules of an estate let out.
type egress struct {
	names []netip.Prefix // ranges that are somebody's
	broad []netip.Prefix // larger ones that are not the world
	conns []flow.Conn    // what they let out to the world or to a larger range
}

func egressOf(e *estate.Estate) *egress {
	b := &egress{conns: []flow.Conn{https}}
	for _, g := range groups(e) {
		for i := range g.rules {
			if r := &g.rules[i]; r.Egress {
				b.rule(e, r)
			}
		}
	}
	for _, p := range estate.All[*estate.NetworkPolicy](e) {
		for i := range p.Spec.Egress {
			b.policy(&p.Spec.Egress[i])
		}
	}
	return b
}

func (b *egress) rule(e *estate.Estate, r *estate.Rule) {
	cidrs := r.CIDRs.Known()
	for _, ref := range r.PrefixLists {
		for _, l := range estate.To(e, ref) {
			for _, entry := range l.Entries.Items {
				if c, ok := entry.CIDR.Known(); ok {
					cidrs = append(cidrs, c)
				}
			}
		}
	}
	from, known := r.From.Known()
	protocol := flow.TCP
	if r.Protocol.In("udp", "UDP", "17") == estate.Yes {
		protocol = flow.UDP
	}
	if b.takes(cidrs) && known && !isICMP(r) && r.Covers(https.Port) != estate.Yes {
		b.lets(flow.Conn{Protocol: protocol, Port: from})
	}
}

func (b *egress) policy(r *networkingv1.NetworkPolicyEgressRule) {
	wide := len(r.To) == 0
	for _, p := range r.To {
		if p.IPBlock != nil && b.takes([]string{p.IPBlock.CIDR}) {
			wide = true
		}
	}
	for _, p := range r.Ports {
		if wide && p.Port != nil && p.Port.IntValue() > 0 && (p.Protocol == nil || *p.Protocol == "TCP") {
			b.lets(flow.Conn{Protocol: flow.TCP, Port: p.Port.IntValue()})
		}
	}
}

// takes sorts the ranges that a rule names, and says whether one of them is
// nobody's in particular.
func (b *egress) takes(cidrs []string) bool {
	wide := false
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(strings.TrimSpace(c))
		switch {
		case err != nil:
		case estate.IsWorld(c):
			wide = true
		case !p.Addr().Is4(): // IPv6 is given to everybody by the /48
			wide = wide || p.Bits() < 48
		case p.Bits() < largest:
			wide = true
			if p = p.Masked(); !slices.Contains(b.broad, p) {
				b.broad = append(b.broad, p)
			}
		default:
			b.names = append(b.names, p)
		}
	}
	return wide
}

func (b *egress) lets(c flow.Conn) {
	if len(b.conns) < mostPorts && !slices.Contains(b.conns, c) {
		b.conns = append(b.conns, c)
	}
}

func (b *egress) mentions(a netip.Addr) bool {
	return slices.ContainsFunc(b.names, func(p netip.Prefix) bool { return p.Contains(a) })
}

// at is where a resource begins, nowhere for none.
func at(r estate.Resource) diag.Pos {
	if r == nil {
		return diag.Pos{}
	}
	return r.Meta().Pos
}
