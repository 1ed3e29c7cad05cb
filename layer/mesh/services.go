package mesh

import (
	"strings"

	"fathom/estate"
)

// labelIndex finds the objects of a namespace whose matchLabels choose a pod,
// without looking at every one: they are kept under one of their labels.
type labelIndex[T any] struct{ at map[labelKey][]selector[T] }

type labelKey struct{ namespace, label, value string }

type selector[T any] struct {
	labels map[string]string
	of     T
}

func (ix *labelIndex[T]) add(namespace string, labels map[string]string, of T) {
	if len(labels) == 0 {
		return
	}
	if ix.at == nil {
		ix.at = map[labelKey][]selector[T]{}
	}
	first := ""
	for l := range labels {
		if first == "" || l < first {
			first = l
		}
	}
	k := labelKey{namespace, first, labels[first]}
	ix.at[k] = append(ix.at[k], selector[T]{labels, of})
}

// match returns the objects of a namespace that choose a pod with those
// labels; in what order depends on the labels, so the caller has to sort.
func (ix *labelIndex[T]) match(namespace string, have map[string]string) []T {
	var out []T
	for l, v := range have {
		for _, s := range ix.at[labelKey{namespace, l, v}] {
			if subset(s.labels, have) {
				out = append(out, s.of)
			}
		}
	}
	return out
}

func subset(want, have map[string]string) bool {
	for l, v := range want {
		if have[l] != v {
			return false
		}
	}
	return true
}

// serviceIndex finds Services by the pods behind them, and by name.
type serviceIndex struct {
	labelIndex[*estate.Service]
	named map[string]bool // "namespace/name"
}

func indexServices(e *estate.Estate) *serviceIndex {
	ix := &serviceIndex{named: map[string]bool{}}
	for _, s := range estate.All[*estate.Service](e) {
		ix.named[s.Namespace+"/"+s.Name] = true
		ix.add(s.Namespace, s.Spec.Selector, s)
	}
	return ix
}

// serves says whether a workload takes connections from other services: a
// Service chooses it, or it declares a port. Control planes, gateways and pods
// in the node's network are not services of the mesh.
func serves(ix *serviceIndex, w *estate.Workload) bool {
	if w.Kind == "Job" || w.Kind == "CronJob" || w.Pod.HostNetwork || system(w.Namespace) || gateway(w.PodLabels) {
		return false
	}
	for i := range w.Pod.Containers {
		if len(w.Pod.Containers[i].Ports) > 0 {
			return true
		}
	}
	return len(ix.match(w.Namespace, w.PodLabels)) > 0
}

// system says that a namespace belongs to the cluster's own machinery.
func system(namespace string) bool {
	switch namespace {
	case "cert-manager", "spire", "kyverno", "gatekeeper-system", "argocd", "flux-system", "amazon-cloudwatch":
		return true
	}
	return strings.HasPrefix(namespace, "kube-") || strings.HasPrefix(namespace, "istio-") || strings.HasPrefix(namespace, "linkerd") || strings.HasPrefix(namespace, "amazon-guardduty")
}

// gateway says that a pod is a gateway of the mesh, whose callers are outside.
func gateway(labels map[string]string) bool {
	return strings.Contains(labels["istio"], "gateway") || labels["gateway.networking.k8s.io/gateway-name"] != ""
}

// localHost says whether a host of a DestinationRule is a service of the
// cluster: a short name, service.namespace, or a name below .local.
func (s *seen) localHost(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".svc") {
		return true
	}
	service, namespace, _ := strings.Cut(host, ".")
	return s.index.named[namespace+"/"+service] || service == "*" && !strings.Contains(namespace, ".")
}
