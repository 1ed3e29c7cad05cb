package reach

import (
	"fathom/diag"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

// enforcement is whether the cluster does what NetworkPolicies say, and how
// that is known. Without a component that enforces them they have no effect
// (Kubernetes documentation, "Network Policies", "Prerequisites").
type enforcement struct {
	yes estate.Truth // Maybe: what policies stop may pass all the same; never No
	why string       // the reason of a Maybe, as a clause
	at  diag.Pos
}

// enforcementOf looks for an engine. With EKS it is the VPC CNI, which takes
// no notice of NetworkPolicies unless enableNetworkPolicy is set (EKS user
// guide, "Limit Pod traffic with Kubernetes network policies"), or Calico or
// Cilium. Files cannot show that there is none: one may be installed by hand.
// So what is not seen is Maybe, never "not enforced". Where no cluster is in
// the estate, policies are taken to be enforced.
func enforcementOf(e *estate.Estate) enforcement {
	if netpol.Engine(e) == estate.Yes || len(estate.All[*estate.EKSCluster](e)) == 0 {
		return enforcement{yes: estate.Yes}
	}
	out := enforcement{why: "no add-on vpc-cni with enableNetworkPolicy, no Calico and no Cilium is in what was read, so that NetworkPolicies may have no effect"}
	out.at = estate.All[*estate.EKSCluster](e)[0].Pos
	for _, a := range estate.All[*estate.EKSAddon](e) {
		if a.Addon.Is("vpc-cni") != estate.Yes {
			continue
		}
		switch netpol.Enabled(a.Config) {
		case estate.Yes:
			return enforcement{yes: estate.Yes}
		case estate.Maybe:
			out.why = "whether the VPC CNI enforces NetworkPolicies is not known: " + a.Config.Why()
		default:
			out.why = "the add-on vpc-cni does not enforce NetworkPolicies: enableNetworkPolicy is not set"
		}
		out.at = a.Pos
	}
	out.yes = estate.Maybe
	return out
}
