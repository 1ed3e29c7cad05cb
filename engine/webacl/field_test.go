package webacl_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/transform"
)

func contains(f Field, s string, kinds ...transform.Kind) Statement {
	return ByteMatch{Field: f, Search: []byte(s), Position: Contains, Transforms: kinds}
}

func all(kind FieldKind, scope MatchScope) Field {
	return Field{Kind: kind, Pattern: Pattern{Kind: All}, Scope: scope}
}

func only(kind FieldKind, scope MatchScope, pattern PatternKind, names ...string) Field {
	return Field{Kind: kind, Pattern: Pattern{Kind: pattern, Names: names}, Scope: scope}
}

func TestSection4Fields(t *testing.T) {
	request := post("/a%2Fb?Name=Ann&name=Bob&q=x%20y", `{"a":{"c":"d","b":{"e":{"f":"g"}}}}`,
		"User-Agent", "curl/8", "X-Api-Key", "k1", "x-api-key", "k2", "Cookie", "sid=S1; Lang=de", "cookie", "theme=dark")
	request.JA3, request.JA4, request.Fragment = "771ja3", "t13d", "top"
	for _, c := range []struct {
		name string
		st   Statement
		want string
	}{
		{"UriPath raw", contains(Field{Kind: URIPath}, "%2Fb"), "yes"},
		{"UriPath without query", contains(Field{Kind: URIPath}, "Ann"), "no"},
		{"QueryString", ByteMatch{Field: Field{Kind: QueryString}, Search: []byte("Name=Ann"), Position: StartsWith}, "yes"},
		{"QueryString raw", contains(Field{Kind: QueryString}, "x y"), "no"},
		{"Method", ByteMatch{Field: Field{Kind: Method}, Search: []byte("POST"), Position: Exactly}, "yes"},
		{"SingleHeader name in any case", contains(Field{Kind: SingleHeader, Name: "user-AGENT"}, "curl"), "yes"},
		{"SingleHeader repeated", contains(Field{Kind: SingleHeader, Name: "x-api-key"}, "k2"), "yes"},
		{"SingleQueryArgument in any case, every instance", contains(Field{Kind: SingleQueryArgument, Name: "NAME"}, "Bob"), "yes"},
		{"SingleQueryArgument other", contains(Field{Kind: SingleQueryArgument, Name: "q"}, "Bob"), "no"},
		{"AllQueryArguments values", contains(Field{Kind: AllQueryArguments}, "Ann"), "yes"},
		{"AllQueryArguments not names", contains(Field{Kind: AllQueryArguments}, "Name"), "no"},
		{"Headers key", contains(all(Headers, Keys), "X-Api"), "yes"},
		{"Headers key only", contains(all(Headers, Keys), "curl"), "no"},
		{"Headers value", contains(all(Headers, Values), "k2"), "yes"},
		{"Headers all", contains(all(Headers, KeysAndValues), "User-Agent"), "yes"},
		{"Headers hold cookies", contains(all(Headers, Values), "sid=S1"), "yes"},
		{"Headers included", contains(only(Headers, Values, Included, "USER-agent"), "curl"), "yes"},
		{"Headers excluded", contains(only(Headers, Values, Excluded, "user-agent"), "curl"), "no"},
		{"Cookies value", contains(all(Cookies, Values), "dark"), "yes"},
		{"Cookies key", contains(all(Cookies, Keys), "Lang"), "yes"},
		{"Cookies included, exact case", contains(only(Cookies, Values, Included, "Lang"), "de"), "yes"},
		{"Cookies included, other case", contains(only(Cookies, Values, Included, "lang"), "de"), "no"},
		{"Cookies excluded", contains(only(Cookies, Values, Excluded, "sid"), "S1"), "no"},
		{"HeaderOrder", ByteMatch{Field: Field{Kind: HeaderOrder}, Search: []byte("host:user-agent:x-api-key:x-api-key:cookie:cookie"), Position: Exactly}, "yes"},
		{"JA3Fingerprint", ByteMatch{Field: Field{Kind: JA3Fingerprint}, Search: []byte("771ja3"), Position: Exactly}, "yes"},
		{"JA4Fingerprint", ByteMatch{Field: Field{Kind: JA4Fingerprint}, Search: []byte("t13d"), Position: Exactly}, "yes"},
		{"UriFragment", contains(Field{Kind: URIFragment}, "top"), "yes"},
		{"Body", contains(Field{Kind: BodyText}, `"c":"d"`), "yes"},
		{"JsonBody all", contains(all(JSONBody, KeysAndValues), "f"), "yes"},
		{"JsonBody keys", ByteMatch{Field: all(JSONBody, Keys), Search: []byte("g"), Position: Exactly}, "no"},
		{"JsonBody values", ByteMatch{Field: all(JSONBody, Values), Search: []byte("g"), Position: Exactly}, "yes"},
		{"JsonBody path, values", ByteMatch{Field: only(JSONBody, Values, Included, "/a/b"), Search: []byte("d"), Position: Exactly}, "no"},
		{"JsonBody path, its keys", ByteMatch{Field: only(JSONBody, Keys, Included, "/a/b"), Search: []byte("e"), Position: Exactly}, "yes"},
		{"JsonBody path, not the selected key", ByteMatch{Field: only(JSONBody, Keys, Included, "/a/b"), Search: []byte("b"), Position: Exactly}, "no"},
		{"each value is transformed by itself", contains(Field{Kind: SingleHeader, Name: "x-api-key"}, "K", transform.Lowercase), "no"},
	} {
		if got := matches(t, c.st, request, Options{}); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSection4Fallbacks(t *testing.T) {
	exactly := func(kind FieldKind, match bool) Statement {
		return ByteMatch{Field: Field{Kind: kind, Match: match}, Search: []byte("x"), Position: Exactly}
	}
	for _, kind := range []FieldKind{JA3Fingerprint, JA4Fingerprint, URIFragment} {
		if got := matches(t, exactly(kind, true), get("/"), Options{}); got != "yes" {
			t.Errorf("field %d, fallback MATCH: %s", kind, got)
		}
		if got := matches(t, exactly(kind, false), get("/"), Options{}); got != "no" {
			t.Errorf("field %d, fallback NO_MATCH: %s", kind, got)
		}
	}
}

func TestSection4InvalidJSON(t *testing.T) {
	body := `{"a":"first","b":bad}`
	for behaviour, want := range map[InvalidJSON][2]string{
		UpToError:  {"yes", "no"}, // what was parsed before the error is inspected
		AsString:   {"yes", "yes"},
		InvalidHit: {"yes", "yes"},
		InvalidNo:  {"no", "no"},
	} {
		f := all(JSONBody, Values)
		f.Invalid = behaviour
		for i, s := range []string{"first", `"b":bad`} {
			if got := matches(t, contains(f, s), post("/", body), Options{}); got != want[i] {
				t.Errorf("behaviour %d, %q: %s, want %s", behaviour, s, got, want[i])
			}
		}
	}
}

// What WAF sees: 8,192 bytes of a body behind an ALB, 16,384 behind CloudFront,
// and as configured; 8,192 bytes or 200 headers, and as many cookies.
func TestSection4Limits(t *testing.T) {
	for _, c := range []struct {
		name string
		acl  func(*ACL)
		seen int
	}{
		{"regional", func(*ACL) {}, 8192},
		{"ALB whatever is configured", func(a *ACL) { a.Resource, a.BodyLimits = LoadBalancer, map[Resource]int{LoadBalancer: 65536} }, 8192},
		{"CloudFront", func(a *ACL) { a.Scope = CloudFront }, 16384},
		{"CloudFront configured", func(a *ACL) { a.Scope, a.BodyLimits = CloudFront, map[Resource]int{Distribution: 32768} }, 32768},
		{"API Gateway", func(a *ACL) { a.Resource = APIGateway }, 16384},
		{"AppSync", func(a *ACL) { a.Resource = AppSync }, 8192},
		{"Amplify", func(a *ACL) { a.Resource = Amplify }, 16384},
	} {
		acl := one(contains(Field{Kind: BodyText}, "X"))
		c.acl(acl)
		last, beyond := strings.Repeat(".", c.seen-1)+"X", strings.Repeat(".", c.seen)+"X"
		if v := evaluate(t, acl, post("/", last)); v.Action != Block || len(v.Oversize) != 0 {
			t.Errorf("%s: the last byte is not seen (%v)", c.name, v.Oversize)
		}
		if v := evaluate(t, acl, post("/", beyond)); v.Action != Allow || !slices.Equal(v.Oversize, []string{"REQUEST_BODY"}) || v.Inspected != c.seen {
			t.Errorf("%s: the byte beyond: %s, oversize %v, inspected %d", c.name, v.Action, v.Oversize, v.Inspected)
		}
	}
}

func TestSection4Oversize(t *testing.T) {
	long := strings.Repeat("a", 9000)
	many := []string{}
	for i := range 201 {
		many = append(many, fmt.Sprintf("X-%d", i), "v")
	}
	for _, c := range []struct {
		name    string
		field   Field
		request *Request
		part    string
	}{
		{"body", Field{Kind: BodyText}, post("/", long), "REQUEST_BODY"},
		{"JSON body", all(JSONBody, Values), post("/", `["`+long+`"]`), "REQUEST_JSON_BODY"},
		{"headers by bytes", all(Headers, Values), get("/", "X-Long", long), "REQUEST_HEADERS"},
		{"headers by number", all(Headers, Values), get("/", many...), "REQUEST_HEADERS"},
		{"cookies", all(Cookies, Values), get("/", "Cookie", "c="+long), "REQUEST_COOKIES"},
		{"header order", Field{Kind: HeaderOrder}, get("/", many...), "REQUEST_HEADERS"},
	} {
		for o, want := range map[Oversize]string{Continue: "no", OversizeHit: "yes", OversizeNo: "no"} {
			f := c.field
			f.Oversize = o
			if got := matches(t, contains(f, "nowhere"), c.request, Options{}); got != want {
				t.Errorf("%s, behaviour %d: %s, want %s", c.name, o, got, want)
			}
		}
		f := c.field
		if v := evaluate(t, one(contains(f, "nowhere")), c.request); !slices.Equal(v.Oversize, []string{c.part}) {
			t.Errorf("%s: oversize fields %v", c.name, v.Oversize)
		}
	}
}

// A rule that ends the evaluation before one needs the body: it is never read.
func TestTheBodyIsReadWhenARuleNeedsIt(t *testing.T) {
	reads := 0
	r := get("/admin")
	r.ReadBody = func() ([]byte, bool, error) { reads++; return []byte("evil"), false, nil }
	p := compile(t, rules(
		Rule{Name: "path", Statement: path("/admin"), Action: block},
		Rule{Name: "body", Statement: contains(Field{Kind: BodyText}, "evil"), Action: block},
		Rule{Name: "again", Statement: contains(Field{Kind: BodyText}, "evil", transform.Lowercase), Action: block},
	), Options{})
	var v Verdict
	if p.Evaluate(r, &v); v.Rule != "path" || reads != 0 {
		t.Errorf("ended by %s after %d reads", v.Rule, reads)
	}
	r.Path = "/"
	if p.Evaluate(r, &v); v.Rule != "body" || reads != 1 {
		t.Errorf("ended by %s after %d reads", v.Rule, reads)
	}
	r.ReadBody = func() ([]byte, bool, error) { return nil, false, errors.New("connection reset") }
	if p.Evaluate(r, &v); v.Action != Block || v.Err == nil || v.Certain {
		t.Errorf("a body that cannot be read: %s, %v", v.Action, v.Err)
	}
}

// counter counts exactly and for ever, and remembers the rules it was asked for.
type counter struct {
	seen map[string]int64
	fail error
}

func (c *counter) Count(rule RateRule, instance []byte, _ int64) (Rate, error) {
	if c.seen == nil {
		c.seen = map[string]int64{}
	}
	k := rule.ID + " " + string(instance)
	c.seen[k]++
	return Rate{c.seen[k], c.seen[k] > rule.Limit}, c.fail
}

func TestSection6Keys(t *testing.T) {
	custom := func(ks ...CustomKey) RateBased {
		return RateBased{Limit: 10, Key: ByCustomKeys, Custom: ks, Forwarded: &Forwarded{Header: "X-Forwarded-For"}}
	}
	method := CustomKey{Kind: KeyMethod}
	ip := netipAddr("198.51.100.7")
	// Each case: two requests of one instance, and one of another.
	for _, c := range []struct {
		name        string
		st          RateBased
		a, b, other *Request
	}{
		{"IP", RateBased{Limit: 10, Key: ByIP}, get("/a"), get("/b"), from(get("/"), ip)},
		{
			"forwarded IP",
			RateBased{Limit: 10, Key: ByForwardedIP, Forwarded: &Forwarded{Header: "X-Forwarded-For"}},
			get("/", "X-Forwarded-For", "10.0.0.1, 10.0.0.9"), get("/", "X-Forwarded-For", "10.0.0.1"), get("/", "X-Forwarded-For", "10.0.0.2"),
		},
		{"method", custom(method), get("/", "X-Forwarded-For", "10.0.0.1"), get("/b", "X-Forwarded-For", "10.0.0.1"), post("/", "", "X-Forwarded-For", "10.0.0.1")},
		{"header", custom(CustomKey{Kind: KeyHeader, Name: "k"}), xff("/", "K", "1"), xff("/", "k", "1"), xff("/", "k", "2")},
		{"header transformed", custom(CustomKey{Kind: KeyHeader, Name: "k", Transforms: []transform.Kind{transform.Lowercase}}), xff("/", "k", "AB"), xff("/", "k", "ab"), xff("/", "k", "c")},
		{"cookie", custom(CustomKey{Kind: KeyCookie, Name: "sid"}), xff("/", "Cookie", "x=1; sid=a"), xff("/", "Cookie", "sid=a"), xff("/", "Cookie", "sid=b")},
		{"query argument", custom(CustomKey{Kind: KeyQueryArgument, Name: "q"}), xff("/?q=1&z=2"), xff("/?Q=1"), xff("/?q=2")},
		{"query string", custom(CustomKey{Kind: KeyQueryString}), xff("/a?q=1"), xff("/b?q=1"), xff("/?q=2")},
		{"path", custom(CustomKey{Kind: KeyURIPath}), xff("/a?q=1"), xff("/a"), xff("/b")},
		{"IP and path", custom(CustomKey{Kind: KeyIP}, CustomKey{Kind: KeyURIPath}), xff("/a"), xff("/a"), from(xff("/a"), ip)},
		{"forwarded IP and path", custom(CustomKey{Kind: KeyForwardedIP}, CustomKey{Kind: KeyURIPath}), xff("/a"), from(xff("/a"), ip), get("/a", "X-Forwarded-For", "10.9.9.9")},
		{"JA3", custom(CustomKey{Kind: KeyJA3, Match: true}), ja(xff("/"), "a", ""), ja(xff("/"), "a", ""), xff("/")},
		{"JA4", custom(CustomKey{Kind: KeyJA4}), ja(xff("/"), "", "a"), ja(xff("/"), "", "a"), ja(xff("/"), "", "b")},
		{"ASN", custom(CustomKey{Kind: KeyASN}), get("/", "X-Forwarded-For", "192.0.2.1"), get("/", "X-Forwarded-For", "192.0.2.1"), get("/", "X-Forwarded-For", "198.51.100.7")},
		{"constant", RateBased{Limit: 10, Key: Constant, ScopeDown: always()}, get("/a"), from(get("/b"), ip), nil},
	} {
		n := &counter{}
		p := compile(t, one(c.st), Options{Counter: n, Geo: geo})
		var v Verdict
		for range 5 {
			p.Evaluate(c.a, &v)
			p.Evaluate(c.b, &v)
		}
		if v.Action != Allow {
			t.Errorf("%s: ten requests are over the limit of ten", c.name)
		}
		if p.Evaluate(c.a, &v); v.Action != Block || len(v.Rates) != 1 || v.Rates[0].Seen != 11 {
			t.Errorf("%s: the eleventh request: %s, %+v, undecidable %v", c.name, v.Action, v.Rates, v.Undecidable)
		}
		if c.other == nil {
			continue
		}
		if p.Evaluate(c.other, &v); v.Action != Allow || len(n.seen) != 2 {
			t.Errorf("%s: another instance: %s, %d instances", c.name, v.Action, len(n.seen))
		}
	}
}

func TestSection6LabelNamespaceKey(t *testing.T) {
	n := &counter{}
	acl := rules(
		Rule{Name: "bot", Statement: contains(Field{Kind: SingleHeader, Name: "user-agent"}, "bot"), Action: count, Labels: []string{"kind:bot"}},
		Rule{Name: "rate", Action: block, Statement: RateBased{Limit: 10, Key: ByCustomKeys, Custom: []CustomKey{{Kind: KeyLabelNamespace, Name: "awswaf:111111111111:webacl:shop:kind:"}}}},
	)
	p := compile(t, acl, Options{Counter: n})
	var v Verdict
	p.Evaluate(get("/", "User-Agent", "bot"), &v)
	p.Evaluate(get("/", "User-Agent", "browser"), &v)
	if len(n.seen) != 1 {
		t.Errorf("instances: %v; a request without such a label is left out", n.seen)
	}
}

// "Requests lacking any component are left out of the rule entirely."
func TestSection6AbsentComponentIsNotCounted(t *testing.T) {
	n := &counter{}
	st := RateBased{Limit: 10, Key: ByCustomKeys, Custom: []CustomKey{{Kind: KeyHeader, Name: "k"}, {Kind: KeyCookie, Name: "sid"}}}
	p := compile(t, one(st), Options{Counter: n})
	var v Verdict
	for _, r := range []*Request{get("/"), get("/", "k", "1"), get("/", "Cookie", "sid=1")} {
		p.Evaluate(r, &v)
	}
	if len(n.seen) != 0 {
		t.Errorf("counted %v", n.seen)
	}
}

func TestSection6ScopeDownCountsAndActsOnWhatMatches(t *testing.T) {
	n := &counter{}
	acl := one(RateBased{Limit: 10, Key: ByIP, ScopeDown: path("/login")})
	acl.Rules[0].Labels = []string{"fast"}
	p := compile(t, acl, Options{Counter: n})
	var v Verdict
	for range 50 {
		p.Evaluate(get("/home"), &v)
	}
	for range 11 {
		p.Evaluate(get("/login"), &v)
		if v.Action == Allow && len(v.Labels) > 0 {
			t.Fatal("a request that is not limited has the rule's label")
		}
	}
	if v.Action != Block || len(v.Labels) != 1 {
		t.Errorf("over the limit: %s %v", v.Action, v.Labels)
	}
	if p.Evaluate(get("/home"), &v); v.Action != Allow {
		t.Error("a request outside the scope is acted on")
	}
}

func TestSection6EachUseOfAGroupCountsByItself(t *testing.T) {
	g := &Group{Name: "g", Rules: []Rule{{Name: "rate", Statement: RateBased{Limit: 10, Key: ByIP}, Action: count}}}
	n := &counter{}
	p := compile(t, rules(
		Rule{Name: "one", Override: OverrideNone, Statement: GroupRef{Group: g}},
		Rule{Name: "two", Override: OverrideNone, Statement: GroupRef{Group: g}},
	), Options{Counter: n})
	var v Verdict
	p.Evaluate(get("/"), &v)
	if len(n.seen) != 2 {
		t.Errorf("counters: %v", n.seen)
	}
}

func TestSection6CounterFailureIsUndecidable(t *testing.T) {
	p := compile(t, one(RateBased{Limit: 10, Key: ByIP}), Options{Counter: &counter{fail: errors.New("redis is gone")}})
	var v Verdict
	p.Evaluate(get("/"), &v)
	if len(v.Undecidable) != 1 || v.Undecidable[0].Why != "redis is gone" || v.Certain {
		t.Errorf("%+v, certain %v", v.Undecidable, v.Certain)
	}
}

// A log with redacted headers decides what does not rest on them.
func TestSection11WithheldHeaders(t *testing.T) {
	header := func(name string) Statement { return contains(Field{Kind: SingleHeader, Name: name}, "x") }
	from := &Forwarded{Header: "X-Forwarded-For"}
	rate := RateBased{Limit: 10, Key: ByCustomKeys, Custom: []CustomKey{{Kind: KeyCookie, Name: "sid"}}}
	for _, c := range []struct {
		name     string
		withheld string
		st       Statement
		want     string
	}{
		{"that header", "Authorization", header("authorization"), "?"},
		{"another header", "Authorization", header("user-agent"), "yes"},
		{"its name", "authorization", contains(all(Headers, Keys), "Authorization"), "yes"},
		{"all values", "authorization", contains(all(Headers, Values), "nowhere"), "?"},
		{"all values but it", "authorization", contains(only(Headers, Values, Excluded, "Authorization"), "nowhere"), "no"},
		{"cookies", "Cookie", contains(all(Cookies, Values), "x"), "?"},
		{"forwarded address", "x-forwarded-for", GeoMatch{Countries: []string{"DE"}, Forwarded: from}, "?"},
		{"key of a rate rule", "cookie", rate, "?"},
		{"header order", "cookie", ByteMatch{Field: Field{Kind: HeaderOrder}, Search: []byte("host:user-agent"), Position: StartsWith}, "yes"},
	} {
		r := get("/", "User-Agent", "x", "Authorization", "REDACTED", "Cookie", "REDACTED", "X-Forwarded-For", "REDACTED")
		r.Withheld = []string{c.withheld}
		if got := matches(t, c.st, r, Options{Geo: geo, Counter: &counter{}}); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
