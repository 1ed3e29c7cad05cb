package ground

import (
	"cmp"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/estate"
)

// StopOf makes the stop of what a control's Check found on a resource: it
// stands where the control is present, and is missing where the check found a
// mistake. A guard with a hole stops nobody who knows the hole; a step for which
// the hole does not matter says so itself.
func StopOf(id string, r *control.Result) depth.Stop {
	s := depth.Stop{Guard: depth.Guard{Control: id}, At: r.At, Says: r.Summary}
	if r.On != nil {
		s.On = r.On.ID.Addr
	}
	switch r.Status {
	case control.Present:
		s.State = depth.Standing
		if len(r.Evidence) > 0 {
			s.At, s.Says = r.Evidence[0].At, r.Evidence[0].Saw
		}
	case control.Unknown:
		s.State, s.Why = depth.Doubtful, cmp.Or(r.Reason, r.Summary)
	}
	return s
}

// StopsOf are the stops of all that a control's Check finds, by resource. Of
// several results on one resource the weakest counts.
func StopsOf(c *control.Control, e *estate.Estate) map[estate.ID]depth.Stop {
	out := map[estate.ID]depth.Stop{}
	results := c.Check(e)
	for i := range results {
		r := &results[i]
		if r.On == nil {
			continue
		}
		s := StopOf(c.ID, r)
		if was, ok := out[r.On.ID]; !ok || s.State < was.State {
			out[r.On.ID] = s
		}
	}
	return out
}

// StopWhole is the stop of a control of the whole account or cluster: it stands
// where everything that the control found is present, and on names what it
// guards.
func StopWhole(c *control.Control, e *estate.Estate, on string) depth.Stop {
	s := depth.Stop{Guard: depth.Guard{Control: c.ID, On: on}, Says: "there is none"}
	results := c.Check(e)
	for i := range results {
		x := StopOf(c.ID, &results[i])
		if i == 0 || x.State < s.State {
			s.State, s.At, s.Says, s.Why = x.State, x.At, x.Says, x.Why
		}
	}
	return s
}
