package mesh

import (
	"slices"
	"strconv"

	"fathom/platform"
	"fathom/render/kubernetes"
)

// load is how much one pod may send to a service at a time. In a flood what is
// worth least is refused first, and what the shop lives on waits longest.
type load struct{ connections, requests, pending int }

var loads = []struct {
	priority string
	load     load
}{
	{"critical", load{connections: 1024, requests: 2048, pending: 512}},
	{"degraded", load{connections: 512, requests: 1024, pending: 128}},
	{"sheddable", load{connections: 256, requests: 512, pending: 32}},
}

// loadOf is the load of a service: by the most important of the routes that
// lead to it, or to those that call it. Where none does it is degraded.
func (d *declaration) loadOf(s *platform.Service) load {
	if d.worth == nil {
		d.worth = worth(d.p)
	}
	if i, ok := d.worth[s.Name]; ok {
		return loads[i].load
	}
	return loads[1].load
}

// worth follows calls from the routes of each priority, the most important first.
func worth(p *platform.Platform) map[string]int {
	calls := map[string][]platform.Call{}
	for i := range p.Services {
		calls[p.Services[i].Name] = p.Services[i].Calls
	}
	out := map[string]int{}
	for i, l := range loads {
		var next []string
		for _, r := range p.Edge.Routes {
			if r.Priority == l.priority {
				next = append(next, r.To)
			}
		}
		for len(next) > 0 {
			name := next[len(next)-1]
			next = next[:len(next)-1]
			if _, seen := out[name]; seen {
				continue
			}
			out[name] = i
			for _, c := range calls[name] {
				next = append(next, c.To)
			}
		}
	}
	return out
}

// destination renders how the service is called: by mutual TLS, no more at a
// time than it takes, no pod that fails, and over no connection that outlives
// the certificate it was opened with.
func (d *declaration) destination(s *platform.Service) {
	l := d.loadOf(s)
	pool := m("tcp", m(
		"maxConnections", l.connections,
		"connectTimeout", "2s",
		"maxConnectionDuration", strconv.Itoa(int(d.p.Mesh.Certificates.Seconds()))+"s",
	))
	if !tcp(s) {
		pool = append(pool, m("http", m(
			"http1MaxPendingRequests", l.pending,
			"http2MaxRequests", l.requests,
			"maxRetries", 16,
			"idleTimeout", "60s",
		))...)
	}
	failures := m("consecutiveGatewayErrors", 5)
	if !tcp(s) {
		failures = m("consecutive5xxErrors", 5)
	}
	d.object(kubernetes.New(networking, "DestinationRule", s.Namespace, s.Name, "spec", m(
		"host", hostOf(s),
		"trafficPolicy", m(
			"tls", m("mode", "ISTIO_MUTUAL"),
			"connectionPool", pool,
			"outlierDetection", append(failures, m(
				"interval", "10s",
				"baseEjectionTime", "30s",
				"maxEjectionPercent", 50,
			)...),
		),
	))).For("mesh.mtls-strict", "mesh.revocation", "edge.overload").From("services."+s.Name, "edge.routes").In(s.Name)
}

// safe are the methods that may be asked twice (RFC 9110, section 9.2.1).
var safe = []string{"GET", "HEAD", "OPTIONS"}

// Retries: of what may be asked twice, where no answer came or the service said
// that it did not take the request; and none.
func again() kubernetes.Map {
	return m("attempts", 2, "perTryTimeout", "3s", "retryOn", "connect-failure,refused-stream,reset-before-request,unavailable,503")
}

func once() kubernetes.Map { return m("attempts", 0) }

// retries renders how calls of other services are repeated: Istio would repeat
// every request, and a payment twice is two payments.
func (d *declaration) retries(s *platform.Service) {
	if tcp(s) || len(d.p.Callers(s.Name)) == 0 {
		return
	}
	to := list{m("destination", m("host", hostOf(s), "port", m("number", s.Port)))}
	routes := list{m("name", "once", "route", to, "timeout", "15s", "retries", once())}
	if s.Protocol != "grpc" { // whose requests are all POST
		var matches list
		for _, method := range safe {
			matches = append(matches, m("method", m("exact", method)))
		}
		routes = append(list{m("name", "again", "match", matches, "route", to, "timeout", "10s", "retries", again())}, routes...)
	}
	d.object(kubernetes.New(networking, "VirtualService", s.Namespace, s.Name, "spec", m(
		"hosts", list{hostOf(s)},
		"http", routes,
	))).For("edge.overload").From("services." + s.Name).In(s.Name).
		Note("only what may be asked twice is asked again")
}

// repeatable says that a route has only methods that may be asked twice.
func repeatable(r platform.Route) bool {
	return len(r.Methods) > 0 && !slices.ContainsFunc(r.Methods, func(m string) bool { return !slices.Contains(safe, m) })
}
