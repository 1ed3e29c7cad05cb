package mesh

import (
	"strconv"
	"strings"

	"fathom/control"
	"fathom/estate"
)

// seen is what the files tell of a mesh.
type seen struct {
	e       *estate.Estate
	istio   bool
	linkerd bool
	// other is a mesh that is not read: "Consul".
	other string
	// installs are the resources that install Istio: an IstioOperator, a chart.
	installs []estate.Resource
	// root is Istio's root namespace, whose policies are for the whole mesh.
	root     string
	services []*estate.Workload
	index    *serviceIndex
}

// look finds the mesh, and the workloads that serve.
func look(e *estate.Estate) *seen {
	s := &seen{e: e, root: "istio-system", index: indexServices(e)}
	s.istio = len(estate.All[*estate.PeerAuthentication](e))+len(estate.All[*estate.AuthorizationPolicy](e))+
		len(estate.All[*estate.DestinationRule](e))+len(estate.All[*estate.ServiceEntry](e))+len(estate.All[*estate.Gateway](e)) > 0
	for _, n := range estate.All[*estate.Namespace](e) {
		s.sign(n.Labels, n.Annotations)
	}
	for _, w := range estate.All[*estate.Workload](e) {
		s.sign(w.PodLabels, w.PodAnnotations)
		if w.Name == "istiod" || hasContainer(w, "istio-proxy") {
			s.istio = true
		}
		if hasContainer(w, "linkerd-proxy") {
			s.linkerd = true
		}
		if serves(s.index, w) {
			s.services = append(s.services, w)
		}
	}
	for _, o := range estate.All[*estate.Object](e) {
		s.object(o)
	}
	for _, h := range estate.All[*estate.HelmRelease](e) {
		s.chart(h, h.Chart.String())
	}
	s.rootNamespace()
	return s
}

// sign looks at the labels and annotations by which namespaces and pods ask for
// a proxy.
func (s *seen) sign(labels, annotations map[string]string) {
	if labels["istio-injection"] == "enabled" || labels["istio.io/rev"] != "" || labels["istio.io/dataplane-mode"] == "ambient" || labels["sidecar.istio.io/inject"] == "true" {
		s.istio = true
	}
	if v := annotations["linkerd.io/inject"]; v == "enabled" || v == "ingress" {
		s.linkerd = true
	}
	if annotations["consul.hashicorp.com/connect-inject"] == "true" {
		s.other = "Consul"
	}
	if labels["kuma.io/sidecar-injection"] == "enabled" || annotations["kuma.io/sidecar-injection"] == "enabled" {
		s.other = "Kuma"
	}
}

func (s *seen) object(o *estate.Object) {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	switch {
	case group == "install.istio.io", group == "sailoperator.io" && o.Kind == "Istio":
		s.istio = true
		s.installs = append(s.installs, o)
	case group == "istio.io", strings.HasSuffix(group, ".istio.io"):
		s.istio = true
	case strings.HasSuffix(group, "linkerd.io"):
		s.linkerd = true
	case group == "consul.hashicorp.com":
		s.other = "Consul"
	case group == "kuma.io":
		s.other = "Kuma"
	case group == "appmesh.k8s.aws":
		s.other = "AWS App Mesh"
	case o.Kind == "Application" && group == "argoproj.io":
		for _, src := range []string{"source", "sources"} {
			n := o.Manifest.At("spec", src)
			if text, ok := n.At("chart").Literal(); ok {
				s.chart(o, text)
			}
			if n != nil {
				for _, it := range n.Items {
					if text, ok := it.At("chart").Literal(); ok {
						s.chart(o, text)
					}
				}
			}
		}
	case o.Kind == "HelmRelease":
		if text, ok := o.Manifest.At("spec", "chart", "spec", "chart").Literal(); ok {
			s.chart(o, text)
		}
	}
}

// chart looks at the name of a chart that somebody installs.
func (s *seen) chart(by estate.Resource, name string) {
	switch last := name[strings.LastIndexByte(name, '/')+1:]; last {
	case "istiod", "istio-discovery", "ztunnel":
		s.istio = true
		s.installs = append(s.installs, by)
	case "linkerd-control-plane", "linkerd2":
		s.linkerd = true
	case "consul":
		s.other = "Consul"
	case "kuma", "kong-mesh":
		s.other = "Kuma"
	}
}

// rootNamespace finds meshConfig.rootNamespace, which is istio-system unless
// somebody changed it.
func (s *seen) rootNamespace() {
	for _, c := range s.configs() {
		if text, ok := c.mesh("rootNamespace").Literal(); ok && text != "" {
			s.root = text
		}
	}
}

// any says whether the files hold a mesh.
func (s *seen) any() bool { return s.istio || s.linkerd || s.other != "" }

// unread is the result for a mesh that is not read.
func (s *seen) unread() []control.Result {
	return []control.Result{control.Unsure(s.e.Cluster(), s.e.Cluster().Pos, "the services use "+s.other+", whose configuration is not read")}
}

// none is the result of every control of this layer on a cluster without a
// mesh. It is one mistake: the controls share the cause, the resource and the
// line.
func (s *seen) none() []control.Result {
	if len(s.services) < 2 {
		return nil // nobody to talk to
	}
	return control.NowhereInCluster(s.e, control.Mistake{
		Cause:   control.CauseNoMTLS,
		Summary: "no service mesh is in the files: the traffic between " + strconv.Itoa(len(s.services)) + " services (" + control.Few(names(s.services), 4) + ") is plaintext, and no caller has to prove who it is",
		Fix:     "install Istio, label the namespaces istio-injection: enabled (or istio.io/dataplane-mode: ambient) and add a PeerAuthentication with mtls.mode: STRICT to istio-system",
	})
}

func hasContainer(w *estate.Workload, name string) bool {
	for i := range w.Pod.Containers {
		if w.Pod.Containers[i].Name == name {
			return true
		}
	}
	for i := range w.Pod.InitContainers { // native sidecars
		if w.Pod.InitContainers[i].Name == name {
			return true
		}
	}
	return false
}

// names are the names of workloads.
func names(ws []*estate.Workload) []string {
	var out []string
	for _, w := range ws {
		out = append(out, w.Name)
	}
	return out
}
