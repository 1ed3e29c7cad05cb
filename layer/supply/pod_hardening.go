package supply

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var podHardening = control.Control{
	ID:       "supply.pod-hardening",
	Title:    "pods meet the restricted standard: no hostPath, not privileged, not root, with resource limits",
	Why:      "code that runs in one container takes the node, and with it every pod there",
	Threats:  []control.Threat{control.LateralMovement, control.SupplyChain},
	Phase:    control.MidTerm,
	Severity: control.Medium,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 2.2.1", "PCI DSS 4.0.1 2.2.6", "PCI DSS 4.0.1 7.2.5"},
	Check:    checkPods,
	Defeat:   privileged,
}

// violation is one line of a pod that the standard does not allow.
type violation struct {
	severity control.Severity
	at       diag.Pos
	who      string // "container app", or "" for the pod
	text     string
	fix      string
	// baseline says that even the baseline standard refuses it; limits that no
	// Pod Security standard speaks of it.
	baseline, limits bool
}

// checkPods holds each workload to the Pod Security Standard "restricted" and
// asks for memory limits, of which the standard says nothing. A namespace whose
// label enforces the standard refuses what violates it.
func checkPods(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, w := range estate.All[*estate.Workload](e) {
		out = append(out, judgePod(e, w))
	}
	return out
}

func judgePod(e *estate.Estate, w *estate.Workload) control.Result {
	vs := violations(w)
	level, labelled := enforced(e, w.Namespace)
	vs = slices.DeleteFunc(vs, func(v violation) bool {
		return !v.limits && (level == "restricted" || level == "baseline" && v.baseline)
	})
	if isAgent(w) {
		vs = slices.DeleteFunc(vs, func(v violation) bool { return !v.limits })
	}
	if len(vs) == 0 {
		ev := []control.Evidence{{At: w.Pos, Saw: "meets the restricted standard"}}
		if level != "" {
			ev = append(ev, control.Evidence{At: labelled, Saw: "the namespace enforces " + level})
		}
		return control.Is(w, ev...)
	}
	slices.SortStableFunc(vs, func(a, b violation) int { return int(b.severity) - int(a.severity) })
	m := control.Mistake{At: vs[0].at, Severity: vs[0].severity, Summary: w.ID.Addr + ": " + phrases(vs), Fix: fixes(vs)}
	if w.Pod.HostNetwork && m.At == w.AtPod("hostNetwork") { // network.pod-policy sees it too
		m.Cause = control.CauseHostNetwork
	}
	for _, v := range vs {
		m.Evidence = append(m.Evidence, control.Evidence{At: v.at, Saw: strings.TrimSpace(v.who + " " + v.text)})
	}
	if vs[0].baseline || unhardened(vs) {
		return control.Not(w, m)
	}
	return control.Partly(w, m)
}

// enforced is the level that the namespace's label enforces ("Enforce Pod
// Security Standards with Namespace Labels" in the Kubernetes documentation).
func enforced(e *estate.Estate, namespace string) (level string, at diag.Pos) {
	const label = "pod-security.kubernetes.io/enforce"
	ns := estate.NamespaceOf(e, namespace)
	if ns == nil {
		return "", diag.Pos{}
	}
	if l := ns.Labels[label]; l == "restricted" || l == "baseline" {
		return l, ns.At("metadata", "labels", label)
	}
	return "", diag.Pos{}
}

// agents are node agents whose work is to see the host: they watch, mount or
// connect what other pods use, and their vendors ship them so.
var agents = regexp.MustCompile(`(^|/)(falco|falcosecurity/falco[a-z-]*|tetragon|aws-guardduty-agent|amazon-k8s-cni(-init)?|aws-network-policy-agent|kube-proxy|aws-ebs-csi-driver|aws-efs-csi-driver|secrets-store-csi-driver[a-z-]*|csi-node-driver-registrar|livenessprobe|node-exporter|cilium|calico/node|install-cni|ztunnel|eks-pod-identity-agent|spire-agent|spiffe-csi-driver)(:|@|$)`)

func isAgent(w *estate.Workload) bool {
	return w.Kind == "DaemonSet" && len(w.Pod.Containers) > 0 && !slices.ContainsFunc(w.Pod.Containers, func(c corev1.Container) bool {
		return !agents.MatchString(c.Image)
	})
}

// unhardened says whether nothing of what restricted asks for is there.
func unhardened(vs []violation) bool {
	n := 0
	for _, v := range vs {
		if !v.limits && !v.baseline {
			n++
		}
	}
	return n >= 4
}

// phrases tells the violations by who makes them, the worst first.
func phrases(vs []violation) string {
	var out []string
	var last string
	for i, v := range vs {
		switch {
		case i == 4 && len(vs) > 5:
			return strings.Join(out, "") + fmt.Sprintf(", and %d more", len(vs)-4)
		case i > 0 && v.who == last:
			out = append(out, ", ")
		case i > 0:
			out = append(out, "; ")
			fallthrough
		default:
			if last = v.who; v.who != "" {
				out = append(out, v.who, " ")
			}
		}
		out = append(out, v.text)
	}
	return strings.Join(out, "")
}

func fixes(vs []violation) string {
	var out []string
	for _, v := range vs {
		if !slices.Contains(out, v.fix) {
			out = append(out, v.fix)
		}
	}
	return strings.Join(out[:min(len(out), 6)], "; ")
}
