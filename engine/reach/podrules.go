package reach

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/mesh"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

// policyHops are what NetworkPolicies say of a connection: the hops before the
// network (egress of the source) and those after it (ingress of the destination).
func (n *Network) policyHops(a, b *end, c flow.Conn) (before, after []flow.Hop) {
	if a.pod == nil && b.pod == nil {
		return nil, nil
	}
	hops := slices.Clone(n.pol.Hops(a.peer, b.peer, c))
	for i := range hops {
		n.soften(&hops[i])
	}
	if a.pod == nil || b.pod == nil {
		n.someOf(hops, a, b, c)
	}
	if a.pod != nil && len(hops) > 0 {
		return hops[:1], hops[1:]
	}
	return nil, hops
}

// soften makes of a policy that stops packets one that may, where it is not
// known that anything enforces it.
func (n *Network) soften(h *flow.Hop) {
	if h.Pass == estate.No && n.enf.yes != estate.Yes {
		h.Pass, h.Why = estate.Maybe, n.enf.why
		h.Says += ", if anything enforces it"
	}
}

// someOf looks at the end that is no pod. Where it has one address of several
// that a policy tells apart, the connection only may pass.
func (n *Network) someOf(hops []flow.Hop, a, b *end, c flow.Conn) {
	other := a
	if a.pod != nil {
		other = b
	}
	if other.any || other.peer.Addrs.Empty() {
		return
	}
	if yes, _ := n.pol.Addrs(a.peer, b.peer, c); yes.Holds(other.peer.Addrs) {
		return
	}
	for i := range hops {
		if hops[i].Pass == estate.Yes && hops[i].Of != nil {
			hops[i].Pass, hops[i].Why = estate.Maybe, "of the addresses that "+other.place.String()+" may have, the policy names a part"
		}
	}
}

// policySet is policyHops for all connections at once.
func (n *Network) policySet(a, b *end) Reach {
	if a.pod == nil && b.pod == nil {
		return sure(flow.AllConns())
	}
	var out Reach
	if other := b; a.pod == nil || b.pod == nil {
		if a.pod == nil {
			other = a
		}
		out = n.outsideSet(a, b, other)
	} else {
		yes, maybe := n.pol.Conns(a.peer, b.peer)
		out = Reach{Sure: yes, May: yes.Union(maybe)}
	}
	if n.enf.yes != estate.Yes {
		out.May = flow.AllConns()
	}
	return out
}

// outsideSet asks about each range of the other end's addresses that policies
// tell apart: the connection is sure where all let it pass, unless the place
// is all of the addresses, when one is enough.
func (n *Network) outsideSet(a, b, other *end) Reach {
	if other.any || other.peer.Addrs.Empty() {
		yes, maybe := n.pol.Conns(a.peer, b.peer)
		return Reach{Sure: yes, May: yes.Union(maybe)}
	}
	out := Reach{Sure: flow.AllConns()}
	for _, atom := range n.split(other) {
		src, dst := a.peer, b.peer
		if other == a {
			src = netpol.Peer{Addrs: atom, Node: src.Node}
		} else {
			dst = netpol.Peer{Addrs: atom, Node: dst.Node}
		}
		yes, maybe := n.pol.Conns(src, dst)
		out.Sure, out.May = out.Sure.Intersect(yes), out.May.Union(yes).Union(maybe)
	}
	return out
}

// split is what an end's addresses are cut into.
func (n *Network) split(e *end) []flow.Addrs {
	k := e.id
	if k == nil {
		k = e.peer.Addrs.String()
	}
	if got, ok := n.cache.splits.Load(k); ok {
		return got.([]flow.Addrs)
	}
	parts := split(e.peer.Addrs, n.atoms)
	n.cache.splits.Store(k, parts)
	return parts
}

// split cuts a set into the parts that lie inside or outside each block.
func split(set flow.Addrs, blocks []flow.Addrs) []flow.Addrs {
	parts := []flow.Addrs{set}
	for _, b := range blocks {
		if !b.Overlaps(set) || b.Holds(set) {
			continue
		}
		var next []flow.Addrs
		for _, p := range parts {
			for _, q := range []flow.Addrs{p.Intersect(b), p.Minus(b)} {
				if !q.Empty() {
					next = append(next, q)
				}
			}
		}
		parts = next
	}
	return parts
}

// blocks are the ranges that NetworkPolicies name, the smaller ones last.
func blocks(e *estate.Estate) []flow.Addrs {
	var all []netip.Prefix
	add := func(cidr string) {
		if p, err := netip.ParsePrefix(cidr); err == nil {
			all = append(all, p.Masked())
		}
	}
	for _, p := range estate.All[*estate.NetworkPolicy](e) {
		for i := range p.Spec.Ingress {
			for _, peer := range p.Spec.Ingress[i].From {
				if peer.IPBlock != nil {
					add(peer.IPBlock.CIDR)
					for _, x := range peer.IPBlock.Except {
						add(x)
					}
				}
			}
		}
		for i := range p.Spec.Egress {
			for _, peer := range p.Spec.Egress[i].To {
				if peer.IPBlock != nil {
					add(peer.IPBlock.CIDR)
					for _, x := range peer.IPBlock.Except {
						add(x)
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int { return a.Compare(b) })
	all = slices.Compact(all)
	out := make([]flow.Addrs, 0, len(all))
	for _, p := range all {
		out = append(out, flow.FromPrefix(p))
	}
	return out
}

// meshHops are what the mesh says of requests on a connection, and its verdict. The mesh takes TCP alone (Istio documentation, "Protocol selection").
func (n *Network) meshHops(a, b *end, c flow.Conn) ([]flow.Hop, admitted) {
	if b.w == nil || c.Protocol != flow.TCP || !n.mesh.Declared() {
		return nil, admitted{}
	}
	v := n.mesh.Admits(a.caller(), b.w, c.Port, mesh.Detect)
	return v.Hops, admitted{v.What, v.Bypass}
}

// meshed takes out of a set what the mesh refuses. Rules tell ports apart by
// the numbers that they name and that workloads declare; all other ports are
// alike.
func (n *Network) meshed(a, b *end, r Reach) Reach {
	if b.w == nil || !n.mesh.Declared() || r.May.Empty() {
		return r
	}
	ports := slices.Clone(n.told)
	for _, c := range n.Ports(b.place) {
		ports = append(ports, c.Port)
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	rest := flow.Ports(flow.TCP, 0, 65535)
	decide := func(port int, of flow.Conns) {
		if of = of.Intersect(r.May); of.Empty() {
			return
		}
		switch v := n.mesh.Admits(a.caller(), b.w, port, mesh.Detect); {
		case v.Admits == estate.No:
			r.Sure, r.May, r.Refused = r.Sure.Minus(of), r.May.Minus(of), r.Refused.Union(of)
		case v.Admits == estate.Maybe:
			r.Sure = r.Sure.Minus(of)
		}
	}
	other := 65535
	for _, p := range ports {
		one := flow.Ports(flow.TCP, p, p)
		rest = rest.Minus(one)
		decide(p, one)
	}
	for slices.Contains(ports, other) {
		other--
	}
	decide(other, rest)
	return r
}

// portsTold are the ports that the mesh's rules and annotations name.
func portsTold(e *estate.Estate) []int {
	var out []int
	add := func(text string) {
		for _, f := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
			if p, err := strconv.Atoi(f); err == nil && p > 0 && p < 65536 {
				out = append(out, p)
			}
		}
	}
	for _, p := range estate.All[*estate.AuthorizationPolicy](e) {
		for _, r := range p.Spec.GetRules() {
			for _, t := range r.GetTo() {
				add(strings.Join(t.GetOperation().GetPorts(), ","))
				add(strings.Join(t.GetOperation().GetNotPorts(), ","))
			}
			for _, w := range r.GetWhen() {
				if w.GetKey() == "destination.port" {
					add(strings.Join(w.GetValues(), ","))
					add(strings.Join(w.GetNotValues(), ","))
				}
			}
		}
	}
	for _, p := range estate.All[*estate.PeerAuthentication](e) {
		for port := range p.Spec.GetPortLevelMtls() {
			out = append(out, int(port))
		}
	}
	for _, w := range estate.All[*estate.Workload](e) {
		for _, k := range []string{"includeInboundPorts", "excludeInboundPorts", "includeOutboundPorts", "excludeOutboundPorts"} {
			add(w.PodAnnotations["traffic.sidecar.istio.io/"+k])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
