package agreetest

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/engine/webacl/transform"
)

const arn = "arn:aws:wafv2:eu-west-1:111111111111:regional/"

// Sets and the group that the web ACL names.
var (
	office = &IPSet{Name: "office", ARN: arn + "ipset/office/1", Prefixes: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/25"), netip.MustParsePrefix("203.0.113.7/32")}}
	six    = &IPSet{Name: "six", ARN: arn + "ipset/six/1", Prefixes: []netip.Prefix{netip.MustParsePrefix("2001:db8:1::/48")}}
	probes = &RegexSet{Name: "probes", ARN: arn + "regexpatternset/probes/1", Patterns: []string{`^/(wp-|\.git|admin)`, `(?i)\.(php|bak)$`}}
	group  = &Group{
		Name: "inner", ARN: arn + "rulegroup/inner/1", ID: arn + "rulegroup/inner/1", Capacity: 100,
		Rules: []Rule{
			counts("inner-query", ByteMatch{Field: Field{Kind: QueryString}, Search: []byte("debug"), Position: Contains, Transforms: []transform.Kind{transform.URLDecode, transform.Lowercase}}, "debug"),
			counts("inner-label", LabelMatch{Key: "debug"}),
			{Name: "inner-block", Statement: ByteMatch{Field: Field{Kind: URIPath}, Search: []byte("/internal"), Position: StartsWith}, Action: Action{Kind: Block}},
			{Name: "inner-count", Statement: SizeMatch{Field: Field{Kind: URIPath}, Op: GT, Size: 200}, Action: Action{Kind: Block}},
		},
	}
)

// counts is a rule that only counts, and labels.
func counts(name string, s Statement, labels ...string) Rule {
	return Rule{Name: name, Statement: s, Action: Action{Kind: Count}, Labels: append(labels, "seen:"+name)}
}

func header(name string) Field { return Field{Kind: SingleHeader, Name: name} }

func all(kind FieldKind, scope MatchScope, o Oversize) Field {
	return Field{Kind: kind, Pattern: Pattern{Kind: All}, Scope: scope, Oversize: o}
}

func has(f Field, what string, t ...transform.Kind) ByteMatch {
	return ByteMatch{Field: f, Search: []byte(what), Position: Contains, Transforms: t}
}

// scoped is a managed group for the requests alone that ask for it: the Core
// Rule Set behind it takes milliseconds.
func scoped(name string) Rule {
	return Rule{
		Name: name, Override: OverrideCount,
		Statement: ManagedRef{Vendor: "AWS", Name: name, ScopeDown: ByteMatch{Field: header("x-inspect"), Search: []byte("crs"), Position: Exactly}},
	}
}

// fields are comparisons of every field, position and transformation.
func fields() (out []Rule) {
	f := func(kind FieldKind) Field { return Field{Kind: kind} }
	body := Field{Kind: BodyText, Oversize: Continue}
	json := func(scope MatchScope, invalid InvalidJSON, paths ...string) Field {
		p := Pattern{Kind: All}
		if len(paths) > 0 {
			p = Pattern{Kind: Included, Names: paths}
		}
		return Field{Kind: JSONBody, Pattern: p, Scope: scope, Oversize: OversizeNo, Invalid: invalid}
	}
	for name, s := range map[string]Statement{
		"path-exact":   ByteMatch{Field: f(URIPath), Search: []byte("/"), Position: Exactly},
		"path-start":   ByteMatch{Field: f(URIPath), Search: []byte("/api/"), Position: StartsWith, Transforms: []transform.Kind{transform.NormalizePath}},
		"path-end":     ByteMatch{Field: f(URIPath), Search: []byte(".php"), Position: EndsWith, Transforms: []transform.Kind{transform.URLDecodeUni, transform.Lowercase}},
		"query-word":   ByteMatch{Field: f(QueryString), Search: []byte("union"), Position: ContainsWord, Transforms: []transform.Kind{transform.URLDecode, transform.Lowercase, transform.CompressWhiteSpace}},
		"method":       ByteMatch{Field: f(Method), Search: []byte("PUT"), Position: Exactly},
		"argument":     has(Field{Kind: SingleQueryArgument, Name: "q"}, "<", transform.URLDecode, transform.HTMLEntityDecode),
		"arguments":    has(f(AllQueryArguments), "..", transform.URLDecode, transform.RemoveNulls),
		"header":       has(header("user-agent"), "curl", transform.Lowercase),
		"header-empty": SizeMatch{Field: header("x-odd"), Op: EQ, Size: 0},
		"headers":      has(all(Headers, KeysAndValues, OversizeHit), "${jndi", transform.Lowercase),
		"header-names": has(all(Headers, Keys, Continue), "x-odd", transform.Lowercase),
		"some-headers": has(Field{Kind: Headers, Pattern: Pattern{Kind: Excluded, Names: []string{"cookie", "user-agent"}}, Scope: Values, Oversize: OversizeNo}, "%", transform.None),
		"cookies":      has(all(Cookies, Values, OversizeHit), "<script", transform.URLDecode, transform.Lowercase),
		"one-cookie":   has(Field{Kind: Cookies, Pattern: Pattern{Kind: Included, Names: []string{"sid"}}, Scope: KeysAndValues, Oversize: Continue}, "0"),
		"order":        has(Field{Kind: HeaderOrder, Oversize: Continue}, "user-agent:accept", transform.Lowercase),
		"body":         has(body, "union", transform.URLDecode, transform.Lowercase, transform.ReplaceComments),
		"body-size":    SizeMatch{Field: Field{Kind: BodyText, Oversize: OversizeHit}, Op: GT, Size: 5000},
		"body-b64":     has(body, "<?php", transform.Base64DecodeExt),
		"json-values":  has(json(Values, UpToError), "drop table", transform.Lowercase),
		"json-keys":    has(json(Keys, AsString), "__proto__"),
		"json-paths":   SizeMatch{Field: json(KeysAndValues, InvalidHit, "/user/name", "/items/0"), Op: GT, Size: 10},
		"json-invalid": has(json(Values, InvalidNo), "x"),
		"fragment":     has(Field{Kind: URIFragment, Match: true}, "x"),
		"regex":        RegexMatch{Field: f(QueryString), Regex: `(?i)(id|item)=\d{4,}`, Transforms: []transform.Kind{transform.URLDecode}},
		"regex-ahead":  RegexMatch{Field: f(URIPath), Regex: `^/(?!shop|api)\w+(?=/)`},
		"sqli-query":   SQLiMatch{Field: f(AllQueryArguments), Transforms: []transform.Kind{transform.URLDecode}},
		"sqli-body":    SQLiMatch{Field: body, High: true, Transforms: []transform.Kind{transform.URLDecode}},
		"sqli-cookie":  SQLiMatch{Field: all(Cookies, Values, Continue), High: true},
		"xss-query":    XSSMatch{Field: f(QueryString), Transforms: []transform.Kind{transform.URLDecode, transform.JSDecode}},
		"xss-body":     XSSMatch{Field: json(Values, UpToError)},
		"markers":      has(f(URIPath), "e2", transform.UTF8ToUnicode, transform.MD5),
		"commands":     has(f(QueryString), "cat /etc", transform.URLDecode, transform.CmdLine),
		"windows":      has(f(URIPath), `\`, transform.URLDecode, transform.NormalizePathWin),
		"escapes":      has(f(QueryString), "a", transform.EscapeSeqDecode, transform.SQLHexDecode, transform.CSSDecode),
		"hex":          has(f(QueryString), "z", transform.HexDecode, transform.ReplaceNulls, transform.Base64Decode),
	} {
		out = append(out, counts(name, s))
	}
	slices.SortFunc(out, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// rules are the others: addresses, rates, labels, groups, actions.
func rules() []Rule {
	forwarded := func(w ForwardedPosition, match bool) *Forwarded {
		return &Forwarded{Header: "X-Forwarded-For", Where: w, Match: match}
	}
	generous := func(name string, r RateBased) Rule {
		r.Limit = 2_000_000_000
		return Rule{Name: name, Statement: r, Action: Action{Kind: Block}}
	}
	path := func(p string) Statement {
		return ByteMatch{Field: Field{Kind: URIPath}, Search: []byte(p), Position: StartsWith}
	}
	return []Rule{
		counts("office", IPSetMatch{ARN: office.ARN, Set: office}),
		counts("six", IPSetMatch{ARN: six.ARN, Set: six}),
		counts("office-forwarded", IPSetMatch{ARN: office.ARN, Set: office, Forwarded: forwarded(Any, true)}),
		counts("office-first", IPSetMatch{ARN: office.ARN, Set: office, Forwarded: forwarded(First, false)}),
		counts("geo", GeoMatch{Countries: []string{"US", "DE"}}),
		counts("geo-forwarded", GeoMatch{Countries: []string{"US"}, Forwarded: forwarded(First, true)}),
		counts("system", ASNMatch{ASNs: []uint32{64500}}),
		counts("probes", RegexSetMatch{Field: Field{Kind: URIPath}, ARN: probes.ARN, Set: probes, Transforms: []transform.Kind{transform.URLDecode}}),
		counts("both", And{Of: []Statement{LabelMatch{Key: "seen:geo"}, Not{Of: LabelMatch{Key: "seen:system"}}, Or{Of: []Statement{path("/api"), LabelMatch{Namespace: true, Key: "awswaf:clientip:geo:country:"}}}}}),
		generous("rate-ip", RateBased{Key: ByIP, Window: 60}),
		generous("rate-forwarded", RateBased{Key: ByForwardedIP, Forwarded: forwarded(First, true)}),
		generous("rate-custom", RateBased{Key: ByCustomKeys, Window: 600, Custom: []CustomKey{{Kind: KeyMethod}, {Kind: KeyHeader, Name: "user-agent"}, {Kind: KeyCookie, Name: "sid"}}, ScopeDown: path("/api")}),
		generous("rate-all", RateBased{Key: Constant, ScopeDown: path("/login")}),
		{Name: "group", Statement: GroupRef{ARN: group.ARN, Group: group, Overrides: []RuleOverride{{Rule: "inner-count", Action: Action{Kind: Count}}}}, Override: OverrideNone},
		scoped("AWSManagedRulesCommonRuleSet"), scoped("AWSManagedRulesKnownBadInputsRuleSet"), scoped("AWSManagedRulesSQLiRuleSet"),
		{Name: "reputation", Statement: ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesAmazonIpReputationList"}, Override: OverrideCount},
		{Name: "bots", Statement: ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesBotControlRuleSet"}, Override: OverrideCount},
		{Name: "insert", Statement: path("/shop"), Action: Action{Kind: Count, Insert: []Header{{Name: "seen", Value: "yes"}}}},
		{Name: "captcha", Statement: path("/register"), Action: Action{Kind: Captcha}},
		{Name: "challenge", Statement: path("/login"), Action: Action{Kind: Challenge}},
		{Name: "early", Statement: path("/health"), Action: Action{Kind: Allow, Insert: []Header{{Name: "early", Value: "1"}}}},
		{Name: "gone", Statement: path("/old"), Action: Action{Kind: Block, Response: &Response{Code: 404, Body: "gone", Headers: []Header{{Name: "x-gone", Value: "1"}}}}},
		{Name: "deny", Statement: And{Of: []Statement{LabelMatch{Key: "seen:sqli-query"}, LabelMatch{Key: "seen:query-word"}}}, Action: Action{Kind: Block}},
	}
}

// webACL has a rule for every statement that depends on neither the time nor the
// fingerprint of a client.
func webACL() *ACL {
	a := &ACL{
		Name: "agree", ID: "1", ARN: arn + "webacl/agree/1", Account: "111111111111", Default: Action{Kind: Allow}, Resource: LoadBalancer,
		Bodies: map[string]Body{"gone": {ContentType: "TEXT_PLAIN", Content: "gone\n"}},
	}
	a.Rules = append(fields(), rules()...)
	for i := range a.Rules {
		a.Rules[i].Priority = i
	}
	for i := range group.Rules {
		group.Rules[i].Priority = i
	}
	return a
}

// files are the web ACL and what it names, as AWS's API answers.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	set := func(s *IPSet, version string) []byte {
		var addresses []string
		for _, p := range s.Prefixes {
			addresses = append(addresses, p.String())
		}
		return encoded(t, map[string]any{"IPSet": map[string]any{"Name": s.Name, "Id": "1", "ARN": s.ARN, "IPAddressVersion": version, "Addresses": addresses}})
	}
	var patterns []any
	for _, p := range probes.Patterns {
		patterns = append(patterns, map[string]any{"RegexString": p})
	}
	return map[string][]byte{
		"acl.json": printed(dialect.API(webACL())), "office.json": set(office, "IPV4"), "six.json": set(six, "IPV6"), "inner.json": printed(dialect.GroupAPI(group)),
		"probes.json": encoded(t, map[string]any{"RegexPatternSet": map[string]any{"Name": probes.Name, "Id": "1", "ARN": probes.ARN, "RegularExpressionList": patterns}}),
	}
}

// printed says of statements without a transformation that there is none, as AWS
// wants it.
func printed(b []byte) []byte {
	return bytes.ReplaceAll(b, []byte(`"TextTransformations": []`), []byte(`"TextTransformations": [{"Priority": 0, "Type": "NONE"}]`))
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
