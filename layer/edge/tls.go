package edge

import (
	"regexp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

var tls = control.Control{
	ID:       "edge.tls",
	Title:    "TLS 1.2 or 1.3 with strong ciphers, HSTS, plain http redirected",
	Why:      "Whoever sits on the way reads passwords, session cookies and addresses, or changes the page",
	Threats:  []control.Threat{control.AccountTakeover, control.Exfiltration},
	Phase:    control.QuickWin,
	Severity: control.High,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 4.2.1", "HIPAA 164.312(e)(1)", "GDPR 32(1)(a)"},
	Check:    checkTLS,
	Aside:    "it stops whoever sits on the wire between a customer and the shop, which is no start of those measured",
}

func checkTLS(e *estate.Estate) []control.Result {
	var out []control.Result
	all, maybe := doors(e)
	for _, d := range all {
		switch r := d.Resource.(type) {
		case *estate.Distribution:
			out = append(out, distributionTLS(e, r)...)
		case *estate.LoadBalancer:
			out = append(out, loadBalancerTLS(e, r)...)
		case *estate.Ingress:
			out = append(out, ingressTLS(d)...)
		case *estate.ClassicLB:
			out = append(out, classicTLS(r)...)
		case *estate.Service:
			out = append(out, serviceTLS(r)...)
		}
	}
	for _, u := range maybe {
		out = append(out, control.Unsure(u, diag.Pos{}, u.why))
	}
	return out
}

// distributionTLS judges what viewers speak with a distribution, and what it
// speaks with its origins. No mistake in any of them is a present result.
func distributionTLS(e *estate.Estate, d *estate.Distribution) []control.Result {
	var out []control.Result
	add := func(r control.Result, wrong bool) {
		if wrong {
			out = append(out, r)
		}
	}
	add(viewerVersion(d))
	out = append(out, plainBehaviours(d)...)
	add(hsts(e, d))
	for i := range d.Origins.Items {
		add(originTLS(d, &d.Origins.Items[i]))
	}
	if len(out) == 0 {
		return []control.Result{control.Is(d, control.Evidence{At: d.Pos, Saw: minimum(d)})}
	}
	return out
}

// plainBehaviours reports what is served over plain http, once for each line: a
// dynamic block for several paths is one line to change.
func plainBehaviours(d *estate.Distribution) []control.Result {
	var out []control.Result
	paths := map[diag.Pos][]string{}
	byLine := map[diag.Pos]int{}
	for _, b := range behaviours(d) {
		at := b.ViewerProtocol.Pos()
		switch b.ViewerProtocol.Is("allow-all") {
		case estate.Yes:
			paths[at] = append(paths[at], pathOf(b))
			if _, dup := byLine[at]; !dup {
				byLine[at] = len(out)
				out = append(out, control.Not(d, control.Mistake{At: at, Fix: "set viewer_protocol_policy to redirect-to-https"}))
			}
			out[byLine[at]].Summary = name(d) + " serves " + list(paths[at]) + " over plain http"
		case estate.Maybe:
			out = append(out, control.Unsure(d, at, "whether plain http is served is not known: "+b.ViewerProtocol.Why()))
		}
	}
	return out
}

func pathOf(b estate.CacheBehavior) string {
	if p, ok := b.Path.Known(); ok {
		return p
	}
	return "its pages"
}

func minimum(d *estate.Distribution) string {
	if c := d.Certificate.One(); c != nil {
		return "at least " + c.MinTLS.String()
	}
	return ""
}

// viewerVersion judges minimum_protocol_version. Absent, it is TLSv1
// (provider); with CloudFront's own certificate it is TLSv1 whatever is
// written (Developer Guide, "Supported protocols and ciphers"). TLSv1.2_2018
// still has ciphers without forward secrecy.
func viewerVersion(d *estate.Distribution) (control.Result, bool) {
	c := d.Certificate.One()
	if c == nil {
		return control.Unsure(d, d.Certificate.At, "its viewer_certificate is not known: "+d.Certificate.Why), d.Certificate.Why != ""
	}
	if c.Default.Is(true) == estate.Yes {
		return control.Partly(d, control.Mistake{
			At: c.Default.Pos(), Severity: control.Medium,
			Summary: name(d) + " uses CloudFront's own certificate, with which viewers may speak TLS 1.0",
			Fix:     "set acm_certificate_arn, ssl_support_method sni-only and minimum_protocol_version TLSv1.2_2021",
		}), true
	}
	v := c.MinTLS.Default("TLSv1")
	at := c.MinTLS.Pos()
	if at.Line == 0 {
		at = c.At
	}
	m := control.Mistake{At: at, Fix: "set minimum_protocol_version to TLSv1.2_2021 or later"}
	switch known, ok := v.Known(); {
	case !ok:
		return control.Unsure(d, at, "the oldest TLS version it speaks is not known: "+v.Why()), true
	case known == "TLSv1.2_2018":
		m.Severity = control.Low
		m.Summary = name(d) + " speaks TLS 1.2 with ciphers that have no forward secrecy (TLSv1.2_2018)"
		return control.Partly(d, m), true
	case !strings.HasPrefix(known, "TLSv1.2") && !strings.HasPrefix(known, "TLSv1.3"):
		m.Summary = name(d) + " still speaks " + known
		return control.Not(d, m), true
	}
	return control.Result{}, false
}

// withHSTS are CloudFront's managed response headers policies that set HSTS
// (Developer Guide, "Use managed response headers policies").
var withHSTS = []string{
	"67f7725c-6f97-4210-82d7-5512b31e9d03", // SecurityHeadersPolicy
	"e61eb60c-9c35-4d20-a928-2b84e02af89c", // CORS-and-SecurityHeadersPolicy
	"eaab4381-ed33-4a86-88ca-d9558dc6cd63", // CORS-with-preflight-and-SecurityHeadersPolicy
}

var hstsCode = regexp.MustCompile(`(?i)strict-transport-security`)

// hsts wants the header on the default behaviour, which serves the pages: one
// answer with it binds the browser for the whole host (RFC 6797). A service
// may also set it by itself, so its absence here is a partial result.
func hsts(e *estate.Estate, d *estate.Distribution) (control.Result, bool) {
	b := d.Default.One()
	if b == nil {
		return control.Result{}, false
	}
	t, why := policyHSTS(e, b)
	for _, f := range codeAt(e, b, "viewer-response", "origin-response") {
		in := f.code.Test(hstsCode.MatchString)
		t = t.Or(in)
		if in == estate.Maybe {
			why = "whether " + f.name + " sets HSTS is not known"
		}
	}
	switch t {
	case estate.Yes:
		return control.Result{}, false
	case estate.Maybe:
		return control.Unsure(d, b.ResponseHeaders.Pos(), why), true
	}
	at := b.ResponseHeaders.Pos()
	if at.Line == 0 {
		at = b.At
	}
	return control.Partly(d, control.Mistake{
		At: at, Severity: control.Low,
		Summary: name(d) + " sets no HSTS header, so a first visit can be kept on plain http",
		Fix:     "set response_headers_policy_id to an aws_cloudfront_response_headers_policy with strict_transport_security",
	}), true
}

func policyHSTS(e *estate.Estate, b *estate.CacheBehavior) (estate.Truth, string) {
	if b.ResponseHeaders.Absent() {
		return estate.No, ""
	}
	if ps := estate.To(e, b.ResponseHeaders); len(ps) > 0 {
		p := ps[0]
		if s := p.Security.One(); s != nil {
			return s.HSTS.Any(), s.HSTS.Why
		}
		if p.Security.Why != "" {
			return estate.Maybe, p.Security.Why
		}
		return estate.No, ""
	}
	if id, ok := b.ResponseHeaders.Known(); ok && slices.Contains(withHSTS, id) {
		return estate.Yes, ""
	}
	for _, id := range b.ResponseHeaders.To { // a data source: AWS's own policies are looked up by name
		if x, ok := estate.Get[*estate.External](e, id); ok {
			n, _ := x.Args.Get("name").Literal()
			if strings.Contains(n, "SecurityHeaders") {
				return estate.Yes, ""
			}
		}
	}
	return estate.Maybe, "whether response headers policy " + b.ResponseHeaders.String() + " sets HSTS is not known"
}

// originTLS judges the way from CloudFront to an origin. match-viewer is plain
// only where viewers may be, which is reported there; a website bucket speaks
// nothing but http and holds what is public anyway.
func originTLS(d *estate.Distribution, o *estate.DistributionOrigin) (control.Result, bool) {
	c := o.Custom.One()
	if c == nil || strings.Contains(o.Domain.String(), "s3-website") || strings.Contains(o.Domain.String(), "website_endpoint") {
		return control.Result{}, false
	}
	if c.Protocol.Is("http-only") == estate.Yes {
		return control.Not(d, control.Mistake{
			At: c.Protocol.Pos(), Severity: control.Medium,
			Summary: name(d) + " speaks plain http with its origin " + o.OriginID.String(),
			Fix:     "set origin_protocol_policy to https-only",
		}), true
	}
	for _, p := range c.TLSProtocols.Known() {
		if slices.Contains([]string{"SSLv3", "TLSv1", "TLSv1.1"}, p) {
			return control.Partly(d, control.Mistake{
				At: c.TLSProtocols.Pos(), Severity: control.Low,
				Summary: name(d) + " still speaks " + strings.Join(c.TLSProtocols.Known(), ", ") + " with its origin " + o.OriginID.String(),
				Fix:     `set origin_ssl_protocols to ["TLSv1.2"]`,
			}), true
		}
	}
	return control.Result{}, false
}
