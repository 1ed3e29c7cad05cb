package supply

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/estate"
)

var runtimeDetection = control.Control{
	ID:       "supply.runtime-detection",
	Title:    "Falco or its like watches system calls and files of running containers",
	Why:      "an attacker inside a container works undisturbed for as long as he likes",
	Threats:  []control.Threat{control.LateralMovement, control.SupplyChain},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 10.4.1.1", "PCI DSS 4.0.1 11.5.1", "PCI DSS 4.0.1 11.5.2", "HIPAA 164.308(a)(1)(ii)(D)"},
	Check:    checkRuntime,
	Defeat:   unwatched,
	Fells:    []string{"response.guardduty"}, // whose runtime monitoring it is
}

// sensors are the images of agents that watch a node from inside its kernel.
var sensors = regexp.MustCompile(`(?i)(^|/)(falco|falco-no-driver|tetragon|aws-guardduty-agent|tracee|kubearmor|kubescape|node-agent|sysdig-agent|agent-kmodule|falcon-sensor|defender|twistlock|aquasec/enforcer|sensor|neuvector-enforcer|collector|lacework/datacollector)(:|@|$)`)

// charts install one of them.
var sensorCharts = []string{"falco", "tetragon", "kubearmor", "kubearmor-operator", "tracee", "sysdig-deploy", "falcon-sensor", "kubescape-operator", "neuvector", "core"}

// checkRuntime applies where containers run: an EKS cluster or workloads.
// GuardDuty's runtime monitoring is seen in Terraform, everything else in the
// cluster or in what installs a chart there.
func checkRuntime(e *estate.Estate) []control.Result {
	if len(estate.All[*estate.EKSCluster](e)) == 0 && !runsImages(e) {
		return nil
	}
	out := guardDutyRuntime(e)
	for _, w := range estate.All[*estate.Workload](e) {
		if w.Kind == "DaemonSet" && sensorImage(w) != "" {
			out = append(out, control.Is(w, control.Evidence{At: w.AtPod("containers"), Saw: sensorImage(w)}))
		}
	}
	if r, ok := chart(e, sensorCharts...); ok && len(out) == 0 {
		out = append(out, control.Is(r, control.Evidence{At: r.Meta().Pos, Saw: r.Meta().ID.Addr + " installs a runtime sensor"}))
	}
	if len(out) > 0 {
		return out
	}
	m := control.Mistake{
		Summary: "nothing watches what runs in containers: no Falco or Tetragon, no GuardDuty runtime monitoring",
		Fix:     `run the falco or tetragon Helm chart, or set aws_guardduty_detector_feature "RUNTIME_MONITORING" with EKS_ADDON_MANAGEMENT to ENABLED`,
	}
	// What is missing here may stand in the world that was not read.
	on := e.Cluster()
	why := e.MayHideKubernetes()
	switch {
	case !e.HasKubernetes():
		on = e.Account()
		if why == "" {
			why = "no Kubernetes object was read, and a sensor may run there"
		}
	case !e.HasAWS() && why == "":
		why = "nothing of AWS was read, and GuardDuty may watch the cluster"
	case why == "":
		why = e.MayHideAWS()
	}
	if why != "" {
		return []control.Result{control.Unsure(on, on.Pos, why)}
	}
	return []control.Result{control.Not(on, m)}
}

func guardDutyRuntime(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, f := range estate.All[*estate.GuardDutyFeature](e) {
		if f.Feature.In("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING") != estate.Yes {
			continue
		}
		out = append(out, control.Judge(f.Status.Is("ENABLED"), f, control.Mistake{
			At:       f.Status.Pos(),
			Summary:  "GuardDuty runtime monitoring (" + f.ID.Addr + ") is " + f.Status.String(),
			Fix:      `set status = "ENABLED"`,
			Evidence: []control.Evidence{{At: f.Status.Pos(), Saw: "status = " + f.Status.String()}},
		}, "the status of "+f.ID.Addr+" is not known: "+f.Status.Why()))
	}
	for _, a := range estate.All[*estate.EKSAddon](e) {
		if a.Addon.Is("aws-guardduty-agent") == estate.Yes && len(out) == 0 {
			out = append(out, control.Is(a, control.Evidence{At: a.Addon.Pos(), Saw: "add-on aws-guardduty-agent"}))
		}
	}
	return out
}

// sensorImage is the image of a runtime sensor in the pod, or "". Names that
// many products use count only from the vendor's repository.
func sensorImage(w *estate.Workload) string {
	found := ""
	w.Containers(func(c *corev1.Container, _ []string) {
		if found != "" || !sensors.MatchString(c.Image) || driverless(c) {
			return
		}
		for _, generic := range []string{"/node-agent", "/sensor", "/collector", "/defender"} {
			if strings.Contains(c.Image, generic) && !strings.Contains(c.Image, "kubescape") && !strings.Contains(c.Image, "stackrox") && !strings.Contains(c.Image, "twistlock") && !strings.Contains(c.Image, "prisma") && !strings.Contains(c.Image, "wiz") {
				return
			}
		}
		found = c.Image
	})
	return found
}

// falco is the image of Falco itself.
var falco = regexp.MustCompile(`(?i)(^|/)falco(-no-driver)?(:|@|$)`)

// driverless says that a container runs Falco without a driver (engine.kind
// nodriver), where it sees the events of plugins and no system call.
func driverless(c *corev1.Container) bool {
	return falco.MatchString(c.Image) && (slices.Contains(c.Args, "engine.kind=nodriver") || slices.Contains(c.Args, "--nodriver"))
}
