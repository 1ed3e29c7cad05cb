package response

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var drills = control.Control{
	ID:       "response.drills",
	Title:    "Purple-team and chaos drills, continuously",
	Why:      "A guard, an alarm or a runbook that broke months ago is found broken during the attack",
	Threats:  all,
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 12.10.2", "PCI DSS 4.0.1 11.4.5", "GDPR 32(1)(d)"},
	Check:    checkDrills,
	Aside:    "it shows whether the others work, before an attacker does",
}

// attacks matches what a drill runs.
var attacks = regexp.MustCompile(`(?i)\bstratus\s+detonate\b|atomic[-_ ]?red|\bfathom\s+drill\b|\bchaos\b|litmus|fis\s+start-experiment|\bgame[- ]?day\b|\bcaldera\b|\bpacu\b|purple[-_ ]team`)

// chaos are the API groups of chaos tools in a cluster.
var chaos = []string{"chaos-mesh.org/", "litmuschaos.io/"}

// checkDrills looks for drills that run by themselves: a fault injection
// template that a schedule starts, chaos schedules in the cluster, scheduled
// workflows that attack.
func checkDrills(e *estate.Estate) []control.Result {
	var out []control.Result
	scheduled := scheduledTargets(e)
	started := startedByInput(e)
	for _, x := range estate.All[*estate.Experiment](e) {
		if scheduled[x.ID] || started[x.ID.Addr] {
			out = append(out, control.Is(x, control.Saw(x.Pos, "a schedule starts it")))
			continue
		}
		out = append(out, half(control.Lacks(e, x, control.Mistake{
			Summary: "experiment " + x.ID.Addr + " runs when somebody remembers it: no schedule starts it",
			Fix:     "add an aws_scheduler_schedule whose target starts the experiment (arn:aws:scheduler:::aws-sdk:fis:startExperiment)",
		}))...)
	}
	for _, o := range estate.All[*estate.Object](e) {
		if slices.ContainsFunc(chaos, func(p string) bool { return strings.HasPrefix(o.APIVersion, p) }) {
			out = append(out, control.Is(o, control.Saw(o.Pos, "%s %s", o.Kind, o.Name)))
		}
	}
	for _, w := range estate.All[*estate.Workflow](e) {
		if !slices.Contains(w.On, "schedule") {
			continue
		}
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				if attacks.MatchString(s.Run + " " + s.Uses + " " + s.Name) {
					out = append(out, control.Is(w, control.Saw(s.At, "a scheduled workflow runs a drill")))
				}
			}
		}
	}
	m := control.Mistake{
		Summary: "no drill is written down: there is no fault injection template, chaos schedule or scheduled attack",
		Fix:     "add an aws_fis_experiment_template with a schedule, and a scheduled workflow that attacks a copy of the platform and checks that it was seen",
	}
	switch {
	case len(out) > 0:
		return out
	case e.HasAWS():
		return control.Nowhere(e, m)
	case e.HasKubernetes():
		return control.NowhereInCluster(e, m)
	}
	return nil
}

var attribute = regexp.MustCompile(`\$\{([^}]+)\.[a-z_]+\}`)

// startedByInput are the addresses of resources that stand in what schedules
// hand to the service they call: an experiment is named there.
func startedByInput(e *estate.Estate) map[string]bool {
	out := map[string]bool{}
	for _, s := range estate.All[*estate.Schedule](e) {
		for _, t := range s.Target.Items {
			for _, m := range attribute.FindAllStringSubmatch(t.Input.String(), -1) {
				out[m[1]] = true
			}
		}
	}
	return out
}
