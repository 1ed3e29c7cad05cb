package edge

import (
	"errors"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/platform"
	"fathom/render"
	"fathom/render/terraform"
)

// declare renders the edge: certificates and names, the distribution with its
// web ACL and their staging twins, the load balancer and the standby's, the
// secret between them, the code at the edge, and what sheds load in the cluster.
// The error joins diag.Problems: what AWS cannot do that the platform asks for.
func declare(p *platform.Platform) ([]render.Resource, error) {
	rules := rulesOf(p)
	if err := quotas(p, rules); err != nil {
		return nil, err
	}
	var out []render.Resource
	for _, part := range [][]render.Resource{
		declareNames(p), declareBalancer(p), declareStandby(p), declareSecret(p),
		declareDistribution(p), declareCanary(p), declareACL(p, rules),
		declareProof(p), declareRoom(p), declareShield(p), declareShedding(p),
	} {
		out = append(out, part...)
	}
	return out, nil
}

var set, nest, when = terraform.Set, terraform.Nest, terraform.When

// problems joins what cannot be rendered to one error, or nil.
func problems(ps diag.Problems) error {
	var all []error
	for _, p := range ps.Sorted() {
		all = append(all, p)
	}
	return errors.Join(all...)
}

// originHost is the name by which CloudFront knows the load balancer.
func originHost(p *platform.Platform) string { return "origin." + p.Edge.Zone }

// slug makes a path part of a name, so that two paths never make the same:
// /api/mobile/* is api_mobile_any. A path with other characters than letters,
// digits and dashes ends in a hash.
func slug(path string) string {
	if path == "/" {
		return "root"
	}
	plain := true
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range parts {
		odd := func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
		}
		switch {
		case s == "*" && i == len(parts)-1:
			parts[i] = "any"
		case s == "" || s == "any" || s == "root" || strings.ContainsFunc(s, odd):
			plain = false
			parts[i] = strings.Map(func(r rune) rune {
				if odd(r) {
					return '-'
				}
				return r
			}, s)
		}
	}
	name := strings.Join(parts, "_")
	if !plain || len(name) > 60 || path != "/"+strings.Trim(path, "/") {
		name = name[:min(len(name), 60)] + "_" + digest(path)
	}
	return name
}

// covers says whether a pattern of paths, with a star at its end or none, holds
// all of another.
func covers(pattern, path string) bool {
	prefix, star := strings.CutSuffix(pattern, "*")
	if star {
		return strings.HasPrefix(path, prefix)
	}
	return pattern == path
}

// signed says whether requests to a path carry the apps' signature.
func signed(p *platform.Platform, path string) bool {
	return slices.ContainsFunc(p.Edge.Clients.Mobile, func(m string) bool { return covers(m, path) })
}

// narrower are the paths that are asked before a route's own, as they are part
// of it: those of other routes, longest first.
func narrower(p *platform.Platform, path string) []string {
	var out []string
	for _, r := range p.Edge.Routes {
		if r.Path != path && covers(path, r.Path) {
			out = append(out, r.Path)
		}
	}
	return out
}

// seconds writes a duration for a setting that counts in seconds.
func seconds(d interface{ Seconds() float64 }) int { return int(d.Seconds()) }
