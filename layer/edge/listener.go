package edge

import (
	"regexp"
	"strings"

	"fathom/control"
	"fathom/estate"
)

// loadBalancerTLS judges the listeners of a public load balancer.
func loadBalancerTLS(e *estate.Estate, lb *estate.LoadBalancer) []control.Result {
	var out []control.Result
	for _, l := range estate.Of[*estate.Listener](e, lb.ID) {
		if !l.LoadBalancer.Is(lb.ID) {
			continue
		}
		// An application load balancer speaks HTTP or HTTPS; the protocol
		// defaults to HTTP (provider).
		switch l.Protocol.Default("HTTP").In("HTTPS", "TLS") {
		case estate.Yes:
			out = append(out, sslPolicy(l))
		case estate.No:
			out = append(out, plainListener(e, l)...)
		default:
			out = append(out, control.Unsure(l, l.Protocol.Pos(), "the listener's protocol is not known: "+l.Protocol.Why()))
		}
	}
	return out
}

// plainListener accepts a listener on plain http that does nothing but send
// clients to https or refuse them.
func plainListener(e *estate.Estate, l *estate.Listener) []control.Result {
	var out []control.Result
	for _, a := range l.Default.Items {
		if r, wrong := plainAction(l, a); wrong {
			out = append(out, r)
		}
	}
	for _, r := range estate.Of[*estate.ListenerRule](e, l.ID) {
		if !r.Listener.Is(l.ID) || certificateChallenge(r) {
			continue
		}
		for _, a := range r.Actions.Items {
			if res, wrong := plainAction(r, a); wrong {
				out = append(out, res)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, control.Is(l, control.Evidence{At: l.Default.At, Saw: "plain http is redirected or refused"}))
	}
	return out
}

func plainAction(on estate.Resource, a estate.ListenerAction) (control.Result, bool) {
	m := control.Mistake{
		At: a.At, Cause: control.CausePlainHTTP,
		Fix: `make the action a redirect with protocol HTTPS, port 443 and status_code HTTP_301`,
	}
	switch kind, ok := a.Type.Known(); {
	case !ok:
		return control.Unsure(on, a.Type.Pos(), "what the listener does is not known: "+a.Type.Why()), true
	case kind == "fixed-response":
		return control.Result{}, false
	case kind == "redirect":
		r := a.Redirect.One()
		if r == nil || r.Protocol.Is("HTTPS") != estate.No { // the default keeps the protocol: #{protocol}
			return control.Result{}, false
		}
		m.Summary = name(on) + " redirects plain http to plain http"
		return control.Not(on, m), true
	}
	m.Summary = name(on) + " serves plain http instead of redirecting it"
	return control.Not(on, m), true
}

// certificateChallenge says whether a rule only answers certificate
// authorities, which ask over plain http (RFC 8555, 8.3).
func certificateChallenge(r *estate.ListenerRule) bool {
	for _, c := range r.Conditions.Items {
		for _, p := range c.Path.Items {
			for _, v := range p.Values.Known() {
				if strings.HasPrefix(v, "/.well-known/acme-challenge") {
					return true
				}
			}
		}
	}
	return false
}

// strongPolicy are the security policies without TLS 1.0 and 1.1 (Application
// Load Balancers User Guide, "Security policies").
var strongPolicy = regexp.MustCompile(`^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)`)

// defaultPolicy is what a listener made through the API gets where none is
// named.
const defaultPolicy = "ELBSecurityPolicy-2016-08"

func sslPolicy(l *estate.Listener) control.Result {
	p := l.SSLPolicy.Default(defaultPolicy)
	at := l.SSLPolicy.Pos()
	saw := p.String()
	if l.SSLPolicy.Absent() {
		saw += " (the default)"
	}
	return control.Judge(p.Test(strongPolicy.MatchString), l, control.Mistake{
		At:       at,
		Summary:  name(l) + " still speaks TLS 1.0: ssl_policy is " + saw,
		Fix:      "set ssl_policy to ELBSecurityPolicy-TLS13-1-2-2021-06 or later",
		Evidence: []control.Evidence{{At: at, Saw: saw}},
	}, "its ssl_policy is not known: "+p.Why())
}

// ingressTLS judges the settings of the load balancer that Ingresses make. Its
// ports default to HTTP 80, or HTTPS 443 where a certificate is named; the
// policy defaults as above.
func ingressTLS(d door) []control.Result {
	in := d.alb.first()
	_, scheme := d.alb.setting("scheme", "scheme")
	ports, at := d.alb.setting("listen-ports")
	cert, _ := d.alb.setting("certificate-arn", "certificateArn")
	redirect, _ := d.alb.setting("ssl-redirect", "sslRedirectPort")
	https := strings.Contains(ports, "HTTPS") || ports == "" && cert != ""
	http := ports == "" && cert == "" || strings.Contains(strings.ReplaceAll(ports, "HTTPS", ""), "HTTP")
	if at.Line == 0 {
		at = scheme
	}
	var out []control.Result
	if http && redirect == "" {
		out = append(out, control.Not(in, control.Mistake{
			At:      at,
			Summary: d.String() + " serves plain http",
			Fix:     "annotate it with " + annotation + `listen-ports '[{"HTTP": 80}, {"HTTPS": 443}]', ssl-redirect "443" and certificate-arn`,
		}))
	}
	if !https {
		return out
	}
	policy, at := d.alb.setting("ssl-policy", "sslPolicy")
	if policy == "" {
		policy, at = defaultPolicy+" (the default)", scheme
	}
	if !strongPolicy.MatchString(policy) {
		out = append(out, control.Partly(in, control.Mistake{
			At: at, Severity: control.Medium,
			Summary: d.String() + " still speaks TLS 1.0: its ssl-policy is " + policy,
			Fix:     "annotate it with " + annotation + "ssl-policy: ELBSecurityPolicy-TLS13-1-2-2021-06",
		}))
	}
	if len(out) == 0 {
		out = append(out, control.Is(in, control.Evidence{At: at, Saw: policy}))
	}
	return out
}
