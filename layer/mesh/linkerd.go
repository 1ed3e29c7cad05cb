package mesh

import (
	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// linkerdMTLS judges what Linkerd's annotations tell. Its proxies speak mutual
// TLS among themselves, and by default take plaintext from everyone else too:
// config.linkerd.io/default-inbound-policy says so (Linkerd, "Authorization
// Policy").
func (s *seen) linkerdMTLS() []control.Result {
	var out []control.Result
	for _, w := range s.services {
		out = append(out, s.linkerdWorkload(w))
	}
	return out
}

func (s *seen) linkerdWorkload(w *estate.Workload) control.Result {
	ns := estate.NamespaceOf(s.e, w.Namespace)
	inject, _ := linkerdAnnotation(w, ns, "linkerd.io/inject")
	switch {
	case inject == "" && ns == nil:
		return control.Unsure(w, w.Pos, "Namespace "+w.Namespace+" was not read, so it is not known whether "+w.ID.Addr+" gets a proxy of Linkerd")
	case inject != "enabled" && inject != "ingress" && !hasContainer(w, "linkerd-proxy"):
		return control.Not(w, control.Mistake{
			Summary: w.ID.Addr + " has no proxy of Linkerd: it speaks plaintext",
			Fix:     "annotate its namespace linkerd.io/inject: enabled",
		})
	}
	policy, at := linkerdAnnotation(w, ns, "config.linkerd.io/default-inbound-policy")
	switch policy {
	case "all-authenticated", "cluster-authenticated", "deny":
		return control.Is(w, control.Evidence{At: at, Saw: "default-inbound-policy: " + policy})
	case "":
		return control.Unsure(w, w.Pos, "whether "+w.ID.Addr+" refuses plaintext is set where Linkerd is installed, which was not read; its own default, all-unauthenticated, does not")
	}
	return control.Partly(w, control.Mistake{
		At:       at,
		Summary:  w.ID.Addr + " has a proxy of Linkerd that takes plaintext too: default-inbound-policy is " + policy,
		Fix:      "set config.linkerd.io/default-inbound-policy: all-authenticated",
		Evidence: []control.Evidence{{At: at, Saw: "default-inbound-policy: " + policy}},
	})
}

// linkerdAnnotation is an annotation of the pod, or of its namespace.
func linkerdAnnotation(w *estate.Workload, ns *estate.Namespace, name string) (string, diag.Pos) {
	if v := w.PodAnnotations[name]; v != "" {
		return v, atAnnotation(w, name)
	}
	if ns != nil {
		return ns.Annotations[name], ns.At("metadata", "annotations", name)
	}
	return "", w.Pos
}
