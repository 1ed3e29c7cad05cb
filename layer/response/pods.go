package response

import (
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// quietPods are how what happens in pods is seen by a sensor and stopped by
// nobody: no person hears of it, or what leads from the sensors to people is
// gone. That no sensor sees it is for the layer supply to say.
func (w *watch) quietPods() []depth.Step {
	inside, sensor := w.guardDutyInside(), w.sensor()
	toPeople := w.links[link{w.guardDuty.Control, w.notify.Control}]
	var chains []depth.Stop // what each way to people depends on
	if inside != nil && toPeople != estate.No {
		chains = append(chains, w.guardDuty)
	}
	if w.loud != nil && sensor != nil {
		chains = append(chains, w.loud.stop)
	}
	handed := w.handedOn()
	unheard := inside
	if unheard == nil {
		unheard = sensor
	}
	if len(chains) == 0 && !handed && unheard != nil {
		return []depth.Step{w.quiet("", depth.Stop{
			Guard: depth.Guard{Control: notify.ID, On: unheard.Meta().ID.Addr}, At: unheard.Meta().Pos,
			Says: "what " + unheard.Meta().ID.Addr + " sees leads to no alarm that anybody hears",
		})}
	}
	out := append(w.hushed(sensor), w.quiet("", w.notify))
	if len(chains) > 0 && !handed {
		out = append(out, w.quiet("", chains...))
	}
	if len(chains) == 1 && inside != nil && toPeople == estate.Maybe {
		out = append(out, w.quiet(w.doubt))
	}
	return out
}

func (w *watch) quiet(doubt string, stops ...depth.Stop) depth.Step {
	return depth.Step{
		Gives: ground.QuietPods, Stops: stops, Doubt: doubt, At: w.e.Account().Pos,
		Says: "goes on in pods and on nodes for as long as it takes: nobody who hears of it stops it",
	}
}

// guardDutyInside is what has GuardDuty look into pods and nodes, or nil.
func (w *watch) guardDutyInside() estate.Resource {
	for _, f := range estate.All[*estate.GuardDutyFeature](w.e) {
		if f.Feature.In("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING") == estate.Yes && f.Status.Is("ENABLED") != estate.No {
			return f
		}
	}
	for _, a := range estate.All[*estate.EKSAddon](w.e) {
		if a.Addon.Is("aws-guardduty-agent") == estate.Yes {
			return a
		}
	}
	return nil
}

// sensors are words in the names of what looks into pods.
var sensors = []string{"falco", "tetragon", "tracee", "kubearmor"}

// sensor is what else looks into pods, or nil.
func (w *watch) sensor() estate.Resource {
	for _, x := range estate.All[*estate.Workload](w.e) {
		if x.Kind == "DaemonSet" && containsAny(strings.ToLower(x.Name), sensors...) {
			return x
		}
	}
	return nil
}

// handedOn says whether something in the cluster hands on what a sensor sees.
func (w *watch) handedOn() bool {
	for _, x := range estate.All[*estate.Workload](w.e) {
		if strings.Contains(strings.ToLower(x.Name), "falcosidekick") {
			return true
		}
	}
	return false
}

// hushed is that who has the sensor has it print nothing: nobody watches it.
func (w *watch) hushed(sensor estate.Resource) []depth.Step {
	var out []depth.Step
	for _, x := range w.g.Workloads {
		if p := x.Pods(); w.loud != nil && p != nil && estate.Resource(p) == sensor {
			out = append(out, depth.Step{
				Gives: depth.Off(w.loud.stop.Guard), Needs: []depth.Capability{ground.Run(x.Name)}, At: p.Pos,
				Says: "has " + x.Name + " print nothing of what it sees",
			})
		}
	}
	return out
}

// hearing is a filter over what containers print, with an alarm on it. A sensor
// prints what it sees, and the cluster's agent sends that to CloudWatch.
type hearing struct {
	stop   depth.Stop
	groups []estate.Resource
	alarm  *estate.Alarm
}

// louder takes a filter and its alarm for what makes a sensor heard, unless
// another does so more surely.
func (w *watch) louder(f *estate.MetricFilter, a *estate.Alarm, heard estate.Truth) {
	s := depth.Stop{
		Guard: depth.Guard{Control: detections.ID, On: f.ID.Addr}, State: depth.Standing, At: or(f.Pattern.Pos(), f.Pos),
		Says: a.ID.Addr + " tells of what a sensor prints",
	}
	text, known := f.Pattern.Known()
	switch {
	case heard == estate.No, known && text != "" && !containsAny(strings.ToLower(text), append(slices.Clone(sensors), "priority")...):
		return
	case heard == estate.Maybe:
		s.State, s.Why = depth.Doubtful, "it is not known whom "+a.ID.Addr+" tells"
	}
	if w.loud == nil || w.loud.stop.State < s.State {
		w.loud = &hearing{s, resources(estate.To(w.e, f.LogGroup)), a}
	}
}

// overContainers is the filter over what containers print that makes the metric
// of an alarm, or nil.
func (w *watch) overContainers(a *estate.Alarm) *estate.MetricFilter {
	metric, _ := a.Metric.Known()
	for _, f := range estate.All[*estate.MetricFilter](w.e) {
		if w.ofContainers(f) && slices.ContainsFunc(f.Metrics.Items, func(m estate.MetricTransformation) bool { return m.Name.Is(metric) == estate.Yes }) {
			return f
		}
	}
	return nil
}

// ofContainers says whether a filter reads what containers print.
func (w *watch) ofContainers(f *estate.MetricFilter) bool {
	group := f.LogGroup.String()
	for _, g := range estate.To(w.e, f.LogGroup) {
		group += " " + g.GroupName.String()
	}
	return strings.Contains(group, "/aws/containerinsights/")
}
