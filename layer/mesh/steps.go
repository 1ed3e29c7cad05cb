package mesh

import (
	"cmp"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are the calls that workloads can make of each other, and nodes of them:
// once packets get there, what the mesh has to say.
func steps(e *estate.Estate) []depth.Step {
	m := &moves{g: ground.Of(e), seen: look(e), at: map[doorway]*door{}}
	callers := m.callers()
	for _, to := range m.g.Workloads {
		for i := 0; i < len(callers) && m.listens(to); i++ {
			if callers[i].name != to.Name {
				m.calls(&callers[i], to)
			}
		}
		m.forge(to)
	}
	m.sign()
	return m.out
}

// moves collects steps.
type moves struct {
	g    *ground.Ground
	seen *seen
	at   map[doorway]*door
	out  []depth.Step
}

// caller is where a call comes from.
type caller struct {
	name  string
	place reach.Place
	// has is what an attacker there has: code in a workload, root on a node.
	has depth.Capability
	// peer says that it has an identity of its own in a mesh: a workload. A node
	// has the identities of the pods on it, and so runs code in those.
	peer bool
	// public says that it is a gateway, which asks for whoever is outside.
	public bool
}

func (m *moves) callers() []caller {
	var out []caller
	for _, w := range m.g.Workloads {
		out = append(out, caller{name: w.Name, place: w.Place, has: ground.Run(w.Name), peer: true, public: isGateway(w)})
	}
	for _, n := range m.g.Nodes {
		out = append(out, caller{name: n.Name, place: n.Place, has: ground.OnNode(n.Name)})
	}
	return out
}

func isGateway(w *ground.Workload) bool {
	p := w.Pods()
	return p != nil && gateway(p.PodLabels)
}

// listens says whether a workload takes calls: one that declares no port and
// stands behind no Service does not.
func (m *moves) listens(w *ground.Workload) bool {
	return w.Pods() == nil || len(m.g.Net.Ports(w.Place)) > 0
}

// doorway is a port of a workload.
type doorway struct {
	to   string
	port int
}

// door is what the mesh says at a port to those whom it cannot name.
type door struct {
	// strict says whether it takes mutual TLS alone, policed whether policies ask
	// anything of callers there.
	strict, policed estate.Truth
	// nameless are the guards against a caller in plaintext, some those that let
	// him ask for some things only, where he is let in.
	nameless, some []depth.Stop
}

// doorAt asks at a port of a workload in Kubernetes.
func (m *moves) doorAt(to *ground.Workload, port int) *door {
	key := doorway{to.Name, port}
	if d := m.at[key]; d != nil {
		return d
	}
	d := &door{}
	m.at[key] = d
	pods := to.Pods()
	if pods == nil {
		return d
	}
	v := m.g.Nameless(pods, port)
	strict := m.g.Admits(reach.Place{}, pods, port)
	d.strict = strict.Requires
	if d.policed = estate.Yes; v.Admits == estate.Yes && v.Every {
		d.policed = estate.No
	}
	if d.strict != estate.No {
		s := m.guard("mesh.mtls-strict", to, depth.Standing)
		if n := len(strict.Hops); n > 0 {
			s.At, s.Says = strict.Hops[0].At, strict.Hops[0].Says
		}
		if d.strict == estate.Maybe {
			s.State, s.Why = depth.Doubtful, cmp.Or(strict.Why, "which PeerAuthentication holds for "+to.Name+" is not known")
		}
		d.nameless = append(d.nameless, s)
	}
	if d.policed == estate.No {
		return d
	}
	s := m.guard("mesh.authorization", to, depth.Standing)
	if n := len(v.Hops); n > 0 {
		s.At, s.Says = v.Hops[n-1].At, v.Hops[n-1].Says
	}
	if v.Admits == estate.Maybe {
		s.State, s.Why = depth.Doubtful, v.Why
	}
	if v.Admits == estate.Yes {
		d.some = append(d.some, s)
	} else {
		d.nameless = append(d.nameless, s)
	}
	return d
}

// guard is a guard of the mesh before a workload.
func (m *moves) guard(control string, to *ground.Workload, state depth.State) depth.Stop {
	return depth.Stop{Guard: depth.Guard{Control: control, On: to.Name}, State: state, At: posOf(to.Place)}
}

func posOf(p reach.Place) diag.Pos {
	if p.Of == nil {
		return diag.Pos{}
	}
	return p.Of.Meta().Pos
}
