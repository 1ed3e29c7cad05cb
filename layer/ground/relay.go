package ground

import (
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// relays are the distributions and load balancers that a way leads through, in
// its order. A listener's rule stands for its load balancer; target groups and
// what binds pods to them are inside one.
func relays(e *estate.Estate, hops []flow.Hop) []estate.Resource {
	var out []estate.Resource
	add := func(r estate.Resource) {
		if !slices.ContainsFunc(out, func(o estate.Resource) bool { return o.Meta().ID == r.Meta().ID }) {
			out = append(out, r)
		}
	}
	for i := range hops {
		if k := hops[i].Kind; k != flow.CDN && k != flow.LoadBalancer {
			continue
		}
		switch r := hops[i].Of.(type) {
		case *estate.Distribution, *estate.LoadBalancer, *estate.ClassicLB, *estate.Ingress, *estate.Service, *estate.Gateway:
			add(r)
		case *estate.Listener:
			for _, lb := range estate.To(e, r.LoadBalancer) {
				add(lb)
			}
		case *estate.ListenerRule:
			for _, l := range estate.To(e, r.Listener) {
				for _, lb := range estate.To(e, l.LoadBalancer) {
					add(lb)
				}
			}
		}
	}
	return out
}

// sameRelays says whether two ways lead through the same doors: what stands
// there, such as a web ACL, is no hop of either.
func sameRelays(a, b *Way) bool {
	return slices.EqualFunc(a.Relays, b.Relays, func(x, y estate.Resource) bool { return x.Meta().ID == y.Meta().ID })
}
