package reach

import (
	"slices"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// way is a flow.Way and which requests the mesh lets in at its end.
type way struct {
	flow.Way
	admitted
	through PlaceKind // what the last relay on it is
}

// admitted is what the mesh lets in at the end of a way, in words; empty where
// no mesh decides.
type admitted struct{ requests, bypass string }

func hops(h ...flow.Hop) way { return way{Way: flow.Way{Hops: h}} }

// pos is where a resource begins, nowhere for none.
func pos(r estate.Resource) diag.Pos {
	if r == nil {
		return diag.Pos{}
	}
	return r.Meta().Pos
}

// direct returns the ways of packets from one place to another without
// anything in between that takes requests in and sends them on.
func (n *Network) direct(from, to Place, c flow.Conn) []way {
	if sendsOn(from) {
		return []way{hops(flow.Hop{Kind: flow.LoadBalancer, Of: from.Of, At: pos(from.Of), Says: from.String() + " sends requests on to what stands behind it, and to nothing else"})}
	}
	return n.sent(from, to, c)
}

// sendsOn says whether a place begins no connections of its own: what takes
// requests in for others.
func sendsOn(p Place) bool { return p.Kind == Balancer || p.Kind == CDN }

// sent is direct, also from what sends requests on.
func (n *Network) sent(from, to Place, c flow.Conn) []way {
	var out []way
	for _, p := range n.parts(from, to) {
		out = append(out, n.partWays(&p, to, c)...)
	}
	if h := n.closed(to, c); h != nil {
		for i := range out {
			out[i].Hops = append(out[i].Hops, *h)
		}
	}
	return out
}

// between are the ways from one end to another: the source's NetworkPolicies,
// the network, the destination's NetworkPolicies, the mesh.
func (n *Network) between(a, b *end, c flow.Conn) []way {
	before, after := n.policyHops(a, b, c)
	last, what := n.meshHops(a, b, c)
	var out []way
	for _, w := range n.carried(a, b, c) {
		all := slices.Concat(before, w.Hops, after, last)
		out = append(out, way{Way: flow.Way{Family: w.Family, Hops: all, Sources: w.Sources}, admitted: what})
	}
	return n.sources(out, a, b, c)
}

// sources narrows the addresses of a range that get through to those that
// NetworkPolicies let in as well. Where none is left, the way is stopped.
func (n *Network) sources(ways []way, a, b *end, c flow.Conn) []way {
	if b.pod == nil || a.peer.Addrs.Empty() || !a.any && a.place.Kind != CIDR {
		return ways
	}
	yes, maybe := n.pol.Addrs(a.peer, b.peer, c)
	if n.enf.yes != estate.Yes {
		maybe = a.peer.Addrs
	}
	for i := range ways {
		s := ways[i].Sources
		if s.Empty() {
			continue
		}
		ways[i].Sources = s.Intersect(yes.Union(maybe))
		if pass := ways[i].Pass(); pass == estate.No || s.Overlaps(yes) {
			continue
		}
		h := flow.Hop{Kind: flow.NetworkPolicy, Pass: estate.Maybe, Says: "NetworkPolicies may stop the addresses that get this far: " + s.String(), Why: "which addresses NetworkPolicies let in is not known"}
		if ways[i].Sources.Empty() {
			h = flow.Hop{Kind: flow.NetworkPolicy, Says: "NetworkPolicies let in none of the addresses that get this far: " + s.String()}
		}
		ways[i].Hops = append(ways[i].Hops, h)
	}
	return ways
}

// carried are the ways through the network below NetworkPolicies and the mesh.
func (n *Network) carried(a, b *end, c flow.Conn) []flow.Way {
	if a.w != nil && b.w != nil && !a.known && !b.known {
		// all pods reach each other unless something is in the way (Kubernetes
		// documentation, "Cluster Networking"), and nothing of it was read
		return []flow.Way{{}}
	}
	if unaddressed(a, b) {
		return []flow.Way{{Hops: []flow.Hop{{Kind: flow.Address, Of: b.w, At: b.w.Pos, Says: "the pods of " + b.place.String() + " have no public address of their own"}}}}
	}
	ra, rb := a.runsOn(), b.runsOn()
	if !a.known || !b.known {
		return []flow.Way{{Hops: slices.Concat(ra, rb)}}
	}
	var ways []flow.Way
	if rest, public, split := podSources(a, b); split {
		if !rest.Empty() {
			ways = append(ways, n.aws.Ways(vpc.Outside(a.place.label(), rest), b.at, c)...)
		}
		if !public.Empty() {
			ways = append(ways, flow.Way{Family: 4, Hops: []flow.Hop{{Kind: flow.Address, Of: b.w, At: b.w.Pos, Says: "the pods of " + b.place.String() + " have no public address of their own"}}})
		}
	} else {
		ways = slices.Clone(n.standing(a, b, c))
	}
	for i := range ways {
		ways[i].Hops = slices.Concat(ra, ways[i].Hops, rb)
	}
	if h, ok := sameNode(a, b); ok && !slices.ContainsFunc(ways, func(w flow.Way) bool { return w.Pass() == estate.Yes }) {
		ways = append(ways, flow.Way{Hops: slices.Concat(ra, []flow.Hop{h}, rb)})
	}
	return ways
}

// standing are the network's ways between two ends. Those between pods are the
// same for all that stand alike.
func (n *Network) standing(a, b *end, c flow.Conn) []flow.Way {
	if a.stand == nil || b.stand == nil {
		return n.aws.Ways(a.at, b.at, c)
	}
	k := [3]any{a.at.Interface(), b.at.Interface(), c}
	if got, ok := n.cache.stood.Load(k); ok {
		return got.([]flow.Way)
	}
	ways := n.aws.Ways(a.at, b.at, c)
	n.cache.stood.Store(k, ways)
	return ways
}

// carriedSet is carried for all connections at once.
func (n *Network) carriedSet(a, b *end) Reach {
	if a.w != nil && b.w != nil && !a.known && !b.known {
		return sure(flow.AllConns())
	}
	if unaddressed(a, b) {
		return Reach{}
	}
	if !a.known || !b.known {
		return perhaps(flow.AllConns())
	}
	key := pair{a.id, b.id}
	if a.w == nil || b.w == nil {
		key = pair{[2]any{a.id, a.place.Kind}, [2]any{b.id, b.place.Kind}}
	}
	r, ok := n.cache.carried(key)
	if !ok {
		at := a.at
		rest, _, split := podSources(a, b)
		if split {
			at = vpc.Outside(a.place.label(), rest)
		}
		if !split || !rest.Empty() {
			yes, maybe := n.aws.Conns(at, b.at)
			r = Reach{Sure: yes, May: maybe}
		}
		n.cache.keep(key, r)
	}
	if h, ok := sameNode(a, b); ok {
		if h.Pass == estate.Yes {
			r = sure(flow.AllConns())
		} else {
			r.May = flow.AllConns()
		}
	}
	if a.why != "" || b.why != "" {
		r.Sure = flow.Conns{}
	}
	return r
}

// unaddressed says whether packets from public addresses are for pods whose
// network is not in what was read. Pods' own addresses are taken to be the
// cluster's own, which nothing outside can address, unless the files show
// otherwise.
func unaddressed(a, b *end) bool {
	return b.w != nil && !b.known && !b.w.Pod.HostNetwork && a.w == nil && a.known && a.at.Interface() == nil && flow.Public().Holds(a.peer.Addrs)
}

// podSources takes the public IPv4 addresses out of the addresses outside that
// ask for pods: packets cannot be addressed to pods from there. split is false
// where the source is no address outside, or the pods use the node's network.
func podSources(a, b *end) (rest, public flow.Addrs, split bool) {
	if b.stand == nil || b.stand.host || a.at.Interface() != nil || a.stand != nil {
		return flow.Addrs{}, flow.Addrs{}, false
	}
	public = a.peer.Addrs.Intersect(flow.Public().Family(4))
	return a.peer.Addrs.Minus(public), public, true
}

// sameNode is the way between pods that run on one node, which no security
// group filters: the packets do not leave it. Pods with groups of their own
// are filtered there too.
func sameNode(a, b *end) (flow.Hop, bool) {
	if a.stand == nil || b.stand == nil || a.stand.fargate != nil || b.stand.fargate != nil || a.stand.own != "" || b.stand.own != "" {
		return flow.Hop{}, false
	}
	if !slices.ContainsFunc(a.stand.on, func(p *place) bool { return slices.Contains(b.stand.on, p) }) {
		return flow.Hop{}, false
	}
	h := flow.Hop{Kind: flow.Address, Pass: estate.Maybe}
	h.Says = "pods on the same node reach each other past all security groups"
	h.Why = "security groups stop them between nodes, and which pods share a node is not known"
	if everywhere(a, b) {
		h.Pass, h.Why = estate.Yes, ""
		h.Says = "a DaemonSet has a pod on the same node, which is reached past all security groups"
	}
	return h, true
}

// everywhere says whether one of the two surely has a pod wherever the other
// has one: a DaemonSet without a selector of nodes.
func everywhere(a, b *end) bool {
	one := func(e *end) bool {
		return e.w.Kind == "DaemonSet" && len(e.w.Pod.NodeSelector) == 0 && e.w.Pod.Affinity == nil && len(e.stand.on) > 0
	}
	tolerant := func(e *end) bool {
		for _, t := range e.w.Pod.Tolerations {
			if t.Key == "" && t.Operator == "Exists" {
				return true
			}
		}
		return false
	}
	return one(a) && tolerant(a) || one(b) && tolerant(b)
}
