package ground

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Way is a way from one place to another, and every guard that would have to go
// before packets get through on it and the mesh takes every request.
type Way struct {
	// Stops are those of the network, Mesh those of the mesh: a hop that lets
	// pass is in neither.
	Stops, Mesh []depth.Stop
	// Hops are the way as reach tells it, Conn the connection.
	Hops []flow.Hop
	Conn flow.Conn
	// Relays are the distributions and load balancers that it leads through, from
	// the outside in.
	Relays []estate.Resource
	// Requests says which requests the mesh lets in where it lets in some and not
	// all: "POST /charge alone"; "" otherwise. Limit is the guard that does so.
	Requests string
	Limit    []depth.Stop
	// Says tells the way in a clause: "on TCP 5432 through lb/main". At is the
	// line of its first rule.
	Says string
	At   diag.Pos
}

type ways struct{ sync.Map } // the question → []Way

// Ways are the ways from one place to another on the ports that the other
// takes: those for which nothing has to go first. Ways that no change of a rule
// opens are left out, and so is one whose guards are all on another's way too,
// through the same relays.
func (g *Ground) Ways(from, to reach.Place) []Way {
	ports := g.Net.Ports(to)
	if len(ports) == 0 {
		ports = []flow.Conn{{Protocol: flow.TCP, Port: 443}}
	}
	return g.WaysOn(from, to, ports...)
}

// WaysOn are the ways with certain connections.
func (g *Ground) WaysOn(from, to reach.Place, conns ...flow.Conn) []Way {
	key := fmt.Sprint(from.String(), " ", to.String(), " ", conns)
	if got, ok := g.ways.Load(key); ok {
		return got.([]Way)
	}
	ask := g.Net.Ask
	if !outside(from) && to.Kind == reach.Workload { // what comes by the front door the edge judges
		ask = g.Net.AskInside
	}
	var out []Way
	for _, c := range conns {
		a := ask(from, to, c)
		for i := range a.Ways {
			if w, ok := g.way(from, to, &a, &a.Ways[i]); ok {
				out = append(out, w)
			}
		}
	}
	out = least(out)
	got, _ := g.ways.LoadOrStore(key, out)
	return got.([]Way)
}

// way translates a way of reach. It is false where a hop stops that no rule
// would open.
func (g *Ground) way(from, to reach.Place, a *reach.Answer, w *flow.Way) (Way, bool) {
	if fronted(from, to, w) {
		return Way{}, false
	}
	judge := g.hops(from, to, w)
	out := Way{Hops: w.Hops, Conn: a.Conn, Says: "on " + a.Conn.String(), Relays: relays(g.Estate, w.Hops)}
	for i := range w.Hops {
		h := &w.Hops[i]
		if out.At.IsZero() {
			out.At = h.At
		}
		stop, is := judge.judge(h)
		switch is {
		case never:
			return Way{}, false
		case passes:
			continue
		}
		if h.Kind == flow.Mesh {
			out.Mesh = append(out.Mesh, stop)
			if more, ok := g.behind(to, a.Conn); ok && stop.Control == "mesh.mtls-strict" && h.Pass == estate.No {
				out.Mesh = append(out.Mesh, more)
			}
		} else {
			out.Stops = append(out.Stops, stop)
		}
	}
	for i, r := range out.Relays {
		out.Says += [...]string{" through ", " and "}[min(i, 1)] + r.Meta().ID.Addr
	}
	if a.Requests != "every request" {
		out.Requests = a.Requests
	}
	out.Stops = settled(out.Stops)
	out.Limit = g.limit(from, to, a.Conn, out.Mesh)
	out.Stops, out.Mesh, out.Limit = tidy(out.Stops), tidy(out.Mesh), tidy(out.Limit)
	return out, true
}

func authorizes(h *flow.Hop) bool {
	_, ok := h.Of.(*estate.AuthorizationPolicy)
	return ok || strings.HasPrefix(h.Says, "AuthorizationPolic")
}

// tidy sorts stops and leaves one of each guard: the surest.
func tidy(stops []depth.Stop) []depth.Stop {
	slices.SortStableFunc(stops, func(a, b depth.Stop) int {
		return cmp.Or(strings.Compare(a.Control, b.Control), strings.Compare(a.On, b.On), cmp.Compare(b.State, a.State))
	})
	return slices.CompactFunc(stops, func(a, b depth.Stop) bool { return a.Guard == b.Guard })
}

// least leaves out the ways on which another one's guards all stand as well.
func least(ways []Way) []Way {
	slices.SortStableFunc(ways, func(a, b Way) int {
		return cmp.Compare(len(a.Stops)+len(a.Mesh)+len(a.Limit), len(b.Stops)+len(b.Mesh)+len(b.Limit))
	})
	var out []Way
	for _, w := range ways {
		if !slices.ContainsFunc(out, func(o Way) bool { return within(&o, &w) }) {
			out = append(out, w)
		}
	}
	return out
}

func within(a, b *Way) bool {
	in := func(x, y []depth.Stop) bool {
		for i := range x {
			if !slices.ContainsFunc(y, func(s depth.Stop) bool { return s.Guard == x[i].Guard && s.State >= x[i].State }) {
				return false
			}
		}
		return true
	}
	return sameRelays(a, b) && in(a.Stops, b.Stops) && in(a.Mesh, b.Mesh) && in(a.Limit, b.Limit)
}
