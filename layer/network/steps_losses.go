package network

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/layer/ground"
)

// losses are the guards that another one takes with it: a group that takes a
// port from the whole internet takes it from its neighbours too, and one that
// lets everything out to the world lets it out to them.
func (m *moves) losses() {
	for i := range m.sources {
		from := &m.sources[i]
		on := "egress of " + from.name
		if m.denies(from, on) {
			m.loss(egressDeny.ID, sgChain.ID, on, "a group that lets everything out to the world lets it out to the neighbours of "+from.name)
		}
	}
	for _, to := range exposable(m.g) {
		if m.closed(to) {
			m.loss(noOpenIngress.ID, sgChain.ID, to.String(), "what "+to.String()+" takes from the whole internet it takes from its neighbours")
		}
	}
}

func (m *moves) loss(by, of, on, says string) {
	m.add(depth.Step{
		Gives: depth.Off(depth.Guard{Control: of, On: on}),
		Stops: []depth.Stop{{Guard: depth.Guard{Control: by, On: on}, State: depth.Standing}},
		Says:  says,
	})
}

// denies says whether the groups of a source keep something from the world.
func (m *moves) denies(from *source, on string) bool {
	const unused = 1 // a port that nobody lets out by itself
	for _, to := range m.foreign {
		for _, w := range m.g.WaysOn(from.place, to, flow.Conn{Protocol: flow.TCP, Port: unused}) {
			if slices.ContainsFunc(w.Stops, func(s depth.Stop) bool { return s.Control == egressDeny.ID && s.On == on }) {
				return true
			}
		}
	}
	return false
}

// closed says whether the groups of a place keep the internet from its ports,
// whatever becomes of packets before them.
func (m *moves) closed(to reach.Place) bool {
	for _, c := range portsOf(m.g, to) {
		a := m.g.Net.Ask(m.world, to, c)
		for i := range a.Ways {
			if slices.ContainsFunc(a.Ways[i].Hops, func(h flow.Hop) bool {
				return h.Kind == flow.SecurityGroup && h.Pass == estate.No && strings.Contains(h.Says, " lets in ")
			}) {
				return true
			}
		}
	}
	return false
}

// exposable are the places that a rule open to the world may expose, by
// themselves or one mistake later: stores, and machines of their own.
func exposable(g *ground.Ground) []reach.Place {
	var out []reach.Place
	for _, s := range g.Stores {
		out = append(out, s.Place)
	}
	for _, n := range g.Nodes {
		if _, ok := n.Place.Of.(*estate.Instance); ok {
			out = append(out, n.Place)
		}
	}
	return out
}

// portsOf are the ports of a place that others connect to.
func portsOf(g *ground.Ground, p reach.Place) []flow.Conn {
	if ports := g.Net.Ports(p); len(ports) > 0 {
		return ports
	}
	return []flow.Conn{https}
}
