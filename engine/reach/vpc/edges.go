package vpc

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"

	"fathom/engine/reach/flow"
)

// edges are the addresses at which a range begins, or the next after it ends,
// in any rule, ACL or route, ascending. Two addresses with no edge between them
// are treated alike by everything, so that a thousand instances whose addresses
// are known need not be told apart a million times.
type edges []netip.Addr

func (n *Network) findEdges() {
	seen := map[netip.Addr]bool{}
	add := func(a flow.Addrs) {
		for _, p := range a.Prefixes() {
			seen[p.Addr()] = true
			if next := lastOf(p).Next(); next.IsValid() {
				seen[next] = true
			}
		}
	}
	for _, g := range n.groups {
		for _, rules := range g.rules {
			for _, r := range rules {
				add(r.addrs)
			}
		}
	}
	for _, s := range n.subnets {
		for _, rules := range s.acl.rules {
			for i := range rules {
				add(rules[i].addrs)
			}
		}
		for _, r := range s.table.routes {
			add(r.dest)
		}
	}
	for _, all := range n.transit.attachments {
		for _, a := range all {
			for i := range a.table.routes {
				add(a.table.routes[i].dest)
			}
		}
	}
	for _, v := range n.vpcs {
		add(v.addrs[v4])
		add(v.addrs[v6])
	}
	for a := range seen {
		n.edges = append(n.edges, a)
	}
	slices.SortFunc(n.edges, netip.Addr.Compare)
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// class names what a set of addresses is treated as: one address by the edges
// around it, several by themselves.
func (e edges) class(a flow.Addrs) string {
	ps := a.Prefixes()
	if len(ps) != 1 || !ps[0].IsSingleIP() {
		return fmt.Sprint(ps)
	}
	x := ps[0].Addr()
	return strconv.Itoa(sort.Search(len(e), func(i int) bool { return x.Less(e[i]) }))
}
