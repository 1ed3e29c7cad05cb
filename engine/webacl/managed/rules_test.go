package managed_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

// get is a request as a browser sends it.
func get(uri string, headers ...string) *webacl.Request {
	path, query, _ := strings.Cut(uri, "?")
	r := &webacl.Request{
		Method: "GET", Path: path, Query: query, Version: "HTTP/1.1", Scheme: "https", Client: netip.MustParseAddr("203.0.113.7"),
		Headers: []webacl.Header{
			{Name: "Host", Value: "shop.example.com"},
			{Name: "User-Agent", Value: browserAgent},
			{Name: "Accept", Value: "text/html,*/*;q=0.8"},
			{Name: "Accept-Encoding", Value: "gzip, br"},
		},
		Time: 1_700_000_000e9,
	}
	for i := 0; i+1 < len(headers); i += 2 {
		with(r, headers[i], headers[i+1])
	}
	return r
}

const browserAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

// with sets a header, or drops it where the value is "-".
func with(r *webacl.Request, name, value string) *webacl.Request {
	r.Headers = slices.DeleteFunc(r.Headers, func(h webacl.Header) bool { return strings.EqualFold(h.Name, name) })
	if value != "-" {
		r.Headers = append(r.Headers, webacl.Header{Name: name, Value: value})
	}
	return r
}

func post(path, contentType, body string) *webacl.Request {
	r := with(get(path), "Content-Type", contentType)
	r.Method, r.Body = "POST", []byte(body)
	return r
}

func form(body string) *webacl.Request {
	return post("/form", "application/x-www-form-urlencoded", body)
}

func method(m string) *webacl.Request {
	r := get("/")
	r.Method = m
	return r
}

func client(a string) *webacl.Request {
	r := get("/")
	r.Client = netip.MustParseAddr(a)
	return r
}

func agent(s string) *webacl.Request { return get("/", "User-Agent", s) }

// tester evaluates requests against one group whose rules all only count, so that
// every rule is seen.
type tester struct {
	*testing.T
	program *webacl.Program
	v       webacl.Verdict
}

func counting(t *testing.T, o managed.Options, name string, counter webacl.Counter) *tester {
	t.Helper()
	ref := configured(name)
	for _, r := range group(t, o, name).Rules {
		ref.Overrides = append(ref.Overrides, webacl.RuleOverride{Rule: r.Name, Action: webacl.Action{Kind: webacl.Count}})
	}
	return compile(t, o, ref, counter)
}

func compile(t *testing.T, o managed.Options, ref webacl.ManagedRef, counter webacl.Counter) *tester {
	t.Helper()
	p, problems := webacl.Compile(&webacl.ACL{
		Name: "test", Resource: webacl.LoadBalancer, Default: webacl.Action{Kind: webacl.Allow},
		Rules: []webacl.Rule{{Name: "group", Statement: ref, Override: webacl.OverrideNone}},
	}, webacl.Options{Managed: managed.Catalogue(options(t, o)), Counter: counter})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &tester{T: t, program: p}
}

func (t *tester) eval(r *webacl.Request) *webacl.Verdict {
	t.Helper()
	t.program.Evaluate(r, &t.v)
	if t.v.Err != nil {
		t.Fatal(t.v.Err)
	}
	return &t.v
}

// match says what became of a rule: yes, no or unknown.
func (t *tester) match(rule string) (string, *webacl.Match) {
	for i := range t.v.Matches {
		if t.v.Matches[i].Rule == rule {
			return "yes", &t.v.Matches[i]
		}
	}
	for _, u := range t.v.Undecidable {
		if u.Rule == rule {
			return "unknown", nil
		}
	}
	return "no", nil
}

func list(t *testing.T, text string) *managed.Prefixes {
	t.Helper()
	p, problems := managed.ParsePrefixes("list.txt", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// listed are options with every list.
func listed(t *testing.T) managed.Options {
	bad, anon := list(t, "192.0.2.0/24 # bad\n"), list(t, "2001:db8::/32\n")
	real := list(t, "198.51.100.0/24")
	return managed.Options{
		Reputation: bad, Reconnaissance: bad, DDoS: bad, Hosting: bad, Anonymous: anon, DataCenters: bad,
		Bots: map[string]*managed.Prefixes{"googlebot": real, "adsbot_google": real, "pingdom": real, "linkedinbot": real, "gptbot": real},
	}
}

func TestEachRuleMatchesAndDoesNot_12(t *testing.T) {
	for name, rules := range requests {
		in := counting(t, listed(t), name, nil)
		for rule, p := range rules {
			in.eval(p.yes)
			got, m := in.match(rule)
			if got != "yes" {
				t.Errorf("%s: %s %s?%s gives %s, want a match; matched %v", rule, p.yes.Method, p.yes.Path, p.yes.Query, got, rulesOf(in.v.Matches))
				continue
			}
			if m.Basis.Kind == webacl.NotSimulated {
				t.Errorf("%s matches, and says that it is not simulated", rule)
			}
			for _, l := range group(t, listed(t), name).Rules {
				if l.Name == rule && !slices.Contains(in.v.Labels, l.Labels[0]) {
					t.Errorf("%s: labels %v lack %s", rule, in.v.Labels, l.Labels[0])
				}
			}
			in.eval(p.no)
			if got, m := in.match(rule); got != "no" {
				t.Errorf("%s: %s %s?%s gives %s, want no match: %+v", rule, p.no.Method, p.no.Path, p.no.Query, got, m)
			}
		}
	}
}

func rulesOf(ms []webacl.Match) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Rule)
	}
	return out
}

// Every rule of the sheet that is simulated has its pair, here or in the tests of
// what counts.
func TestEachSimulatedRuleHasItsPair(t *testing.T) {
	for _, name := range managed.Names() {
		switch name {
		case "AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet":
			continue
		}
		for _, r := range group(t, listed(t), name).Rules {
			if _, ok := requests[name][r.Name]; !ok && r.Basis.Kind != webacl.NotSimulated && !strings.HasPrefix(r.Name, "TGT_") {
				t.Errorf("%s: %s has no pair", name, r.Name)
			}
		}
	}
}

func TestOrdinaryRequestsMatchNothing(t *testing.T) {
	ordinary := []*webacl.Request{
		get("/products?category=shirts&page=2&sort=price"),
		get("/static/app.js", "Referer", "https://shop.example.com/products?page=2"),
		form("username=ann%40example.com&password=correct-horse-battery"),
		post("/api/checkout", "application/json", `{"cartId":"c-81723","shipping":{"name":"Ann O'Brien","street":"12 Long Lane"},"note":"Thanks, and see you soon!"}`),
		get("/search?q=select+a+shirt+from+the+union+collection", "Cookie", "session=4f1c2a9be03d; theme=dark"),
	}
	for name := range requests {
		in := counting(t, listed(t), name, nil)
		for _, r := range ordinary {
			if v := in.eval(r); len(v.Matches) > 0 && !(len(v.Matches) == 1 && v.Matches[0].Rule == "TGT_TokenAbsent") {
				t.Errorf("%s: %s %s?%s matches %v", name, r.Method, r.Path, r.Query, rulesOf(v.Matches))
			}
		}
	}
}

func TestStandInsSayWhatTheyFound(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesCommonRuleSet", nil)
	in.eval(get("/?f=../../etc/passwd"))
	_, m := in.match("GenericLFI_QUERYARGUMENTS")
	if m == nil || len(m.Details) == 0 {
		t.Fatalf("no details: %+v", m)
	}
	d := m.Details[0]
	if !strings.HasPrefix(d.Source, "CRS 9301") || d.Field != "QUERY_STRING" || d.Name != "f" || d.End <= d.Start || !strings.Contains(d.Value[d.Start:d.End], "..") {
		t.Errorf("detail %+v", d)
	}
	if m.Basis.Kind != webacl.StandIn || !strings.Contains(m.Basis.Source, "CRS") {
		t.Errorf("basis %+v", m.Basis)
	}
}

func TestUnknownBodyIsUndecidableNotMissed(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesCommonRuleSet", nil)
	r := form("")
	r.Missing = webacl.PartBody
	in.eval(r)
	for _, rule := range []string{"GenericLFI_BODY", "SizeRestrictions_BODY", "CrossSiteScripting_BODY"} {
		if got, _ := in.match(rule); got != "unknown" {
			t.Errorf("%s: %s, want unknown", rule, got)
		}
	}
	if got, _ := in.match("GenericLFI_QUERYARGUMENTS"); got != "no" {
		t.Errorf("GenericLFI_QUERYARGUMENTS: %s, want no", got)
	}
	r = get("/?f=../../x")
	r.Missing = webacl.PartBody
	in.eval(r)
	if got, _ := in.match("GenericLFI_QUERYARGUMENTS"); got != "yes" {
		t.Error("what is known is not looked at where the body is not")
	}
}

func TestDefaultActionBlocks(t *testing.T) {
	in := compile(t, managed.Options{}, configured("AWSManagedRulesCommonRuleSet"), nil)
	v := in.eval(get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
	if v.Action != webacl.Block || v.Rule != "group" || v.Inner != "CrossSiteScripting_QUERYARGUMENTS" || v.Type != "MANAGED_RULE_GROUP" {
		t.Errorf("%v by %s/%s, %s", v.Action, v.Rule, v.Inner, v.Type)
	}
	if v := in.eval(get("/")); v.Action != webacl.Allow || !v.Certain {
		t.Errorf("%v by %s, certain %t", v.Action, v.Rule, v.Certain)
	}
}
