package reach

import (
	"encoding/json"
	"strconv"
	"strings"

	"fathom/diag"
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
	if otherEngine(e) || len(estate.All[*estate.EKSCluster](e)) == 0 {
		return enforcement{yes: estate.Yes}
	}
	out := enforcement{why: "no add-on vpc-cni with enableNetworkPolicy, no Calico and no Cilium is in what was read, so that NetworkPolicies may have no effect"}
	out.at = estate.All[*estate.EKSCluster](e)[0].Pos
	for _, a := range estate.All[*estate.EKSAddon](e) {
		if a.Addon.Is("vpc-cni") != estate.Yes {
			continue
		}
		switch enabled(a.Config) {
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

// enabled reads enableNetworkPolicy in the configuration of the add-on, which
// is JSON or YAML.
func enabled(config estate.Str) estate.Truth {
	return config.Test(func(text string) bool {
		var c struct {
			Enable any `json:"enableNetworkPolicy"`
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			_, rest, ok := strings.Cut(text, "enableNetworkPolicy")
			rest = strings.TrimLeft(rest, `": `)
			return ok && strings.HasPrefix(rest, "true")
		}
		switch v := c.Enable.(type) {
		case bool:
			return v
		case string:
			on, _ := strconv.ParseBool(v)
			return on
		}
		return false
	})
}

// otherEngine says whether Calico or Cilium is installed.
func otherEngine(e *estate.Estate) bool {
	for _, w := range estate.All[*estate.Workload](e) {
		if w.Name == "calico-node" || w.Name == "cilium" {
			return true
		}
	}
	for _, h := range estate.All[*estate.HelmRelease](e) {
		if h.Chart.Test(isEngine) == estate.Yes {
			return true
		}
	}
	for _, o := range estate.All[*estate.Object](e) {
		if group, _, _ := strings.Cut(o.APIVersion, "/"); group == "operator.tigera.io" {
			return true
		}
	}
	return false
}

func isEngine(chart string) bool {
	return strings.Contains(chart, "cilium") || strings.Contains(chart, "calico") || strings.Contains(chart, "tigera")
}
