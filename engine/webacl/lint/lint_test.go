package lint_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/engine/webacl/lint"
	"fathom/engine/webacl/transform"
)

var (
	allow = webacl.Action{Kind: webacl.Allow}
	block = webacl.Action{Kind: webacl.Block}
	count = webacl.Action{Kind: webacl.Count}
)

func path(s string) webacl.Statement { return on(webacl.URIPath, "", s, webacl.StartsWith) }

func on(kind webacl.FieldKind, name, s string, at webacl.Position) webacl.Statement {
	return webacl.ByteMatch{Field: webacl.Field{Kind: kind, Name: name}, Search: []byte(s), Position: at}
}

func and(of ...webacl.Statement) webacl.Statement { return webacl.And{Of: of} }
func or(of ...webacl.Statement) webacl.Statement  { return webacl.Or{Of: of} }
func not(of webacl.Statement) webacl.Statement    { return webacl.Not{Of: of} }

func regex(s string) webacl.Statement {
	return webacl.RegexMatch{Field: webacl.Field{Kind: webacl.URIPath}, Regex: s}
}

func set(name string, prefixes ...string) webacl.Statement {
	s := &webacl.IPSet{Name: name}
	for _, p := range prefixes {
		s.Prefixes = append(s.Prefixes, netip.MustParsePrefix(p))
	}
	return webacl.IPSetMatch{ARN: name, Set: s}
}

func rate(limit int64, scope webacl.Statement) webacl.Statement {
	return webacl.RateBased{Limit: limit, Key: webacl.ByIP, ScopeDown: scope}
}

func rule(name string, st webacl.Statement, a webacl.Action, labels ...string) webacl.Rule {
	return webacl.Rule{Name: name, Statement: st, Action: a, Labels: labels}
}

func managed(name string, override webacl.Override, overrides ...webacl.RuleOverride) webacl.Rule {
	return webacl.Rule{Name: name, Override: override, Statement: webacl.ManagedRef{Vendor: "AWS", Name: "Core", Overrides: overrides}}
}

// core stands for a managed group.
func core(ref webacl.ManagedRef) (*webacl.Group, error) {
	if ref.Name != "Core" {
		return nil, errors.New("no such group")
	}
	return &webacl.Group{Name: "Core", Managed: true, Capacity: 700, LabelPrefix: "awswaf:managed:aws:core:", Rules: []webacl.Rule{
		{Name: "SizeRestrictions_BODY", Priority: 1, Action: block, Labels: []string{"awswaf:managed:aws:core:SizeRestrictions_Body"}, Statement: webacl.SizeMatch{Field: webacl.Field{Kind: webacl.BodyText}, Op: webacl.GT, Size: 8192}},
		{Name: "NoUserAgent_HEADER", Priority: 2, Action: block, Labels: []string{"awswaf:managed:aws:core:NoUserAgent_Header"}, Statement: not(webacl.SizeMatch{Field: webacl.Field{Kind: webacl.SingleHeader, Name: "user-agent"}, Op: webacl.GT, Size: 0})},
	}}, nil
}

func acl(rs ...webacl.Rule) *webacl.ACL {
	for i := range rs {
		rs[i].Priority = i
	}
	return &webacl.ACL{Name: "shop", Account: "111111111111", Default: allow, Rules: rs}
}

// found are the findings of one check, as rule: summary.
func found(a *webacl.ACL, id string) []string {
	var out []string
	for _, f := range lint.Lint(a, lint.Options{Managed: core}) {
		if f.ID == id {
			out = append(out, f.Summary+"; "+f.Fix)
		}
	}
	return out
}

func TestChecks(t *testing.T) {
	body := func(o webacl.Oversize) webacl.Statement {
		return webacl.ByteMatch{Field: webacl.Field{Kind: webacl.BodyText, Oversize: o}, Search: []byte("<?php"), Position: webacl.Contains}
	}
	large := webacl.SizeMatch{Field: webacl.Field{Kind: webacl.BodyText}, Op: webacl.GT, Size: 8000}
	lower := webacl.ByteMatch{Field: webacl.Field{Kind: webacl.URIPath}, Search: []byte("/Admin"), Position: webacl.StartsWith, Transforms: []transform.Kind{transform.Lowercase}}
	geo := webacl.GeoMatch{Countries: []string{"KP"}, Forwarded: &webacl.Forwarded{Header: "X-Forwarded-For"}}
	challenge := webacl.Action{Kind: webacl.Challenge}
	label := func(key string) webacl.Statement { return webacl.LabelMatch{Key: key} }
	for _, c := range []struct {
		id, name string
		acl      *webacl.ACL
		want     string // "" is no finding
	}{
		{"dead-rule", "prefix of a prefix", acl(rule("a", path("/admin"), block), rule("b", path("/admin/users"), count)), `rule "b" never runs: rule "a" before it blocks`},
		{"dead-rule", "other way round", acl(rule("b", path("/admin/users"), count), rule("a", path("/admin"), block)), ""},
		{"dead-rule", "after all is allowed", acl(rule("all", path("/"), allow), rule("x", set("s", "192.0.2.0/24"), block)), `rule "x" never runs: rule "all" before it allows every request`},
		{"dead-rule", "part of an and", acl(rule("ip", set("s", "10.0.0.0/8"), block), rule("x", and(path("/a"), set("t", "10.1.0.0/16")), block)), `"x" never runs`},
		{"dead-rule", "all of an or", acl(rule("a", or(path("/a"), path("/b")), block), rule("x", or(path("/b/1"), path("/a/1")), block)), `"x" never runs`},
		{"dead-rule", "not all of an or", acl(rule("a", path("/a"), block), rule("x", or(path("/b"), path("/a/1")), block)), ""},
		{"dead-rule", "behind a count", acl(rule("a", path("/admin"), count, "l"), rule("b", path("/admin/users"), block)), ""},
		{"dead-rule", "behind a challenge, which tokens pass", acl(rule("a", path("/admin"), challenge), rule("b", path("/admin/users"), block)), ""},
		{"dead-rule", "behind a rate rule", acl(rule("a", rate(100, path("/")), block), rule("b", path("/b"), block)), ""},
		{"dead-rule", "rate rule behind", acl(rule("a", path("/login"), block), rule("b", rate(100, path("/login")), block)), `"b" never runs`},
		{"dead-rule", "sizes", acl(rule("a", large, block), rule("b", webacl.SizeMatch{Field: large.Field, Op: webacl.GE, Size: 9000}, block)), `"b" never runs`},
		{"dead-rule", "contraposition", acl(rule("a", not(path("/a/b")), block), rule("x", not(path("/a")), block)), `"x" never runs`},
		{"never-matches", "capital after lowercase", acl(rule("a", lower, block)), "LOWERCASE leaves no capital letters"},
		{"never-matches", "empty set", acl(rule("a", set("blocked"), block)), `IP set "blocked" is empty`},
		{"label-unknown", "typing mistake", acl(rule("a", path("/"), count, "suspicious"), rule("b", label("suspicous"), block)), `asks for the label "suspicous", which no rule adds; did you mean "suspicious"?`},
		{"label-unknown", "right", acl(rule("a", path("/"), count, "ns:suspicious"), rule("b", label("suspicious"), block)), ""},
		{"label-unknown", "managed group's", acl(managed("core", webacl.OverrideNone), rule("b", label("awswaf:managed:aws:core:NoUserAgent_header"), block)), `did you mean "awswaf:managed:aws:core:NoUserAgent_Header"`},
		{"label-unknown", "of a country", acl(rule("b", label("awswaf:clientip:geo:country:KP"), block)), ""},
		{"label-unknown", "in a scope-down", acl(rule("a", rate(100, label("gone")), block)), `"gone", which no rule adds`},
		{"label-order", "too early", acl(rule("b", label("l"), block), rule("a", path("/"), count, "l")), `asks for the label "l", which is added by rule "a" after it`},
		{"label-order", "its own", acl(rule("b", or(label("l"), path("/x")), block, "l")), "which only it adds itself"},
		{"override-unknown", "case", acl(managed("core", webacl.OverrideNone, webacl.RuleOverride{Rule: "NoUserAgent_Header", Action: count})), `overrides "NoUserAgent_Header", which Core does not have: AWS ignores it silently; did you mean "NoUserAgent_HEADER"?`},
		{"override-unknown", "right", acl(managed("core", webacl.OverrideNone, webacl.RuleOverride{Rule: "NoUserAgent_HEADER", Action: count})), ""},
		{"count", "override count", acl(managed("core", webacl.OverrideCount)), `rule "core" only counts: its group stops at the first match`},
		{"count", "overridden rule", acl(managed("core", webacl.OverrideNone, webacl.RuleOverride{Rule: "NoUserAgent_HEADER", Excluded: true})), `rule "core/NoUserAgent_HEADER" is overridden to count`},
		{"count", "own rule", acl(rule("a", path("/x"), count)), `rule "a" only counts`},
		{"count", "with a label for others", acl(rule("a", path("/x"), count, "l")), ""},
		{"exempt-unanchored", "allow that contains", acl(rule("a", and(on(webacl.URIPath, "", "/api/", webacl.Contains), set("s", "10.0.0.0/8")), allow)), `lets past every path that has "/api/" anywhere`},
		{"exempt-unanchored", "one alternative", acl(rule("a", and(set("s", "10.0.0.0/8"), not(regex(`^/static/|\.css`))), block)), `has "^/static/|\\.css" anywhere`},
		{"exempt-unanchored", "anchored", acl(rule("a", and(set("s", "10.0.0.0/8"), not(regex(`^/(static|img)/`))), block)), ""},
		{"exempt-unanchored", "a guard may contain", acl(rule("a", on(webacl.URIPath, "", "/.env", webacl.Contains), block)), ""},
		{"allow-forgeable", "user agent", acl(rule("a", on(webacl.SingleHeader, "user-agent", "Monitor", webacl.Contains), allow), rule("b", path("/x"), block)), `allows by what any client can send, and the 1 guarding rules after it`},
		{"allow-forgeable", "with an address", acl(rule("a", and(on(webacl.SingleHeader, "user-agent", "Monitor", webacl.Contains), set("s", "10.0.0.0/8")), allow), rule("b", path("/x"), block)), ""},
		{"allow-forgeable", "last", acl(rule("b", path("/x"), block), rule("a", on(webacl.SingleHeader, "user-agent", "Monitor", webacl.Contains), allow)), ""},
		{"oversize", "continue", acl(rule("a", body(webacl.Continue), block)), "looks at the first 8192 bytes of a body"},
		{"oversize", "match", acl(rule("a", body(webacl.OversizeHit), block)), ""},
		{"oversize", "large ones are blocked", acl(rule("s", large, block), rule("a", body(webacl.Continue), block)), ""},
		{"body-limit", "blocks uploads", acl(managed("core", webacl.OverrideNone)), "blocks every body over 8,192 bytes"},
		{"body-limit", "overridden", acl(managed("core", webacl.OverrideNone, webacl.RuleOverride{Rule: "SizeRestrictions_BODY", Action: count})), ""},
		{"rate-missing", "none", acl(), `has no rate rule at all, and none for login`},
		{"rate-missing", "only everywhere", acl(rule("r", rate(2000, nil), block)), "counts on login like everywhere else"},
		{"rate-missing", "both", acl(rule("r", rate(50, or(path("/login"), path("/checkout"))), block)), ""},
		{"rate-missing", "other words", acl(rule("r", rate(50, or(path("/account/log-on/logon"), path("/basket/pay"))), block)), ""},
		{"rate-missing", "only counting", acl(rule("r", rate(50, or(path("/login"), path("/checkout"))), count)), "no rate rule at all"},
		{"rate-overlap", "same scope", acl(rule("a", rate(2000, path("/login")), block), rule("b", rate(100, path("/log")), block)), `rule "a" never acts: rule "b" counts at least the same requests, with the limit 100 instead of 2000`},
		{"rate-overlap", "lower is narrower", acl(rule("a", rate(2000, nil), block), rule("b", rate(100, path("/login")), block)), ""},
		{"challenge-post", "post", acl(rule("a", and(path("/login"), on(webacl.Method, "", "POST", webacl.Exactly)), challenge)), "asks POST requests to solve"},
		{"challenge-post", "get", acl(rule("a", and(path("/login"), on(webacl.Method, "", "GET", webacl.Exactly)), challenge)), ""},
		{"forwarded-skip", "geo", acl(rule("a", geo, block)), "is not applied at all to requests without the header X-Forwarded-For"},
		{"forwarded-skip", "header asked for", acl(rule("h", not(webacl.SizeMatch{Field: webacl.Field{Kind: webacl.SingleHeader, Name: "x-forwarded-for"}, Op: webacl.GT}), block), rule("a", geo, block)), ""},
		{"not-absent", "allow", acl(rule("a", and(set("s", "10.0.0.0/8"), not(on(webacl.SingleHeader, "x-risk", "high", webacl.Exactly))), allow)), `lets past requests without "x-risk"`},
		{"quota", "long expression", acl(rule("a", regex("^"+strings.Repeat("a", 200)), block)), "regular expression of 201 characters"},
		{"quota", "fits", acl(rule("a", regex("^"+strings.Repeat("a", 199)), block)), ""},
		{"quota", "sets", acl(rule("a", or(slices.Repeat([]webacl.Statement{set("s", "10.0.0.0/8")}, 51)...), block)), "51 references to sets and groups"},
		{"capacity", "over the base price", acl(rule("a", or(slices.Repeat([]webacl.Statement{webacl.XSSMatch{}}, 40)...), block)), "needs 1,600 WCU, of which the base price covers 1,500 WCU"},
		{"capacity", "over the quota", acl(rule("a", or(slices.Repeat([]webacl.Statement{webacl.XSSMatch{}}, 126)...), block)), "needs 5,040 WCU, and AWS WAF has 5,000 WCU"},
		{"capacity", "fits", acl(rule("a", webacl.XSSMatch{}, block)), ""},
	} {
		got := found(c.acl, c.id)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%s, %s: %q, want %q", c.id, c.name, got, c.want)
		}
	}
	for _, c := range lint.Checks() {
		if c.Doc == "" {
			t.Errorf("%s has no sentence", c.ID)
		}
	}
}

// Rules that one line makes, with one mistake, are one finding.
func TestOneMistakeIsOneFinding(t *testing.T) {
	at := diag.Pos{File: "waf.tf", Line: 7}
	a := acl(managed("one", webacl.OverrideCount), managed("two", webacl.OverrideCount), managed("three", webacl.OverrideCount))
	for i := range a.Rules {
		a.Rules[i].At = at
	}
	a.Rules[2].At.Line = 9
	var got []string
	for _, f := range lint.Lint(a, lint.Options{}) {
		if f.ID == "count" {
			got = append(got, f.Rule+" "+strings.Join(f.Others, ","))
		}
	}
	if !slices.Equal(got, []string{"one two", "three "}) {
		t.Errorf("%q", got)
	}
}
