package waflog

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Redaction is the RedactedFields of a logging configuration. AWS takes these
// four only.
type Redaction struct {
	Path, Query, Method bool
	Headers             []string // names, in any case
}

// Redact writes REDACTED in place of the fields. The record shares what is not
// changed with r, which stays as it was.
func (r *Record) Redact(x Redaction) *Record {
	out := *r
	if r.HTTPRequest == nil {
		return &out
	}
	h := *r.HTTPRequest
	out.HTTPRequest = &h
	if x.Path {
		h.URI = redacted
	}
	if x.Query {
		h.Args = redacted
	}
	if x.Method {
		h.HTTPMethod = redacted
	}
	h.Headers = replaceHeaders(h.Headers, func(name, _ string) (string, bool) { return redacted, named(x.Headers, name) })
	for _, name := range x.Headers {
		if h.Host != "" && strings.EqualFold(name, "host") {
			h.Host = redacted
		}
	}
	return &out
}

func named(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

func replaceHeaders(hs []Header, with func(name, value string) (string, bool)) []Header {
	out := hs
	for i := range hs {
		value, ok := with(hs[i].Name, hs[i].Value)
		if !ok {
			continue
		}
		if &out[0] == &hs[0] {
			out = slices.Clone(hs)
		}
		out[i].Value = value
	}
	return out
}

// Filter is a LoggingFilter. The zero Filter keeps every record, as AWS does
// without one.
type Filter struct {
	// Drop is DefaultBehavior DROP.
	Drop bool
	// Rules are tried in order; the first whose conditions hold decides.
	Rules []FilterRule
}

// FilterRule keeps or drops the records that meet its conditions.
type FilterRule struct {
	Drop bool
	// Any is Requirement MEETS_ANY, otherwise all have to hold. No condition at
	// all is never met.
	Any        bool
	Conditions []FilterCondition
}

// FilterCondition is a condition on the action (ALLOW, BLOCK, COUNT, CAPTCHA,
// CHALLENGE, EXCLUDED_AS_COUNT) or on a whole label; exactly one is set.
type FilterCondition struct{ Action, Label string }

// Keep says whether the record is logged.
func (f *Filter) Keep(r *Record) bool {
	for i := range f.Rules {
		if f.Rules[i].met(r) {
			return !f.Rules[i].Drop
		}
	}
	return !f.Drop
}

func (x *FilterRule) met(r *Record) bool {
	for _, c := range x.Conditions {
		if c.met(r) == x.Any {
			return x.Any
		}
	}
	return !x.Any && len(x.Conditions) > 0
}

func (c FilterCondition) met(r *Record) bool {
	if c.Label != "" {
		return slices.ContainsFunc(r.Labels, func(l Label) bool { return l.Name == c.Label })
	}
	return c.Action != "" && (r.Action == c.Action || r.acted(c.Action))
}

// acted says whether a rule that did not end the evaluation took an action.
func (r *Record) acted(action string) bool {
	took := func(x Rule) bool { return x.Action == action }
	if slices.ContainsFunc(r.NonTerminatingMatchingRules, took) {
		return true
	}
	for i := range r.RuleGroupList {
		g := &r.RuleGroupList[i]
		if slices.ContainsFunc(g.NonTerminatingMatchingRules, took) ||
			slices.ContainsFunc(g.ExcludedRules, func(x ExcludedRule) bool { return x.ExclusionType == action }) {
			return true
		}
	}
	return false
}

// Protection is one DataProtection of a web ACL.
type Protection struct {
	Field ProtectedField
	// Names are of headers (in any case), cookies or query arguments; none is all.
	Names []string
	// Hash writes a SHA-256 in place of the value; otherwise it is REDACTED.
	Hash bool
	// KeepRateDetails and KeepMatchDetails are ExcludeRateBasedDetails and
	// ExcludeRuleMatchDetails: what rules quote of the field stays.
	KeepRateDetails, KeepMatchDetails bool
}

// ProtectedField is the field of a Protection. The zero field is the body.
type ProtectedField uint8

// The fields.
const (
	ProtectBody ProtectedField = iota
	ProtectHeader
	ProtectCookie
	ProtectArgument
	ProtectQuery
)

// Protect replaces the field in the request, and in what rules quote of it. The
// record shares what is not changed with r, which stays as it was.
func (r *Record) Protect(p Protection) *Record {
	out := *r
	if r.HTTPRequest != nil {
		h := *r.HTTPRequest
		out.HTTPRequest = &h
		p.request(&h)
	}
	if !p.KeepMatchDetails {
		p.matches(&out)
	}
	if !p.KeepRateDetails {
		p.rates(&out)
	}
	return &out
}

// value is what stands in place of a value.
func (p *Protection) value(s string) string {
	if !p.Hash {
		return redacted
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func (p *Protection) request(h *HTTPRequest) {
	switch p.Field {
	case ProtectQuery:
		h.Args = p.value(h.Args)
	case ProtectArgument:
		h.Args = p.pairs(h.Args, "&")
	case ProtectHeader:
		h.Headers = replaceHeaders(h.Headers, func(name, value string) (string, bool) {
			return p.value(value), p.covers(name, strings.EqualFold)
		})
		if h.Host != "" && p.covers("host", strings.EqualFold) {
			h.Host = p.value(h.Host)
		}
	case ProtectCookie:
		h.Headers = replaceHeaders(h.Headers, func(name, value string) (string, bool) {
			return p.pairs(value, ";"), strings.EqualFold(name, "cookie")
		})
	}
}

func (p *Protection) covers(name string, equal func(a, b string) bool) bool {
	return len(p.Names) == 0 || slices.ContainsFunc(p.Names, func(n string) bool { return equal(n, name) })
}

// pairs replaces the values in a=b&c=d, or in a Cookie header.
func (p *Protection) pairs(s, separator string) string {
	equal := func(a, b string) bool { return a == b } // of cookies
	if p.Field == ProtectArgument {
		equal = strings.EqualFold
	}
	parts := strings.Split(s, separator)
	for i, part := range parts {
		if name, value, ok := strings.Cut(part, "="); ok && p.covers(strings.TrimSpace(name), equal) {
			parts[i] = name + "=" + p.value(value)
		}
	}
	return strings.Join(parts, separator)
}

// locations are where match details say that they found something.
var locations = map[ProtectedField][]string{
	ProtectBody:     {"BODY", "JSON_BODY", "UNKNOWN"}, // AWS calls a JSON body UNKNOWN
	ProtectHeader:   {"HEADER"},
	ProtectCookie:   {"COOKIE"},
	ProtectArgument: {"SINGLE_QUERY_ARG", "ALL_QUERY_ARGS", "QUERY_STRING"},
	ProtectQuery:    {"QUERY_STRING", "SINGLE_QUERY_ARG", "ALL_QUERY_ARGS"},
}

// quotes says whether a detail may quote the field. A detail that does not say
// which header, cookie or argument it is of may.
func (p *Protection) quotes(location, name string) bool {
	if p.Field != ProtectHeader && p.Field != ProtectCookie && p.Field != ProtectArgument {
		name = ""
	}
	return slices.Contains(locations[p.Field], location) && (name == "" || p.covers(name, strings.EqualFold))
}

func (p *Protection) matches(r *Record) {
	r.TerminatingRuleMatchDetails = p.details(r.TerminatingRuleMatchDetails)
	r.NonTerminatingMatchingRules = p.rules(r.NonTerminatingMatchingRules)
	r.RuleGroupList = slices.Clone(r.RuleGroupList)
	for i := range r.RuleGroupList {
		g := &r.RuleGroupList[i]
		g.NonTerminatingMatchingRules = p.rules(g.NonTerminatingMatchingRules)
		if g.TerminatingRule != nil {
			rule := *g.TerminatingRule
			rule.RuleMatchDetails = p.details(rule.RuleMatchDetails)
			g.TerminatingRule = &rule
		}
	}
}

func (p *Protection) rules(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].RuleMatchDetails = p.details(rules[i].RuleMatchDetails)
	}
	return rules
}

func (p *Protection) details(details []MatchDetail) []MatchDetail {
	details = slices.Clone(details)
	for i := range details {
		d := &details[i]
		if !p.quotes(d.Location, d.MatchedFieldName) {
			continue
		}
		d.MatchedData = slices.Clone(d.MatchedData)
		for j := range d.MatchedData {
			d.MatchedData[j] = p.value(d.MatchedData[j])
		}
	}
	return details
}

// rateKeys are the keys of custom values.
var rateKeys = map[ProtectedField]string{ProtectHeader: "HEADER", ProtectCookie: "COOKIE", ProtectArgument: "QUERY_ARGUMENT", ProtectQuery: "QUERY_STRING"}

func (p *Protection) rates(r *Record) {
	r.RateBasedRuleList = slices.Clone(r.RateBasedRuleList)
	for i := range r.RateBasedRuleList {
		x := &r.RateBasedRuleList[i]
		x.CustomValues = slices.Clone(x.CustomValues)
		for j := range x.CustomValues {
			c := &x.CustomValues[j]
			covered := p.Field == ProtectQuery && (c.Key == "QUERY_ARGUMENT" || c.Key == "QUERY_STRING") ||
				c.Key == rateKeys[p.Field] && p.covers(c.Name, strings.EqualFold) || p.Field == ProtectArgument && c.Key == "QUERY_STRING"
			if covered {
				c.Value = p.value(c.Value)
			}
		}
	}
}
