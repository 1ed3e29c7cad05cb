package vpc

import (
	"cmp"
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// joined is a path with the interfaces at its ends: nil for an outside.
type joined struct {
	*path
	src, dst *Interface
}

// all returns every path between two ends.
func (n *Network) all(src, dst End) []joined {
	var out []joined
	add := func(ps []*path, a, b *Interface) {
		for _, p := range ps {
			out = append(out, joined{p, a, b})
		}
	}
	switch {
	case src.iface == nil && dst.iface == nil:
	case src.iface == nil:
		add(n.fromOutside(src, dst.iface), nil, dst.iface)
	case dst.iface == nil:
		add(n.toOutside(src.iface, dst), src.iface, nil)
	default:
		for _, s := range src.iface.spots {
			for _, d := range dst.iface.spots {
				for f := v4; f <= v6; f++ {
					add(n.privatePaths(s, d, f), src.iface, dst.iface)
				}
			}
		}
		for f := v4; f <= v6; f++ {
			add(n.overInternet(src.iface, dst.iface, f), src.iface, dst.iface)
		}
	}
	return out
}

// overInternet returns the paths by which an interface reaches the public
// address of another: out, and in again.
func (n *Network) overInternet(src, dst *Interface, f int) []*path {
	if dst.public4or6(f) == estate.No {
		return nil
	}
	var out []*path
	for _, o := range n.toPublic(src, dst, f) {
		for k := range dst.spots {
			if in := n.fromInternet(dst, k, f, o.dom[srcPublic]); in != nil {
				p := &path{f: f, dom: o.dom, gates: append(append([]gate{}, o.gates...), in.gates...)}
				p.dom[srcPublic], p.dom[dstPrivate] = in.dom[srcPublic], in.dom[dstPrivate]
				out = append(out, p.done())
			}
		}
	}
	return out
}

// toPublic returns the outward half of these paths, without those that cannot
// leave the VPC at all.
func (n *Network) toPublic(src, dst *Interface, f int) []*path {
	set := flow.Public().Family(family(f))
	if f == v4 && !dst.PublicAddrs.Empty() {
		set = dst.PublicAddrs
	}
	dom := domain{addrs: set, name: "the public address of " + dst.Name}
	var out []*path
	for k := range src.spots {
		for _, p := range n.outward(src, k, f, dom) {
			if p.leavesByInternet() {
				out = append(out, p)
			}
		}
	}
	return out
}

// leavesByInternet reports whether a path has more than a missing route.
func (p *path) leavesByInternet() bool {
	for k := range p.fixed {
		if p.fixed[k] == nil {
			continue
		}
		if _, may := p.fixed[k].sum(true); may.Empty() {
			return false
		}
	}
	return true
}

func (i *Interface) public4or6(f int) estate.Truth {
	if f == v4 {
		return i.Public4
	}
	return i.Public6
}

// Ways returns every way of a connection from src to dst: those that pass
// first, then those that may, then those that are stopped, each with the hop
// that stops it. There is always at least one. Of two outsides nothing is
// known: the one way is a Maybe that says so.
func (n *Network) Ways(src, dst End, c flow.Conn) []flow.Way {
	var out []flow.Way
	for _, j := range n.all(src, dst) {
		w := j.way(j.src, j.dst, c)
		if j.dst != nil && j.dst.deaf != "" {
			w.Hops = append(w.Hops, flow.Hop{Kind: flow.Address, Of: j.dst.Of, At: j.dst.Of.Meta().Pos, Says: j.dst.deaf})
			w.Sources = flow.Addrs{}
		}
		out = append(out, w)
	}
	if len(out) == 0 {
		out = append(out, n.noWay(src, dst))
	}
	slices.SortStableFunc(out, func(a, b flow.Way) int { return cmp.Compare(b.Pass(), a.Pass()) })
	return out
}

// noWay is the way between ends that share no family of addresses, or are both
// outside.
func (n *Network) noWay(src, dst End) flow.Way {
	h := flow.Hop{Kind: flow.Address, Says: src.name + " and " + dst.name + " have no addresses of one family"}
	switch {
	case src.iface == nil && dst.iface == nil:
		h.Pass, h.Says, h.Why = estate.Maybe, "both ends are outside", "what happens outside the estate is not judged"
	case src.addrs.Empty() && src.iface == nil, dst.addrs.Empty() && dst.iface == nil:
		h.Says = "there is no address to speak of"
	case src.iface == nil && dst.iface != nil: // pods, and what has IPv4 alone for callers with IPv6
		h.Says = "packets from " + src.name + " cannot be addressed to " + dst.name
	}
	return flow.Way{Hops: []flow.Hop{h}}
}
