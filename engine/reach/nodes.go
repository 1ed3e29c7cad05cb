package reach

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"fathom/estate"
)

// NodesOf are the places on which the pods of a workload may run: groups of
// nodes, by name. None for what does not run on nodes, such as Fargate, and
// where the nodes are not in what was read; NodesDoubt tells these apart.
func (n *Network) NodesOf(p Place) []Place {
	var out []Place
	for _, s := range n.stands[idOf(p)] {
		for _, on := range s.on {
			if !slices.ContainsFunc(out, func(have Place) bool { return have.Of == on.Of }) {
				out = append(out, on.Place)
			}
		}
	}
	slices.SortFunc(out, func(a, b Place) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// NodesFor are the places on which pods might run that are not in the estate:
// those of a workload that somebody changes.
func (n *Network) NodesFor(w *estate.Workload) []Place {
	var out []Place
	for _, s := range n.nodes {
		for _, on := range s.on {
			if mayRunOn(w, on) {
				out = append(out, on.Place)
			}
		}
	}
	return out
}

// NodesDoubt says why the pods of a workload may run elsewhere than NodesOf
// says, as a clause; "" where that is known.
func (n *Network) NodesDoubt(p Place) string {
	w, ok := p.Of.(*estate.Workload)
	if !ok {
		return ""
	}
	stands := n.stands[w.ID]
	if len(stands) == 0 {
		return n.nowhere(w, p)
	}
	if stands[0].fargate != nil {
		return ""
	}
	for _, c := range estate.All[*estate.EKSCluster](n.e) {
		for _, a := range c.Auto.Items {
			if a.Enabled.Is(true) != estate.No {
				return "cluster " + c.ID.Addr + " makes nodes of its own (EKS Auto Mode), which are in no file"
			}
		}
	}
	return stands[0].maybe
}

// nowhere is why pods stand nowhere that was read.
func (n *Network) nowhere(w *estate.Workload, p Place) string {
	switch {
	case n.podWhy != "":
		return n.podWhy
	case len(w.Pod.NodeSelector) == 0:
		return "no group of nodes has only taints that " + p.String() + " tolerates"
	}
	return "no group of nodes fits the node selector of " + p.String()
}

func idOf(p Place) estate.ID {
	if p.Of == nil {
		return estate.ID{}
	}
	return p.Of.Meta().ID
}

// mayRunOn says whether the pods' node selector lets them run on a group, and
// they tolerate its taints. What is not known of a group keeps no pod away.
func mayRunOn(w *estate.Workload, p *place) bool {
	g, ok := p.Of.(*estate.NodeGroup)
	if !ok {
		return true
	}
	if slices.ContainsFunc(g.Taints.Items, func(t estate.NodeTaint) bool { return keepsOff(&t, w) }) {
		return false
	}
	if g.Labels.Why() != "" {
		return true
	}
	for k, v := range w.Pod.NodeSelector {
		switch {
		case k == "eks.amazonaws.com/nodegroup":
			if g.Group.Is(v) == estate.No {
				return false
			}
		case strings.Contains(k, "kubernetes.io/"), strings.Contains(k, "amazonaws.com/"), strings.Contains(k, "k8s.aws/"):
			// EKS and the kubelet set these themselves
		case g.Labels.Get(k).Is(v) == estate.No:
			return false
		}
	}
	return true
}

// keepsOff says whether a taint surely keeps pods off a node: one that only
// prefers other pods keeps none off (Kubernetes documentation, "Taints and
// Tolerations").
func keepsOff(t *estate.NodeTaint, w *estate.Workload) bool {
	if t.Effect.In("NO_SCHEDULE", "NO_EXECUTE") != estate.Yes {
		return false
	}
	return !slices.ContainsFunc(w.Pod.Tolerations, func(o corev1.Toleration) bool { return mayTolerate(&o, t) })
}

func mayTolerate(o *corev1.Toleration, t *estate.NodeTaint) bool {
	effect := map[corev1.TaintEffect]string{corev1.TaintEffectNoSchedule: "NO_SCHEDULE", corev1.TaintEffectNoExecute: "NO_EXECUTE"}[o.Effect]
	if o.Effect != "" && t.Effect.Is(effect) == estate.No {
		return false
	}
	if o.Key == "" {
		return o.Operator == corev1.TolerationOpExists
	}
	if t.Key.Is(o.Key) == estate.No {
		return false
	}
	switch o.Operator {
	case "", corev1.TolerationOpEqual:
		return t.Value.Default("").Is(o.Value) != estate.No
	}
	return true // Exists; and what compares numbers, which is not judged
}
