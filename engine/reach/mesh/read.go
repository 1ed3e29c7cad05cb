package mesh

import (
	"maps"
	"slices"
	"strings"

	"fathom/estate"
	"fathom/estate/tree"
)

// Mesh is Istio's configuration in an estate, ready to be asked. It may be used
// by several goroutines at once.
type Mesh struct {
	e        *estate.Estate
	declared bool
	// root is the namespace whose policies are for the whole mesh.
	root string
	// domain is the trust domain of the cluster's identities.
	domain string
	// everywhere says that sidecars go wherever no label forbids it.
	everywhere bool
	// auto says that proxies use mutual TLS with each other by themselves.
	auto bool

	peers    map[string][]*estate.PeerAuthentication // by namespace
	policies map[string][]*policy                    // by namespace
	spaced   []string                                // the namespaces that have policies
	tokens   map[string][]*estate.Object             // RequestAuthentication, by namespace
	rules    []*estate.DestinationRule
	services map[string][]*estate.Service // by namespace
	// unread says why policies of a namespace may be missing ("" is the root's).
	unread map[string]string
	hidden string
	cache  *cache
}

// New reads the mesh of an estate. All Kubernetes objects of the estate are
// taken to be in one cluster.
func New(e *estate.Estate) *Mesh {
	m := &Mesh{
		e: e, root: "istio-system", domain: "cluster.local", auto: true, hidden: e.MayHideKubernetes(), cache: newCache(),
		peers: map[string][]*estate.PeerAuthentication{}, policies: map[string][]*policy{}, tokens: map[string][]*estate.Object{},
		services: map[string][]*estate.Service{}, unread: map[string]string{}, rules: estate.All[*estate.DestinationRule](e),
	}
	for _, o := range estate.All[*estate.Object](e) {
		m.object(o)
	}
	for _, p := range estate.All[*estate.PeerAuthentication](e) {
		m.declared = true
		m.peers[p.Namespace] = append(m.peers[p.Namespace], p)
	}
	for _, s := range estate.All[*estate.Service](e) {
		m.services[s.Namespace] = append(m.services[s.Namespace], s)
	}
	m.signs()
	for _, p := range estate.All[*estate.AuthorizationPolicy](e) {
		m.declared = true
		m.policies[p.Namespace] = append(m.policies[p.Namespace], compilePolicy(p))
	}
	m.spaced = slices.Sorted(maps.Keys(m.policies))
	return m
}

// AsWritten is the mesh without regard to parts of the files that could not be
// read and may hold policies (Estate.MayHideKubernetes).
func (m *Mesh) AsWritten() *Mesh {
	out := *m
	out.hidden, out.cache = "", newCache()
	return &out
}

// Declared says whether anything of Istio is in the estate: without, every
// Verdict admits everything and has no hops.
func (m *Mesh) Declared() bool { return m.declared }

// signs finds Istio by what asks for it.
func (m *Mesh) signs() {
	if len(m.rules)+len(estate.All[*estate.ServiceEntry](m.e))+len(estate.All[*estate.Gateway](m.e)) > 0 {
		m.declared = true
	}
	for _, n := range estate.All[*estate.Namespace](m.e) {
		m.declared = m.declared || asks(n.Labels) || n.Labels["istio-injection"] == "enabled"
	}
	for _, w := range estate.All[*estate.Workload](m.e) {
		m.declared = m.declared || asks(w.PodLabels) || w.PodAnnotations[inject] == "true" || hasProxy(w) || w.Name == "istiod"
	}
}

func asks(labels map[string]string) bool {
	return labels["istio.io/rev"] != "" || labels[dataplane] == "ambient" || labels[inject] == "true"
}

// object reads the objects that have no type of their own.
func (m *Mesh) object(o *estate.Object) {
	group, _, _ := strings.Cut(o.APIVersion, "/")
	switch {
	case group == "install.istio.io" && o.Kind == "IstioOperator":
		m.declared = true
		m.config(o.Manifest.At("spec", "meshConfig"), o.Manifest.At("spec", "values"))
	case group == "sailoperator.io" && o.Kind == "Istio":
		m.declared = true
		m.config(o.Manifest.At("spec", "values", "meshConfig"), o.Manifest.At("spec", "values"))
	case group == "security.istio.io" && o.Kind == "RequestAuthentication":
		m.declared = true
		m.tokens[o.Namespace] = append(m.tokens[o.Namespace], o)
	case group == "security.istio.io" && slices.Contains([]string{"AuthorizationPolicy", "PeerAuthentication"}, o.Kind):
		m.declared = true
		if m.unread[o.Namespace] == "" {
			m.unread[o.Namespace] = o.Kind + " " + o.Namespace + "/" + o.Name + " could not be read"
		}
	case strings.HasSuffix(group, ".istio.io"):
		m.declared = true
	}
}

// config reads the mesh configuration, and the values of the chart.
func (m *Mesh) config(mesh, values *tree.Node) {
	set := func(to *string, n *tree.Node) {
		if text, ok := n.Literal(); ok && text != "" {
			*to = text
		}
	}
	set(&m.root, mesh.At("rootNamespace"))
	set(&m.domain, values.At("global", "trustDomain"))
	set(&m.domain, mesh.At("trustDomain"))
	if text, _ := mesh.At("enableAutoMtls").Literal(); text == "false" {
		m.auto = false
	}
	if text, _ := values.At("sidecarInjectorWebhook", "enableNamespacesByDefault").Literal(); text == "true" {
		m.everywhere = true
	}
}

// why is why policies for a namespace may be missing, or "".
func (m *Mesh) why(namespace string) string {
	for _, w := range []string{m.unread[namespace], m.unread[m.root], m.hidden} {
		if w != "" {
			return w
		}
	}
	return ""
}

// takesTokens says whether some RequestAuthentication is for a workload: without
// one no request has a principal of its own.
func (m *Mesh) takesTokens(w *estate.Workload) bool {
	for _, ns := range []string{w.Namespace, m.root} {
		for _, o := range m.tokens[ns] {
			want := o.Manifest.At("spec", "selector", "matchLabels")
			chosen := true
			if want != nil {
				for _, f := range want.Fields {
					text, ok := f.Node.Literal()
					chosen = chosen && (!ok || w.PodLabels[f.Name] == text)
				}
			}
			if chosen {
				return true
			}
		}
	}
	return false
}

// matchesLabels says whether a workload selector of Istio chooses a workload;
// an empty one chooses all.
func matchesLabels(want map[string]string, w *estate.Workload) bool {
	for k, v := range want {
		if got, ok := w.PodLabels[k]; !ok || got != v {
			return false
		}
	}
	return true
}
