package reach

import (
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// relayedSet is relayed for all connections: those that some relay makes.
func (n *Network) relayedSet(from, to Place) Reach {
	if to.Of == nil || same(from, to) && to.Kind != Workload {
		return Reach{}
	}
	var out Reach
	for _, r := range n.relays[to.Of.Meta().ID] {
		out = out.or(n.over(from, r, nil))
	}
	return out
}

// over is what gets through one relay.
func (n *Network) over(from Place, r *relay, seen []*place) Reach {
	if len(seen) >= maxRelays || slices.Contains(seen, r.front) {
		return Reach{}
	}
	one := flow.Ports(r.out.Protocol, r.out.Port, r.out.Port)
	if r.leg == client || !r.sources.Empty() { // the addresses of both halves are put together
		return reachOf(n.overClient(from, r, seen), r.out)
	}
	leg := n.legSet(from, r)
	if leg.nothing() {
		return Reach{}
	}
	at := n.arrives(from, r.front, r.in, seen)
	if r.secret && from.Kind != CDN {
		at.any = at.cdn
	}
	for i := range r.hops {
		at.any = at.any.And(r.hops[i].Pass)
	}
	switch at.any {
	case estate.Yes:
		return leg
	case estate.Maybe:
		return Reach{May: leg.May, Refused: leg.Refused}
	}
	return Reach{}.only(one)
}

func (n *Network) overClient(from Place, r *relay, seen []*place) []way {
	fronts := []way{{}}
	if r.front.Of != from.Of {
		fronts = n.search(from, r.front.Place, r.in, (&trail{by: seen}).and(r.front))
	}
	legs := n.legs(r, from)
	var out []way
	for i := range fronts {
		for j := range legs {
			out = append(out, n.joined(&fronts[i], r, &legs[j], from))
		}
	}
	return out
}

// arrival says whether a connection arrives at a front at all, and whether it
// does through CloudFront.
type arrival struct{ any, cdn estate.Truth }

type arrivalKey struct {
	from  string
	front *place
	in    flow.Conn
	seen  string
}

// arrives is what relays ask again and again: one front serves many.
func (n *Network) arrives(from Place, front *place, in flow.Conn, seen []*place) arrival {
	if front.Of == from.Of {
		return arrival{any: estate.Yes}
	}
	k := arrivalKey{from: from.String(), front: front, in: in}
	for _, s := range seen {
		k.seen += s.String() + " "
	}
	if got, ok := n.cache.fronts.Load(k); ok {
		return got.(arrival)
	}
	r := n.directSet(from, front.Place)
	a := arrival{any: r.Of(in)}
	for _, before := range n.relays[front.Of.Meta().ID] {
		if before.out != in {
			continue
		}
		r := n.over(from, before, append(slices.Clone(seen), front))
		a.any = a.any.Or(r.Of(in))
		if before.front.Kind == CDN {
			a.cdn = a.cdn.Or(r.Of(in))
		}
	}
	n.cache.fronts.Store(k, a)
	return a
}

// legSet is legs for the one connection that a relay makes. It is the same for
// all sources, unless the client's addresses are those that arrive.
func (n *Network) legSet(from Place, r *relay) Reach {
	own := r.service != nil && r.service.Spec.ExternalTrafficPolicy == "Local" && !from.Addrs.Empty()
	if own {
		return reachOf(n.legs(r, from), r.out)
	}
	if got, ok := n.cache.legs.Load(r); ok {
		return got.(Reach)
	}
	one := flow.Ports(r.out.Protocol, r.out.Port, r.out.Port)
	var out Reach
	switch r.leg {
	case packets:
		out = n.sentSet(r.front.Place, r.to.Place).only(one)
	default:
		out = reachOf(n.legs(r, from), r.out)
	}
	n.cache.legs.Store(r, out)
	return out
}
