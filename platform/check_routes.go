package platform

import (
	"slices"
	"strconv"

	"fathom/diag"
)

// routes checks the routes, in the order in which they were written.
func (c *checker) routes() {
	first := map[string]diag.Pos{}
	limits := 1 // the general one
	for i, n := range c.tree.get("edge", "routes").items {
		if n.kind != mapping {
			continue
		}
		r := routeOf(n)
		at := func(key string) diag.Pos { return c.At("edge", "routes", strconv.Itoa(i), key) }
		if before, twice := first[r.Path]; twice && r.Path != "" {
			c.add(at("path"), "keep one of them", "path %q has a route already, in line %d", r.Path, before.Line)
		} else {
			first[r.Path] = at("path")
		}
		c.path(r.Path, at("path"))
		if c.known("service", r.To, c.serviceNames, at("to")) && c.Service(r.To).Protocol == "tcp" {
			c.add(at("to"), "write protocol: http or grpc, or take the route away", "service %q speaks tcp, and the edge only http", r.To)
		}
		if n.get("limit").written() {
			if limits++; limits == mostLimits+1 {
				c.add(at("limit"), "let routes that are alike share one: a path may end with a star", "this is limit number %d, with the general one: a web ACL has at most %d rules that count", limits, mostLimits)
			}
		}
		c.limit(n.get("limit"), r.Limit, "edge", "routes", strconv.Itoa(i), "limit")
		c.form(&r, n, at)
		c.challenge(&r, at)
	}
}

// asWhat says what a form is, in a problem.
var asWhat = map[string]string{"login": "a login", "signup": "a sign-up", "recover": "for forgotten passwords", "checkout": "a checkout"}

// form asks for a limit where attackers try first.
func (c *checker) form(r *Route, n *node, at func(string) diag.Pos) {
	if r.Form == "" {
		return
	}
	limit := n.get("limit")
	switch general := c.Edge.Limit; {
	case !limit.written():
		c.add(at("path"), "add limit: {max: 50, per: 5m, by: ip}", "route %q is %s and has no limit of its own: passwords and cards are tried there by the thousand", r.Path, asWhat[r.Form])
	case limit.bad || r.Limit.Max == 0 || general.Max == 0:
	case perHour(r.Limit) >= perHour(general):
		c.add(at("limit"), "make it lower than that", "route %q is %s, and its limit of %d in %s is no lower than the general one of %d in %s (%s)", r.Path, asWhat[r.Form], r.Limit.Max, short(r.Limit.Per), general.Max, short(general.Per), c.line("edge", "limit"))
	}
}

// perHour makes limits of different windows comparable.
func perHour(l Limit) float64 { return float64(l.Max) * float64(hour) / float64(l.Per) }

// challenge asks that whoever is challenged can answer.
func (c *checker) challenge(r *Route, at func(string) diag.Pos) {
	if !r.Challenge {
		return
	}
	for _, m := range c.Edge.Clients.Mobile {
		if overlap(r.Path, m) {
			c.add(at("challenge"), "take it away: requests of apps are signed instead", "route %q is challenged and %q is for the shop's apps (%s), which run no script: they would be shut out", r.Path, m, c.line("edge", "clients", "mobile", m))
		}
	}
	if len(r.Methods) > 0 && !slices.Contains(r.Methods, "GET") {
		c.add(at("challenge"), "challenge the page that the request comes from, or add GET", "route %q is challenged and takes no GET: AWS WAF can only put its page in the place of one that a browser gets, and blocks the rest", r.Path)
	}
	if s := c.Service(r.To); s != nil && s.Protocol == "grpc" {
		c.add(at("challenge"), "take it away", "route %q is challenged and goes to %q, which speaks grpc: no browser asks there", r.Path, s.Name)
	}
}
