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

// declareShedding renders, for each service that the edge leads to, a limit that
// its proxy finds by itself: as many requests at once as it answers without
// slowing down. It needs no number that somebody has to measure and keep right.
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
	return out
}

func shedder(s *platform.Service, priority string, tolerance int) *kubernetes.Object {
	m := kubernetes.M
	filter := m(
		"name", "envoy.filters.http.adaptive_concurrency",
		"typed_config", m(
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
		),
	)
	return kubernetes.New("networking.istio.io/v1alpha3", "EnvoyFilter", s.Namespace, s.Name+"-shedding",
		"spec", m(
			"workloadSelector", m("labels", m("app.kubernetes.io/name", s.Name)),
			"configPatches", kubernetes.L{m(
				"applyTo", "HTTP_FILTER",
				"match", m(
					"context", "SIDECAR_INBOUND",
					"listener", m("filterChain", m("filter", m(
						"name", "envoy.filters.network.http_connection_manager",
						"subFilter", m("name", "envoy.filters.http.router"),
					))),
				),
				"patch", m("operation", "INSERT_BEFORE", "value", filter),
			)},
		),
	).For("edge.overload").From("edge.routes", "services."+s.Name).In(s.Name).
		Note("Refuses what " + s.Name + " cannot take. Its most important route is " + priority + ", which is how much it may slow down before it does")
}
