package supply

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

// namespaces are those of the services and the gateway's, and those of what runs
// the mesh. The former enforce the Pod Security Standard "restricted" at the
// cluster's own version, so that a newer cluster refuses nothing that runs until
// somebody has looked.
func namespaces(p *platform.Platform) []*kubernetes.Object {
	var out []*kubernetes.Object
	for _, name := range namespaceNames(p) {
		ns := kubernetes.New("v1", "Namespace", "", name).
			For("supply.pod-hardening", "mesh.mtls-strict")
		switch s := alone(p, name); {
		case name == render.GatewayNamespace:
			ns.From("edge").Note("the ingress gateway, apart from the services that it leads to")
		case s != nil:
			ns.From(of(s)).Note("a service that stands apart").Annotate(render.NoteOwner, s.Owner)
		default:
			ns.From("services")
		}
		ns.Label(labelPart, p.Name, "istio-injection", "enabled")
		for _, mode := range []string{"enforce", "audit", "warn"} {
			ns.Label("pod-security.kubernetes.io/"+mode, "restricted",
				"pod-security.kubernetes.io/"+mode+"-version", "v"+p.Cluster.Version)
		}
		out = append(out, ns)
	}
	return append(out, machinery(p)...)
}

// machinery are the namespaces of what runs the mesh, where objects of the
// platform lie that need them to be there.
func machinery(p *platform.Platform) []*kubernetes.Object {
	var out []*kubernetes.Object
	for _, x := range []struct{ name, level, note string }{
		{render.MeshNamespace, "privileged", "istiod, and on each node the agent that sets up the pods' network in their stead: it has to see the node"},
		{"cert-manager", "baseline", "what signs the certificates of the mesh"},
	} {
		out = append(out, kubernetes.New("v1", "Namespace", "", x.name).
			For("mesh.mtls-strict").From("mesh").Note(x.note).
			Label(labelPart, p.Name, "istio-injection", "disabled",
				"pod-security.kubernetes.io/enforce", x.level, "pod-security.kubernetes.io/warn", "restricted"))
	}
	return out
}

// namespaceNames are sorted, each once.
func namespaceNames(p *platform.Platform) []string {
	names := []string{render.GatewayNamespace}
	for i := range p.Services {
		names = append(names, p.Services[i].Namespace)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// alone is the service that a namespace is made for: it stands apart there under
// its own name. Other namespaces have no owner, as teams share them.
func alone(p *platform.Platform, namespace string) *platform.Service {
	s := p.Service(namespace)
	if s == nil || s.Namespace != namespace || !p.Apart(s) {
		return nil
	}
	return s
}

// ranks are the priorities of routes, the most important first, and what a pod of
// each is worth to the scheduler.
var ranks = []struct {
	name  string
	value int
	says  string
}{
	{"critical", 3000, "serves what the shop lives on: its pods push out others when the nodes are full"},
	{"degraded", 2000, "may be slow in a flood"},
	{"sheddable", 1000, "is given up first in a flood: its pods push nobody out"},
}

// priorities are the classes that say whose pods stay when the nodes are full.
func priorities(p *platform.Platform) []*kubernetes.Object {
	var out []*kubernetes.Object
	for _, r := range ranks {
		o := kubernetes.New("scheduling.k8s.io/v1", "PriorityClass", "", priorityClass(p, r.name),
			"value", r.value, "description", r.says).From("edge.routes")
		if r.name == "sheddable" {
			o.Body = append(o.Body, m("preemptionPolicy", "Never")...)
		}
		out = append(out, o)
	}
	return out
}

func priorityClass(p *platform.Platform, rank string) string { return render.Name(p, rank) }

// rank is the most important priority of the routes that lead to a service, or "".
func rank(p *platform.Platform, s *platform.Service) string {
	routes := p.RoutesTo(s.Name)
	for _, r := range ranks {
		if slices.ContainsFunc(routes, func(x platform.Route) bool { return x.Priority == r.name }) {
			return r.name
		}
	}
	return ""
}

// worth is the priority of each service's pods, by name: the most important of its
// routes, and of those of all that call it, directly or not. A checkout is worth no
// more than the payments behind it. What no route leads to is degraded.
func worth(p *platform.Platform) map[string]string {
	out := make(map[string]string, len(p.Services))
	for _, r := range ranks {
		var next []*platform.Service
		take := func(s *platform.Service) {
			if s != nil && out[s.Name] == "" {
				out[s.Name] = r.name
				next = append(next, s)
			}
		}
		for _, x := range p.Edge.Routes {
			if x.Priority == r.name {
				take(p.Service(x.To))
			}
		}
		for len(next) > 0 {
			s := next[0]
			next = next[1:]
			for _, c := range s.Calls {
				take(p.Service(c.To))
			}
		}
	}
	for i := range p.Services {
		if out[p.Services[i].Name] == "" {
			out[p.Services[i].Name] = "degraded"
		}
	}
	return out
}
