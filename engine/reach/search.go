package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Bounds of the search. Real estates have two or three relays one behind the
// other (CDN, load balancer, node port), and few ways at each.
const (
	maxRelays  = 6   // one behind the other
	maxStopped = 40  // ways that are stopped, at each step
	maxOpen    = 400 // ways that pass, and ways that may
)

// search returns all ways from one place to another: direct ones, and those
// through everything that sends connections on, none of them twice on one way.
func (n *Network) search(from, to Place, c flow.Conn, seen *trail) []way {
	return n.best(append(n.direct(from, to, c), n.relayed(from, to, c, seen)...))
}

// trail is what a search has come by, from the destination on.
type trail struct {
	by     []*place
	inside bool // what faces the internet is passed over
}

func (t *trail) and(p *place) *trail {
	return &trail{append(slices.Clone(t.by), p), t.inside}
}

// passes says whether a search goes on through a front.
func (n *Network) passes(t *trail, front *place) bool {
	return !slices.Contains(t.by, front) && !(t.inside && n.facesInternet(front))
}

// facesInternet says whether the internet may reach what takes requests in for
// others.
func (n *Network) facesInternet(front *place) bool {
	switch front.Of.(type) {
	case *estate.LoadBalancer, *estate.ClassicLB:
		i := n.aws.Of(front.Of)
		return i != nil && i.Public4.Or(i.Public6) == estate.Yes
	}
	return front.Kind == CDN
}

// relayed are the ways through relays.
func (n *Network) relayed(from, to Place, c flow.Conn, seen *trail) []way {
	if to.Of == nil || len(seen.by) >= maxRelays {
		return nil
	}
	type entrance struct {
		front *place
		in    flow.Conn
	}
	entered := map[entrance][]way{} // many relays have one front
	var out []way
	for _, r := range n.relays[to.Of.Meta().ID] {
		if r.out != c || !n.passes(seen, r.front) {
			continue
		}
		at := entrance{r.front, r.in}
		fronts, known := entered[at]
		switch {
		case known:
		case r.front.Of == from.Of:
			fronts = []way{{}}
		default:
			fronts = n.search(from, r.front.Place, r.in, seen.and(r.front))
		}
		entered[at] = fronts
		out = append(out, n.allJoined(fronts, r, n.legs(r, from), from, maxOpen>>len(seen.by))...)
	}
	return n.best(out)
}

// allJoined joins every way to a relay's front with every way on, those that
// are best first and no more than a limit of each answer: relays one behind the
// other, each in several zones, multiply.
func (n *Network) allJoined(fronts []way, r *relay, legs []way, from Place, limit int) []way {
	var out []way
	left := [...]int{estate.No: min(limit, maxStopped), estate.Maybe: limit, estate.Yes: limit}
	for i := range fronts {
		for j := range legs {
			if left[estate.Yes] == 0 {
				return out
			}
			w := n.joined(&fronts[i], r, &legs[j], from)
			if pass := w.Pass(); left[pass] > 0 {
				left[pass]--
				out = append(out, w)
			}
		}
	}
	return out
}

// joined is a way to a relay's front, the relay, and a way on from there.
func (n *Network) joined(f *way, r *relay, l *way, from Place) way {
	between := r.hops
	if r.secret && f.through != CDN && from.Kind != CDN {
		between = slices.Clone(between)
		stop := &between[0]
		stop.Pass = estate.No
		stop.Says += ", which CloudFront adds: this does not come through CloudFront"
		stop.Open = "send requests on without asking for that header"
	}
	w := way{Way: flow.Way{Family: f.Family, Hops: slices.Concat(f.Hops, between, l.Hops), Sources: f.Sources}, admitted: l.admitted, through: r.front.Kind}
	if f.Sources.Empty() {
		w.Sources = l.Sources
	}
	if !r.sources.Empty() {
		w = n.fromSources(w, f, r, from)
	}
	if r.leg == client && !f.Sources.Empty() && !l.Sources.Empty() {
		w.Sources = f.Sources.Intersect(l.Sources)
		if w.Sources.Empty() && w.Pass() != estate.No {
			w.Hops = append(w.Hops, flow.Hop{Kind: flow.SecurityGroup, Says: fmt.Sprintf("the addresses that reach %s and those that %s lets in have none in common", r.front, r.to)})
		}
	}
	return w
}

// fromSources is a way through a listener rule that takes requests of some
// addresses alone (source_ip).
func (n *Network) fromSources(w way, f *way, r *relay, from Place) way {
	known := f.Sources
	if known.Empty() {
		known = from.Addrs
	}
	inside := false
	if known.Empty() && from.Of != nil && !slices.ContainsFunc(f.Hops, func(h flow.Hop) bool { return h.Kind == flow.Gateway }) {
		if i := n.aws.Of(from.Of); i != nil {
			known, inside = n.addrs(i), true // of which it has one
		}
	}
	w.Hops = slices.Clone(w.Hops)
	rule := &w.Hops[len(f.Hops)]
	switch {
	case f.through == CDN, known.Empty() && r.front.Of != from.Of, inside && known.Overlaps(r.sources) && !r.sources.Holds(known):
		rule.Pass = rule.Pass.And(estate.Maybe)
		rule.Why = "which address the requests come from is not judged"
	case known.Empty():
	case !known.Overlaps(r.sources):
		rule.Pass, rule.Says = estate.No, rule.Says+", and these come from "+known.String()
		rule.Open = "add " + known.String() + " to its source_ip"
	case !inside:
		w.Sources = known.Intersect(r.sources)
	}
	return w
}

// best sorts ways: those that pass first, then those that may, then those that
// are stopped: those first that changes would open, by the fewest hops that
// stop. The same way is there once, and of very many only the first, of those
// through relays and of the others.
func (n *Network) best(ways []way) []way {
	type keyed struct {
		way
		pass   estate.Truth
		closed int // 1 where no change opens it
		stop   int // hops that stop
		text   string
	}
	all := make([]keyed, 0, len(ways))
	for _, w := range ways {
		k := keyed{way: w, pass: w.Pass()}
		var b strings.Builder
		fmt.Fprint(&b, w.Family, w.Sources)
		for i := range w.Hops {
			if w.Hops[i].Pass == estate.No {
				k.stop++
				if w.Hops[i].Open == "" {
					k.closed = 1
				}
			}
			fmt.Fprint(&b, "\x00", w.Hops[i].Pass, w.Hops[i].Says)
		}
		k.text = b.String()
		all = append(all, k)
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		// what goes through no relay comes first: its through is empty
		return cmp.Or(cmp.Compare(b.pass, a.pass), cmp.Compare(a.closed, b.closed), cmp.Compare(a.stop, b.stop), cmp.Compare(len(a.through), len(b.through)), cmp.Compare(len(a.Hops), len(b.Hops)), cmp.Compare(a.Family, b.Family), strings.Compare(a.text, b.text))
	})
	out := ways[:0:0]
	// Ways through relays are many where the front door is one of them, and must
	// not crowd out those that lead there straight.
	limits := [2][3]int{}
	for i := range limits {
		limits[i] = [...]int{estate.No: maxStopped, estate.Maybe: maxOpen, estate.Yes: maxOpen}
	}
	for i, k := range all {
		limit := &limits[min(len(k.through), 1)]
		if i > 0 && k.text == all[i-1].text || limit[k.pass] == 0 {
			continue
		}
		limit[k.pass]--
		out = append(out, k.way)
	}
	return out
}
