package vpc

import (
	"strings"
	"sync"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Conns returns the connections from src to dst that surely get through on
// some way, and those that may, the former included. It is Ways for all
// connections at once.
func (n *Network) Conns(src, dst End) (yes, maybe flow.Conns) {
	a, b := src.iface, dst.iface
	switch {
	case a == nil && b == nil:
		return flow.Conns{}, flow.AllConns()
	case b != nil && b.deaf != "":
		return flow.Conns{}, flow.Conns{}
	case a == nil || b == nil:
		for _, j := range n.all(src, dst) {
			s, m := j.conns(j.src, j.dst, &named{})
			yes, maybe = yes.Union(s), maybe.Union(m)
		}
		return yes, maybe
	}
	names := nameEachOther(a, b)
	for f := v4; f <= v6; f++ {
		for _, s := range a.spots {
			for _, d := range b.spots {
				if f == v6 && (s.six == estate.No || d.six == estate.No) {
					continue
				}
				for _, p := range n.private(s, d, f) {
					x, y := p.conns(a, b, &names)
					yes, maybe = yes.Union(x), maybe.Union(y)
				}
			}
		}
		x, y := n.connsOverInternet(a, b, f)
		yes, maybe = yes.Union(x), maybe.Union(y)
	}
	return yes, maybe
}

// halves remembers the two halves of the paths between interfaces over the
// internet: out depends on the source and the addresses it sends to, in on the
// destination and the addresses it is sent from. Mostly neither address is
// known, and there is one of each.
type halves struct {
	mu  sync.Mutex
	out map[halfKey][]outHalf
	in  map[halfKey]passes
}

type halfKey struct {
	f     int
	addrs string // "" where they are not known
}

type outHalf struct {
	passes
	from domain // the addresses that the destination sees
}

func keyOfAddrs(f int, a flow.Addrs) halfKey {
	if a.Equal(flow.Public().Family(family(f))) {
		return halfKey{f: f}
	}
	var b strings.Builder
	for _, p := range a.Prefixes() {
		b.WriteString(p.String() + " ")
	}
	return halfKey{f, b.String()}
}

// connsOverInternet is overInternet for all connections at once.
func (n *Network) connsOverInternet(src, dst *Interface, f int) (yes, maybe flow.Conns) {
	if dst.public4or6(f) == estate.No {
		return yes, maybe
	}
	for _, o := range n.outHalves(src, dst, f) {
		i := n.inHalf(dst, f, o.from)
		yes, maybe = yes.Union(o.sure.Intersect(i.sure)), maybe.Union(o.may.Intersect(i.may))
	}
	return yes, maybe
}

func (n *Network) outHalves(src, dst *Interface, f int) []outHalf {
	key := halfKey{f: f}
	if f == v4 && !dst.PublicAddrs.Empty() {
		key = keyOfAddrs(f, dst.PublicAddrs)
	}
	src.halves.mu.Lock()
	defer src.halves.mu.Unlock()
	if got, ok := src.halves.out[key]; ok {
		return got
	}
	out := []outHalf{}
	for _, p := range n.toPublic(src, dst, f) {
		sure, may := p.conns(src, nil, &named{})
		out = append(out, outHalf{passes{sure, may}, p.dom[srcPublic]})
	}
	if src.halves.out == nil {
		src.halves.out = map[halfKey][]outHalf{}
	}
	src.halves.out[key] = out
	return out
}

func (n *Network) inHalf(dst *Interface, f int, from domain) passes {
	key := keyOfAddrs(f, from.addrs)
	dst.halves.mu.Lock()
	defer dst.halves.mu.Unlock()
	if got, ok := dst.halves.in[key]; ok {
		return got
	}
	var all passes
	for k := range dst.spots {
		if p := n.fromInternet(dst, k, f, from); p != nil {
			sure, may := p.done().conns(nil, dst, &named{})
			all = passes{all.sure.Union(sure), all.may.Union(may)}
		}
	}
	if dst.halves.in == nil {
		dst.halves.in = map[halfKey]passes{}
	}
	dst.halves.in[key] = all
	return all
}
