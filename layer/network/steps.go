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

// steps are the connections that an attacker can open: between what is inside,
// from the internet around the front door, to nodes by SSH, to the cluster's API,
// and out with what he has taken.
func steps(e *estate.Estate) []depth.Step {
	m := newMoves(e)
	m.inside()
	m.outside()
	m.ssh()
	m.nodes()
	m.out()
	m.losses()
	return m.steps
}

// moves collects steps.
type moves struct {
	g       *ground.Ground
	world   reach.Place
	sources []source
	// foreign are addresses that an attacker may have, and what rules let out to
	// such.
	foreign []reach.Place
	open    []flow.Conn
	steps   []depth.Step
}

// source is where an attacker inside is: in a workload, or on a node.
type source struct {
	name  string
	place reach.Place
	has   depth.Capability
}

func newMoves(e *estate.Estate) *moves {
	m := &moves{g: ground.Of(e)}
	m.world, _ = m.g.Net.Find("internet", reach.From) // there always is one
	for _, w := range m.g.Workloads {
		m.sources = append(m.sources, source{w.Name, w.Place, ground.Run(w.Name)})
	}
	for _, n := range m.g.Nodes {
		m.sources = append(m.sources, source{n.Name, n.Place, ground.OnNode(n.Name)})
	}
	m.foreign, m.open = abroad(e)
	return m
}

func (m *moves) add(s depth.Step) { m.steps = append(m.steps, s) }

// apis are the APIs of clusters.
func (m *moves) apis() []reach.Place {
	return slices.DeleteFunc(m.g.Net.Places(), func(p reach.Place) bool { return p.Kind != reach.API })
}

// targets are what connections lead to.
func (m *moves) targets() []reach.Place {
	var out []reach.Place
	for _, w := range m.g.Workloads {
		out = append(out, w.Place)
	}
	for _, s := range m.g.Stores {
		out = append(out, s.Place)
	}
	return append(out, m.apis()...)
}

// inside gives the connections between what is inside.
func (m *moves) inside() {
	for _, to := range m.targets() {
		for i := range m.sources {
			from := &m.sources[i]
			if from.name == to.String() {
				continue
			}
			for _, w := range leastOf(m.g.Ways(from.place, to)) {
				m.add(depth.Step{
					Gives: ground.Connect(to.String(), from.name), Needs: []depth.Capability{from.has}, Stops: w.Stops,
					Says: "connects from " + from.name + " to " + to.String() + " " + w.Says, At: w.At,
				})
			}
		}
	}
}

// outside gives the connections from the internet that lead around the front
// door, which everybody can try: an attacker who begins elsewhere is on the
// internet too. What listens there can be broken.
func (m *moves) outside() {
	for _, to := range m.targets() {
		ways := m.around(m.g.Ways(m.world, to))
		for _, w := range leastOf(ways) {
			m.add(depth.Step{
				Gives: ground.Connect(to.String(), ground.Outside), Stops: w.Stops,
				Says: "connects from the internet to " + to.String() + " " + w.Says, At: w.At,
			})
		}
		if m.g.Workload(to.String()) != nil {
			m.attack(to, ways)
		}
	}
	for _, n := range m.g.Nodes {
		if _, ok := n.Place.Of.(*estate.Instance); ok {
			m.attack(n.Place, m.around(m.g.WaysOn(m.world, n.Place, m.listens(n.Place)...)))
		}
	}
}

// attack gives the requests that come straight from the internet.
func (m *moves) attack(to reach.Place, ways []ground.Way) {
	for _, w := range ways {
		m.add(depth.Step{
			Gives: ground.Attack(to.String()), Needs: []depth.Capability{ground.Begin("internet")}, Stops: slices.Concat(w.Stops, w.Mesh, w.Limit),
			Says: "sends " + to.String() + " a request of its own making straight from the internet, " + w.Says, At: w.At,
		})
	}
}

// listens are the ports on which the internet may reach a machine, SSH apart:
// those that it declares, and those that rules open.
func (m *moves) listens(to reach.Place) []flow.Conn {
	out := m.g.Net.Ports(to)
	r := m.g.Net.Conns(m.world, to)
	for _, x := range r.May.Ranges() {
		if x.Protocol == flow.TCP || x.Protocol == flow.UDP || x.Protocol == flow.AnyProtocol {
			c := flow.Conn{Protocol: x.Protocol, Port: x.From}
			if x.Protocol == flow.AnyProtocol {
				c.Protocol = flow.TCP
			}
			if c.Port < 443 && x.To >= 443 {
				c.Port = 443
			}
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = []flow.Conn{https}
	}
	out = slices.DeleteFunc(out, func(c flow.Conn) bool { return c == sshPort })
	return out[:min(len(out), mostPorts)]
}

var (
	https   = flow.Conn{Protocol: flow.TCP, Port: 443}
	sshPort = flow.Conn{Protocol: flow.TCP, Port: 22}
)

// mostPorts bounds the ports that are asked about: of the many that a rule opens
// one is like another.
const mostPorts = 8

// around leaves out the ways through load balancers and distributions, which are
// the edge's.
func (m *moves) around(ways []ground.Way) []ground.Way {
	return slices.DeleteFunc(slices.Clone(ways), func(w ground.Way) bool { return len(w.Relays) > 0 })
}

// ssh gives the shells on nodes that listen to the internet: to whom it is open,
// who has a stolen key or breaks the server comes in. From inside it takes a key
// all the same, which no file shows, and is left out.
func (m *moves) ssh() {
	var by []depth.Capability
	for i := range m.g.Starts {
		if f := m.g.Starts[i].Family; f == ground.Internet || f == ground.Credential {
			by = append(by, m.g.Starts[i].Begin())
		}
	}
	for _, n := range m.g.Nodes {
		for _, w := range leastOf(m.around(m.g.WaysOn(m.world, n.Place, sshPort))) {
			for _, b := range by {
				m.add(depth.Step{
					Gives: ground.OnNode(n.Name), Needs: []depth.Capability{b}, Stops: sshStops(&n.Place, w.Stops),
					Says: "opens a shell on " + n.Name + " by SSH from the internet, with a stolen key or a flaw of the server", At: w.At,
				})
			}
		}
	}
}

// nodes gives what it would be worth to have pods that handle cards beside the
// others: root on the others' nodes would have them, and they those nodes.
func (m *moves) nodes() {
	for _, w := range m.g.Workloads {
		p := w.Pods()
		own := m.g.Net.NodesOf(w.Place)
		if p == nil || !cardWorkload(p) || len(p.Pod.NodeSelector) == 0 || len(own) == 0 || m.g.Net.NodesDoubt(w.Place) != "" {
			continue
		}
		apart := []depth.Stop{{
			Guard: depth.Guard{Control: paymentsIsolation.ID, On: w.Name}, State: depth.Standing,
			At: p.AtPod("nodeSelector"), Says: w.Name + " runs on nodes of its own",
		}}
		for _, n := range m.g.Nodes {
			if !m.wouldRunOn(w, n, own) {
				continue
			}
			m.add(depth.Step{Gives: ground.Run(w.Name), Needs: []depth.Capability{ground.OnNode(n.Name)}, Stops: apart, Says: "takes over the pods of " + w.Name + ", were they on " + n.Name, At: at(p)})
			m.add(depth.Step{Gives: ground.Out(n.Name), Needs: []depth.Capability{ground.OnNode(n.Name), ground.Run(w.Name), ground.Out(w.Name)}, Stops: apart, Says: "hands what it has on " + n.Name + " to " + w.Name + ", were it there", At: at(p)})
			m.add(depth.Step{Gives: depth.Off(ground.Elsewhere(w.Name, n.Name)), Stops: apart, Says: "a node reaches the pods on it whatever policies say", At: at(p)})
			for _, o := range own {
				m.add(depth.Step{Gives: ground.OnNode(n.Name), Needs: []depth.Capability{ground.Run(w.Name), ground.OnNode(o.String())}, Stops: apart, Says: "breaks out of a pod of " + w.Name + " to " + n.Name + ", were it there", At: at(p)})
			}
		}
	}
}

// wouldRunOn says whether pods would run on a node, were it not for their
// selector.
func (m *moves) wouldRunOn(w *ground.Workload, n *ground.Node, own []reach.Place) bool {
	if slices.ContainsFunc(own, func(p reach.Place) bool { return p.Of == n.Place.Of }) {
		return false
	}
	free := *w.Pods()
	free.Pod.NodeSelector = nil
	return slices.ContainsFunc(m.g.Net.NodesFor(&free), func(p reach.Place) bool { return p.Of == n.Place.Of })
}

// sshStops are the guards of a way by SSH. A rule that is open for it is
// network.no-ssh's to close as well.
func sshStops(n *reach.Place, stops []depth.Stop) []depth.Stop {
	out := slices.Clone(stops)
	for i := range out {
		if out[i].Control == noOpenIngress.ID && out[i].State == depth.Missing {
			s := out[i]
			s.Control, s.On = noSSH.ID, n.String()+" (open)"
			out = append(out, s)
		}
	}
	return out
}

// leastOf are ways as far as the network goes: of those that differ in what comes
// after it one is left, and of those whose guards all stand on another's way too
// none.
func leastOf(ways []ground.Way) []ground.Way {
	var out []ground.Way
	for i := range ways {
		if !slices.ContainsFunc(ways[:i], func(o ground.Way) bool { return within(o.Stops, ways[i].Stops) }) &&
			!slices.ContainsFunc(ways[i+1:], func(o ground.Way) bool {
				return within(o.Stops, ways[i].Stops) && !within(ways[i].Stops, o.Stops)
			}) {
			out = append(out, ways[i])
		}
	}
	return out
}

// within says whether every guard of a is in b, no surer.
func within(a, b []depth.Stop) bool {
	for i := range a {
		if !slices.ContainsFunc(b, func(s depth.Stop) bool { return s.Guard == a[i].Guard && s.State >= a[i].State }) {
			return false
		}
	}
	return true
}

// controlsOf are the controls that really stand among stops.
func controlsOf(stops []depth.Stop) string {
	var ids []string
	for _, s := range stops {
		if s.State != depth.Missing {
			ids = append(ids, s.Control)
		}
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ")
}
