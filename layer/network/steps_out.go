package network

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// out gives the ways by which much data leaves: straight to a server of the
// attacker's, through an endpoint of AWS into an account of his, and by way of
// another workload that he has taken. In answers to look-ups of names little
// leaves at a time, and it is left out.
func (m *moves) out() {
	ways := map[string][][]depth.Stop{}
	for i := range m.sources {
		from := &m.sources[i]
		ways[from.name] = slices.Concat(m.straight(from), m.byAWS(from))
	}
	m.across(ways)
	for _, w := range m.g.Workloads {
		for _, n := range m.g.Net.NodesOf(w.Place) {
			if m.g.Node(n.String()) == nil {
				continue
			}
			m.add(depth.Step{
				Gives: ground.Out(n.String()), Needs: []depth.Capability{ground.OnNode(n.String()), ground.Run(w.Name), ground.Out(w.Name)},
				Says: "hands what it has on " + n.String() + " to " + w.Name + ", which runs there", At: at(w.Place.Of),
			})
		}
	}
}

// straight gives the ways to a server of the attacker's. It is at none of the
// addresses that rules name: those are somebody else's.
func (m *moves) straight(from *source) [][]depth.Stop {
	var all []ground.Way
	for _, to := range m.foreign {
		for _, w := range m.around(m.g.WaysOn(from.place, to, m.open...)) {
			w.Stops = slices.Clone(w.Stops)
			for i := range w.Stops {
				w.Stops[i].Says = strings.ReplaceAll(strings.ReplaceAll(w.Stops[i].Says, to.Name, "an address of the attacker's"), strings.TrimSuffix(to.Name, "/32"), "an address of the attacker's")
			}
			all = append(all, w)
		}
	}
	var out [][]depth.Stop
	for _, w := range leastOf(all) {
		m.add(depth.Step{
			Gives: ground.Out(from.name), Needs: []depth.Capability{from.has}, Stops: w.Stops,
			Says: "carries data out of " + from.name + " to a server of its own, " + w.Says, At: w.At,
		})
		out = append(out, w.Stops)
	}
	return out
}

// carriers are the services of AWS that take in much data of whoever asks.
var carriers = []string{"s3", "dynamodb", "logs", "ecr.dkr", "sqs", "sns", "kinesis-streams", "kinesis-firehose", "execute-api", "lambda"}

// byAWS gives the ways through the endpoints of AWS, with credentials and into a
// bucket of the attacker's account.
func (m *moves) byAWS(from *source) [][]depth.Stop {
	var out [][]depth.Stop
	for _, p := range m.g.Net.Places() {
		x, ok := p.Of.(*estate.VPCEndpoint)
		if !ok || !carries(x) {
			continue
		}
		for _, w := range leastOf(m.around(m.g.Ways(from.place, p))) {
			stops := append(slices.Clone(w.Stops), endpointStop(m.g.Estate, x))
			m.add(depth.Step{
				Gives: ground.Out(from.name), Needs: []depth.Capability{from.has}, Stops: stops,
				Says: "carries data out of " + from.name + " through " + p.String() + " into an account of its own", At: w.At,
			})
			out = append(out, stops)
		}
	}
	return out
}

func carries(x *estate.VPCEndpoint) bool {
	name := x.Service.String()
	return slices.ContainsFunc(carriers, func(s string) bool { return strings.HasSuffix(name, "."+s) })
}

// endpointStop is the guard at an endpoint: that its policy keeps other people's
// accounts out, as the control's check has it.
func endpointStop(e *estate.Estate, x *estate.VPCEndpoint) depth.Stop {
	r := judgePolicy(e, x, x.Service.String())
	s := ground.StopOf(endpoints.ID, &r)
	s.On = x.ID.Addr
	return s
}

// across gives the ways by another workload that is taken as well and has a way
// out: one that no guards of the own way stand on, or that answers the internet.
func (m *moves) across(ways map[string][][]depth.Stop) {
	for _, w := range m.g.Workloads {
		for _, by := range m.g.Workloads {
			if by == w || !m.better(ways[by.Name], ways[w.Name]) && m.g.FromInternet(by.Place) == estate.No {
				continue
			}
			for _, c := range []depth.Capability{ground.Connect(by.Name, w.Name), ground.Connect(w.Name, by.Name)} {
				m.add(depth.Step{
					Gives: ground.Out(w.Name), Needs: []depth.Capability{ground.Run(by.Name), ground.Out(by.Name), c},
					Says: "carries data out of " + w.Name + " by way of " + by.Name, At: at(by.Place.Of),
				})
			}
		}
	}
}

// better says whether one of these ways has not all the controls on it that one
// of the others has.
func (m *moves) better(these, others [][]depth.Stop) bool {
	covers := func(x, y []depth.Stop) bool { // every control of y stands on x
		have := strings.Fields(controlsOf(x))
		for _, id := range strings.Fields(controlsOf(y)) {
			if !slices.Contains(have, id) {
				return false
			}
		}
		return true
	}
	return slices.ContainsFunc(these, func(x []depth.Stop) bool {
		return !slices.ContainsFunc(others, func(y []depth.Stop) bool { return covers(x, y) })
	})
}
