package mesh

import (
	"slices"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/layer/ground"
)

// call is one way in which a caller's request is taken.
type call struct {
	needs        []depth.Capability
	stops, limit []depth.Stop
	says         string
	at           diag.Pos
}

// calls gives the ways in which one workload takes requests of a caller, and
// what he can do with them: ask for what is his to ask; and where he may ask for
// anything, break what is broken.
func (m *moves) calls(from *caller, to *ground.Workload) {
	var all []call
	ways := m.g.Ways(from.place, to.Place)
	for i := range ways {
		all = append(all, m.through(from, to, &ways[i], differ(ways))...)
	}
	all = leastCalls(all)
	same := !slices.ContainsFunc(all, func(c call) bool { return !sameGuards(c.limit, all[0].limit) })
	for i := range all {
		c := &all[i]
		m.add(depth.Step{Gives: ground.Call(to.Name, from.name), Needs: c.needs, Stops: c.stops, Says: "has " + to.Name + " take a request from " + from.name + c.says, At: c.at})
		if !same {
			m.add(depth.Step{Gives: ground.Attack(to.Name), Needs: c.needs, Stops: both(c.stops, c.limit), Says: "sends " + to.Name + " a request of its own making from " + from.name + c.says, At: c.at})
		}
	}
	if len(all) == 0 {
		return
	}
	can := []depth.Capability{ground.Call(to.Name, from.name)}
	if same {
		m.add(depth.Step{Gives: ground.Attack(to.Name), Needs: can, Stops: all[0].limit, Says: "breaks " + to.Name + " with a request from " + from.name, At: all[0].at})
	}
	if !from.public && !isGateway(to) {
		m.add(depth.Step{Gives: ground.Forge(to.Name), Needs: can, Says: "asks " + to.Name + " from " + from.name + " for what its callers may ask for", At: all[0].at})
	}
}

// through are the calls on one way through the network: as the caller itself; in
// plaintext, past its own proxy; and with a certificate in another's name. Where
// ways differ in what stops them before the mesh, each call has to get past
// what stops its own.
func (m *moves) through(from *caller, to *ground.Workload, w *ground.Way, differ bool) []call {
	var before []depth.Stop
	if differ {
		before = w.Stops
	}
	reached := []depth.Capability{ground.Connect(to.Name, from.name), from.has}
	own := call{needs: reached, stops: both(before, w.Mesh), limit: w.Limit, at: w.At}
	out := []call{own}
	pods := to.Pods()
	if pods == nil || relayed(w) {
		return out
	}
	d := m.doorAt(to, w.Conn.Port)
	if len(w.Mesh) == 0 {
		out[0].stops = both(own.stops, m.lacking(from, to))
	}
	if len(w.Mesh)+len(w.Limit) == 0 {
		return out
	}
	if from.peer {
		out = append(out, call{needs: reached, stops: both(before, d.nameless), limit: d.some, says: " in plaintext, past its own proxy", at: w.At})
	}
	if m.istio() {
		forged := append(slices.Clone(reached), Sign)
		out = append(out, call{needs: forged, stops: before, limit: m.anybody(to, w.Conn), says: " in the name of a workload that may", at: w.At})
	}
	return out
}

func (m *moves) istio() bool { return m.seen.istio }

// lacking are the guards that are not there where a call is let in and no policy
// names its caller. A workload has an identity, which mutual TLS lets in; it
// takes policies to stop it.
func (m *moves) lacking(from *caller, to *ground.Workload) []depth.Stop {
	auth, mtls := m.guard("mesh.authorization", to, depth.Missing), m.guard("mesh.mtls-strict", to, depth.Missing)
	auth.Says = "nothing says who may call " + to.Name
	mtls.Says = to.Name + " takes plaintext, from callers who prove nothing"
	switch {
	case m.istio():
		strict, policed := m.guarded(to)
		if policed {
			return nil
		}
		if strict {
			mtls = depth.Stop{}
		}
	case m.seen.any():
		for _, s := range []*depth.Stop{&auth, &mtls} {
			s.State, s.Why = depth.Doubtful, "what the mesh of "+to.Name+" lets in is not read"
		}
	}
	if from.peer || mtls.Control == "" {
		return []depth.Stop{auth}
	}
	return []depth.Stop{auth, mtls}
}

// guarded says whether a workload takes mutual TLS alone, and whether policies
// ask anything of callers, on any of its ports: a guard that stands at one is
// not missing at another, where it is left out on purpose.
func (m *moves) guarded(to *ground.Workload) (strict, policed bool) {
	for _, c := range m.g.Net.Ports(to.Place) {
		d := m.doorAt(to, c.Port)
		strict, policed = strict || d.strict != estate.No, policed || d.policed != estate.No
	}
	return strict, policed
}

// anybody is what limits a caller who may take any name: nothing where a policy
// lets somebody ask for anything.
func (m *moves) anybody(to *ground.Workload, c flow.Conn) []depth.Stop {
	for _, w := range m.g.Workloads {
		if w.Pods() != nil && w != to {
			if v := m.g.Admits(w.Place, to.Pods(), c.Port); v.Admits == estate.Yes && v.Every {
				return nil
			}
		}
	}
	s := m.guard("mesh.authorization", to, depth.Standing)
	s.Says = "no caller of " + to.Name + " may ask for everything"
	return []depth.Stop{s}
}

// forge: code in a workload does what the workload does.
func (m *moves) forge(to *ground.Workload) {
	if !isGateway(to) {
		m.add(depth.Step{Gives: ground.Forge(to.Name), Needs: []depth.Capability{ground.Run(to.Name)}, Says: "does what " + to.Name + " does", At: posOf(to.Place)})
	}
}

func (m *moves) add(s depth.Step) { m.out = append(m.out, s) }

// relayed says whether a load balancer stands between: who is behind it the
// mesh does not see.
func relayed(w *ground.Way) bool {
	return slices.ContainsFunc(w.Hops, func(h flow.Hop) bool { return h.Kind == flow.LoadBalancer || h.Kind == flow.CDN })
}

// differ says whether ways have different guards before the mesh.
func differ(ways []ground.Way) bool {
	return slices.ContainsFunc(ways, func(w ground.Way) bool { return !sameGuards(w.Stops, ways[0].Stops) })
}

func sameGuards(a, b []depth.Stop) bool {
	return len(a) == len(b) && within(a, b)
}

// within says whether all guards of a are in b.
func within(a, b []depth.Stop) bool {
	return !slices.ContainsFunc(a, func(x depth.Stop) bool {
		return !slices.ContainsFunc(b, func(y depth.Stop) bool { return x.Guard == y.Guard && x.State <= y.State })
	})
}

// both puts two lists of stops together, each guard once.
func both(a, b []depth.Stop) []depth.Stop {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.ContainsFunc(out, func(x depth.Stop) bool { return x.Guard == s.Guard }) {
			out = append(out, s)
		}
	}
	return out
}

// leastCalls leaves out what is harder than another call in everything.
func leastCalls(all []call) []call {
	var out []call
	for i := range all {
		c := &all[i]
		harder := func(o *call) bool {
			needs := !slices.ContainsFunc(o.needs, func(n depth.Capability) bool { return !slices.Contains(c.needs, n) })
			return needs && within(o.stops, c.stops) && within(both(o.stops, o.limit), both(c.stops, c.limit))
		}
		if !slices.ContainsFunc(out, func(o call) bool { return harder(&o) }) {
			out = slices.DeleteFunc(out, func(o call) bool {
				needs := !slices.ContainsFunc(c.needs, func(n depth.Capability) bool { return !slices.Contains(o.needs, n) })
				return needs && within(c.stops, o.stops) && within(both(c.stops, c.limit), both(o.stops, o.limit))
			})
			out = append(out, *c)
		}
	}
	return out
}
