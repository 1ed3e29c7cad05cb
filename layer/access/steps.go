package access

import (
	"slices"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are how people, and whoever has stolen what is theirs, get in: to roles
// that are for people, to shells on machines, to the cluster.
func steps(e *estate.Estate) []depth.Step {
	w := newEntrance(e)
	out := w.roles()
	out = append(out, w.grants()...)
	out = append(out, w.shells()...)
	out = append(out, w.keys()...)
	return append(out, w.cluster()...)
}

// entrance is what the steps of the layer are made from.
type entrance struct {
	g *ground.Ground
	e *estate.Estate
	// asking are the principals whose policies are asked: roles, users and
	// permission sets; byID finds them by their resource.
	asking []access.Principal
	byID   map[estate.ID]access.Principal
	// mfa, timed, within and glass are what the controls found, by resource.
	mfa, timed, within, glass map[estate.ID]depth.Stop
}

func newEntrance(e *estate.Estate) *entrance {
	w := enter(e)
	w.mfa = ground.StopsOf(&mfaSession, e)
	w.timed = ground.StopsOf(&justInTime, e)
	w.within = ground.StopsOf(&scoped, e)
	w.glass = heard(e)
	return w
}

// enter is an entrance of which no control was asked.
func enter(e *estate.Estate) *entrance {
	w := &entrance{g: ground.Of(e), e: e, byID: map[estate.ID]access.Principal{}}
	for _, p := range w.g.IAM.Principals() {
		switch p.Kind {
		case access.Role, access.User, access.PermissionSet:
			w.asking = append(w.asking, p)
			w.byID[p.Resource.Meta().ID] = p
		}
	}
	return w
}

// heard are the stops of the emergency ways in: that somebody hears of their use
// and asks why. What else the control wants of them is another control's too.
func heard(e *estate.Estate) map[estate.ID]depth.Stop {
	out := map[estate.ID]depth.Stop{}
	results := checkBreakGlass(e)
	for i := range results {
		r := &results[i]
		role, ok := estate.Get[*estate.Role](e, r.On.ID)
		if !ok {
			continue
		}
		s := ground.StopOf(breakGlass.ID, r)
		switch silent := !loud(e, role, role.RoleName.String()); {
		case !silent:
			s.State, s.Says, s.Why = depth.Standing, "people are told when "+role.ID.Addr+" is taken", ""
		case r.Status != control.Unknown:
			s.State = depth.Missing
		}
		out[r.On.ID] = s
	}
	return out
}

// missing adds what a control found not to be there, or could not tell, unless
// the guard is among the stops already.
func missing(stops []depth.Stop, found map[estate.ID]depth.Stop, ids ...estate.ID) []depth.Stop {
	for _, id := range ids {
		s, ok := found[id]
		if ok && s.State != depth.Standing && !slices.ContainsFunc(stops, func(t depth.Stop) bool { return t.Control == s.Control }) {
			stops = append(slices.Clip(stops), s)
		}
	}
	return stops
}

// without are the stops of other controls than those.
func without(stops []depth.Stop, controls ...string) []depth.Stop {
	return slices.DeleteFunc(slices.Clone(stops), func(s depth.Stop) bool { return slices.Contains(controls, s.Control) })
}
