package edge

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// machine is what tells a machine that asks a thousand times from a customer, on
// one kind of path.
type machine struct {
	says  string
	stops []depth.Stop
}

// machines are the ways for a machine to pass for a customer: past the rules
// against bots; or, where those leave paths out, by these paths, past what
// verifies the requests of the shop's own apps there.
func (f *frontline) machines(w *ground.Way, gates []*gate, d door) []machine {
	all := machine{}
	var scoped []string
	for _, g := range gates {
		all.stops = append(all.stops, g.bots)
		scoped = append(scoped, g.scoped...)
	}
	out := []machine{all}
	scoped = slices.DeleteFunc(scoped, func(p string) bool { return !takes(w, p) })
	dist, ok := d.Resource.(*estate.Distribution)
	if !ok || len(scoped) == 0 || len(gates) > 1 {
		return out
	}
	return append(out, machine{" by " + list(scoped) + ",", []depth.Stop{f.proof(dist, scoped)}})
}

// takes says whether a way may take requests to a path: where the mesh lets in some
// requests alone, those that it names, if it names them all.
func takes(w *ground.Way, path string) bool {
	return w.Requests == "" || strings.Contains(w.Requests, path) || strings.Contains(w.Requests, " others")
}

// proof is edge.client-proof on paths of a distribution: code or keys there that
// verify what a client signs, on every one of them.
func (f *frontline) proof(d *estate.Distribution, paths []string) depth.Stop {
	s := stop(clientProof.ID, d.ID.Addr, d.Pos)
	s.State = depth.Standing
	for _, p := range paths {
		x := proofAt(f.e, d, p)
		switch {
		case x.state < s.State:
			s.State, s.At, s.Says, s.Why = x.state, x.at, x.says, x.why
		case s.State == depth.Standing:
			s.At, s.Says = x.at, x.says
		}
	}
	return s
}

func proofAt(e *estate.Estate, d *estate.Distribution, path string) seen {
	best := seen{at: d.Pos, says: "nothing verifies what clients send to " + path}
	for _, b := range behaviours(d) {
		pattern := strings.TrimSuffix(b.Path.String(), "*")
		if !b.Path.Absent() && !strings.HasPrefix(path, pattern) && !strings.HasPrefix("/"+path, pattern) {
			continue
		}
		if len(b.TrustedKeys.Items) > 0 {
			return seen{depth.Standing, b.TrustedKeys.Pos(), "its trusted keys verify what is sent to " + path, ""}
		}
		for _, c := range codeAt(e, &b, "viewer-request") {
			switch c.code.Test(verifiesClients) {
			case estate.Yes:
				return seen{depth.Standing, c.at, plain(c.name) + " verifies what is sent to " + path, ""}
			case estate.Maybe:
				best = seen{depth.Doubtful, c.at, plain(c.name), cmp.Or(c.code.Why(), "what the code "+plain(c.name)+" at the edge checks is not known")}
			}
		}
	}
	return best
}

// waitingRoom is one that a distribution has before everything. One before single
// paths leaves a flood the others, which lead to the same workload.
func (f *frontline) waitingRoom(d door) []depth.Stop {
	dist, ok := d.Resource.(*estate.Distribution)
	if !ok {
		return nil
	}
	for i := range dist.Default.Items {
		for _, c := range codeAt(f.e, &dist.Default.Items[i], "viewer-request") {
			if c.code.Test(waitingRoom.MatchString) == estate.Yes {
				s := stop(overload.ID, d.Meta().ID.Addr, c.at)
				s.State, s.Says = depth.Standing, plain(c.name)+" lets people in by turns"
				return []depth.Stop{s}
			}
		}
	}
	return nil
}

// down gives that a flooded workload serves nobody: unless its proxy refuses what
// it cannot take.
func (f *frontline) down(t *target) {
	f.tell(depth.Step{Gives: ground.Down(t.name), Needs: []depth.Capability{ground.Flood(t.name)}, Stops: []depth.Stop{f.shedding(t)}, Says: "has " + t.name + " choke on more requests than it can take", At: t.place.Of.Meta().Pos})
}

// choked gives that a workload serves nobody once the gateways are down by which
// all ways to it lead.
func (f *frontline) choked(t *target, ways []ground.Way) {
	var needs []depth.Capability
	for i := range ways {
		by := f.gateways(t, &ways[i])
		if len(by) == 0 {
			return
		}
		for _, name := range by {
			if c := ground.Down(name); !slices.Contains(needs, c) {
				needs = append(needs, c)
			}
		}
	}
	if len(needs) == 0 {
		return
	}
	slices.SortFunc(needs, func(a, b depth.Capability) int { return strings.Compare(a.Of, b.Of) })
	f.tell(depth.Step{Gives: ground.Down(t.name), Needs: needs, Says: "has nobody get through to " + t.name, At: t.place.Of.Meta().Pos})
}

// gateways are the workloads that a way to another leads through.
func (f *frontline) gateways(t *target, w *ground.Way) []string {
	var out []string
	for i := range w.Hops {
		pods, ok := w.Hops[i].Of.(*estate.Workload)
		if !ok || pods.ID == t.place.Of.Meta().ID {
			continue
		}
		for _, x := range f.g.Workloads {
			if x.Place.Of.Meta().ID == pods.ID && !slices.Contains(out, x.Name) {
				out = append(out, x.Name)
			}
		}
	}
	return out
}

// shedding is edge.overload before one workload: a limit in its proxy, and not in
// another's.
func (f *frontline) shedding(t *target) depth.Stop {
	s := stop(overload.ID, t.name, t.place.Of.Meta().Pos)
	s.Says = "nothing before " + t.name + " refuses more requests than it can take"
	pods, _ := t.place.Of.(*estate.Workload)
	found := sheds(f.e)
	for i := range found {
		o, ok := object(f.e, found[i].On.ID)
		if !ok {
			continue
		}
		x := ground.StopOf(overload.ID, &found[i])
		switch holdsFor(f.e, o, pods) {
		case estate.Yes:
			s.State, s.At, s.Says, s.Why = depth.Standing, x.At, o.ID.Addr+" has "+x.Says, ""
			return s
		case estate.Maybe:
			s.State, s.At, s.Says, s.Why = depth.Doubtful, x.At, o.ID.Addr+" has "+x.Says, "whether "+o.ID.Addr+" is for "+t.name+" is not judged"
		}
	}
	return s
}

// object is the Kubernetes object of an id, whatever its kind.
func object(e *estate.Estate, id estate.ID) (*estate.Object, bool) {
	if o, ok := estate.Get[*estate.Object](e, id); ok {
		return o, true
	}
	if r, ok := estate.Get[*estate.DestinationRule](e, id); ok {
		return &r.Object, true
	}
	if in, ok := estate.Get[*estate.Ingress](e, id); ok {
		return &in.Object, true
	}
	return nil, false
}

// holdsFor says whether an object with limits is for a workload: an EnvoyFilter by
// its selector, a DestinationRule by its host.
func holdsFor(e *estate.Estate, o *estate.Object, w *estate.Workload) estate.Truth {
	if w == nil || o.ID.Root != w.ID.Root {
		return estate.No
	}
	switch o.Kind {
	case "EnvoyFilter":
		if o.Namespace != w.Namespace && o.Namespace != "istio-system" {
			return estate.No
		}
		labels := o.Manifest.At("spec", "workloadSelector", "labels")
		if labels == nil {
			return estate.Yes
		}
		for _, l := range labels.Fields {
			if v, _ := l.Node.Literal(); w.PodLabels[l.Name] != v {
				return estate.No
			}
		}
		return estate.Yes
	case "DestinationRule":
		host, _ := o.Manifest.At("spec", "host").Literal()
		short, rest, _ := strings.Cut(host, ".")
		ns, _, _ := strings.Cut(cmp.Or(rest, o.Namespace), ".")
		called := slices.ContainsFunc(estate.All[*estate.Service](e), func(s *estate.Service) bool {
			return s.Name == short && s.Namespace == ns && s.Namespace == w.Namespace && selects(s.Spec.Selector, w.PodLabels)
		})
		if called {
			return estate.Yes
		}
		return estate.No
	}
	return estate.Maybe
}

func selects(want, labels map[string]string) bool {
	for k, v := range want {
		if labels[k] != v {
			return false
		}
	}
	return len(want) > 0
}
