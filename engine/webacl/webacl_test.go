package webacl_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

var (
	allow = Action{Kind: Allow}
	block = Action{Kind: Block}
	count = Action{Kind: Count}
)

// always and never are conditions that every request, and none, meets.
func always() Statement {
	return ByteMatch{Field: Field{Kind: URIPath}, Search: []byte("/"), Position: StartsWith}
}

func path(want string) Statement {
	return ByteMatch{Field: Field{Kind: URIPath}, Search: []byte(want), Position: StartsWith}
}

// rules makes a web ACL that allows by default; priorities go by order where
// none is given.
func rules(rs ...Rule) *ACL {
	for i := range rs {
		if rs[i].Priority == 0 {
			rs[i].Priority = i + 1
		}
	}
	return &ACL{Name: "shop", Account: "111111111111", Default: allow, Rules: rs}
}

func one(st Statement) *ACL { return rules(Rule{Name: "rule", Statement: st, Action: block}) }

func get(uri string, headers ...string) *Request {
	r := &Request{Method: "GET", Version: "HTTP/1.1", Scheme: "https", Client: netip.MustParseAddr("192.0.2.1"), Time: 1e18}
	r.Path, r.Query, _ = strings.Cut(uri, "?")
	r.Headers = []Header{{"Host", "shop.example.com"}}
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, Header{headers[i], headers[i+1]})
	}
	return r
}

func post(uri, body string, headers ...string) *Request {
	r := get(uri, headers...)
	r.Method, r.Body = "POST", []byte(body)
	return r
}

func compile(t *testing.T, acl *ACL, o Options) *Program {
	t.Helper()
	p, problems := Compile(acl, o)
	for _, pr := range problems {
		t.Error(pr)
	}
	if len(problems) > 0 {
		t.FailNow()
	}
	return p
}

func evaluate(t *testing.T, acl *ACL, r *Request) Verdict {
	t.Helper()
	var v Verdict
	compile(t, acl, Options{}).Evaluate(r, &v)
	return v
}

// matches says whether a statement matches a request; ? is undecidable.
func matches(t *testing.T, st Statement, r *Request, o Options) string {
	t.Helper()
	var v Verdict
	compile(t, one(st), o).Evaluate(r, &v)
	switch {
	case len(v.Undecidable) > 0:
		return "?"
	case v.Action == Block:
		return "yes"
	}
	return "no"
}

func names(ms []Match) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Rule+" "+m.Action.String())
	}
	return out
}

func TestSection2Order(t *testing.T) {
	v := evaluate(t, rules(
		Rule{Name: "third", Priority: 30, Statement: always(), Action: allow},
		Rule{Name: "first", Priority: 10, Statement: always(), Action: count},
		Rule{Name: "second", Priority: 20, Statement: always(), Action: block},
	), get("/"))
	if diff := cmp.Diff([]string{"first COUNT", "second BLOCK"}, names(v.Matches)); diff != "" || v.Rule != "second" {
		t.Errorf("ended by %s:\n%s", v.Rule, diff)
	}
}

func TestSection2DefaultAction(t *testing.T) {
	acl := rules(Rule{Name: "count", Statement: always(), Action: count})
	acl.Default = Action{Kind: Block, Response: &Response{Code: 429, Body: "later"}}
	acl.Bodies = map[string]Body{"later": {"TEXT_PLAIN", "come back"}}
	v := evaluate(t, acl, get("/"))
	want := Answered{Code: 429, ContentType: "text/plain", Body: "come back"}
	if diff := cmp.Diff(want, v.Response); diff != "" || v.Action != Block || v.Rule != DefaultAction {
		t.Errorf("%s by %s:\n%s", v.Action, v.Rule, diff)
	}
}

func TestSection2FirewallManagerGroupsRunFirstAndLast(t *testing.T) {
	group := func(name string) Rule {
		return Rule{Name: name, Priority: 1, Override: OverrideNone, Statement: GroupRef{Group: &Group{Name: name, Rules: []Rule{
			{Name: name + "-in", Statement: always(), Action: count},
		}}}}
	}
	acl := rules(Rule{Name: "own", Statement: always(), Action: count})
	acl.Pre, acl.Post = []Rule{group("pre")}, []Rule{group("post")}
	v := evaluate(t, acl, get("/"))
	if diff := cmp.Diff([]string{"pre-in COUNT", "own COUNT", "post-in COUNT"}, names(v.Matches)); diff != "" {
		t.Error(diff)
	}
}

// "Applies labels at the end of that rule's evaluation": a rule does not see its
// own, the next one does.
func TestSection2LabelsAreVisibleFromTheNextRuleOn(t *testing.T) {
	own := Rule{
		Name: "own", Action: block, Labels: []string{"seen"},
		Statement: And{[]Statement{always(), LabelMatch{Key: "seen"}}},
	}
	if v := evaluate(t, rules(own), get("/")); v.Action != Allow {
		t.Error("a rule sees its own label")
	}
	giver := Rule{Name: "giver", Action: count, Labels: []string{"seen"}, Statement: always()}
	v := evaluate(t, rules(giver, own), get("/"))
	if v.Rule != "own" || !cmp.Equal(v.Labels, []string{"awswaf:111111111111:webacl:shop:seen"}) {
		t.Errorf("ended by %s with %q", v.Rule, v.Labels)
	}
}

func inGroup(override Override, overrides []RuleOverride, inner ...Rule) Rule {
	for i := range inner {
		inner[i].Priority = i
	}
	return Rule{Name: "group", Override: override, Statement: GroupRef{ARN: "arn", Group: &Group{Name: "g", ARN: "arn", Rules: inner}, Overrides: overrides}}
}

// OverrideAction COUNT stops inside the group at its first terminating rule, so
// that later rules and labels are missed; overriding every rule to COUNT does
// not.
func TestSection2OverrideCountIsNotEveryRuleInCount(t *testing.T) {
	inner := func() []Rule {
		return []Rule{
			{Name: "a", Statement: always(), Action: block, Labels: []string{"a"}},
			{Name: "b", Statement: always(), Action: block, Labels: []string{"b"}},
		}
	}
	v := evaluate(t, rules(inGroup(OverrideCount, nil, inner()...), Rule{Name: "after", Statement: always(), Action: count}), get("/"))
	if diff := cmp.Diff([]string{"a BLOCK", "group COUNT", "after COUNT"}, names(v.Matches)); diff != "" || v.Action != Allow {
		t.Errorf("override count: %s\n%s", v.Action, diff)
	}
	if diff := cmp.Diff([]string{"awswaf:111111111111:rulegroup:g:a"}, v.Labels); diff != "" {
		t.Errorf("override count, labels:\n%s", diff)
	}
	each := []RuleOverride{{Rule: "a", Action: count}, {Rule: "b", Excluded: true}}
	v = evaluate(t, rules(inGroup(OverrideNone, each, inner()...)), get("/"))
	if diff := cmp.Diff([]string{"a COUNT", "b COUNT"}, names(v.Matches)); diff != "" || len(v.Labels) != 2 {
		t.Errorf("every rule in count:\n%s", diff)
	}
	if v.Matches[0].Own != Block {
		t.Error("the overridden action is not said")
	}
}

func TestSection2GroupDecides(t *testing.T) {
	v := evaluate(t, rules(inGroup(OverrideNone, []RuleOverride{{Rule: "a", Action: Action{Kind: Challenge}}},
		Rule{Name: "a", Statement: path("/login"), Action: block},
		Rule{Name: "b", Statement: always(), Action: block})), get("/login"))
	if v.Action != Challenge || v.Rule != "group" || v.Inner != "a" || v.Type != "GROUP" || v.Response.Code != 202 {
		t.Errorf("%s by %s/%s (%s) with %d", v.Action, v.Rule, v.Inner, v.Type, v.Response.Code)
	}
	if g := v.Groups[0]; g.ID != "arn" || g.First != 0 || g.Last != 1 {
		t.Errorf("the group's result is %+v", g)
	}
}

func managedOf(g *Group) Options {
	return Options{Managed: func(ref ManagedRef) (*Group, error) {
		if ref.Name != g.Name {
			return nil, errors.New("no such group")
		}
		return g, nil
	}}
}

func TestSection2ScopeDownLeavesTheGroupOut(t *testing.T) {
	g := &Group{Name: "G", ID: "AWS#G", Managed: true, LabelPrefix: "awswaf:managed:aws:g:", Rules: []Rule{
		{Name: "R", Statement: always(), Action: count, Labels: []string{"awswaf:managed:aws:g:R"}},
	}}
	acl := rules(Rule{Name: "managed", Override: OverrideNone, Statement: ManagedRef{Vendor: "AWS", Name: "G", ScopeDown: path("/api")}})
	p := compile(t, acl, managedOf(g))
	var v Verdict
	if p.Evaluate(get("/home"), &v); len(v.Labels)+len(v.Groups) != 0 {
		t.Errorf("outside the scope: labels %q, groups %v", v.Labels, v.Groups)
	}
	if p.Evaluate(get("/api/1"), &v); !cmp.Equal(v.Labels, []string{"awswaf:managed:aws:g:R"}) || v.Groups[0].ID != "AWS#G" {
		t.Errorf("inside the scope: labels %q", v.Labels)
	}
}

// A group whose name hangs on a variable without a value.
func TestSection2UnresolvedGroupIsUndecidable(t *testing.T) {
	for override, certain := range map[Override]bool{OverrideNone: false, OverrideCount: true} {
		v := evaluate(t, rules(Rule{Name: "group", Override: override, Statement: Unresolved{Why: "variable \"name\" has no value"}}), get("/"))
		if len(v.Undecidable) != 1 || v.Certain != certain || v.Action != Allow {
			t.Errorf("override %d: %s, certain %v, undecidable %v", override, v.Action, v.Certain, v.Undecidable)
		}
	}
	group := Rule{Name: "group", Override: OverrideCount, Statement: GroupRef{ARN: "gone"}}
	label := Rule{Name: "label", Action: block, Statement: LabelMatch{Key: "awswaf:111111111111:rulegroup:gone:bad"}}
	if v := evaluate(t, rules(group, label), get("/")); v.Certain || len(v.Undecidable) != 2 {
		t.Errorf("a label of a group that is not there: certain %v, undecidable %v", v.Certain, v.Undecidable)
	}
}

func TestSection2InsertedHeadersAreNotSeenByLaterRules(t *testing.T) {
	insert := func(name, header, value string) Rule {
		return Rule{Name: name, Statement: always(), Action: Action{Kind: Count, Insert: []Header{{header, value}}}}
	}
	looks := Rule{Name: "looks", Action: block, Statement: ByteMatch{Field: Field{Kind: SingleHeader, Name: "x-amzn-waf-Seen"}, Search: []byte("1"), Position: Exactly}}
	v := evaluate(t, rules(insert("a", "Seen", "1"), looks, insert("b", "seen", "2")), get("/"))
	if diff := cmp.Diff([]Header{{"x-amzn-waf-seen", "2"}}, v.Insert); diff != "" || v.Action != Allow {
		t.Errorf("%s:\n%s", v.Action, diff)
	}
	blocked := Rule{Name: "no", Statement: always(), Action: block}
	if v := evaluate(t, rules(insert("a", "Seen", "1"), blocked), get("/")); len(v.Insert) != 0 {
		t.Errorf("a blocked request is given %v", v.Insert)
	}
}

func TestSection3Logic(t *testing.T) {
	a, b := path("/a"), path("/a/b")
	for _, c := range []struct {
		name string
		st   Statement
		uri  string
		want string
	}{
		{"And both", And{[]Statement{a, b}}, "/a/b", "yes"},
		{"And one", And{[]Statement{a, b}}, "/a/c", "no"},
		{"Or one", Or{[]Statement{b, a}}, "/a/c", "yes"},
		{"Or none", Or{[]Statement{b, a}}, "/c", "no"},
		{"Not", Not{a}, "/c", "yes"},
		{"Not not", Not{Not{a}}, "/c", "no"},
	} {
		if got := matches(t, c.st, get(c.uri), Options{}); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.name, c.uri, got, c.want)
		}
	}
}

func TestSection3ByteMatch(t *testing.T) {
	for _, c := range []struct {
		search   string
		position Position
		uri      string
		want     string
	}{
		{"/shop", Exactly, "/shop", "yes"},
		{"/shop", Exactly, "/Shop", "no"},
		{"/sh", StartsWith, "/shop", "yes"},
		{"op", EndsWith, "/shop", "yes"},
		{"sho", EndsWith, "/shop", "no"},
		{"ho", Contains, "/shop", "yes"},
		{"admin", ContainsWord, "/admin/x", "yes"},
		{"admin", ContainsWord, "/my-admin", "yes"},
		{"admin", ContainsWord, "/admin_x", "no"},
		{"admin", ContainsWord, "/xadmin/admin", "yes"},
		{"admin", ContainsWord, "/administrator", "no"},
		{"admin", ContainsWord, "admin", "yes"},
	} {
		st := ByteMatch{Field: Field{Kind: URIPath}, Search: []byte(c.search), Position: c.position}
		if got := matches(t, st, get(c.uri), Options{}); got != c.want {
			t.Errorf("%q at %d in %s: %s, want %s", c.search, c.position, c.uri, got, c.want)
		}
	}
}

func TestSection3Regex(t *testing.T) {
	st := RegexMatch{Field: Field{Kind: URIPath}, Regex: `^/(cart|checkout)(/|$)`}
	set := RegexSetMatch{Field: Field{Kind: URIPath}, ARN: "arn", Set: &RegexSet{Name: "s", Patterns: []string{`\.php$`, `^/(cart|checkout)(/|$)`}}}
	for uri, want := range map[string]string{"/cart": "yes", "/checkout/pay": "yes", "/cartoon": "no", "/x/cart": "no"} {
		if got := matches(t, st, get(uri), Options{}); got != want {
			t.Errorf("%s: %s, want %s", uri, got, want)
		}
		if got := matches(t, set, get(uri), Options{}); got != want {
			t.Errorf("set, %s: %s, want %s", uri, got, want)
		}
	}
	set.Set = nil
	if got := matches(t, set, get("/"), Options{}); got != "?" {
		t.Errorf("a set that is not there: %s", got)
	}
}

func TestSection3Size(t *testing.T) {
	for op, want := range map[Comparison]string{EQ: "yes", NE: "no", LE: "yes", LT: "no", GE: "yes", GT: "no"} {
		st := SizeMatch{Field: Field{Kind: URIPath}, Op: op, Size: 4, Transforms: []transform.Kind{transform.URLDecode}}
		if got := matches(t, st, get("/a%62c"), Options{}); got != want {
			t.Errorf("comparison %d: %s, want %s", op, got, want)
		}
	}
	absent := SizeMatch{Field: Field{Kind: SingleHeader, Name: "x-none"}, Op: LE, Size: 10}
	if got := matches(t, absent, get("/"), Options{}); got != "no" {
		t.Errorf("absent header: %s", got)
	}
	if got := matches(t, absent, get("/"), Options{Choices: Choices{AbsentSize: true}}); got != "yes" {
		t.Errorf("absent header compared with 0: %s", got)
	}
}

// AWS's detectors are not published; the verdict says that libinjection stands in.
func TestSection3SQLiAndXSS(t *testing.T) {
	args := Field{Kind: AllQueryArguments}
	decode := []transform.Kind{transform.URLDecode}
	for _, c := range []struct {
		st        Statement
		uri, want string
	}{
		{SQLiMatch{Field: args, Transforms: decode}, "/?id=1%27%20or%20%271%27=%271", "yes"},
		{SQLiMatch{Field: args, Transforms: decode}, "/?id=17&name=o%27neil", "no"},
		{SQLiMatch{Field: args, High: true, Transforms: decode}, "/?id=x)%20union%20select%20a,b%20from%20c--", "yes"},
		{XSSMatch{Field: args, Transforms: decode}, "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "yes"},
		{XSSMatch{Field: args, Transforms: decode}, "/?q=a%3Cb", "no"},
	} {
		if got := matches(t, c.st, get(c.uri), Options{}); got != c.want {
			t.Errorf("%T on %s: %s, want %s", c.st, c.uri, got, c.want)
		}
	}
	v := evaluate(t, one(SQLiMatch{Field: args, Transforms: decode}), get("/?id=1%27%20or%20%271%27=%271"))
	if b := v.Matches[0].Basis; b.Kind != StandIn || b.Source != "libinjection" {
		t.Errorf("rests on %v", b)
	}
	if d := v.Matches[0].Details[0]; d.Condition != "SQL_INJECTION" || d.Sensitivity != "LOW" || d.Name != "id" || d.Value != "1' or '1'='1" {
		t.Errorf("the detail is %+v", d)
	}
}

// "Component absent → no match", so that NOT over it matches.
func TestSection3AbsentComponents(t *testing.T) {
	header := ByteMatch{Field: Field{Kind: SingleHeader, Name: "x-key"}, Search: []byte("k"), Position: Exactly}
	if got := matches(t, header, get("/"), Options{}); got != "no" {
		t.Errorf("absent header: %s", got)
	}
	if got := matches(t, Not{header}, get("/"), Options{}); got != "yes" {
		t.Errorf("not over an absent header: %s", got)
	}
}

type places map[string]Place

func (p places) Locate(a netip.Addr) Place { return p[a.String()] }

var geo = places{
	"192.0.2.1":    {Country: "DE", Region: "BE", ASN: 64500, HasCountry: true, HasASN: true},
	"198.51.100.7": {Country: "KP", ASN: 64501, HasCountry: true, HasASN: true},
	"203.0.113.9":  {Country: "XX", HasCountry: true, HasASN: true},
}

func TestSection7GeoASNAndIPSets(t *testing.T) {
	o := Options{Geo: geo}
	set := &IPSet{Name: "office", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8::/32")}}
	forwarded := &Forwarded{Header: "X-Forwarded-For"}
	orMatch := &Forwarded{Header: "X-Forwarded-For", Match: true}
	any := &Forwarded{Header: "X-Forwarded-For", Where: Any}
	last := &Forwarded{Header: "X-Forwarded-For", Where: Last}
	for _, c := range []struct {
		name   string
		st     Statement
		header string
		want   string
	}{
		{"geo", GeoMatch{Countries: []string{"DE"}}, "", "yes"},
		{"geo other", GeoMatch{Countries: []string{"FR"}}, "", "no"},
		{"geo forwarded first", GeoMatch{Countries: []string{"KP"}, Forwarded: forwarded}, "198.51.100.7, 192.0.2.1", "yes"},
		{"geo forwarded not the connection", GeoMatch{Countries: []string{"DE"}, Forwarded: forwarded}, "198.51.100.7", "no"},
		{"geo forwarded malformed", GeoMatch{Countries: []string{"DE"}, Forwarded: forwarded}, "nonsense", "no"},
		{"geo forwarded malformed, match", GeoMatch{Countries: []string{"DE"}, Forwarded: orMatch}, "nonsense", "yes"},
		{"geo semicolon is no separator", GeoMatch{Countries: []string{"KP"}, Forwarded: orMatch}, "198.51.100.7;192.0.2.1", "yes"},
		{"asn", ASNMatch{ASNs: []uint32{64500}}, "", "yes"},
		{"asn forwarded", ASNMatch{ASNs: []uint32{64500}, Forwarded: forwarded}, "198.51.100.7", "no"},
		{"ip", IPSetMatch{ARN: "a", Set: set}, "", "yes"},
		{"ip v6", IPSetMatch{ARN: "a", Set: set, Forwarded: forwarded}, "2001:db8::1", "yes"},
		{"ip mapped", IPSetMatch{ARN: "a", Set: set, Forwarded: forwarded}, "::ffff:192.0.2.3", "yes"},
		{"ip first", IPSetMatch{ARN: "a", Set: set, Forwarded: forwarded}, "10.0.0.1,192.0.2.3", "no"},
		{"ip last", IPSetMatch{ARN: "a", Set: set, Forwarded: last}, "10.0.0.1,192.0.2.3", "yes"},
		{"ip any", IPSetMatch{ARN: "a", Set: set, Forwarded: any}, "10.0.0.1,192.0.2.3,10.0.0.2", "yes"},
		{"ip any of the last ten", IPSetMatch{ARN: "a", Set: set, Forwarded: any}, "192.0.2.3" + strings.Repeat(",10.0.0.2", 10), "no"},
		{"ip set that is not there", IPSetMatch{ARN: "a"}, "", "?"},
	} {
		r := get("/")
		if c.header != "" {
			r = get("/", "x-forwarded-for", c.header)
		}
		if got := matches(t, c.st, r, o); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := matches(t, GeoMatch{Countries: []string{"DE"}}, get("/"), Options{}); got != "?" {
		t.Errorf("without a database: %s", got)
	}
}

// "Header absent → rule not applied at all": neither its action nor, under NOT,
// the opposite.
func TestSection7AbsentForwardedHeaderSkipsTheRule(t *testing.T) {
	geoFrom := GeoMatch{Countries: []string{"DE"}, Forwarded: &Forwarded{Header: "X-Forwarded-For", Match: true}}
	for _, st := range []Statement{geoFrom, Not{geoFrom}, Or{[]Statement{always(), geoFrom}}} {
		if got := matches(t, st, get("/"), Options{Geo: geo}); got != "no" {
			t.Errorf("%T: %s", st, got)
		}
	}
}

// A geo match labels every request that it inspects, whether it matches or not.
func TestSection7GeoLabels(t *testing.T) {
	for address, want := range map[string][]string{
		"192.0.2.1":    {"awswaf:clientip:geo:country:DE", "awswaf:clientip:geo:region:DE-BE"},
		"198.51.100.7": {"awswaf:clientip:geo:country:KP", "awswaf:clientip:geo:region:KP-XX"},
		"203.0.113.9":  {"awswaf:clientip:geo:country:XX", "awswaf:clientip:geo:region:XX-XX"},
	} {
		r := get("/")
		r.Client = netip.MustParseAddr(address)
		var v Verdict
		compile(t, one(GeoMatch{Countries: []string{"FR"}}), Options{Geo: geo}).Evaluate(r, &v)
		if diff := cmp.Diff(want, v.Labels); diff != "" {
			t.Errorf("%s:\n%s", address, diff)
		}
	}
}

func TestSection8LabelMatch(t *testing.T) {
	give := Rule{Name: "give", Statement: always(), Action: count, Labels: []string{"ns1:ns2:header:encoding:utf8"}}
	for _, c := range []struct {
		st   LabelMatch
		want ActionKind
	}{
		{LabelMatch{Key: "header:encoding:utf8"}, Block},
		{LabelMatch{Key: "utf8"}, Block},
		{LabelMatch{Key: "ncoding:utf8"}, Allow},
		{LabelMatch{Key: "header:encoding"}, Allow},
		{LabelMatch{Key: "awswaf:111111111111:webacl:shop:ns1:ns2:header:encoding:utf8"}, Block},
		{LabelMatch{Key: "awswaf:111111111111:webacl:shop:header:encoding:utf8"}, Allow},
		{LabelMatch{Key: "header:encoding:", Namespace: true}, Block},
		{LabelMatch{Key: "ns2:", Namespace: true}, Block},
		{LabelMatch{Key: "ns1:header:", Namespace: true}, Allow},
		{LabelMatch{Key: "encoding2:", Namespace: true}, Allow},
		{LabelMatch{Key: "utf8:", Namespace: true}, Allow},
		{LabelMatch{Key: "awswaf:111111111111:webacl:shop:ns1:", Namespace: true}, Block},
		{LabelMatch{Key: "awswaf:111111111111:webacl:shop:header:", Namespace: true}, Allow},
	} {
		v := evaluate(t, rules(give, Rule{Name: "match", Statement: c.st, Action: block}), get("/"))
		if v.Action != c.want {
			t.Errorf("%+v: %s, want %s", c.st, v.Action, c.want)
		}
	}
}

// Inside a group a local key is the group's, in the web ACL the web ACL's.
func TestSection8LocalKeysAreOfTheirOwnContext(t *testing.T) {
	acl := rules(
		Rule{Name: "give", Statement: always(), Action: count, Labels: []string{"x"}},
		inGroup(OverrideNone, nil, Rule{Name: "in", Statement: LabelMatch{Key: "x"}, Action: block}),
	)
	if v := evaluate(t, acl, get("/")); v.Action != Allow {
		t.Error("a group's local key finds the web ACL's label")
	}
}

func TestSection9Tokens(t *testing.T) {
	const now = 1_000_000
	acl := rules(
		Rule{Name: "challenge", Statement: always(), Action: Action{Kind: Challenge, Insert: []Header{{"ok", "1"}}}},
		Rule{Name: "captcha", Statement: path("/login"), Action: Action{Kind: Captcha}, CaptchaImmunity: 60},
	)
	acl.ChallengeImmunity = 600
	p := compile(t, acl, Options{})
	for _, c := range []struct {
		name    string
		uri     string
		token   Token
		want    ActionKind
		failure string
	}{
		{"absent", "/", Token{}, Challenge, "TOKEN_MISSING"},
		{"invalid", "/", Token{State: TokenInvalid}, Challenge, "TOKEN_INVALID"},
		{"other domain", "/", Token{State: TokenDomainMismatch}, Challenge, "TOKEN_DOMAIN_MISMATCH"},
		{"never solved", "/", Token{State: TokenValid}, Challenge, "TOKEN_MISSING"},
		{"within the ACL's immunity", "/", Token{State: TokenValid, Challenge: now - 600}, Allow, ""},
		{"after it", "/", Token{State: TokenValid, Challenge: now - 601}, Challenge, "TOKEN_EXPIRED"},
		{"captcha within the rule's immunity", "/login", Token{State: TokenValid, Challenge: now, Captcha: now - 60}, Allow, ""},
		{"captcha after it", "/login", Token{State: TokenValid, Challenge: now, Captcha: now - 61}, Captcha, "TOKEN_EXPIRED"},
	} {
		r := get(c.uri)
		r.Time, r.Token = now*1e9, c.token
		var v Verdict
		p.Evaluate(r, &v)
		last := v.Matches[len(v.Matches)-1]
		if v.Action != c.want || last.Failure != c.failure {
			t.Errorf("%s: %s %s, want %s %s", c.name, v.Action, last.Failure, c.want, c.failure)
		}
		if c.want == Allow && (!last.Passed || len(v.Insert) != 1) {
			t.Errorf("%s: a valid token does not count the request: %+v", c.name, v)
		}
	}
}

func TestSection9Responses(t *testing.T) {
	acl := one(always())
	acl.Rules[0].Action.Response = &Response{Code: 302, Headers: []Header{{"Location", "/sorry"}}}
	v := evaluate(t, acl, get("/"))
	if diff := cmp.Diff(Answered{Code: 302, Headers: []Header{{"Location", "/sorry"}}}, v.Response); diff != "" {
		t.Error(diff)
	}
	if v := evaluate(t, one(always()), get("/")); v.Response.Code != 403 {
		t.Errorf("a plain block answers %d", v.Response.Code)
	}
	for kind, want := range map[ActionKind]int{Captcha: 405, Challenge: 202} {
		acl := one(always())
		acl.Rules[0].Action = Action{Kind: kind}
		v := evaluate(t, acl, get("/"))
		if v.Response.Code != want || v.Response.Headers[0] != (Header{"x-amzn-waf-action", strings.ToLower(kind.String())}) {
			t.Errorf("%s answers %+v", kind, v.Response)
		}
	}
}
