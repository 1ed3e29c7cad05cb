package response

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// watch is who sees what happens in an account, and who acts on it.
//
// Two see, GuardDuty in streams of its own and the detections in what the trail
// records; two act, the runbooks by themselves and the people who are told. Who
// sees is a guard only as far as somebody acts on it, and whoever wants to be
// quiet breaks every link from one who sees to one who acts.
type watch struct {
	g *ground.Ground
	e *estate.Estate

	guardDuty, detections depth.Stop // see
	runbooks, notify      depth.Stop // act
	trail                 []depth.Stop

	// links are those between who sees and who acts.
	links map[link]estate.Truth
	// doubt says what is not known of a link.
	doubt string

	rules []eventRule
	// finding are the rules that hand on what GuardDuty finds; books the runbooks
	// that they start; topics whom they and the alarms tell.
	finding []*estate.EventRule
	books   []estate.Resource
	topics  []*estate.Topic
	filters []*estate.MetricFilter
	alarms  []*estate.Alarm
	// loud is what has people hear of what a sensor in the cluster prints, or nil.
	// It reads no trail.
	loud *hearing
}

// link is from one who sees to one who acts, by control.
type link struct{ sees, acts string }

func watching(g *ground.Ground) *watch {
	e := g.Estate
	w := &watch{g: g, e: e, links: map[link]estate.Truth{}, rules: eventRules(e)}
	w.guardDuty = w.detector()
	w.detections = ground.StopWhole(&detections, e, account(e))
	w.trail = w.trails()
	w.findPeople()
	w.findBooks()
	for _, sees := range []*depth.Stop{&w.guardDuty, &w.detections} {
		for _, acts := range []*depth.Stop{&w.runbooks, &w.notify} {
			if sees.State == depth.Missing || acts.State == depth.Missing {
				w.links[link{sees.Control, acts.Control}] = estate.Yes // once it is there
			}
		}
	}
	return w
}

// account is what a guard of the whole account stands on.
func account(e *estate.Estate) string { return e.Account().ID.Addr }

// nowhere is the stop of a control of which nothing was found.
func nowhere(e *estate.Estate, id, says string) depth.Stop {
	s := depth.Stop{Guard: depth.Guard{Control: id, On: account(e)}, At: e.Account().Pos, Says: says}
	if why := e.MayHideAWS(); why != "" {
		s.State, s.Why = depth.Doubtful, why
	}
	return s
}

// detector is the detector of the region that the stores are in.
func (w *watch) detector() depth.Stop {
	all := estate.All[*estate.GuardDuty](w.e)
	home := w.home()
	var here []*estate.GuardDuty
	for _, d := range all {
		region, known := regionOf(w.e, d).Known()
		if !known || len(home) == 0 || slices.Contains(home, region) {
			here = append(here, d)
		}
	}
	if len(here) == 0 {
		return nowhere(w.e, guardDuty.ID, "no GuardDuty detector is where the data is")
	}
	out := w.sees(here[0])
	for _, d := range here[1:] {
		if s := w.sees(d); s.State < out.State {
			out = s
		}
	}
	return out
}

// home are the regions of the stores, where they are known.
func (w *watch) home() []string {
	var out []string
	for _, s := range w.g.Stores {
		if region, known := regionOf(w.e, s.Place.Of).Known(); known && !slices.Contains(out, region) {
			out = append(out, region)
		}
	}
	return out
}

// sees is the stop of a detector: it sees a theft where it is on and looks at
// what is read from S3. What it lacks besides matters elsewhere.
func (w *watch) sees(d *estate.GuardDuty) depth.Stop {
	s := depth.Stop{Guard: depth.Guard{Control: guardDuty.ID, On: d.ID.Addr}, At: d.Pos}
	on, at, why := d.Enabled.Default(true).Is(true), d.Enabled.Pos(), d.Enabled.Why()
	if text, known := d.Sources.At("s3_logs", "enable").Literal(); known && text == "false" {
		on, at = estate.No, d.Sources.At("s3_logs", "enable").Pos
	}
	for _, f := range estate.Of[*estate.GuardDutyFeature](w.e, d.ID) {
		if f.Feature.Is("S3_DATA_EVENTS") == estate.Yes && f.Status.Is("ENABLED") < on {
			on, at, why = f.Status.Is("ENABLED"), f.Status.Pos(), f.Status.Why()
		}
	}
	switch on {
	case estate.Yes:
		s.State, s.Says = depth.Standing, "GuardDuty "+d.ID.Addr+" sees what is unusual in the account"
	case estate.Maybe:
		s.State, s.At, s.Why, s.Says = depth.Doubtful, or(at, d.Pos), why, "it is not known whether "+d.ID.Addr+" sees what is read"
	default:
		s.At, s.Says = or(at, d.Pos), d.ID.Addr+" does not see what is read"
	}
	return s
}

// trails are the stops of the trails that record: all of them have to be gone
// before the detections have nothing to look at.
func (w *watch) trails() []depth.Stop {
	var out []depth.Stop
	for _, t := range estate.All[*estate.Trail](w.e) {
		s := depth.Stop{Guard: depth.Guard{Control: trail.ID, On: t.ID.Addr}, At: t.Pos, Says: t.ID.Addr + " records nothing"}
		switch t.Enabled.Default(true).Is(true) {
		case estate.Yes:
			s.State, s.Says = depth.Standing, t.ID.Addr+" records who does what"
		case estate.Maybe:
			s.State, s.Why = depth.Doubtful, t.Enabled.Why()
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		out = append(out, nowhere(w.e, trail.ID, "there is no trail for the detections to look at"))
	}
	return out
}

// findPeople follows findings and alarms to the people who hear of them.
func (w *watch) findPeople() {
	n := &notifier{e: w.e, heard: map[estate.ID]estate.Truth{}, counted: countedMetrics(w.e)}
	found, called, printed := estate.No, estate.No, estate.No
	for i := range w.rules {
		r := &w.rules[i]
		if !r.security() {
			continue
		}
		heard := estate.No
		for _, t := range r.targets {
			heard = heard.Or(n.hears(t.Target))
		}
		if r.calls {
			called = called.Or(heard)
		}
		if r.ofGuardDuty() {
			w.finding = append(w.finding, r.rule)
			found = found.Or(heard)
		}
	}
	for _, a := range estate.All[*estate.Alarm](w.e) {
		if metric, ok := a.Metric.Known(); !ok || !n.counted[metric] || a.Acts.Is(false) == estate.Yes {
			continue
		}
		heard := estate.No
		for i := range a.Actions.Items {
			heard = heard.Or(n.hears(a.Actions.Items[i]))
		}
		if f := w.overContainers(a); f != nil {
			w.louder(f, a, heard)
			printed = printed.Or(heard)
			continue
		}
		w.alarms = append(w.alarms, a)
		called = called.Or(heard)
	}
	for _, f := range estate.All[*estate.MetricFilter](w.e) {
		if !w.ofContainers(f) {
			w.filters = append(w.filters, f)
		}
	}
	w.link(guardDuty.ID, notify.ID, found, n.why)
	w.link(detections.ID, notify.ID, called, n.why)
	for _, t := range n.order {
		if n.heard[t.ID] == estate.Yes {
			w.topics = append(w.topics, t)
		}
	}
	w.notify = w.acts(notify.ID, found.Or(called).Or(printed), n.why, "people are told of what is seen", "nobody is told of what is seen")
	if len(w.topics) > 0 {
		w.notify.At = w.topics[0].Pos
	}
}

// findBooks looks for runbooks that contain a theft by themselves.
func (w *watch) findBooks() {
	triggers := securityTriggers(w.e)
	best := estate.No
	for _, b := range runbooksOf(w.e, triggers) {
		if triggers[b.Meta().ID] && b.forS3() {
			w.books = append(w.books, b.Resource)
			best = estate.Yes
		}
	}
	for i := range w.rules {
		r := &w.rules[i]
		if !slices.ContainsFunc(w.books, func(b estate.Resource) bool { return r.starts(w.e, b.Meta().ID) }) {
			continue
		}
		if r.ofGuardDuty() {
			w.link(guardDuty.ID, runbooks.ID, estate.Yes, "")
		}
		if r.calls {
			w.link(detections.ID, runbooks.ID, estate.Yes, "")
		}
	}
	w.runbooks = w.acts(runbooks.ID, best, "", "a runbook contains it by itself", "no runbook that a finding starts contains a theft")
	if len(w.books) > 0 {
		w.runbooks.At = w.books[0].Meta().Pos
	}
}

// ofGuardDuty says whether what GuardDuty finds comes to the rule: by itself, or
// by Security Hub.
func (r *eventRule) ofGuardDuty() bool {
	return r.findings && slices.ContainsFunc(r.sources, func(s string) bool {
		return strings.HasPrefix("aws.guardduty", s) || strings.HasPrefix("aws.securityhub", s)
	})
}

// starts says whether the rule starts something.
func (r *eventRule) starts(e *estate.Estate, id estate.ID) bool {
	return slices.ContainsFunc(r.targets, func(t *estate.EventTarget) bool {
		return slices.Contains(t.Target.To, id) || slices.Contains(definedBy(e, t.Target.String()), id)
	})
}

func (w *watch) link(sees, acts string, t estate.Truth, why string) {
	l := link{sees, acts}
	w.links[l] = w.links[l].Or(t)
	if t == estate.Maybe && w.doubt == "" {
		w.doubt = why
	}
}

// acts is the stop of who acts.
func (w *watch) acts(id string, t estate.Truth, why, says, not string) depth.Stop {
	if t == estate.No {
		return nowhere(w.e, id, not)
	}
	s := depth.Stop{Guard: depth.Guard{Control: id, On: account(w.e)}, At: w.e.Account().Pos, State: depth.Standing, Says: says}
	if t == estate.Maybe {
		s.State, s.Why = depth.Doubtful, why
	}
	return s
}
