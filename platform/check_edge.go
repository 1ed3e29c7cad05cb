package platform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"fathom/diag"
)

// edge checks the way in, but for its routes.
func (c *checker) edge() {
	e := &c.Edge
	for _, d := range e.Domains {
		if e.Zone != "" && d != e.Zone && !strings.HasSuffix(d, "."+e.Zone) {
			c.add(c.At("edge", "domains", d), "name the zone that holds it, or another domain", "domain %q is not in the zone %q", d, e.Zone)
		}
	}
	if e.WAF == "count" && !slices.ContainsFunc(c.Exceptions, func(x Exception) bool { return x.Control == "edge.waf-enforcing" && x.Route == "" }) {
		c.add(c.At("edge", "waf"), "write block, or declare an exception of edge.waf-enforcing with an owner and a day", "the rules only count, and nobody answers for it")
	}
	if e.OriginSecret.Overlap >= e.OriginSecret.Every {
		c.add(c.At("edge", "originSecret"), "make the overlap shorter than the rotation", "the old secret is good for %s, and a new one comes every %s: no secret ever ends", short(e.OriginSecret.Overlap), short(e.OriginSecret.Every))
	}
	for _, list := range []string{"deny", "challenge"} {
		if n := len(c.tree.get("edge", "geo", list).items); n > mostCountries {
			c.add(c.At("edge", "geo", list), "keep those that requests come from that you do not want", "there are %d countries: a rule of AWS WAF has at most %d", n, mostCountries)
		}
		for _, n := range c.tree.get("edge", "geo", list).items {
			c.country(n)
		}
	}
	for _, code := range e.Geo.Challenge {
		if slices.Contains(e.Geo.Deny, code) {
			c.add(c.At("edge", "geo", "challenge", code), "keep it in one of them", "country %q is challenged, and denied in %s: who is turned away is never asked", code, c.line("edge", "geo", "deny", code))
		}
	}
	c.clients()
	c.limit(c.tree.get("edge", "limit"), e.Limit, "edge", "limit")
	if w := e.WaitingRoom.Path; w != "" && c.path(w, c.At("edge", "waitingRoom", "path")) && c.sound && !c.led(w) {
		c.add(c.At("edge", "waitingRoom", "path"), hint(w, c.paths()), "no route leads to %q, so nobody waits there", w)
	}
	c.behaviour(e.WaitingRoom.Path, c.At("edge", "waitingRoom", "path"))
}

// Quotas of AWS WAF (Developer Guide, "AWS WAF quotas"): codes in a geographic
// rule, and rate-based rules in a web ACL.
const (
	mostCountries = 50
	mostLimits    = 10
)

// misnamed are codes that people write for others.
var misnamed = map[string]string{"UK": "GB", "EL": "GR", "EN": "GB"}

func (c *checker) country(n *node) {
	if n.bad || n.text == "" {
		return
	}
	if r, err := language.ParseRegion(n.text); err == nil && r.IsCountry() && r.Canonicalize().String() == n.text {
		return
	}
	fix := "write two letters of ISO 3166-1, such as KP"
	if right := misnamed[n.text]; right != "" {
		fix = "write " + right
	}
	c.add(n.pos, fix, "%q is no country of ISO 3166-1", n.text)
}

// longestMatch is how much of a text AWS WAF compares with (WAF API, "ByteMatchStatement").
const longestMatch = 200

func (c *checker) clients() {
	cl := &c.Edge.Clients
	header := c.tree.get("edge", "clients", "header")
	if header.written() && !header.bad {
		at := c.At("edge", "clients", "header")
		switch {
		case cl.Value == "":
			c.add(at, `write what its value begins with, such as "x-shop-client: web/"`, "header %q has no value: anything would do", cl.Header)
		case len(cl.Value) > longestMatch:
			c.add(at, "shorten it", "the header's value has %d characters: AWS WAF compares at most %d, and sees only the first 8 KB of all headers", len(cl.Value), longestMatch)
		case slices.Contains([]string{"user-agent", "host", "cookie", "accept", "referer", "origin"}, cl.Header):
			c.add(at, "use one of the shop's own, such as x-shop-client", "header %q is sent by every browser and script, so it proves nothing", cl.Header)
		}
	}
	for _, m := range cl.Mobile {
		at := c.At("edge", "clients", "mobile", m)
		if c.path(m, at) && c.sound && !c.led(m) {
			c.add(at, hint(m, c.paths()), "no route leads to %q", m)
		}
		c.behaviour(m, at)
	}
}

// paths are those of the routes.
func (c *checker) paths() []string {
	var out []string
	for _, r := range c.Edge.Routes {
		out = append(out, r.Path)
	}
	return out
}

// led says whether a route leads to a path, or to something under it.
func (c *checker) led(path string) bool {
	return slices.ContainsFunc(c.Edge.Routes, func(r Route) bool { return overlap(r.Path, path) })
}

// overlap says whether there is a path that fits both.
func overlap(a, b string) bool {
	pa, starA := strings.CutSuffix(a, "*")
	pb, starB := strings.CutSuffix(b, "*")
	switch {
	case starA && starB:
		return strings.HasPrefix(pa, pb) || strings.HasPrefix(pb, pa)
	case starA:
		return strings.HasPrefix(pb, pa)
	case starB:
		return strings.HasPrefix(pa, pb)
	}
	return a == b
}

// pathChars are those that a path may have besides a star at its end (RFC 3986,
// pchar without what would need an escape in rules and expressions).
var pathChars = regexp.MustCompile(`^[A-Za-z0-9/._~:@!$&'(),;=+%-]*$`)

// path checks a path with or without a star.
func (c *checker) path(p string, at diag.Pos) bool {
	rest := strings.TrimSuffix(p, "*")
	switch {
	case p == "":
	case !strings.HasPrefix(p, "/"):
		c.add(at, "write "+strconv.Quote("/"+p), "path %q does not begin with a slash", p)
	case strings.Contains(rest, "*"):
		c.add(at, "put a star at the end alone, or declare a route for each", "path %q has a star in the middle: rules of the web ACL and the mesh know only one at the end", p)
	case strings.ContainsAny(rest, "?#"):
		c.add(at, "write the path alone", "path %q has a query or a fragment, which no rule looks at", p)
	case !pathChars.MatchString(rest):
		c.add(at, "write the characters of a URL's path", "path %q has characters that no URL has", p)
	case strings.Contains(rest, "//") || slices.ContainsFunc(strings.Split(rest, "/"), func(s string) bool { return s == "." || s == ".." }):
		c.add(at, "write the path that is left when these are resolved", "path %q has an empty part or dots, which proxies take away before they compare", p)
	case len(p) > longestMatch:
		c.add(at, "shorten it", "the path has %d characters: AWS WAF compares at most %d", len(p), longestMatch)
	default:
		return true
	}
	return false
}

// unmatched are characters of paths that a cache behaviour cannot have (CloudFront
// API, "CacheBehavior", PathPattern).
const unmatched = "!(),;=%"

// behaviour checks a path that CloudFront itself tells from others.
func (c *checker) behaviour(p string, at diag.Pos) {
	if i := strings.IndexAny(p, unmatched); i >= 0 {
		c.add(at, "take a path of letters, digits and / - _ . ~", "path %q has %q, by which CloudFront tells no path from others", p, p[i:i+1])
	}
}

// windows are those that AWS WAF counts requests in (WAF API, "RateBasedStatement").
var windows = []time.Duration{minute, 2 * minute, 5 * minute, 10 * minute}

var byHeader = regexp.MustCompile(`^header:[a-z0-9][a-z0-9-]{0,63}$`)

// limit checks a limit, whose keys stand at a path.
func (c *checker) limit(n *node, l Limit, path ...string) {
	if !n.written() || n.bad {
		return
	}
	at := func(key string) diag.Pos { return c.At(append(slices.Clone(path), key)...) }
	if m := n.get("max"); m.written() && !m.bad && l.Max < 10 {
		c.add(at("max"), "write at least 10; for less, let the service itself refuse", "a limit of %d is less than AWS WAF can count", l.Max)
	}
	if per := n.get("per"); per.written() && !per.bad && !slices.Contains(windows, l.Per) {
		c.add(at("per"), "write 1m, 2m, 5m or 10m", "AWS WAF counts no requests in %s", per.text)
	}
	switch by := n.get("by"); {
	case by.bad || l.By == "ip":
	case l.By == "session":
		if c.Edge.Clients.Cookie == "" {
			c.add(at("by"), "add clients: {cookie: NAME} to the edge, or write by: ip", "a limit by session counts by the session cookie, and none is declared")
		}
	case strings.HasPrefix(l.By, "header:") && byHeader.MatchString(strings.ToLower(l.By)):
		if l.By != strings.ToLower(l.By) {
			c.add(at("by"), "write "+strings.ToLower(l.By), "%q has upper case letters: AWS WAF names headers in lower case", l.By)
		}
	default:
		c.add(at("by"), hint(l.By, []string{"ip", "session", "header:NAME"}), "nobody counts by %q", l.By)
	}
}
