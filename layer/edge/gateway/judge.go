package gateway

import (
	"net/http"
	"strconv"
	"time"

	"fathom/engine/webacl"
)

// judge asks the web ACL and the Core Rule Set. It answers, and says false,
// where they do not let the request through.
func (x *exchange) judge() bool {
	if p := x.live.program; p != nil {
		start := time.Now()
		p.Evaluate(&x.request, &x.verdict)
		x.judged = true
		x.s.metrics.Evaluate.Observe(time.Since(start).Seconds())
		if !x.verdict.Certain {
			x.s.metrics.Undecidable.Inc()
		}
		x.tellDoubts()
		if !x.act() {
			return false
		}
	}
	return x.inspect()
}

// doubt is a rule that could not be decided.
type doubt struct{ group, rule string }

// tellDoubts logs each rule that could not be decided, once until the next
// reload: mostly it lacks a list or a database, and lets through what AWS stops.
func (x *exchange) tellDoubts() {
	for i := range x.verdict.Undecidable {
		u := &x.verdict.Undecidable[i]
		if _, told := x.live.doubts.LoadOrStore(doubt{u.Group, u.Rule}, true); told {
			continue
		}
		x.s.log.Warn("a rule of the web ACL cannot be decided", "rule", u.Rule, "group", u.Group, "action", u.Action.String(), "why", u.Why)
	}
}

// act does what the verdict says.
func (x *exchange) act() bool {
	v := &x.verdict
	switch {
	case v.Err != nil:
		x.bodyError(v.Err)
		return false
	case v.Action == webacl.Allow && (v.Certain || x.s.config.ACL.Undecidable != "block"):
		return true
	case v.Action == webacl.Allow:
		x.refuse(http.StatusForbidden, "undecidable")
	case v.Action == webacl.Captcha:
		x.puzzle(http.StatusMethodNotAllowed, "captcha")
	case v.Action == webacl.Challenge:
		x.puzzle(http.StatusAccepted, "challenge")
	default: // Block, and whatever else is not Allow
		x.blame()
		x.blocked(&v.Response)
	}
	return false
}

// blocked answers as the rule says (fact sheet §9).
func (x *exchange) blocked(a *webacl.Answered) {
	code := or(a.Code, http.StatusForbidden)
	h := x.Header()
	for _, c := range a.Headers {
		h.Set(c.Name, c.Value)
	}
	if a.Body == "" && code == http.StatusForbidden && len(a.Headers) == 0 {
		x.page(code)
		return
	}
	if a.ContentType != "" {
		h.Set("Content-Type", contentType(a.ContentType))
	}
	if bodiless(code) {
		x.WriteHeader(code)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	x.WriteHeader(code)
	x.Write([]byte(a.Body)) //nolint:errcheck // the client is gone then
}

func contentType(kind string) string {
	switch kind {
	case "TEXT_PLAIN":
		return "text/plain; charset=utf-8"
	case "TEXT_HTML":
		return "text/html; charset=utf-8"
	case "APPLICATION_JSON":
		return "application/json"
	}
	return kind
}

func bodiless(code int) bool {
	return code < 200 || code == http.StatusNoContent || code == http.StatusNotModified
}

// puzzle asks for a CAPTCHA or a challenge. Without a key for tokens nobody could
// solve one, and the client only learns what it lacks.
func (x *exchange) puzzle(code int, which string) {
	switch t := x.live.tokens; {
	case t == nil:
		x.Header().Set("X-Amzn-Waf-Action", which)
		x.Header().Set("Cache-Control", "no-store")
		x.page(code)
	case which == "captcha":
		t.Captcha(x, x.r)
	default:
		t.Challenge(x, x.r)
	}
}
