package waflog

import (
	"net/netip"

	"fathom/engine/webacl"
)

// Meta is what a record says besides the verdict and the request.
type Meta struct {
	WebACLID string
	// SourceName is CF, ALB, …, or "-"; SourceID names the resource.
	SourceName, SourceID string
	// Place is where the client is, if the request does not say.
	Place webacl.Place
}

// mostLabels is how many labels of a request are logged (AWS WAF Developer Guide,
// "Web request labels").
const mostLabels = 100

// From makes the record that AWS WAF would write for a verdict. It keeps strings
// of both, and nothing else.
func From(v *webacl.Verdict, q *webacl.Request, meta Meta) *Record {
	r := new(Record)
	r.Fill(v, q, meta)
	return r
}

// Fill is From into a record whose memory is used again.
func (r *Record) Fill(v *webacl.Verdict, q *webacl.Request, meta Meta) {
	h := r.HTTPRequest
	if h == nil {
		h = new(HTTPRequest)
	}
	*r = Record{
		Timestamp: q.Time / 1e6, FormatVersion: 1, WebACLID: meta.WebACLID,
		TerminatingRuleID: v.Rule, TerminatingRuleType: v.Type, Action: v.Action.String(),
		TerminatingRuleMatchDetails: r.TerminatingRuleMatchDetails[:0],
		HTTPSourceName:              orDash(meta.SourceName), HTTPSourceID: meta.SourceID,
		RuleGroupList: r.RuleGroupList[:0], RateBasedRuleList: r.RateBasedRuleList[:0],
		NonTerminatingMatchingRules: r.NonTerminatingMatchingRules[:0],
		Labels:                      r.Labels[:0],
		OversizeFields:              append(r.OversizeFields[:0], v.Oversize...),
		JA3Fingerprint:              q.JA3, JA4Fingerprint: q.JA4, HTTPRequest: h,
	}
	if r.TerminatingRuleType == "" {
		r.TerminatingRuleType = "REGULAR" // as AWS says of the default action
	}
	h.fill(q, meta)
	r.matches(v)
	r.groups(v)
	r.rates(v)
	r.answer(v)
	for _, x := range v.Insert {
		r.RequestHeadersInserted = append(r.RequestHeadersInserted, Header{Name: x.Name, Value: x.Value})
	}
	for _, l := range v.Labels[:min(len(v.Labels), mostLabels)] {
		r.Labels = append(r.Labels, Label{Name: l})
	}
	// A body that nobody asked for was not read, and its size not counted.
	if q.Missing&webacl.PartBody == 0 && (q.ReadBody == nil || v.BodySize > 0) {
		size := v.BodySize
		if q.ReadBody == nil && !q.More {
			size = max(size, len(q.Body))
		}
		r.RequestBodySize = Size{int64(size), true}
		r.RequestBodySizeInspectedByWAF = Size{int64(v.Inspected), true}
	}
	if q.Place.HasASN {
		r.ClientASN = int64(q.Place.ASN)
	}
	r.Fathom = fathomOf(v)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (h *HTTPRequest) fill(q *webacl.Request, meta Meta) {
	place := q.Place
	if !place.HasCountry {
		place = meta.Place
	}
	*h = HTTPRequest{
		Country: "-", Headers: h.Headers[:0], URI: q.Path, Args: q.Query, HTTPVersion: q.Version,
		HTTPMethod: q.Method, RequestID: q.ID, Fragment: q.Fragment, Scheme: q.Scheme,
	}
	if q.Client != (netip.Addr{}) {
		h.ClientIP = q.Client.String()
	}
	if place.HasCountry && place.Country != "" && place.Country != "XX" {
		h.Country = place.Country
	}
	for i := range q.Headers {
		x := &q.Headers[i]
		h.Headers = append(h.Headers, Header{Name: x.Name, Value: x.Value})
		if h.Host == "" && len(x.Name) == 4 && equalFold(x.Name, "host") {
			h.Host = x.Value
		}
	}
}

// equalFold compares with a name in lower case.
func equalFold(s, lower string) bool {
	for i := range len(lower) {
		if s[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// matches are the rules of the web ACL itself, and the terminating one's details.
func (r *Record) matches(v *webacl.Verdict) {
	for i := range v.Matches {
		m := &v.Matches[i]
		if m.Terminating && ends(v, m) {
			r.TerminatingRuleMatchDetails = appendDetails(r.TerminatingRuleMatchDetails, m)
		} else if m.Group == "" {
			r.NonTerminatingMatchingRules = append(r.NonTerminatingMatchingRules, ruleOf(m, true))
		}
		r.token(m)
	}
}

// ends says whether a match is what ended the evaluation: the terminating rule
// of a group whose result only counts did not.
func ends(v *webacl.Verdict, m *webacl.Match) bool {
	return m.Group == "" && m.Rule == v.Rule || m.Group != "" && m.Group == v.Rule
}

// groups are the rule groups that were evaluated.
func (r *Record) groups(v *webacl.Verdict) {
	for i := range v.Groups {
		g := &v.Groups[i]
		out := RuleGroup{RuleGroupID: g.ID}
		stop := stopped(v, g)
		for j := g.First; j < g.Last; j++ {
			m := &v.Matches[j]
			if m == stop {
				rule := ruleOf(m, false)
				// What it found stands at the top when it ended the evaluation.
				if g.Counted {
					rule.RuleMatchDetails = appendDetails(nil, m)
				}
				out.TerminatingRule = &rule
				continue
			}
			out.NonTerminatingMatchingRules = append(out.NonTerminatingMatchingRules, ruleOf(m, true))
		}
		r.RuleGroupList = append(r.RuleGroupList, out)
	}
}

// stopped is the match that ended a group, or nil.
func stopped(v *webacl.Verdict, g *webacl.GroupResult) *webacl.Match {
	if g.Last <= g.First || g.Last > len(v.Matches) {
		return nil
	}
	m := &v.Matches[g.Last-1]
	if m.Terminating || g.Counted && m.Action != webacl.Count && !m.Passed {
		return m
	}
	return nil
}

func ruleOf(m *webacl.Match, details bool) Rule {
	out := Rule{RuleID: m.Rule, Action: m.Action.String()}
	if m.Group != "" && m.Own != webacl.Unset && m.Own != m.Action {
		out.OverriddenAction = m.Own.String()
	}
	if details {
		out.RuleMatchDetails = appendDetails([]MatchDetail{}, m)
		switch m.Action {
		case webacl.Captcha:
			out.CaptchaResponse = tokenOf(m, 405)
		case webacl.Challenge:
			out.ChallengeResponse = tokenOf(m, 202)
		}
	}
	return out
}

// token notes the last CAPTCHA and the last challenge.
func (r *Record) token(m *webacl.Match) {
	switch m.Action {
	case webacl.Captcha:
		r.CaptchaResponse = tokenOf(m, 405)
	case webacl.Challenge:
		r.ChallengeResponse = tokenOf(m, 202)
	}
}

func tokenOf(m *webacl.Match, code int64) *TokenResponse {
	if m.Passed {
		return &TokenResponse{SolveTimestamp: m.Solved}
	}
	return &TokenResponse{ResponseCode: code, FailureReason: m.Failure}
}

// appendDetails are those of the detectors, as in AWS's log, where no other
// condition says what it matched.
func appendDetails(dst []MatchDetail, m *webacl.Match) []MatchDetail {
	for i := range m.Details {
		if d := &m.Details[i]; d.Condition != "" {
			location := d.Field
			if location == "JSON_BODY" {
				location = "UNKNOWN" // as AWS calls it
			}
			dst = append(dst, MatchDetail{
				ConditionType: d.Condition, SensitivityLevel: d.Sensitivity, Location: location,
				MatchedData: d.Data, MatchedFieldName: d.Name,
			})
		}
	}
	return dst
}

func (r *Record) rates(v *webacl.Verdict) {
	for i := range v.Rates {
		x := &v.Rates[i]
		out := RateRule{
			RateBasedRuleID: x.ID, RateBasedRuleName: x.Rule, LimitKey: limitKeys[x.Key], LimitValue: x.Value,
			MaxRateAllowed: x.Limit, EvaluationWindowSec: x.Window,
		}
		for _, c := range x.Custom {
			out.CustomValues = append(out.CustomValues, CustomValue{Key: c.Key, Name: c.Name, Value: c.Value})
		}
		r.RateBasedRuleList = append(r.RateBasedRuleList, out)
	}
}

var limitKeys = [...]string{webacl.ByIP: "IP", webacl.ByForwardedIP: "FORWARDED_IP", webacl.ByCustomKeys: "CUSTOMKEYS", webacl.Constant: "CONSTANT"}

// answer is the code of an answer that is not the plain 403 of Block.
func (r *Record) answer(v *webacl.Verdict) {
	a := &v.Response
	custom := a.Code != 403 || a.ContentType != "" || a.Body != "" || len(a.Headers) > 0
	if v.Action != webacl.Allow && custom {
		r.ResponseCodeSent = int64(a.Code)
	}
}

// fathomOf is our own member: what of the verdict is a stand-in for what AWS does
// not publish, and what could not be decided. Nil where there is nothing to say.
func fathomOf(v *webacl.Verdict) *Fathom {
	f := Fathom{Uncertain: !v.Certain}
	for i := range v.Matches {
		m := &v.Matches[i]
		if m.Basis.Kind == webacl.Documented {
			continue
		}
		s := StandIn{Rule: m.Rule, Group: m.Group, Source: m.Basis.Source}
		for _, d := range m.Details {
			if d.Source != "" {
				s.Patterns = append(s.Patterns, d.Source)
			}
		}
		f.StandIns = append(f.StandIns, s)
	}
	for _, u := range v.Undecidable {
		f.Undecidable = append(f.Undecidable, Undecidable{Rule: u.Rule, Group: u.Group, Action: u.Action.String(), Why: u.Why})
	}
	if f.StandIns == nil && f.Undecidable == nil {
		return nil
	}
	out := f // only a member that is there costs memory
	return &out
}
