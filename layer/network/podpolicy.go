package network

import (
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fathom/control"
	"fathom/estate"
)

var podPolicy = control.Control{
	ID:       "network.pod-policy",
	Title:    "Every pod is isolated by NetworkPolicies: default deny, then per service",
	Why:      "From one compromised pod the attacker can connect to every other pod of the cluster",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.MidTerm,
	Severity: control.High,
	World:    control.Kubernetes,
	Maps:     []string{"PCI DSS 4.0.1 1.3.1", "PCI DSS 4.0.1 1.3.2"},
	Check:    checkPodPolicy,
	Defeat:   unpoliced,
	Fells:    []string{"network.egress-deny"},
}

func checkPodPolicy(e *estate.Estate) []control.Result {
	workloads := estate.All[*estate.Workload](e)
	if len(workloads) == 0 {
		return nil
	}
	foreign := foreignPolicy(e)
	byNamespace := map[string][]*estate.Workload{}
	var names []string
	for _, w := range workloads {
		if byNamespace[w.Namespace] == nil {
			names = append(names, w.Namespace)
		}
		byNamespace[w.Namespace] = append(byNamespace[w.Namespace], w)
	}
	slices.Sort(names)
	pods := podGroups(e)
	var out []control.Result
	for _, ns := range names {
		out = append(out, isolated(e, ns, byNamespace[ns], pods[ns], foreign)...)
	}
	for _, p := range estate.All[*estate.NetworkPolicy](e) {
		out = append(out, policyIngress(p)...)
	}
	return append(out, notEnforced(e, foreign)...)
}

// isolated judges the workloads of a namespace. One without any policy is one
// mistake, not one for each workload.
func isolated(e *estate.Estate, ns string, ws []*estate.Workload, groups []*estate.SecurityGroupPolicy, foreign string) []control.Result {
	var out, open []control.Result
	var exposed []*estate.Workload
	covered := false
	for _, w := range ws {
		ps := estate.PoliciesOf(e, w)
		in, eg := directions(ps)
		covered = covered || len(ps) > 0 && !w.Pod.HostNetwork
		switch {
		case w.Pod.HostNetwork:
			out = append(out, hostNetwork(w))
		case in && eg:
			out = append(out, control.Is(w))
		case hasPodGroup(e, w, groups):
			out = append(out, control.Is(w, control.Evidence{At: w.Pos, Saw: "a SecurityGroupPolicy gives its pods security groups of their own"}))
		case foreign != "":
			out = append(out, control.Unsure(w, w.Pos, "whether "+w.ID.Addr+" is isolated is not known: "+foreign))
		default:
			exposed = append(exposed, w)
			open = append(open, half(e, w, in, eg))
		}
	}
	if len(open) > 1 && !covered { // one mistake, not one for each workload
		return append(out, bare(e, ns, exposed))
	}
	return append(out, open...)
}

// half judges a workload that policies isolate in one direction or none.
func half(e *estate.Estate, w *estate.Workload, in, eg bool) control.Result {
	m := control.Mistake{
		Summary: w.ID.Addr + " is selected by no NetworkPolicy: every pod may connect to it, and it to everything",
		Fix:     "add a NetworkPolicy with podSelector: {} and policyTypes: [Ingress, Egress] to namespace " + w.Namespace + ", then one that names the callers of " + w.Name,
	}
	switch {
	case in:
		m.Summary = w.ID.Addr + " is isolated for ingress only: it may connect to everything"
		m.Fix = "add Egress to the policyTypes of a policy that selects it, and name its destinations"
	case eg:
		m.Summary = w.ID.Addr + " is isolated for egress only: every pod may connect to it"
		m.Fix = "add Ingress to the policyTypes of a policy that selects it, and name its callers"
	}
	r := control.Lacks(e, w, m)
	if (in || eg) && r.Status == control.Absent {
		r.Status, r.Severity = control.Partial, control.Medium
	}
	return r
}

func bare(e *estate.Estate, ns string, ws []*estate.Workload) control.Result {
	var on estate.Resource = ws[0]
	if n := estate.NamespaceOf(e, ns); n != nil {
		on = n
	}
	var names []string
	for _, w := range ws {
		names = append(names, w.Name)
	}
	return control.Lacks(e, on, control.Mistake{
		Summary: "namespace " + ns + " has no NetworkPolicy for its workloads (" + control.Few(names, 4) + "): every pod of the cluster may connect to them, and they to everything",
		Fix:     "add a NetworkPolicy with podSelector: {} and policyTypes: [Ingress, Egress], then one for each service that names its callers and destinations",
	})
}

// hostNetwork is the result for a pod in the node's network, which no
// NetworkPolicy governs (NetworkPolicy, "hostNetwork pods").
func hostNetwork(w *estate.Workload) control.Result {
	return control.Partly(w, control.Mistake{
		At: w.AtPod("hostNetwork"), Cause: control.CauseHostNetwork, Severity: control.Medium,
		Summary: w.ID.Addr + " runs in the network of its node, where no NetworkPolicy isolates it",
		Fix:     "remove hostNetwork: true",
	})
}

// directions says in which directions policies isolate what they select.
func directions(ps []*estate.NetworkPolicy) (in, eg bool) {
	for _, p := range ps {
		in = in || isolates(p, networkingv1.PolicyTypeIngress)
		eg = eg || isolates(p, networkingv1.PolicyTypeEgress)
	}
	return in, eg
}

// isolates says whether a policy isolates the pods it selects in a direction.
// Without policyTypes it does so for ingress, and for egress if it has egress
// rules (NetworkPolicy v1, policyTypes).
func isolates(p *estate.NetworkPolicy, dir networkingv1.PolicyType) bool {
	if len(p.Spec.PolicyTypes) > 0 {
		return slices.Contains(p.Spec.PolicyTypes, dir)
	}
	return dir == networkingv1.PolicyTypeIngress || len(p.Spec.Egress) > 0
}

// policyIngress judges from where a policy lets pods be reached.
func policyIngress(p *estate.NetworkPolicy) []control.Result {
	if !isolates(p, networkingv1.PolicyTypeIngress) {
		return nil
	}
	var out []control.Result
	for i := range p.Spec.Ingress {
		r := &p.Spec.Ingress[i]
		from := everywhere(r.From)
		if from == "" && anyPod(r.From) {
			from = "any pod of any namespace"
		}
		if from == "" {
			continue
		}
		from = strings.TrimPrefix(strings.Replace(from, "anywhere", "anyone", 1), "to ")
		at := p.At("spec", "ingress", strconv.Itoa(i))
		m := control.Mistake{
			At: at, Severity: control.Medium,
			Summary:  "NetworkPolicy " + p.Namespace + "/" + p.Name + " lets " + from + " connect to " + selected(p),
			Fix:      "name the callers in from (podSelector, namespaceSelector, or the ipBlock of the load balancer's subnets) and the port",
			Evidence: []control.Evidence{{At: at, Saw: "ingress from " + from}},
		}
		if len(r.Ports) > 0 {
			m.Severity = control.Low
			m.Summary += " on " + ports(r.Ports)
		}
		out = append(out, control.Partly(p, m))
	}
	return out
}

// anyPod says that a peer names all pods of all namespaces.
func anyPod(peers []networkingv1.NetworkPolicyPeer) bool {
	everything := func(s *metav1.LabelSelector) bool {
		return s != nil && len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
	}
	return slices.ContainsFunc(peers, func(p networkingv1.NetworkPolicyPeer) bool {
		return everything(p.NamespaceSelector) && (p.PodSelector == nil || everything(p.PodSelector))
	})
}

// selected shows which pods a policy is about.
func selected(p *estate.NetworkPolicy) string {
	if s := metav1.FormatLabelSelector(&p.Spec.PodSelector); s != "<none>" && s != "" {
		return "pods " + s
	}
	return "all pods of namespace " + p.Namespace
}
