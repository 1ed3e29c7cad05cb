package gateway

import (
	"sync"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
	"fathom/engine/webacl/waflog"
)

var records = sync.Pool{New: func() any { return new(waflog.Record) }}

// logVerdict writes the record that AWS WAF would write.
func (x *exchange) logVerdict() {
	c := &x.s.config.Log
	if x.s.waf == nil {
		return
	}
	if !x.judged { // there is no web ACL, only the Core Rule Set
		x.verdict = webacl.Verdict{Action: webacl.Allow, Rule: "Default_Action", Certain: true}
	}
	r := records.Get().(*waflog.Record)
	defer records.Put(r)
	r.Fill(&x.verdict, &x.request, waflog.Meta{WebACLID: x.live.acl.arn, SourceName: c.Source, SourceID: c.SourceID})
	if x.crs.asked {
		x.logCRS(r)
	}
	out := r
	if len(c.Redact) > 0 {
		out = r.Redact(x.s.redaction)
	}
	x.s.waf.Line(out.Append)
}

// logCRS adds what the Core Rule Set found to the member that AWS's record does
// not have.
func (x *exchange) logCRS(r *waflog.Record) {
	fired := x.crs.fired()
	if len(fired) == 0 {
		return
	}
	if r.Fathom == nil {
		r.Fathom = new(waflog.Fathom)
	}
	r.Fathom.StandIns = append(r.Fathom.StandIns, waflog.StandIn{
		Rule: "crs", Source: "OWASP CRS " + crs.Version + " through " + crs.Engine, Patterns: fired,
	})
	if x.why == "crs" {
		r.Action, r.TerminatingRuleID, r.TerminatingRuleType = webacl.Block.String(), "crs", "REGULAR"
	}
}

// redaction reads log.redact: path, query, method, or the name of a header.
func redaction(names []string) (r waflog.Redaction) {
	for _, n := range names {
		switch n {
		case "path":
			r.Path = true
		case "query":
			r.Query = true
		case "method":
			r.Method = true
		default:
			r.Headers = append(r.Headers, n)
		}
	}
	return r
}
