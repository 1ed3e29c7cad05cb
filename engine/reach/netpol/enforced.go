package netpol

import (
	"encoding/json"
	"strconv"
	"strings"

	"fathom/estate"
)

// NetworkPolicies have no effect without a component that enforces them
// (Kubernetes documentation, "Network Policies", "Prerequisites").

// Engine says whether Calico or Cilium, which enforce NetworkPolicies, is
// installed: Maybe where a Helm release has a chart that is not known. A No
// means that none was seen; one may be installed by hand.
func Engine(e *estate.Estate) estate.Truth {
	for _, w := range estate.All[*estate.Workload](e) {
		if w.Name == "calico-node" || w.Name == "cilium" {
			return estate.Yes
		}
	}
	for _, o := range estate.All[*estate.Object](e) {
		if group, _, _ := strings.Cut(o.APIVersion, "/"); group == "operator.tigera.io" {
			return estate.Yes
		}
	}
	t := estate.No
	for _, h := range estate.All[*estate.HelmRelease](e) {
		t = t.Or(h.Chart.Test(func(chart string) bool {
			return strings.Contains(chart, "cilium") || strings.Contains(chart, "calico") || strings.Contains(chart, "tigera")
		}))
	}
	return t
}

// Enabled reads enableNetworkPolicy in the configuration of the add-on vpc-cni,
// which is JSON or YAML. The VPC CNI takes no notice of NetworkPolicies unless
// it is set (EKS user guide, "Limit Pod traffic with Kubernetes network
// policies").
func Enabled(config estate.Str) estate.Truth {
	return config.Test(func(text string) bool {
		var c struct {
			Enable any `json:"enableNetworkPolicy"`
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			_, rest, ok := strings.Cut(text, "enableNetworkPolicy")
			return ok && strings.HasPrefix(strings.TrimLeft(rest, `'": `), "true")
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
