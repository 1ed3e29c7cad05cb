package edge

import (
	"cmp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// gate is what judges requests at one door, as guards: those of its web ACL, and
// those that keep the web ACL at work.
type gate struct {
	managed, limit, bots depth.Stop
	// attached and enforcing take the others with them.
	attached, enforcing depth.Stop
	// acl says that there is a web ACL that was read, so that it may enforce.
	acl bool
	// scoped are the paths that the rules against bots leave out.
	scoped []string
	shield depth.Stop
	lost   bool // losses has told
}

// gate is the gate of a door. One without a web ACL has the guards too: missing,
// on the door itself.
func (f *frontline) gate(d door) *gate {
	id := d.Meta().ID
	if g := f.gates[id]; g != nil {
		return g
	}
	g := &gate{}
	g.shield = f.shield(d)
	f.gates[id] = g
	v := f.cover.of(d)
	g.attached = stop(wafAttached.ID, id.Addr, d.Meta().Pos)
	switch {
	case v.there == estate.Yes:
		g.attached.State, g.attached.At, g.attached.Says = depth.Standing, v.at, "its web ACL is "+plain(v.saw)
	case v.there == estate.Maybe:
		g.attached.State, g.attached.Why = depth.Doubtful, v.why
	default:
		g.attached.Says = name(d) + " has no web ACL"
	}
	if len(v.acls) == 0 {
		for _, s := range []struct {
			to *depth.Stop
			id string
		}{{&g.managed, wafManaged.ID}, {&g.limit, rateLimit.ID}, {&g.bots, bots.ID}} {
			*s.to = g.attached
			s.to.Control = s.id
			if v.there == estate.Yes {
				s.to.State, s.to.Why, s.to.Says = depth.Doubtful, v.why, ""
			}
		}
		return g
	}
	a := readACL(f.e, v.acls[0], f.sets)
	on := a.ID.Addr
	if f.shared[a.ID] > 1 {
		on += " before " + id.Addr
	}
	g.acl = true
	g.managed, g.limit, g.enforcing = exploitStop(&a, on), floodStop(&a, on), enforcingStop(&a)
	g.bots, g.scoped = machineStop(&a, on)
	return g
}

// stop is a guard that is missing until something shows it.
func stop(id, on string, at diag.Pos) depth.Stop {
	return depth.Stop{Guard: depth.Guard{Control: id, On: on}, At: at}
}

// plain is the address in a reference: aws_wafv2_web_acl.edge.
func plain(ref string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(ref, "${"), "}"), ".arn")
}

// losses gives what takes the guards of a web ACL away: it is attached to nothing,
// or all its rules only count.
func (f *frontline) losses(g *gate) {
	if g.lost {
		return
	}
	g.lost = true
	for _, s := range []depth.Stop{g.managed, g.limit, g.bots} {
		f.tell(depth.Step{Gives: depth.Off(s.Guard), Stops: []depth.Stop{g.attached}, Says: "finds " + g.attached.On + " without its web ACL, and so without " + s.Control, At: g.attached.At})
		if g.acl {
			f.tell(depth.Step{Gives: depth.Off(s.Guard), Stops: []depth.Stop{g.enforcing}, Says: "finds that the rules of " + g.enforcing.On + " only count, those of " + s.Control + " too", At: g.enforcing.At})
		}
	}
}

// enforcingStop says whether the web ACL stops anything at all. A rule that counts
// while others stop is missed by the control that it is of, not by all: an
// exception for a route's limit lets no exploit in.
func enforcingStop(a *acl) depth.Stop {
	s := stop(wafEnforcing.ID, a.ID.Addr, a.Pos)
	s.Says = "no rule of " + name(a) + " stops anything"
	for i := range a.rules {
		r := &a.rules[i]
		switch {
		case r.why != "" && s.State == depth.Missing:
			s.State, s.At, s.Why = depth.Doubtful, r.at, r.why
		case r.why == "" && r.stops():
			s.State, s.At, s.Says, s.Why = depth.Standing, r.at, `rule "`+r.name+`" and others stop what they match`, ""
			return s
		}
	}
	if s.State == depth.Missing && a.why != "" {
		s.State, s.Why = depth.Doubtful, a.why
	}
	return s
}

// floodStop says whether a rate rule stops whoever asks too often, whatever he
// asks for. Limits of single paths leave him the others.
func floodStop(a *acl, on string) depth.Stop {
	s := stop(rateLimit.ID, on, a.Pos)
	s.Says = name(a) + " has no rate-based rule for all requests"
	for i := range a.rules {
		r := &a.rules[i]
		switch {
		case r.rate == nil || r.rate.scoped:
		case r.why != "" && s.State == depth.Missing:
			s.State, s.At, s.Why = depth.Doubtful, r.at, r.why
		case r.action == count && s.State == depth.Missing:
			s.At, s.Says = r.actionAt, `rate rule "`+r.name+`" only counts`
		case r.stops() && r.why == "":
			s.State, s.At, s.Says, s.Why = depth.Standing, r.rate.at, r.name+": "+r.rate.text, ""
			return s
		}
	}
	if s.State == depth.Missing && a.why != "" {
		s.State, s.Why = depth.Doubtful, a.why
	}
	return s
}

// machineStop says whether rules tell bots from customers, and which paths they
// leave out.
func machineStop(a *acl, on string) (depth.Stop, []string) {
	s := stop(bots.ID, on, a.Pos)
	for _, r := range judgeBots(a) {
		x := ground.StopOf(bots.ID, &r)
		s.State, s.At, s.Says, s.Why = x.State, cmp.Or(x.At, a.Pos), x.Says, x.Why
	}
	var scoped []string
	for i := range a.rules {
		r := &a.rules[i]
		if r.managed != nil && botGroup.MatchString(r.managed.vendor+" "+r.managed.name) && r.stops() && r.looks.has("not_statement") {
			scoped = append(scoped, r.looks.paths...)
		}
	}
	slices.Sort(scoped)
	return s, slices.Compact(scoped)
}

// shield is Shield Advanced at a door. It stands where the door is protected and
// the response team may act: it puts in rules of its own, and a web ACL where
// there is none.
func (f *frontline) shield(d door) depth.Stop {
	if dist, ok := d.Resource.(*estate.Distribution); ok {
		if p := f.primary(dist); p != nil {
			d.Resource = p
		}
	}
	s := stop(shield.ID, d.Meta().ID.Addr, d.Meta().Pos)
	switch d.Resource.(type) {
	case *estate.Distribution, *estate.LoadBalancer:
	default:
		s.Says = "nothing protects what " + d.Meta().ID.Addr + " makes"
		return s
	}
	found := shielded(f.e, d.Resource)
	for i := range found {
		x := ground.StopOf(shield.ID, &found[i])
		if i == 0 || x.State < s.State {
			s.State, s.At, s.Says, s.Why = x.State, cmp.Or(x.At, s.At), x.Says, x.Why
		}
	}
	return s
}

// shielded judges one door as checkShield judges all.
func shielded(e *estate.Estate, r estate.Resource) []control.Result {
	all := estate.All[*estate.ShieldProtection](e)
	if len(all) == 0 {
		return checkShield(e)
	}
	out := []control.Result{protection(e, r, looseProtection(e))}
	if team := people(e); len(team) > 0 {
		out = append(out, team[0])
	}
	return out
}
