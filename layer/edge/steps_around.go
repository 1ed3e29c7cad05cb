package edge

import (
	"cmp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// fronted says whether a distribution stands before a load balancer that the
// internet may reach as well.
func (f *frontline) fronted(d door) estate.Truth {
	id := d.Meta().ID
	if _, ok := f.doors[id]; !ok && f.maybe[id] == "" {
		return estate.No
	}
	if _, ok := d.Resource.(*estate.Distribution); ok {
		return estate.No
	}
	if d.alb != nil {
		_, t := f.fronts.ofIngress(d.alb)
		return t
	}
	_, t := f.fronts.of(id)
	return t
}

// around gives the steps around the distribution before a load balancer, whether
// or not the network lets packets through today. There are two ways: from
// anywhere, where the load balancer is open; and through a distribution of the
// attacker's own, which comes from CloudFront's addresses as the shop's does, so
// that nothing but the origin secret tells them apart.
func (f *frontline) around(t *target, w *ground.Way, d door) {
	open, secret := f.frontDoor(d), f.originSecret(d)
	inner := f.inner(w, d)
	to := " to " + d.Meta().ID.Addr + ", around the distribution"
	doubt := f.maybe[d.Meta().ID]
	f.aroundBy(t, inner, d, []depth.Stop{open.Stop, secret}, "straight"+to, doubt)
	switch open.cloudFront {
	case estate.Maybe:
		f.aroundBy(t, inner, d, []depth.Stop{secret}, "through a distribution of its own"+to, cmp.Or(doubt, open.Why))
	case estate.Yes:
		f.aroundBy(t, inner, d, []depth.Stop{secret}, "through a distribution of its own"+to, doubt)
	}
}

// inner are the guards of a way behind a load balancer: reach's own on the way to
// it are judged here, as the controls do.
func (f *frontline) inner(w *ground.Way, d door) *ground.Way {
	outer := map[string]bool{d.Meta().ID.Addr: true}
	if lb, ok := d.Resource.(*estate.LoadBalancer); ok {
		for _, ref := range lb.SecurityGroups.Items {
			for _, g := range estate.To(f.e, ref) {
				outer[g.ID.Addr] = true
			}
		}
	}
	in := *w
	in.Stops = slices.DeleteFunc(slices.Clone(w.Stops), func(s depth.Stop) bool {
		return s.Control == frontDoor.ID || s.Control == originSecret.ID || s.Control == "network.no-open-ingress" && outer[s.On]
	})
	return &in
}

func (f *frontline) aroundBy(t *target, w *ground.Way, d door, past []depth.Stop, by, doubt string) {
	at, g := d.Meta().Pos, f.gate(d)
	managed, judged := slices.Clone(past), slices.Clone(past)
	if g.attached.State != depth.Missing || closed(f.e, d) != estate.Yes { // one that is closed is not asked to have one
		managed, judged = append(managed, g.managed), append(judged, g.limit, g.bots)
		f.losses(g)
	}
	f.tell(depth.Step{Gives: ground.Attack(t.name), Needs: internet, Stops: both(w, managed...), Says: "sends " + t.name + " a request of its own making " + by, At: at, Doubt: doubt})
	f.tell(depth.Step{Gives: ground.Out(t.name), Needs: []depth.Capability{ground.Run(t.name)}, Stops: both(w, past...), Says: "has " + t.name + " carry data out in answers to requests " + by, At: at, Doubt: doubt})
	if t.serves {
		f.tell(depth.Step{Gives: ground.Flood(t.name), Needs: flooding, Stops: both(w, append(judged, g.shield)...), Says: "floods " + t.name + " " + by, At: at, Doubt: doubt})
	}
}

// opening is edge.front-door at one load balancer, and whether CloudFront's
// addresses get there.
type opening struct {
	depth.Stop
	cloudFront estate.Truth
}

// frontDoor judges who may send to a load balancer. Addresses that are named do
// not matter: the attacker has others. Nor do further ports for CloudFront.
func (f *frontline) frontDoor(d door) opening {
	o := opening{Stop: stop(frontDoor.ID, d.Meta().ID.Addr, d.Meta().Pos)}
	o.State, o.Says = depth.Standing, "nobody outside is let in to "+name(d)
	entries := f.entries(d)
	for i := range entries {
		en := &entries[i]
		switch en.from {
		case fromWorld:
			o.State, o.At, o.Says, o.Why = depth.Missing, en.at, en.who+" takes "+en.ports+" from "+en.saw, ""
			o.cloudFront = estate.Yes
			return o
		case fromUnknown:
			o.State, o.At, o.Why = depth.Doubtful, en.at, en.why
			o.cloudFront = o.cloudFront.Or(estate.Maybe)
		case fromCloudFront:
			o.cloudFront = estate.Yes
			if o.State == depth.Standing {
				o.At, o.Says = en.at, en.who+" takes "+en.ports+" from "+en.saw+" alone"
			}
		}
	}
	return o
}

// entries are who may send to a door.
func (f *frontline) entries(d door) []entry {
	switch r := d.Resource.(type) {
	case *estate.LoadBalancer:
		return entriesOf(f.e, r)
	case *estate.ClassicLB:
		return classicEntries(f.e, r)
	case *estate.Ingress:
		if d.alb != nil {
			return ingressEntries(f.e, d.alb)
		}
	case *estate.Service:
		return serviceEntries(r)
	}
	return nil
}

// originSecret judges whether a load balancer demands the header that only the
// shop's distribution adds. A distribution that does not send it, a value without
// another to follow, and one that stands in the files let nobody in from outside.
func (f *frontline) originSecret(d door) depth.Stop {
	s := stop(originSecret.ID, d.Meta().ID.Addr, d.Meta().Pos)
	s.Says = name(d) + " asks for no header"
	found := f.secretOf(d)
	for i := range found {
		r := &found[i]
		if _, sender := estate.Get[*estate.Distribution](f.e, r.On.ID); sender {
			continue
		}
		x := ground.StopOf(originSecret.ID, r)
		if r.Status == control.Partial {
			x.State = depth.Standing
		}
		switch {
		case x.State == depth.Missing:
			s.State, s.At, s.Says, s.Why = x.State, cmp.Or(x.At, s.At), x.Says, ""
			return s
		case s.State == depth.Missing || x.State < s.State:
			s.State, s.At, s.Says, s.Why = x.State, cmp.Or(x.At, s.At), strings.TrimSpace(x.Says), x.Why
		}
	}
	return s
}

func (f *frontline) secretOf(d door) []control.Result {
	switch r := d.Resource.(type) {
	case *estate.LoadBalancer:
		backs, _ := f.fronts.of(r.ID)
		return judgeSecret(f.e, r, backs, f.fronts.why, aclHeaders(f.e, f.cover.of(d), f.sets, f.ours))
	case *estate.Ingress:
		if d.alb != nil {
			_, fronted := f.fronts.ofIngress(d.alb)
			return []control.Result{ingressSecret(d, fronted)}
		}
	}
	return nil
}
