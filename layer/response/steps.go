package response

import (
	"slices"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// steps are how an attacker goes unnoticed, or unstopped, for as long as he
// needs, and how he switches off what would notice.
func steps(e *estate.Estate) []depth.Step {
	w := watching(ground.Of(e))
	out := w.quietAWS()
	out = append(out, w.blind()...)
	out = append(out, w.quietPods()...)
	return append(out, w.switchOff()...)
}

// quietAWS are the least ways to break every link from one who sees to one who
// acts.
func (w *watch) quietAWS() []depth.Step {
	says := "goes on in the account for as long as it takes: nobody who sees it stops it"
	out := w.breaking(ground.QuietAWS, says, "", estate.Maybe)
	if w.doubt != "" { // what is not known to lead to somebody may lead to nobody
		out = append(out, w.breaking(ground.QuietAWS, says, w.doubt, estate.Yes)...)
	}
	return out
}

// breaking are the steps that break the links of which it is as sure as that.
func (w *watch) breaking(gives depth.Capability, says, doubt string, sure estate.Truth) []depth.Step {
	all := []*depth.Stop{&w.guardDuty, &w.detections, &w.runbooks, &w.notify}
	var covers []int
	for set := range 1 << len(all) {
		gone := func(id string) bool {
			return slices.IndexFunc(all, func(s *depth.Stop) bool { return s.Control == id }) >= 0 &&
				set>>slices.IndexFunc(all, func(s *depth.Stop) bool { return s.Control == id })&1 == 1
		}
		broken := true
		for l, t := range w.links {
			broken = broken && (t < sure || gone(l.sees) || gone(l.acts))
		}
		if broken && !slices.ContainsFunc(covers, func(c int) bool { return c&set == c }) {
			covers = append(covers, set)
		}
	}
	var out []depth.Step
	for _, set := range covers {
		s := depth.Step{Gives: gives, Says: says, Doubt: doubt, At: w.e.Account().Pos}
		for i, stop := range all {
			if set>>i&1 == 1 {
				s.Stops = append(s.Stops, *stop)
			}
		}
		out = append(out, s)
	}
	return out
}

// blind is that the detections look at nothing: they read what the trail
// records, where GuardDuty has sources of its own.
func (w *watch) blind() []depth.Step {
	return []depth.Step{{
		Gives: depth.Off(w.detections.Guard), Stops: w.trail, At: w.trail[0].At,
		Says: "leaves the detections nothing to look at: the trail does not record",
	}}
}
