package edge

import (
	"slices"

	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
)

// priorities are from what is given up last to what is given up first. tolerance
// is by how many percent a service's answers may slow down before its proxy begins
// to refuse: as all of them slow down in a flood, browsing gives way before
// checkout (Envoy, "Adaptive concurrency", min_rtt_calc_params.buffer).
var priorities = []struct {
	name      string
	tolerance int
}{{"critical", 100}, {"degraded", 25}, {"sheddable", 5}}

// declareShedding renders, for the gateway and for each service that the edge leads
// to, a limit that the proxy finds by itself: as many requests at once as are
// answered without slowing down. It needs no number that somebody has to measure
// and keep right.
func declareShedding(p *platform.Platform) []render.Resource {
	var out []render.Resource
	for i := range p.Services {
		s := &p.Services[i]
		routes := p.RoutesTo(s.Name)
		if len(routes) == 0 || s.Protocol == "tcp" {
			continue
		}
		best := len(priorities) - 1
		for _, r := range routes {
			if j := slices.IndexFunc(priorities, func(x struct {
				name      string
				tolerance int
			},
			) bool {
				return x.name == r.Priority
			}); j >= 0 {
				best = min(best, j)
			}
		}
		out = append(out, shedder(s, priorities[best].name, priorities[best].tolerance))
	}
	if len(out) == 0 {
		return nil
	}
	return append([]render.Resource{shedGateway()}, out...)
}

// shedGateway lets the gateway slow down as far as its most important route may.
// It answers 429, which the load balancer's health check takes for alive: a gateway
// that refuses some is not taken out.
func shedGateway() *kubernetes.Object {
	return concurrency(render.GatewayNamespace, render.GatewayAccount, "GATEWAY", priorities[0].tolerance,
		"concurrency_limit_exceeded_status", kubernetes.M("code", "TooManyRequests")).
		For("edge.overload").From("edge.routes").
		Note("Refuses what the gateway cannot take, with 429: the load balancer's health check takes that for alive, so that a gateway that refuses some is not taken out")
}

func shedder(s *platform.Service, priority string, tolerance int) *kubernetes.Object {
	return concurrency(s.Namespace, s.Name, "SIDECAR_INBOUND", tolerance).
		For("edge.overload").From("edge.routes", "services."+s.Name).In(s.Name).
		Note("Refuses what " + s.Name + " cannot take. Its most important route is " + priority + ", which is how much it may slow down before it does")
}

// concurrency is the limit of one kind of pods, in the given context of their proxy,
// with further settings of the filter.
func concurrency(namespace, name, context string, tolerance int, more ...any) *kubernetes.Object {
	m := kubernetes.M
	filter := m(
		"name", "envoy.filters.http.adaptive_concurrency",
		"typed_config", m(append([]any{
			"@type", "type.googleapis.com/envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency",
			"gradient_controller_config", m(
				"sample_aggregate_percentile", m("value", 90),
				"concurrency_limit_params", m("concurrency_update_interval", "0.1s"),
				"min_rtt_calc_params", m(
					"interval", "300s", "request_count", 50, "min_concurrency", 20,
					"jitter", m("value", 10),
					"buffer", m("value", tolerance),
				),
			),
		}, more...)...),
	)
	return kubernetes.New("networking.istio.io/v1alpha3", "EnvoyFilter", namespace, name+"-shedding",
		"spec", m(
			"workloadSelector", m("labels", m("app.kubernetes.io/name", name)),
			"configPatches", kubernetes.L{m(
				"applyTo", "HTTP_FILTER",
				"match", m(
					"context", context,
					"listener", m("filterChain", m("filter", m(
						"name", "envoy.filters.network.http_connection_manager",
						"subFilter", m("name", "envoy.filters.http.router"),
					))),
				),
				"patch", m("operation", "INSERT_BEFORE", "value", filter),
			)},
		),
	)
}
