package edge

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are what an attacker on the internet does at the front door: send a
// workload an attack or a flood, and have it answer with what it was made to
// steal. Each goes through a distribution or load balancer, or around the
// distribution to what stands behind it.
//
// Of a web ACL only the managed rules stop an exploit. A rate limit gives it time,
// a country or an address that is refused has a neighbour, and what tells a
// customer's client from a script, the exploit's author takes from the shop's own
// pages.
func steps(e *estate.Estate) []depth.Step {
	f := newFrontline(e)
	from, err := f.g.Net.Find("internet", reach.From)
	if err != nil {
		return nil
	}
	for _, t := range f.targets() {
		ways := f.g.Ways(from, t.place)
		if len(f.g.Net.Ports(t.place)) == 0 { // an instance says nowhere on what it listens
			ways = f.g.WaysOn(from, t.place, f.g.Net.Relayed(t.place)...)
		}
		ways = slices.DeleteFunc(slices.Clone(ways), func(w ground.Way) bool { return !relayed(&w) })
		for i := range ways {
			f.way(&t, &ways[i])
		}
		if len(ways) > 0 && t.serves {
			f.down(&t)
			f.choked(&t, ways)
		}
	}
	return f.steps
}

// target is something that answers the internet.
type target struct {
	name   string
	place  reach.Place
	serves bool // it is a workload, which a flood may take down
}

// targets are the workloads, and the nodes that run what they serve by
// themselves. Nodes of a cluster only carry pods.
func (f *frontline) targets() []target {
	var out []target
	for _, w := range f.g.Workloads {
		out = append(out, target{w.Name, w.Place, true})
	}
	for _, n := range f.g.Nodes {
		switch n.Place.Of.(type) {
		case *estate.Instance, *estate.AutoScalingGroup:
			out = append(out, target{n.Name, n.Place, true})
		}
	}
	return out
}

// relayed says whether a way leads through a door. One that does not is the
// network's.
func relayed(w *ground.Way) bool {
	return slices.ContainsFunc(w.Hops, func(h flow.Hop) bool { return h.Kind == flow.CDN || h.Kind == flow.LoadBalancer })
}

// frontline is what the steps of one estate are made from.
type frontline struct {
	e      *estate.Estate
	g      *ground.Ground
	cover  coverer
	fronts fronting
	sets   ruleSets
	ours   map[string]bool // headers that distributions add
	doors  map[estate.ID]door
	maybe  map[estate.ID]string // what may be a door, and why it is not known
	shared map[estate.ID]int    // before how many doors a web ACL stands
	gates  map[estate.ID]*gate
	told   map[string]bool
	steps  []depth.Step
}

func newFrontline(e *estate.Estate) *frontline {
	f := &frontline{
		e: e, g: ground.Of(e), cover: newCoverer(e), fronts: frontings(e), sets: newRuleSets(e), ours: originHeaders(e),
		doors: map[estate.ID]door{}, maybe: map[estate.ID]string{}, shared: map[estate.ID]int{}, gates: map[estate.ID]*gate{}, told: map[string]bool{},
	}
	all, maybe := doors(e)
	for _, d := range all {
		f.doors[d.Meta().ID] = d
		if d.alb != nil {
			for _, in := range d.alb.members {
				f.doors[in.ID] = d
			}
		}
	}
	for _, u := range maybe {
		f.maybe[u.Meta().ID] = u.why
	}
	for _, d := range estate.All[*estate.Distribution](e) { // those for staging too
		for _, w := range estate.To(e, d.WebACL) {
			f.shared[w.ID]++
		}
	}
	for _, d := range all {
		if _, ok := d.Resource.(*estate.Distribution); ok {
			continue
		}
		for _, w := range f.cover.of(d).acls {
			f.shared[w.ID]++
		}
	}
	return f
}

// door is the door that a resource is, or is a part of.
func (f *frontline) door(r estate.Resource) door {
	if d, ok := f.doors[r.Meta().ID]; ok {
		return d
	}
	return door{Resource: r}
}

// way gives the steps of one way to a target.
func (f *frontline) way(t *target, w *ground.Way) {
	if len(w.Relays) == 0 {
		f.tell(depth.Step{Gives: ground.Attack(t.name), Needs: internet, Stops: both(w), Says: "sends " + t.name + " a request of its own making " + w.Says, At: w.At})
		return
	}
	first := f.door(w.Relays[0])
	dist, cdn := first.Resource.(*estate.Distribution)
	switch {
	case cdn && f.primary(dist) == nil:
	case !cdn && f.fronted(first) != estate.No:
		f.around(t, w, first)
		return
	default:
		f.through(t, w, first)
	}
	for _, r := range w.Relays[1:] {
		if d := f.door(r); f.fronted(d) != estate.No {
			f.around(t, w, d)
		}
	}
}

// primary is the distribution whose name leads to one: itself, or for a staging
// distribution one whose continuous deployment policy sends it a share. Nobody
// reaches a staging distribution that none does; whoever asks often enough reaches
// one that gets a share, and its web ACL is what he meets.
func (f *frontline) primary(d *estate.Distribution) *estate.Distribution {
	if d.Staging.Is(true) != estate.Yes {
		return d
	}
	for _, p := range estate.All[*estate.Distribution](f.e) {
		if !serves(p) || p.Continuous.Set() == estate.No {
			continue
		}
		policies := estate.To(f.e, p.Continuous)
		if len(policies) == 0 || slices.ContainsFunc(policies, func(c *estate.ContinuousPolicy) bool { return c.Enabled.Is(true) != estate.No }) {
			return p
		}
	}
	return nil
}

var (
	internet = []depth.Capability{ground.Begin("internet")}
	flooding = []depth.Capability{ground.Begin("flood")}
)

// through gives the steps by the door that everybody takes.
func (f *frontline) through(t *target, w *ground.Way, d door) {
	passes := f.gate(d)
	var managed, limits []depth.Stop
	gates := []*gate{passes}
	for _, r := range w.Relays[1:] { // a web ACL of what stands behind the door judges once more
		if g := f.gate(f.door(r)); g.attached.State != depth.Missing {
			gates = append(gates, g)
		}
	}
	for _, g := range gates {
		managed, limits = append(managed, g.managed), append(limits, g.limit)
		f.losses(g)
	}
	by := " " + w.Says
	f.tell(depth.Step{Gives: ground.Attack(t.name), Needs: internet, Stops: both(w, managed...), Says: "sends " + t.name + " a request of its own making" + by, At: w.At})
	// No guard here looks at answers: limits count requests, and one answer may
	// carry a whole database.
	f.tell(depth.Step{Gives: ground.Out(t.name), Needs: []depth.Capability{ground.Run(t.name)}, Stops: both(w), Says: "has " + t.name + " carry data out in its answers" + by, At: w.At})
	for _, m := range f.machines(w, gates, d) {
		judged := append(slices.Clone(limits), m.stops...)
		if t.serves {
			judged = append(judged, passes.shield)
			judged = append(judged, f.waitingRoom(d)...)
			f.tell(depth.Step{Gives: ground.Flood(t.name), Needs: flooding, Stops: both(w, judged...), Says: "floods " + t.name + m.says + by, At: w.At})
		}
	}
}

// both are the stops of a way and those of its doors. What is open on the way and
// could be closed to others, such as a workload without a NetworkPolicy, has to
// stay open to the front door: no fix is there.
func both(w *ground.Way, more ...depth.Stop) []depth.Stop {
	return slices.DeleteFunc(slices.Concat(w.Stops, w.Mesh, more), func(s depth.Stop) bool {
		return s.State == depth.Missing && !strings.HasPrefix(s.Control, "edge.")
	})
}

// tell adds a step, unless one with the same guards gives the same already:
// ports and zones make many ways of one.
func (f *frontline) tell(s depth.Step) {
	key := []string{s.Gives.String(), s.Doubt}
	for _, n := range s.Needs {
		key = append(key, n.String())
	}
	slices.SortStableFunc(s.Stops, func(a, b depth.Stop) int { return strings.Compare(a.Guard.String(), b.Guard.String()) })
	s.Stops = slices.CompactFunc(s.Stops, func(a, b depth.Stop) bool { return a.Guard == b.Guard })
	for i := range s.Stops {
		key = append(key, s.Stops[i].String())
	}
	k := strings.Join(key, "\x00")
	if !f.told[k] {
		f.told[k] = true
		f.steps = append(f.steps, s)
	}
}
