package webacl_test

import (
	"strings"
	"testing"

	. "fathom/engine/webacl"
)

// Whatever a client sends, there is a verdict, and the same one again.
func FuzzEvaluate(f *testing.F) {
	f.Add("GET", "/products?q=1", "Cookie: a=b; c\nUser-Agent: curl", "")
	f.Add("POST", "/login", "Content-Type: application/json\nX-Forwarded-For: 10.0.0.1, x", `{"user":"a' or 1=1--","x":[1,{"__proto__":{}}]}`)
	f.Add("", "\x00%2e%2e/%u0041?\xff=&&=", "cookie: ;=;\ncookie: "+strings.Repeat("a", 9000), "{\"a\":")
	acl := thirtyRules()
	acl.Rules = append(acl.Rules, Rule{Name: "from", Priority: 99, Action: block, Statement: GeoMatch{Countries: []string{"KP"}, Forwarded: &Forwarded{Header: "X-Forwarded-For"}}})
	p, problems := Compile(acl, Options{Geo: geo})
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	f.Fuzz(func(t *testing.T, method, uri, headers, body string) {
		r := post(uri, body)
		r.Method = method
		for _, line := range strings.Split(headers, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			r.Headers = append(r.Headers, Header{name, value})
		}
		var a, b Verdict
		p.Evaluate(r, &a)
		p.Explain(r, &b)
		if a.Action == Unset || a.Rule == "" || a.Action != b.Action || a.Rule != b.Rule {
			t.Errorf("%s by %q, then %s by %q", a.Action, a.Rule, b.Action, b.Rule)
		}
		for _, m := range append(a.Matches, b.Next...) {
			for _, d := range m.Details {
				if d.Start < 0 || d.End < d.Start || d.End > len(d.Value) {
					t.Errorf("rule %s: bytes %d to %d of %d", m.Rule, d.Start, d.End, len(d.Value))
				}
			}
		}
	})
}
