package mesh

import (
	"fathom/diag"
	"fathom/estate"
)

// member says whether a workload has a proxy of Istio.
type member struct {
	is estate.Truth
	// why says why not, or why it is not known; by is the object that decides,
	// at its line.
	why string
	by  estate.Resource
	at  diag.Pos
}

// member follows Istio's rules ("Controlling the injection policy"): a
// namespace that is disabled is never injected; a pod's own label or annotation
// goes before the namespace's label. In ambient mode the node's proxy takes the
// pods of namespaces and pods that carry the label.
func (s *seen) member(w *estate.Workload) member {
	ns := estate.NamespaceOf(s.e, w.Namespace)
	own, at := podInject(w)
	if hasContainer(w, "istio-proxy") {
		return member{is: estate.Yes}
	}
	switch mode := w.PodLabels["istio.io/dataplane-mode"]; {
	case mode == "ambient", mode != "none" && ns != nil && ns.Labels["istio.io/dataplane-mode"] == "ambient":
		return member{is: estate.Yes}
	}
	switch {
	case own == "false":
		return member{is: estate.No, by: w, at: at, why: w.ID.Addr + " refuses a sidecar (sidecar.istio.io/inject: \"false\")"}
	case ns != nil && ns.Labels["istio-injection"] == "disabled":
		return member{is: estate.No, by: ns, at: ns.At("metadata", "labels", "istio-injection"), why: "namespace " + ns.Name + " is labelled istio-injection: disabled"}
	case own == "true", w.PodLabels["istio.io/rev"] != "":
		return member{is: estate.Yes}
	case ns == nil:
		return member{is: estate.Maybe, by: w, at: w.Pos, why: "Namespace " + w.Namespace + " was not read, so it is not known whether "}
	case ns.Labels["istio-injection"] == "enabled", ns.Labels["istio.io/rev"] != "", s.everyNamespace():
		return member{is: estate.Yes}
	}
	return member{is: estate.No, by: ns, at: ns.At("metadata", "labels"), why: "namespace " + ns.Name + " is not labelled for Istio"}
}

// podInject is what the pod itself says: the label, or the annotation of older
// versions.
func podInject(w *estate.Workload) (string, diag.Pos) {
	meta := append([]string{}, w.PodPath...)
	if len(meta) > 0 {
		meta = meta[:len(meta)-1]
	}
	const name = "sidecar.istio.io/inject"
	if v := w.PodLabels[name]; v != "" {
		return v, w.At(append(meta, "metadata", "labels", name)...)
	}
	return w.PodAnnotations[name], w.At(append(meta, "metadata", "annotations", name)...)
}

// everyNamespace says that sidecars go wherever no label forbids it.
func (s *seen) everyNamespace() bool {
	for _, c := range s.configs() {
		if text, _ := c.value("sidecarInjectorWebhook", "enableNamespacesByDefault").Literal(); text == "true" {
			return true
		}
	}
	return false
}

// atAnnotation is the line of a pod's annotation.
func atAnnotation(w *estate.Workload, name string) diag.Pos {
	meta := append([]string{}, w.PodPath...)
	if len(meta) > 0 {
		meta = meta[:len(meta)-1]
	}
	return w.At(append(meta, "metadata", "annotations", name)...)
}
