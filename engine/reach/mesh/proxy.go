package mesh

import (
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

const (
	inject    = "sidecar.istio.io/inject"
	dataplane = "istio.io/dataplane-mode"
	traffic   = "traffic.sidecar.istio.io/"
)

// proxy is whether a proxy of Istio guards a workload.
type proxy struct {
	is      estate.Truth
	ambient bool
	// says tells why not, or what is not known; of and at are what decides.
	says string
	of   estate.Resource
	at   diag.Pos
}

// proxyOf follows "Controlling the injection policy": pods on their node's
// network are never injected, nor is what a namespace disables; a pod's own
// label goes before its namespace's. In ambient mode the node's proxy takes the
// pods of namespaces and pods that carry the label.
func (m *Mesh) proxyOf(w *estate.Workload) proxy {
	ns := estate.NamespaceOf(m.e, w.Namespace)
	who := w.Namespace + "/" + w.Name
	mode := w.PodLabels[dataplane]
	switch {
	case hasProxy(w):
		return proxy{is: estate.Yes}
	case w.Pod.HostNetwork:
		return proxy{says: who + " uses its node's network, where Istio puts no proxy", of: w, at: w.AtPod("hostNetwork")}
	case mode == "ambient", mode != "none" && ns != nil && ns.Labels[dataplane] == "ambient":
		return proxy{is: estate.Yes, ambient: true}
	}
	own, at := ownWish(w)
	switch {
	case own == "false":
		return proxy{says: who + ` refuses a sidecar (` + inject + `: "false")`, of: w, at: at}
	case ns != nil && ns.Labels["istio-injection"] == "disabled":
		return proxy{says: "namespace " + ns.Name + " is labelled istio-injection: disabled", of: ns, at: ns.At("metadata", "labels", "istio-injection")}
	case own == "true", w.PodLabels["istio.io/rev"] != "":
		return proxy{is: estate.Yes}
	case m.everywhere:
		return proxy{is: estate.Yes}
	case ns == nil:
		return proxy{is: estate.Maybe, says: "Namespace " + w.Namespace + " is not in the files, so whether " + who + " gets a proxy is not known", of: w, at: w.Pos}
	case ns.Labels["istio-injection"] == "enabled", ns.Labels["istio.io/rev"] != "":
		return proxy{is: estate.Yes}
	}
	return proxy{says: "namespace " + ns.Name + " is not labelled for Istio, so " + who + " has no proxy", of: ns, at: ns.At("metadata", "labels")}
}

// ownWish is what the pod itself says: the label, or the annotation of older
// versions.
func ownWish(w *estate.Workload) (string, diag.Pos) {
	if v := w.PodLabels[inject]; v != "" {
		return v, atMeta(w, "labels", inject)
	}
	return w.PodAnnotations[inject], atMeta(w, "annotations", inject)
}

// atMeta is the line of something in the metadata of a workload's pods.
func atMeta(w *estate.Workload, path ...string) diag.Pos {
	meta := slices.Clone(w.PodPath)
	if len(meta) > 0 {
		meta = meta[:len(meta)-1]
	}
	return w.At(append(append(meta, "metadata"), path...)...)
}

func hasProxy(w *estate.Workload) bool {
	found := false
	for i := range w.Pod.Containers {
		found = found || w.Pod.Containers[i].Name == "istio-proxy"
	}
	for i := range w.Pod.InitContainers { // native sidecars
		found = found || w.Pod.InitContainers[i].Name == "istio-proxy"
	}
	return found
}

// aroundIn says whether connections to a port of a workload go around its
// sidecar, and by which annotation.
func aroundIn(w *estate.Workload, port int) (annotation string, around bool) {
	if v, ok := w.PodAnnotations[traffic+"includeInboundPorts"]; ok && v != "*" && !inPorts(v, port) {
		return traffic + "includeInboundPorts", true
	}
	if inPorts(w.PodAnnotations[traffic+"excludeInboundPorts"], port) {
		return traffic + "excludeInboundPorts", true
	}
	return "", false
}

// aroundOut says whether a workload's connections to ports go around its
// sidecar: Maybe where only some of the ports do, or addresses decide.
func aroundOut(w *estate.Workload, ports []int) (is estate.Truth, annotation string) {
	in := 0
	for _, p := range ports {
		if inPorts(w.PodAnnotations[traffic+"excludeOutboundPorts"], p) {
			in++
		}
	}
	if in > 0 {
		is, annotation = estate.Maybe, traffic+"excludeOutboundPorts"
		if in == len(ports) {
			return estate.Yes, annotation
		}
	}
	for _, a := range []string{"excludeOutboundIPRanges", "includeOutboundIPRanges"} {
		if v, ok := w.PodAnnotations[traffic+a]; ok && v != "*" && (v != "" || a == "includeOutboundIPRanges") {
			is, annotation = is.Or(estate.Maybe), traffic+a
		}
	}
	return is, annotation
}

func inPorts(list string, port int) bool {
	for _, p := range strings.Split(list, ",") {
		if p = strings.TrimSpace(p); p == "*" || p == strconv.Itoa(port) {
			return true
		}
	}
	return false
}
