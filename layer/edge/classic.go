package edge

import (
	"slices"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// publicClassic says whether a classic load balancer speaks HTTP with the
// internet. internal defaults to false (provider). One that only passes TCP on
// is no door of the shop.
func publicClassic(lb *estate.ClassicLB) (estate.Truth, string) {
	web := estate.No
	if lb.Listeners.Why != "" {
		web = estate.Maybe
	}
	for i := range lb.Listeners.Items {
		web = web.Or(lb.Listeners.Items[i].Protocol.Test(isHTTP))
	}
	public := lb.Internal.Default(false).Is(false)
	why := lb.Internal.Why()
	if why == "" {
		why = lb.Listeners.Why
	}
	return web.And(public), "it is not known whether it speaks HTTP with the internet: " + why
}

func isHTTP(protocol string) bool {
	return strings.EqualFold(protocol, "http") || strings.EqualFold(protocol, "https")
}

func classicEntries(e *estate.Estate, lb *estate.ClassicLB) []entry {
	if lb.SecurityGroups.Absent() {
		return []entry{{on: lb, at: lb.Pos, from: fromUnknown, why: "security_groups is not set, so AWS gives it the VPC's default group"}}
	}
	return groupEntries(e, lb, lb.SecurityGroups)
}

// classicTLS judges the listeners of a classic load balancer, which cannot
// redirect: beside an https listener, only the application behind can.
func classicTLS(lb *estate.ClassicLB) []control.Result {
	var out []control.Result
	https := slices.ContainsFunc(lb.Listeners.Items, func(l estate.ClassicLBListener) bool {
		return l.Protocol.Test(isTLS) == estate.Yes
	})
	for _, l := range lb.Listeners.Items {
		switch {
		case l.Protocol.Unknown():
			out = append(out, control.Unsure(lb, l.Protocol.Pos(), "the listener's protocol is not known: "+l.Protocol.Why()))
		case l.Protocol.Test(isHTTP) != estate.Yes || l.Protocol.Test(isTLS) == estate.Yes:
		case https:
			out = append(out, control.Unsure(lb, l.Protocol.Pos(), "whether what is behind port "+l.Port.String()+" redirects to https is not in the files: a classic load balancer cannot"))
		default:
			out = append(out, control.Not(lb, control.Mistake{
				At:      l.Protocol.Pos(),
				Summary: name(lb) + " serves plain http on port " + l.Port.String() + ", and nothing over https",
				Fix:     "move it to an aws_lb with an https listener and an http one that redirects, or add a listener with lb_protocol = \"https\" and ssl_certificate_id",
			}))
		}
	}
	if len(out) == 0 {
		out = append(out, control.Is(lb, control.Evidence{At: lb.Pos, Saw: "https"}))
	}
	return out
}

func isTLS(protocol string) bool {
	return strings.EqualFold(protocol, "https") || strings.EqualFold(protocol, "ssl")
}

// serviceTLS judges the load balancer of a Service. Without a certificate it
// passes TCP on: what is behind port 443 ends TLS itself, and then answers
// port 80 as well. A Service with port 80 alone has no TLS anywhere.
func serviceTLS(s *estate.Service) []control.Result {
	if s.Annotations[lbAnnotation+"ssl-cert"] != "" {
		return nil // with which ports and policy is for the controller's defaults
	}
	plain := -1
	for i, p := range s.Spec.Ports {
		switch {
		case p.Port == 443 || strings.HasPrefix(p.Name, "https") || strings.HasPrefix(p.Name, "tls"):
			return nil
		case p.Port == 80 && plain < 0:
			plain = i
		}
	}
	if plain < 0 {
		return nil
	}
	at := s.At("spec", "ports", strconv.Itoa(plain), "port")
	if at == (diag.Pos{}) {
		at = s.Pos
	}
	return []control.Result{control.Not(s, control.Mistake{
		At:      at,
		Summary: "load balancer of " + s.ID.Addr + " serves plain http, and nothing over https",
		Fix:     "put an Ingress with a certificate in front of a Service of type ClusterIP, or take port 443 and annotate it with " + lbAnnotation + "ssl-cert",
	})}
}
