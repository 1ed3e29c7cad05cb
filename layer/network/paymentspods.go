package network

import (
	corev1 "k8s.io/api/core/v1"

	"fathom/control"
	"fathom/estate"
)

// cardWorkloads judges where the pods of payments run. Pods have the subnets of
// their nodes, so they stand apart when they are sent to nodes of their own, or
// have security groups of their own. A namespace of their own is a part of it:
// it separates names and rights, not networks.
func cardWorkloads(e *estate.Estate) []control.Result {
	neighbours := map[string]string{}
	var cards []*estate.Workload
	for _, w := range estate.All[*estate.Workload](e) {
		if cardWorkload(w) {
			cards = append(cards, w)
		} else if neighbours[w.Namespace] == "" {
			neighbours[w.Namespace] = w.ID.Addr
		}
	}
	if len(estate.All[*estate.Workload](e)) == len(cards) {
		return nil // nobody to be separated from
	}
	groups := podGroups(e)
	var out []control.Result
	for _, w := range cards {
		out = append(out, apart(e, w, neighbours[w.Namespace], groups[w.Namespace]))
	}
	return out
}

func cardWorkload(w *estate.Workload) bool {
	return handlesCards(w.Name) || handlesCards(w.Namespace) || handlesCards(w.PodLabels["app"]) || handlesCards(w.PodLabels["app.kubernetes.io/name"])
}

func apart(e *estate.Estate, w *estate.Workload, neighbour string, groups []*estate.SecurityGroupPolicy) control.Result {
	fix := "send its pods to nodes in subnets of payments (nodeSelector and a taint), or give them a security group of their own (SecurityGroupPolicy)"
	switch {
	case ownNodes(&w.Pod):
		return control.Is(w, control.Evidence{At: w.AtPod("nodeSelector"), Saw: "its pods run on nodes of their own"})
	case hasPodGroup(e, w, groups):
		return control.Is(w, control.Evidence{At: w.Pos, Saw: "a SecurityGroupPolicy gives its pods security groups of their own"})
	case neighbour == "":
		return control.Partly(w, control.Mistake{
			Summary: w.ID.Addr + " has a namespace of its own, and runs on the same nodes and in the same subnets as everything else",
			Fix:     fix,
		})
	}
	return control.Not(w, control.Mistake{
		Summary: w.ID.Addr + " shares its namespace, nodes and subnets with " + neighbour,
		Fix:     "give it a namespace of its own; " + fix,
	})
}

// ownNodes says that a pod may run only on nodes that are marked for payments.
func ownNodes(p *corev1.PodSpec) bool {
	for key, value := range p.NodeSelector {
		if handlesCards(key) || handlesCards(value) {
			return true
		}
	}
	if p.Affinity == nil || p.Affinity.NodeAffinity == nil || p.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return false
	}
	for _, t := range p.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		named := false
		for _, m := range t.MatchExpressions {
			named = named || m.Operator == corev1.NodeSelectorOpIn && len(m.Values) > 0 && handlesCards(m.Key+" "+m.Values[0])
		}
		if !named { // terms are alternatives
			return false
		}
	}
	return true
}
