package network

import (
	"strings"

	"fathom/control"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

// podGroups returns the policies that give pods security groups of their own,
// by namespace. A security group refuses what no rule names, as a default deny
// does (EKS user guide, "Security groups for Pods").
func podGroups(e *estate.Estate) map[string][]*estate.SecurityGroupPolicy {
	out := map[string][]*estate.SecurityGroupPolicy{}
	for _, p := range estate.All[*estate.SecurityGroupPolicy](e) {
		out[p.Namespace] = append(out[p.Namespace], p)
	}
	return out
}

func hasPodGroup(e *estate.Estate, w *estate.Workload, of []*estate.SecurityGroupPolicy) bool {
	for _, p := range of {
		if p.PodSelector != nil && !estate.Selects(p.PodSelector, w.PodLabels) {
			continue
		}
		if p.ServiceAccountSelector != nil {
			sa := estate.ServiceAccountOf(e, w)
			if sa == nil || !estate.Selects(p.ServiceAccountSelector, sa.Labels) {
				continue
			}
		}
		if p.PodSelector != nil || p.ServiceAccountSelector != nil {
			return true
		}
	}
	return false
}

// foreignPolicy returns why pods may be isolated by something that is not a
// NetworkPolicy, or "".
func foreignPolicy(e *estate.Estate) string {
	for _, o := range estate.All[*estate.Object](e) {
		switch group, _, _ := strings.Cut(o.APIVersion, "/"); {
		case group == "cilium.io" && strings.HasSuffix(o.Kind, "NetworkPolicy"),
			strings.HasSuffix(group, "projectcalico.org") && strings.HasSuffix(o.Kind, "NetworkPolicy"),
			group == "policy.networking.k8s.io",
			group == "networking.k8s.aws" && strings.HasSuffix(o.Kind, "NetworkPolicy"):
			return o.Kind + " " + o.Name + " is of a kind whose rules are not read"
		}
	}
	return ""
}

// notEnforced judges the VPC CNI add-on, which takes no notice of
// NetworkPolicies unless enableNetworkPolicy is set (EKS user guide, "Limit Pod
// traffic with Kubernetes network policies"). Where Calico or Cilium is seen,
// they do it.
func notEnforced(e *estate.Estate, foreign string) []control.Result {
	if len(estate.All[*estate.NetworkPolicy](e)) == 0 || foreign != "" || netpol.Engine(e) != estate.No {
		return nil
	}
	var out []control.Result
	for _, a := range estate.All[*estate.EKSAddon](e) {
		if a.Addon.Is("vpc-cni") != estate.Yes {
			continue
		}
		out = append(out, control.Judge(netpol.Enabled(a.Config), a, control.Mistake{
			At: a.Config.Pos(), Severity: control.High,
			Summary: "the VPC CNI add-on " + a.ID.Addr + " does not enforce NetworkPolicies: enableNetworkPolicy is not set, so those in the cluster have no effect",
			Fix:     `set configuration_values = jsonencode({ enableNetworkPolicy = "true" })`,
		}, "whether the VPC CNI enforces NetworkPolicies is not known: "+a.Config.Why()))
	}
	return out
}
