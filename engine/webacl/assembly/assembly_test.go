package assembly

import (
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

func group(name string) webacl.Rule {
	return webacl.Rule{Name: "g", Priority: 1, Override: webacl.OverrideNone, Statement: webacl.ManagedRef{Vendor: "AWS", Name: name}}
}

func acl(rules ...webacl.Rule) *webacl.ACL {
	return &webacl.ACL{Name: "shop", Default: webacl.Action{Kind: webacl.Allow}, Rules: rules}
}

func request() *webacl.Request {
	return &webacl.Request{Method: "GET", Path: "/", Version: "HTTP/1.1", Scheme: "https", Headers: []webacl.Header{{Name: "Host", Value: "shop.example"}, {Name: "User-Agent", Value: "Mozilla/5.0"}}}
}

// A group's stand-ins took part when the group was evaluated, whether it matched
// or not.
func TestAVerdictNamesItsStandIns(t *testing.T) {
	never := group("AWSManagedRulesCommonRuleSet")
	never.Statement = webacl.ManagedRef{Vendor: "AWS", Name: "AWSManagedRulesCommonRuleSet", ScopeDown: webacl.ByteMatch{
		Field: webacl.Field{Kind: webacl.Method}, Search: []byte("POST"), Position: webacl.Exactly,
	}}
	for _, c := range []struct {
		name string
		rule webacl.Rule
		want int
	}{
		{"a group that took part", group("AWSManagedRulesCommonRuleSet"), 1},
		{"a group whose scope-down statement kept it out", never, 0},
	} {
		a, problems := New(acl(c.rule), Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var v webacl.Verdict
		a.Program.Evaluate(request(), &v)
		got := a.StandIns(&v)
		if len(got) != c.want {
			t.Fatalf("%s: %+v", c.name, got)
		}
		for _, s := range got {
			if s.Rule != "g" || s.Group != "AWS#AWSManagedRulesCommonRuleSet" || s.Rules != 22 || s.StandIns == 0 || len(s.Sources) == 0 {
				t.Errorf("%s: %+v", c.name, s)
			}
		}
	}
}

func TestWhatAWSWouldRefuseIsAProblem(t *testing.T) {
	a, problems := New(acl(group("AWSManagedRulesNoSuchRuleSet")), Options{})
	if a != nil || len(problems) == 0 || !strings.Contains(problems[0].Error(), "AWSManagedRulesNoSuchRuleSet") {
		t.Errorf("%v %v", a, problems)
	}
}

// The resource decides how much of a body is seen, and is that of the options;
// the web ACL that was given stays as it was.
func TestTheResourceOfTheOptions(t *testing.T) {
	given := acl()
	for word, want := range map[string]int{"alb": 8 << 10, "cloudfront": 16 << 10} {
		r, ok := ParseResource(word)
		a, problems := New(given, Options{Resource: r})
		if !ok || len(problems) > 0 || webacl.BodyLimit(a.ACL) != want || given.Resource != webacl.AnyResource {
			t.Errorf("%s: %v, %d bytes, want %d", word, problems, webacl.BodyLimit(a.ACL), want)
		}
	}
	if _, ok := ParseResource("nginx"); ok {
		t.Error("nginx is taken for a resource of AWS")
	}
	if got := strings.Join(ResourceNames(), " "); got != "alb amplify api-gateway app-runner appsync cloudfront cognito verified-access" {
		t.Error(got)
	}
}

func TestCounters(t *testing.T) {
	for word, want := range map[string]bool{"exact": true, "aws-like": true, "": false, "fast": false} {
		if c, ok := Counters(word); ok != want || (c != nil) != want {
			t.Errorf("%q: %v", word, ok)
		}
	}
}

// Every list that ListKinds names is taken, and makes its rule decidable.
func TestLists(t *testing.T) {
	var o managed.Options
	for _, kind := range strings.FieldsFunc(ListKinds, func(r rune) bool { return r == ',' || r == ' ' }) {
		if kind == "or" {
			continue
		}
		kind = strings.Replace(kind, "NAME", "googlebot", 1)
		text := "192.0.2.0/24\n"
		if kind == "credentials" {
			text = strings.Repeat("0a", 32) + "\n"
		}
		if problems := AddList(&o, kind, "f", []byte(text)); !IsList(kind) || len(problems) > 0 {
			t.Errorf("%s: %v", kind, problems)
		}
	}
	if o.Reputation == nil || o.Reconnaissance == nil || o.DDoS == nil || o.Anonymous == nil || o.Hosting == nil || o.DataCenters == nil || o.Compromised == nil || o.Bots["googlebot"] == nil {
		t.Errorf("a list was not taken: %+v", o)
	}
	if IsList("evil") || IsList("bot:") || len(AddList(&o, "ip-ddos", "f", []byte("x"))) == 0 {
		t.Error("what is no list is taken for one")
	}
}
