package flow

import (
	"fmt"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

// Addrs is a set of IPv4 and IPv6 addresses. Its zero value is empty. Methods
// return new sets and change none.
type Addrs struct{ set *netipx.IPSet }

var (
	everything = mustAddrs("0.0.0.0/0", "::/0")
	// private are the ranges that no packet from the internet comes from (IANA
	// special-purpose address registries): private, shared, loopback,
	// link-local, documentation left out since examples use it, multicast,
	// reserved.
	private = mustAddrs("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/127", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "ff00::/8")
	public = everything.Minus(private)
)

// Everything is every address, IPv4 and IPv6.
func Everything() Addrs { return everything }

// Public is every address that packets from the internet may have.
func Public() Addrs { return public }

// ParseAddrs reads a CIDR, or an address for itself alone. Bits after the
// prefix are ignored, as AWS does.
func ParseAddrs(text string) (Addrs, error) {
	text = strings.TrimSpace(text)
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return Addrs{}, fmt.Errorf("%q is not an address or CIDR", text)
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return FromPrefix(p), nil
}

// FromPrefix is the set of a prefix.
func FromPrefix(p netip.Prefix) Addrs {
	var b netipx.IPSetBuilder
	b.AddPrefix(p.Masked())
	return build(&b)
}

func mustAddrs(cidrs ...string) Addrs {
	var b netipx.IPSetBuilder
	for _, c := range cidrs {
		b.AddPrefix(netip.MustParsePrefix(c))
	}
	return build(&b)
}

func build(b *netipx.IPSetBuilder) Addrs {
	s, _ := b.IPSet() // its errors are of invalid prefixes, which no caller adds
	if s == nil || len(s.Ranges()) == 0 {
		return Addrs{}
	}
	return Addrs{s}
}

// Empty reports whether there is no address in the set.
func (a Addrs) Empty() bool { return a.set == nil }

// Union is what is in either.
func (a Addrs) Union(b Addrs) Addrs {
	switch {
	case a.Empty():
		return b
	case b.Empty():
		return a
	}
	var u netipx.IPSetBuilder
	u.AddSet(a.set)
	u.AddSet(b.set)
	return build(&u)
}

// UnionOf is what is in any of the sets: of ten thousand at the cost of
// sorting them, where Union one by one would copy the result as often.
func UnionOf(sets []Addrs) Addrs {
	switch len(sets) {
	case 0:
		return Addrs{}
	case 1:
		return sets[0]
	}
	var u netipx.IPSetBuilder
	for _, a := range sets {
		if !a.Empty() {
			u.AddSet(a.set)
		}
	}
	return build(&u)
}

// Intersect is what is in both.
func (a Addrs) Intersect(b Addrs) Addrs {
	if a.Empty() || b.Empty() {
		return Addrs{}
	}
	var u netipx.IPSetBuilder
	u.AddSet(a.set)
	u.Intersect(b.set)
	return build(&u)
}

// Minus is what is in a and not in b.
func (a Addrs) Minus(b Addrs) Addrs {
	if a.Empty() || b.Empty() {
		return a
	}
	var u netipx.IPSetBuilder
	u.AddSet(a.set)
	u.RemoveSet(b.set)
	return build(&u)
}

// Overlaps reports whether the sets share an address.
func (a Addrs) Overlaps(b Addrs) bool { return !a.Empty() && !b.Empty() && a.set.Overlaps(b.set) }

// Holds reports whether every address of b is in a.
func (a Addrs) Holds(b Addrs) bool {
	if a.Empty() || b.Empty() {
		return b.Empty()
	}
	all := a.set.Ranges() // ascending, apart from each other, as those of b
	for _, r := range b.set.Ranges() {
		for len(all) > 0 && all[0].To().Less(r.From()) {
			all = all[1:]
		}
		if len(all) == 0 || r.From().Less(all[0].From()) || all[0].To().Less(r.To()) {
			return false
		}
	}
	return true
}

// Equal reports whether both sets hold the same.
func (a Addrs) Equal(b Addrs) bool {
	if a.Empty() || b.Empty() {
		return a.Empty() && b.Empty()
	}
	return a.set.Equal(b.set)
}

// Family is the part of the set that is IPv4 (4) or IPv6 (6).
func (a Addrs) Family(family int) Addrs {
	if family == 4 {
		return a.Intersect(v4)
	}
	return a.Intersect(v6)
}

var v4, v6 = mustAddrs("0.0.0.0/0"), mustAddrs("::/0")

// Prefixes lists the set as the fewest CIDRs, ascending, IPv4 first.
func (a Addrs) Prefixes() []netip.Prefix {
	if a.Empty() {
		return nil
	}
	return a.set.Prefixes()
}

// String shows the set: "10.0.0.0/16", "the internet", "203.0.113.0/28 and 3
// other ranges", "no address".
func (a Addrs) String() string {
	switch {
	case a.Empty():
		return "no address"
	case a.Equal(everything), a.Equal(public):
		return "the internet"
	case a.Equal(v4), a.Equal(public.Family(4)):
		return "the internet (IPv4)"
	case a.Equal(v6), a.Equal(public.Family(6)):
		return "the internet (IPv6)"
	}
	ps := a.Prefixes()
	if len(ps) > 6 {
		return fmt.Sprintf("%s and %d other ranges", ps[0], len(ps)-1)
	}
	var parts []string
	for _, p := range ps {
		if p.IsSingleIP() {
			parts = append(parts, p.Addr().String())
		} else {
			parts = append(parts, p.String())
		}
	}
	return strings.Join(parts, ", ")
}
