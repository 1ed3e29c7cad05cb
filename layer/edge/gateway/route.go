package gateway

import (
	"slices"
	"strings"

	"fathom/layer/edge/gateway/origin"
	"fathom/layer/edge/gateway/overload"
	"fathom/layer/edge/gateway/queue"
)

// route is a Route that is ready.
type route struct {
	*Route
	name   string
	exact  string
	below  string // the prefix, its slash included
	any    bool
	pool   *origin.Pool
	limit  *overload.Limiter
	room   *queue.Room
	class  overload.Class
	labels routeMetrics
}

func (s *Server) makeRoutes() []route {
	var out []route
	for i := range s.config.Routes {
		c := &s.config.Routes[i]
		r := route{Route: c, name: c.To + " " + or(c.Path, "/*"), pool: s.pools[c.To], limit: s.limiters[c.To], room: s.rooms[c.Queue], class: overload.Degraded}
		if c.Class != nil {
			r.class = *c.Class
		}
		switch prefix, all := strings.CutSuffix(c.Path, "*"); {
		case c.Path == "" || c.Path == "/*" || c.Path == "*":
			r.any = true
		case all:
			r.below = prefix
		default:
			r.exact = c.Path
		}
		r.labels = s.routeMetrics(r.name, c.To)
		out = append(out, r)
	}
	return out
}

// find is the first route that fits, or nil.
func (s *Server) find(method, host, path string) *route {
	for i := range s.routes {
		r := &s.routes[i]
		if !r.any && path != r.exact && (r.below == "" || !strings.HasPrefix(path, r.below) && path != r.below[:len(r.below)-1]) {
			continue
		}
		if len(r.Methods) > 0 && !slices.Contains(r.Methods, method) {
			continue
		}
		if len(r.Hosts) > 0 && !slices.ContainsFunc(r.Hosts, func(h string) bool { return hostFits(h, host) }) {
			continue
		}
		return r
	}
	return nil
}

// hostFits compares a host without its port.
func hostFits(pattern, host string) bool {
	host = bare(host)
	if tail, ok := strings.CutPrefix(pattern, "*"); ok {
		return len(host) > len(tail) && strings.EqualFold(host[len(host)-len(tail):], tail)
	}
	return strings.EqualFold(pattern, host)
}

// bare is a host without its port.
func bare(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

func or[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
