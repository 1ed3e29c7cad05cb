package response

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/estate"
)

var drift = control.Control{
	ID:       "response.drift",
	Title:    "Nightly comparison of AWS with the declared files, reconciled through review",
	Why:      "A port opened by hand for an hour stays open for a year, and the files say that it is closed",
	Threats:  []control.Threat{control.LateralMovement, control.Exfiltration},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 1.2.8", "PCI DSS 4.0.1 6.5.1"},
	Check:    checkDrift,
	Aside:    "it finds in the next night what somebody changed: later than a theft takes",
}

// compares matches a command that compares what is there with what is declared.
var compares = regexp.MustCompile(`\b(terraform|tofu|terragrunt)\b[^\n|;&]*\bplan\b|\bdriftctl\s+scan\b|\bfathom\s+drift\b|\bpulumi\s+preview\b|\bdetect-stack-drift\b|\bcdk\s+drift\b`)

// fails matches what makes a difference fail the run, or tell of itself.
// terraform plan ends well when it finds one, unless asked for its exit code.
var fails = regexp.MustCompile(`-detailed-exitcode|driftctl|fathom\s+drift|pulumi|detect-stack-drift|cdk\s+drift|-out[= ]|show\s+-json`)

// checkDrift asks for a scheduled comparison for AWS, and takes a GitOps
// controller that heals itself as one for the cluster.
func checkDrift(e *estate.Estate) []control.Result {
	aws := append(scheduledWorkflows(e), scheduledBuilds(e)...)
	cluster := controllers(e)
	out := append(aws, cluster...)
	const fix = "add a workflow with on: schedule that runs terraform plan -detailed-exitcode -lock=false and opens an issue when it differs"
	switch {
	case e.HasAWS() && len(aws) == 0:
		out = append(out, control.Nowhere(e, control.Mistake{
			Summary: "nobody compares AWS with these files: no scheduled workflow or build runs a plan",
			Fix:     fix,
		})...)
	case e.HasKubernetes() && len(out) == 0 && !e.HasAWS():
		out = append(out, control.NowhereInCluster(e, control.Mistake{
			Summary: "nobody compares the cluster with these files: no Argo CD application or Flux Kustomization keeps them together",
			Fix:     "deploy with Argo CD (syncPolicy.automated.selfHeal: true) or Flux",
		})...)
	}
	return out
}

func scheduledWorkflows(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, w := range estate.All[*estate.Workflow](e) {
		if !slices.Contains(w.On, "schedule") {
			continue
		}
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				action := containsAny(s.Uses, "dflook/terraform-check", "driftctl", "terraform-plan", "tofu-plan", "fathom")
				switch {
				case !action && !compares.MatchString(s.Run):
				case action || fails.MatchString(s.Run):
					out = append(out, control.Is(w, control.Saw(s.At, "%s", strings.TrimSpace(compares.FindString(s.Run)+s.Uses))))
				default:
					out = append(out, control.Partly(w, control.Mistake{
						At: s.At, Severity: control.Low,
						Summary: "workflow " + w.ID.Addr + " compares and tells nobody: terraform plan ends well also when it finds a difference",
						Fix:     "add -detailed-exitcode, and open an issue on exit code 2",
					}))
				}
			}
		}
	}
	return out
}

// scheduledBuilds are CodeBuild projects that a schedule starts.
func scheduledBuilds(e *estate.Estate) []control.Result {
	scheduled := scheduledTargets(e)
	var out []control.Result
	for _, p := range estate.All[*estate.BuildProject](e) {
		if !scheduled[p.ID] {
			continue
		}
		for _, s := range p.Source.Items {
			if compares.MatchString(s.Buildspec.String()) {
				out = append(out, control.Is(p, control.Saw(s.Buildspec.Pos(), "a scheduled build that compares")))
			}
		}
	}
	return out
}

// scheduledTargets are the resources that a schedule starts.
func scheduledTargets(e *estate.Estate) map[estate.ID]bool {
	out := map[estate.ID]bool{}
	for _, r := range estate.All[*estate.EventRule](e) {
		if r.Schedule.Absent() || r.State.Is("DISABLED") == estate.Yes || r.Enabled.Is(false) == estate.Yes {
			continue
		}
		for _, t := range estate.Of[*estate.EventTarget](e, r.ID) {
			for _, id := range t.Target.To {
				out[id] = true
			}
		}
	}
	for _, s := range estate.All[*estate.Schedule](e) {
		if s.State.Is("DISABLED") == estate.Yes {
			continue
		}
		for _, t := range s.Target.Items {
			for _, id := range t.Target.To {
				out[id] = true
			}
		}
	}
	return out
}

// controllers are what keeps a cluster as its files say: Flux always does,
// Argo CD where it may heal.
func controllers(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, o := range estate.All[*estate.Object](e) {
		switch {
		case o.Kind == "Kustomization" && strings.HasPrefix(o.APIVersion, "kustomize.toolkit.fluxcd.io/"), o.Kind == "HelmRelease" && strings.HasPrefix(o.APIVersion, "helm.toolkit.fluxcd.io/"):
			if text, _ := o.Manifest.At("spec", "suspend").Literal(); text == "true" {
				out = append(out, control.Partly(o, control.Mistake{
					At: o.At("spec", "suspend"), Severity: control.Low,
					Summary: "Flux " + o.Kind + ` "` + o.Name + `" is suspended: what is changed by hand stays`,
					Fix:     "set suspend: false",
				}))
				continue
			}
			out = append(out, control.Is(o, control.Saw(o.Pos, "Flux reconciles %s", o.Name)))
		case o.Kind == "Application" && strings.HasPrefix(o.APIVersion, "argoproj.io/"):
			heal := o.Manifest.At("spec", "syncPolicy", "automated", "selfHeal")
			if text, _ := heal.Literal(); text == "true" {
				out = append(out, control.Is(o, control.Saw(heal.Pos, "Argo CD heals %s", o.Name)))
				continue
			}
			out = append(out, control.Partly(o, control.Mistake{
				At: o.At("spec", "syncPolicy", "automated", "selfHeal"), Severity: control.Low,
				Summary: `Argo CD application "` + o.Name + `" does not heal itself: what is changed by hand stays`,
				Fix:     "set syncPolicy.automated.selfHeal: true",
			}))
		}
	}
	return out
}
