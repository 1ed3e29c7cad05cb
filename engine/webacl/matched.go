package webacl

import "strings"

func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// matched records a rule that matched, with its labels.
func (s *Subject) matched(r *rule, ended, passed bool, solved int64, failure string) {
	v := s.verdict
	m := Match{
		Rule: r.name, Group: r.group, GroupID: r.groupID, Action: r.action, Own: r.own, Terminating: ended,
		Passed: passed, Solved: solved, Failure: failure, Labels: r.labels, Basis: r.basis,
	}
	if n := len(v.Matches); n < cap(v.Matches) {
		m.Details = v.Matches[:n+1][n].Details[:0]
	}
	for i := range s.hits {
		m.Details = append(m.Details, s.detail(&s.hits[i]))
	}
	v.Matches = append(v.Matches, m)
	for _, l := range r.labels {
		s.addLabel(l, false, false)
	}
	if s.limited {
		s.rate.Rule = r.name
		v.Rates = append(v.Rates, s.rate)
	}
}

// longestShown bounds what a Detail holds of a value, in bytes.
const longestShown = 1024

var fieldNames = [...]string{
	URIPath: "URI", QueryString: "QUERY_STRING", Method: "METHOD", BodyText: "BODY", JSONBody: "JSON_BODY", SingleHeader: "HEADER",
	Headers: "HEADER", Cookies: "COOKIE", SingleQueryArgument: "SINGLE_QUERY_ARG", AllQueryArguments: "ALL_QUERY_ARGS",
	HeaderOrder: "HEADER_ORDER", JA3Fingerprint: "JA3_FINGERPRINT", JA4Fingerprint: "JA4_FINGERPRINT", URIFragment: "URI_FRAGMENT",
}

// detail says what a hit is.
func (s *Subject) detail(h *hit) Detail {
	switch {
	case h.detail != nil:
		return *h.detail
	case h.leaf == nil:
		d := Detail{Field: h.value.place, What: h.words}
		if h.value.addr.IsValid() {
			d.Value = h.value.addr.String()
			d.End = len(d.Value)
		}
		return d
	}
	slot := &s.program.slots[h.leaf.slot]
	d := Detail{Field: fieldNames[slot.field.Kind], Name: strings.Clone(h.value.name), What: h.leaf.words, Transforms: slot.kinds}
	// The first value may be the whole body, as plain text, which is no element.
	if slot.field.Kind == JSONBody && h.value.data != nil && (slot.field.Invalid != AsString || h.number > 0) {
		d.Name = s.pointer(h.leaf.slot, h.number)
	}
	d.Value, d.Start, d.End = clip(h.value.data, h.start, h.end)
	switch t := h.leaf.test.(type) {
	case sqliTest:
		d.Condition, d.Sensitivity = "SQL_INJECTION", "LOW"
		if t.high {
			d.Sensitivity = "HIGH"
		}
		d.Data = words(d.Value[d.Start:d.End])
	case xssTest:
		d.Condition, d.Data = "XSS", words(d.Value[d.Start:d.End])
	}
	if s.filled[h.leaf.slot].state == isMatch {
		d.What = "is taken as a match, as its fallback says"
	}
	return d
}

// clip cuts a long value around what matched.
func clip(v []byte, start, end int) (shown string, from, to int) {
	if len(v) <= longestShown {
		return string(v), start, end
	}
	lo := max(0, start-longestShown/4)
	hi := min(len(v), lo+longestShown)
	return string(v[lo:hi]), start - lo, min(end, hi) - lo
}

// mostWords bounds the matched data of a detector, which logs list by words.
const mostWords = 10

func words(v string) []string {
	fields := strings.Fields(v)
	return fields[:min(len(fields), mostWords)]
}

// token says whether the client has solved what a rule asks for.
func (s *Subject) token(r *rule) (passed bool, solved int64, failure string, known bool) {
	if r.action != Captcha && r.action != Challenge {
		return false, 0, "", true
	}
	t := &s.request.Token
	// Only whether a valid token is still good depends on the time.
	if s.request.Missing&PartToken != 0 || t.State == TokenValid && s.request.Missing&PartTime != 0 {
		return false, 0, "", false
	}
	switch t.State {
	case TokenAbsent:
		return false, 0, "TOKEN_MISSING", true
	case TokenInvalid:
		return false, 0, "TOKEN_INVALID", true
	case TokenDomainMismatch:
		return false, 0, "TOKEN_DOMAIN_MISMATCH", true
	case TokenExpired:
		return false, 0, "TOKEN_EXPIRED", true
	}
	at, immune := t.Challenge, r.challenge
	if r.action == Captcha {
		at, immune = t.Captcha, r.captcha
	}
	switch now := s.request.Time / 1e9; {
	case at == 0:
		return false, 0, "TOKEN_MISSING", true
	case now-at > immune:
		return false, at, "TOKEN_EXPIRED", true
	}
	return true, at, "", true
}
