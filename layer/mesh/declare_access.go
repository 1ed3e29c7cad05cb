package mesh

import (
	"slices"
	"strconv"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

// everywhere renders what holds for the whole mesh, in its root namespace.
func (d *declaration) everywhere() {
	d.object(kubernetes.New(security, "PeerAuthentication", render.MeshNamespace, "default",
		"spec", m("mtls", m("mode", "STRICT")))).
		For("mesh.mtls-strict").Note("no workload takes plaintext")
	d.object(kubernetes.New("telemetry.istio.io/v1", "Telemetry", render.MeshNamespace, "default",
		"spec", m(
			"metrics", list{m("providers", list{m("name", "prometheus")})},
			"tracing", list{m("providers", list{m("name", "otel")}, "randomSamplingPercentage", 5)},
			"accessLogging", list{m("providers", list{m("name", "envoy")})},
		))).For("mesh.telemetry")
}

// nothing allows nothing in a namespace: whoever is not named below is refused.
func (d *declaration) nothing(ns string) {
	d.object(kubernetes.New(security, "AuthorizationPolicy", ns, "allow-nothing", "spec", m())).
		For("mesh.authorization").Note("an empty policy allows nothing; the others allow what is declared")
}

// callers renders who may ask what of a service: the gateway for the routes
// that lead to it, and each of its callers for what it asks.
func (d *declaration) callers(s *platform.Service) {
	port := strconv.Itoa(s.Port)
	var rules list
	var from []string
	add := func(principal string, to []operation) {
		ops := list{}
		for _, o := range to {
			ops = append(ops, m("operation", o.fields(port)))
		}
		rules = append(rules, m("from", list{m("source", m("principals", list{principal}))}, "to", ops))
	}
	if routes := d.p.RoutesTo(s.Name); len(routes) > 0 {
		from = append(from, "edge.routes")
		ops := routeOperations(routes)
		if tcp(s) {
			ops = []operation{{}}
		}
		add(render.Principal(d.p, render.GatewayNamespace, render.GatewayAccount), ops)
	}
	for _, c := range d.p.Callers(s.Name) {
		from = append(from, "services."+c.From.Name+".calls."+s.Name)
		ops := callOperations(c.Call.Requests)
		if tcp(s) {
			ops = []operation{{}}
		}
		add(render.Principal(d.p, c.From.Namespace, c.From.Name), ops)
	}
	if len(rules) == 0 {
		return // nobody calls it, and allow-nothing says so
	}
	d.object(kubernetes.New(security, "AuthorizationPolicy", s.Namespace, s.Name, "spec", m(
		"selector", selects(s),
		"action", "ALLOW",
		"rules", rules,
	))).For("mesh.authorization").From(from...).In(s.Name)
}

// operation is what a rule lets through: all methods, or all paths, where empty.
type operation struct{ methods, paths []string }

func (o operation) fields(port string) kubernetes.Map {
	out := kubernetes.Map{}
	if len(o.methods) > 0 {
		out = append(out, m("methods", o.methods)...)
	}
	if len(o.paths) > 0 {
		out = append(out, m("paths", o.paths)...)
	}
	if port != "" {
		out = append(out, m("ports", list{port})...)
	}
	return out
}

// callOperations puts the requests with one method together. A path with a star
// at its end is a prefix, in Istio as in the declaration.
func callOperations(requests []platform.Request) []operation {
	if len(requests) == 0 {
		return []operation{{}}
	}
	var out []operation
	for _, r := range requests {
		var methods []string
		if r.Method != "" {
			methods = []string{r.Method}
		}
		out = merge(out, methods, r.Path)
	}
	return out
}

// routeOperations puts the routes with the same methods together.
func routeOperations(routes []platform.Route) []operation {
	var out []operation
	for _, r := range routes {
		methods := slices.Clone(r.Methods)
		slices.Sort(methods)
		out = merge(out, methods, r.Path)
	}
	return out
}

func merge(ops []operation, methods []string, path string) []operation {
	i := slices.IndexFunc(ops, func(o operation) bool { return slices.Equal(o.methods, methods) })
	if i < 0 {
		i, ops = len(ops), append(ops, operation{methods: methods})
	}
	if path != "" && !slices.Contains(ops[i].paths, path) {
		ops[i].paths = append(ops[i].paths, path)
		slices.Sort(ops[i].paths)
	}
	return ops
}
