package webacl_test

import (
	"fmt"
	"net/netip"
	"testing"

	. "fathom/engine/webacl"
	"fathom/engine/webacl/rate"
	"fathom/engine/webacl/transform"
)

// thirtyRules is a web ACL of 30 rules of the fact sheet's kinds, of which an
// ordinary request meets none but the geo label.
func thirtyRules() *ACL {
	ua := Field{Kind: SingleHeader, Name: "user-agent"}
	decode := []transform.Kind{transform.URLDecodeUni, transform.Lowercase}
	var blocked []netip.Prefix
	for i := range 1000 {
		blocked = append(blocked, netip.PrefixFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 4), byte(i << 4)}), 28))
	}
	rs := []Rule{
		{Name: "blocked", Statement: IPSetMatch{ARN: "b", Set: &IPSet{Name: "blocked", Prefixes: blocked}}, Action: block},
		{Name: "geo", Statement: GeoMatch{Countries: []string{"KP", "IR"}}, Action: block},
		{Name: "asn", Statement: ASNMatch{ASNs: []uint32{64666, 64667}}, Action: block},
		{Name: "rate", Statement: RateBased{Limit: 2_000_000, Key: ByIP}, Action: block},
		{Name: "rate-login", Statement: RateBased{Limit: 100, Key: ByIP, ScopeDown: path("/login")}, Action: block},
		{Name: "rate-session", Statement: RateBased{Limit: 2_000_000, Key: ByCustomKeys, Custom: []CustomKey{{Kind: KeyCookie, Name: "sid"}, {Kind: KeyURIPath}}}, Action: block},
		{Name: "bots", Statement: RegexMatch{Field: ua, Regex: `(?i)(sqlmap|nikto|masscan|zgrab)`}, Action: block},
		{Name: "no-agent", Statement: Not{SizeMatch{Field: ua, Op: GT, Size: 0}}, Action: block},
		{Name: "admin", Statement: And{[]Statement{path("/admin"), Not{IPSetMatch{ARN: "o", Set: &IPSet{Name: "office", Prefixes: blocked[:3]}}}}}, Action: block},
		{Name: "methods", Statement: Not{Or{[]Statement{
			ByteMatch{Field: Field{Kind: Method}, Search: []byte("GET"), Position: Exactly},
			ByteMatch{Field: Field{Kind: Method}, Search: []byte("POST"), Position: Exactly},
		}}}, Action: block},
		{Name: "long-query", Statement: SizeMatch{Field: Field{Kind: QueryString}, Op: GT, Size: 2048}, Action: block},
		{Name: "long-uri", Statement: SizeMatch{Field: Field{Kind: URIPath}, Op: GT, Size: 1024}, Action: block},
		{Name: "traversal", Statement: contains(Field{Kind: URIPath}, "../", transform.URLDecodeUni, transform.NormalizePath), Action: block},
		{Name: "xss", Statement: XSSMatch{Field: Field{Kind: AllQueryArguments}, Transforms: decode}, Action: block},
		{Name: "sqli", Statement: SQLiMatch{Field: Field{Kind: AllQueryArguments}, Transforms: decode}, Action: block},
		{Name: "cookie", Statement: contains(all(Cookies, Values), "<script", transform.URLDecode), Action: block},
		{Name: "headers", Statement: contains(all(Headers, Values), "${jndi:", transform.Lowercase), Action: block},
		{Name: "body", Statement: contains(Field{Kind: BodyText}, "<?php"), Action: block},
		{Name: "json", Statement: contains(all(JSONBody, Values), "__proto__"), Action: block},
		{Name: "label", Statement: LabelMatch{Key: "suspect"}, Action: Action{Kind: Challenge}},
	}
	for i := len(rs); i < 30; i++ {
		rs = append(rs, Rule{Name: fmt.Sprintf("path-%d", i), Statement: contains(Field{Kind: URIPath}, fmt.Sprintf("/.secret-%d", i), decode...), Action: block})
	}
	return rules(rs...)
}

func ordinary() *Request {
	return get("/products/shoes-42?colour=blue&size=44&page=2",
		"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"Accept-Language", "en-GB,en;q=0.5", "Accept-Encoding", "gzip, deflate, br",
		"Cookie", "sid=7f3a9c2e51; lang=en; consent=1", "Referer", "https://shop.example.com/", "Upgrade-Insecure-Requests", "1")
}

// The engine's own cost of an ordinary GET: 30 rules, no managed groups.
func BenchmarkThirtyRules(b *testing.B) {
	p, problems := Compile(thirtyRules(), Options{Geo: geo, Counter: rate.NewExact(rate.Options{})})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	r := ordinary()
	var v Verdict
	b.ReportAllocs()
	for b.Loop() {
		r.Time += 1e6
		p.Evaluate(r, &v)
	}
	if v.Action != Allow || v.Rule != DefaultAction {
		b.Fatalf("an ordinary request is met by %s: %s", v.Rule, v.Action)
	}
}

// quiet are a counter and a locator that cost nothing, so that what is left is
// the engine's.
type quiet struct{}

func (quiet) Count(RateRule, []byte, int64) (Rate, error) { return Rate{}, nil }
func (quiet) Locate(netip.Addr) Place {
	return Place{Country: "DE", Region: "BE", ASN: 64500, HasCountry: true, HasASN: true}
}

func TestAnOrdinaryRequestAllocatesNothing(t *testing.T) {
	p := compile(t, thirtyRules(), Options{Geo: quiet{}, Counter: quiet{}})
	r := ordinary()
	var v Verdict
	p.Evaluate(r, &v)
	if n := testing.AllocsPerRun(100, func() { p.Evaluate(r, &v) }); n > 0 && !raceEnabled {
		t.Errorf("%v allocations", n)
	}
}
