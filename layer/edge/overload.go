package edge

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

var overload = control.Control{
	ID:       "edge.overload",
	Title:    "Waiting room, priority shedding, adaptive concurrency: checkout lives through a flood",
	Why:      "A flood of visitors, real or not, takes checkout down with everything else",
	Threats:  []control.Threat{control.Flood},
	Phase:    control.LongTerm,
	Severity: control.Low,
	World:    control.Anywhere,
	Check:    checkOverload,
	Defeat:   takeAll,
}

var waitingRoom = regexp.MustCompile(`(?i)waiting[-_ ]?room|queue-?it\b|virtual[-_ ]?queue|admission[-_ ]?queue`)

// shedding are the Envoy filters that refuse what a service cannot take.
var shedding = regexp.MustCompile(`adaptive_concurrency|admission_control|overload_manager|local_ratelimit|http\.ratelimit`)

// checkOverload looks for the two parts of the guard that files can show:
// something at the edge that lets people in by turns, and something before the
// services that refuses more than they can take. Autoscaling is neither: it is
// slower than a flood. A service may shed load by itself, which no file shows.
func checkOverload(e *estate.Estate) []control.Result {
	all, _ := doors(e)
	if len(all) == 0 {
		return nil
	}
	out := waiting(e)
	missing := func(m control.Mistake) {
		switch why := e.MayHideKubernetes(); {
		case !e.HasAWS():
			out = append(out, control.NowhereInCluster(e, m)...)
		case why != "":
			out = append(out, control.Unsure(e.Account(), diag.Pos{}, why))
		default:
			out = append(out, control.Nowhere(e, m)...)
		}
	}
	if len(out) == 0 {
		missing(control.Mistake{
			Summary: "no waiting room lets people in by turns when more come than " + all[0].Meta().ID.Addr + " can serve",
			Fix:     "put a waiting room before checkout: a CloudFront function or Lambda@Edge that admits a set number of sessions and queues the others",
		})
	}
	sheds := sheds(e)
	out = append(out, sheds...)
	if len(sheds) == 0 {
		missing(control.Mistake{
			Summary: "nothing before the services refuses more requests than they can take",
			Fix:     "add an EnvoyFilter with adaptive_concurrency or local_ratelimit, or a DestinationRule with connectionPool.http limits, and let browsing be refused before checkout",
		})
	}
	return out
}

// waiting are the waiting rooms: code at the edge, functions and workloads
// that call themselves so.
func waiting(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, f := range estate.All[*estate.CloudFrontFunction](e) {
		if waitingRoom.MatchString(f.ID.Addr+" "+strings.Join(f.Keys, " ")) || f.Code.Test(waitingRoom.MatchString) == estate.Yes {
			out = append(out, control.Is(f, control.Evidence{At: f.Pos, Saw: f.ID.Addr}))
		}
	}
	for _, f := range estate.All[*estate.Lambda](e) {
		if waitingRoom.MatchString(f.ID.Addr + " " + f.Function.String()) {
			out = append(out, control.Is(f, control.Evidence{At: f.Pos, Saw: f.Function.String()}))
		}
	}
	for _, w := range estate.All[*estate.Workload](e) {
		if waitingRoom.MatchString(w.Name) {
			out = append(out, control.Is(w, control.Evidence{At: w.Pos, Saw: w.Name}))
		}
	}
	return out
}

// sheds are the proxies' limits.
func sheds(e *estate.Estate) []control.Result {
	var out []control.Result
	for _, o := range estate.All[*estate.Object](e) {
		switch o.Kind {
		case "EnvoyFilter":
			if n := find(o.Manifest, shedding); n != nil {
				out = append(out, control.Is(o, control.Evidence{At: n.Pos, Saw: n.Text}))
			}
		case "BackendTrafficPolicy": // Envoy Gateway
			for _, part := range []string{"circuitBreaker", "rateLimit", "admissionControl"} {
				if !o.Manifest.At("spec", part).Missing() {
					out = append(out, control.Is(o, control.Evidence{At: o.At("spec", part), Saw: part}))
				}
			}
		case "Middleware": // Traefik
			for _, part := range []string{"inFlightReq", "rateLimit"} {
				if !o.Manifest.At("spec", part).Missing() {
					out = append(out, control.Is(o, control.Evidence{At: o.At("spec", part), Saw: part}))
				}
			}
		}
	}
	for _, r := range estate.All[*estate.DestinationRule](e) {
		if !r.Manifest.At("spec", "trafficPolicy", "connectionPool", "http").Missing() {
			out = append(out, control.Is(r, control.Evidence{At: r.At("spec", "trafficPolicy", "connectionPool", "http"), Saw: "connectionPool.http"}))
		}
	}
	for _, in := range estate.All[*estate.Ingress](e) {
		for _, k := range []string{"limit-connections", "limit-rps", "limit-rpm"} {
			key := "nginx.ingress.kubernetes.io/" + k
			if in.Annotations[key] != "" {
				out = append(out, control.Is(in, control.Evidence{At: in.At("metadata", "annotations", key), Saw: k}))
				break
			}
		}
	}
	return out
}

// find returns the first string below a node that matches.
func find(n *tree.Node, re *regexp.Regexp) *tree.Node {
	var found *tree.Node
	n.Walk(func(m *tree.Node) {
		if found == nil && m.Kind == tree.String && re.MatchString(strings.ToLower(m.Text)) {
			found = m
		}
	})
	return found
}
