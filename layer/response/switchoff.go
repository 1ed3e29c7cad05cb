package response

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/engine/iam/access"
	"fathom/estate"
	"fathom/layer/ground"
)

// loosening is a call by which a guard guards no longer.
type loosening struct {
	guard depth.Guard
	// action is asked for on each of these.
	action string
	on     []estate.Resource
}

// loosenings are the calls that switch off what watches: of each guard those
// that one who may do little may do, too.
func (w *watch) loosenings() []loosening {
	var out []loosening
	add := func(s *depth.Stop, on []estate.Resource, actions ...string) {
		if s.State == depth.Missing || len(on) == 0 {
			return
		}
		for _, a := range actions {
			out = append(out, loosening{s.Guard, a, on})
		}
	}
	for i := range w.trail {
		s := &w.trail[i]
		add(s, w.called(s.On), "cloudtrail:StopLogging", "cloudtrail:PutEventSelectors")
	}
	add(&w.guardDuty, w.called(w.guardDuty.On), "guardduty:DeleteDetector", "guardduty:UpdateDetector")
	add(&w.guardDuty, resources(w.finding), "events:DisableRule", "events:RemoveTargets")
	var groups []estate.Resource
	for _, f := range w.filters {
		for _, g := range estate.To(w.e, f.LogGroup) {
			if !slices.ContainsFunc(groups, func(x estate.Resource) bool { return x.Meta().ID == g.ID }) {
				groups = append(groups, g)
			}
		}
	}
	add(&w.detections, groups, "logs:DeleteMetricFilter")
	if len(w.alarms) > 0 {
		add(&w.detections, []estate.Resource{w.alarms[0]}, "cloudwatch:DeleteAlarms")
	}
	if w.loud != nil {
		add(&w.loud.stop, w.loud.groups, "logs:DeleteMetricFilter")
		add(&w.loud.stop, []estate.Resource{w.loud.alarm}, "cloudwatch:DeleteAlarms")
	}
	add(&w.runbooks, w.books, "ssm:DeleteDocument")
	add(&w.notify, resources(w.topics), "sns:DeleteTopic")
	return out
}

// called is the resource with an address.
func (w *watch) called(addr string) []estate.Resource {
	for _, r := range w.e.Resources {
		if r.Meta().ID.Addr == addr {
			return []estate.Resource{r}
		}
	}
	return nil
}

func resources[T estate.Resource](of []T) []estate.Resource {
	var out []estate.Resource
	for _, r := range of {
		out = append(out, r)
	}
	return out
}

// switchOff are the steps of those who may switch off what watches, and of
// whoever administers the account. The detections see most of it, where they are
// not what is switched off.
func (w *watch) switchOff() []depth.Step {
	calls := w.loosenings()
	arns := make([][]string, len(calls))
	for i, l := range calls {
		for _, r := range l.on {
			if arn, _, err := w.g.IAM.Resource(r.Meta().ID.Addr); err == nil {
				arns[i] = append(arns[i], arn)
			}
		}
	}
	var out []depth.Step
	for _, p := range w.g.IAM.Principals() {
		if p.Kind != access.Role && p.Kind != access.User && p.Kind != access.PermissionSet {
			continue
		}
		var own []depth.Step
		for i, l := range calls {
			if len(arns[i]) == len(l.on) {
				own = w.loosen(own, l, arns[i], ground.Act(p.Name), p.Name, func(arn string) ground.Grant { return w.g.Permit(p, l.action, arn, nil) })
			}
		}
		out = append(out, own...)
	}
	var own []depth.Step
	for i, l := range calls {
		if len(arns[i]) == len(l.on) {
			own = w.loosen(own, l, arns[i], ground.Admin, "", func(arn string) ground.Grant { return w.g.PermitAdmin(l.action, arn, nil) })
		}
	}
	return append(out, own...)
}

// loosen adds the step of somebody and a call, unless another call of his takes
// the same guard away for no more.
func (w *watch) loosen(own []depth.Step, l loosening, arns []string, who depth.Capability, name string, permit func(arn string) ground.Grant) []depth.Step {
	s := depth.Step{Gives: depth.Off(l.guard), Needs: []depth.Capability{who}, Says: "switches off " + l.guard.Control + " with " + l.action}
	for _, arn := range arns {
		g := permit(arn)
		if g.Never {
			return own
		}
		if s.At.IsZero() {
			s.At = g.At
		}
		for _, stop := range g.Stops {
			if !has(s.Stops, stop.Guard) {
				s.Stops = append(s.Stops, stop)
			}
		}
	}
	if at, seen := w.seen(l.action, name); seen {
		if w.detections.Guard == l.guard {
			return own // it would be seen by what it switches off
		}
		stop := w.detections
		stop.At, stop.Says = or(at, stop.At), "a detection sees "+l.action
		s.Stops = append(s.Stops, stop)
	}
	if slices.ContainsFunc(own, func(o depth.Step) bool { return o.Gives == s.Gives && within(o.Stops, s.Stops) }) {
		return own
	}
	own = slices.DeleteFunc(own, func(o depth.Step) bool { return o.Gives == s.Gives && within(s.Stops, o.Stops) })
	return append(own, s)
}

func has(stops []depth.Stop, g depth.Guard) bool {
	return slices.ContainsFunc(stops, func(s depth.Stop) bool { return s.Guard == g })
}

// within says whether all guards of some stops are among others.
func within(a, b []depth.Stop) bool {
	return !slices.ContainsFunc(a, func(s depth.Stop) bool { return !has(b, s.Guard) })
}

// seen says whether a detection that somebody hears of sees a call, by whom: the
// name of a principal, or "" for who administers the account, whom detections
// that leave out those who apply the files do not see.
func (w *watch) seen(action, by string) (diag.Pos, bool) {
	service, name, _ := strings.Cut(action, ":")
	c := recorded{name: name, source: service + ".amazonaws.com", kind: "AssumedRole", anybody: by == "", role: "anybody"}
	switch kind, who, _ := strings.Cut(by, "/"); kind {
	case "role":
		c.role = who
	case "permission-set":
		c.role = "AWSReservedSSO_" + who + "_0123456789abcdef"
	case "user":
		c.kind, c.role = "IAMUser", ""
	}
	alarmed := alarmedMetrics(w.e)
	for _, f := range w.filters {
		if heard, known := hears(f, alarmed); !heard && known {
			continue
		}
		text, known := f.Pattern.Known()
		if known && c.matches(text) == estate.Yes {
			return or(f.Pattern.Pos(), f.Pos), true
		}
	}
	for i := range w.rules {
		if r := &w.rules[i]; r.calls && len(r.targets) > 0 && r.sees(service, name) {
			return or(r.rule.Pattern.Pos(), r.rule.Pos), true
		}
	}
	return diag.Pos{}, false
}

// sees says whether a rule on API calls is on one: by its name, or on all of its
// service.
func (r *eventRule) sees(service, name string) bool {
	if service == "cloudwatch" {
		service = "monitoring" // as its events and its host call it
	}
	of := slices.Contains(r.sources, "aws."+service) || len(r.sources) == 0
	return of && (!r.names || strings.Contains(r.text, `"`+strings.ToLower(name)+`"`))
}
