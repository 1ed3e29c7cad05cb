package supply

import (
	"slices"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/layer/ground"
)

// attack is what an attacker could do on the way from commit to container.
func attack(e *estate.Estate) []depth.Step {
	m := &moves{g: ground.Of(e), e: e, guards: guardsOf(e)}
	for _, w := range m.g.Workloads {
		m.code(w)
	}
	for _, n := range m.g.Nodes {
		m.add(depth.Step{Gives: ground.OnNode(n.Name), Needs: []depth.Capability{ground.Attack(n.Name)}, Says: "runs code of its own on " + n.Name, At: posOf(n.Place)})
		if !m.hosts(n) {
			continue
		}
		m.add(depth.Step{Gives: ground.OnNode(n.Name), Needs: []depth.Capability{ground.ClusterAdmin}, Says: "runs a pod that owns " + n.Name, At: posOf(n.Place)})
	}
	m.add(depth.Step{Gives: ground.Deploy, Needs: []depth.Capability{ground.ClusterAdmin}, Says: "deploys what it likes"})
	m.compromised()
	m.pipeline()
	m.push()
	for _, w := range m.g.Workloads {
		if p := w.Pods(); p != nil {
			m.image(w, p)
		}
	}
	m.watched()
	return m.out
}

// compromised is where the attackers begin that are in a workload already.
func (m *moves) compromised() {
	for i := range m.g.Starts {
		if s := &m.g.Starts[i]; s.Family == ground.Pod {
			m.add(depth.Step{Gives: ground.Run(s.Of), Needs: []depth.Capability{s.Begin()}, Says: "runs code of its own in " + s.Of, At: s.At})
		}
	}
}

// moves collects steps.
type moves struct {
	g      *ground.Ground
	e      *estate.Estate
	guards *guards
	out    []depth.Step
}

func (m *moves) add(s depth.Step) { m.out = append(m.out, s) }

// code: what is broken in a workload runs an attacker's code; code in a pod may
// take its node; and a node has every pod on it.
func (m *moves) code(w *ground.Workload) {
	at := posOf(w.Place)
	run := []depth.Capability{ground.Run(w.Name)}
	m.add(depth.Step{Gives: ground.Run(w.Name), Needs: []depth.Capability{ground.Attack(w.Name)}, Says: "runs code of its own in " + w.Name, At: at})
	pods := w.Pods()
	if pods == nil {
		return
	}
	for _, p := range m.g.Net.NodesOf(w.Place) {
		n := p.String()
		if m.g.Node(n) == nil {
			continue
		}
		m.add(depth.Step{Gives: ground.OnNode(n), Needs: run, Stops: m.escape(pods), Says: "breaks out of a pod of " + w.Name + " to " + n, At: at})
		m.add(depth.Step{Gives: ground.Run(w.Name), Needs: []depth.Capability{ground.OnNode(n)}, Says: "takes over the pods of " + w.Name + " on " + n, At: posOf(p)})
	}
}

// hosts says whether pods run on a node.
func (m *moves) hosts(n *ground.Node) bool {
	if _, ok := n.Place.Of.(*estate.NodeGroup); ok {
		return true
	}
	return slices.ContainsFunc(m.g.Workloads, func(w *ground.Workload) bool {
		return slices.ContainsFunc(m.g.Net.NodesOf(w.Place), func(p reach.Place) bool { return p.Of == n.Place.Of })
	})
}

// escape is what keeps code in its pod: nothing in an agent that is there to see
// its node, and so has what it takes.
func (m *moves) escape(w *estate.Workload) []depth.Stop {
	vs := violations(w)
	r := judgePod(m.e, w)
	stop := ground.StopOf(podHardening.ID, &r)
	level, _ := enforced(m.e, w.Namespace)
	open := false
	for _, v := range vs {
		if v.limits {
			continue
		}
		if v.baseline && isAgent(w) {
			return nil
		}
		open = open || !isAgent(w) && (level == "" || level == "baseline" && !v.baseline)
	}
	if !open && stop.State == depth.Missing { // what is missing is a limit of memory
		stop.State = depth.Standing
	}
	return []depth.Stop{stop}
}

// watched: nobody sees what happens in pods where nothing watches them.
func (m *moves) watched() {
	stop := depth.Stop{Guard: depth.Guard{Control: runtimeDetection.ID, On: m.e.Cluster().ID.Addr}, Says: "nothing watches what runs in containers"}
	results := checkRuntime(m.e)
	for i := range results {
		if s := ground.StopOf(runtimeDetection.ID, &results[i]); i == 0 || s.State > stop.State {
			s.On = stop.On
			stop = s
		}
	}
	m.add(depth.Step{Gives: ground.QuietPods, Stops: []depth.Stop{stop}, Says: "works in pods that nothing watches", At: stop.At})
}

func posOf(p reach.Place) diag.Pos {
	if p.Of == nil {
		return diag.Pos{}
	}
	return p.Of.Meta().Pos
}
