package edge

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"fathom/control"
	"fathom/layer/layertest"
	"fathom/platform"
)

func ruleNamed(t *testing.T, p *platform.Platform, name string) wafRule {
	t.Helper()
	for _, r := range rulesOf(p) {
		if r.name == name {
			return r
		}
	}
	t.Fatalf("there is no rule %s", name)
	return wafRule{}
}

func TestRulesAreToldApart(t *testing.T) {
	for _, name := range layertest.Examples {
		names, numbers := map[string]bool{}, map[int]bool{}
		for _, r := range rulesOf(declared(t, name)) {
			if names[r.name] || numbers[r.priority] {
				t.Errorf("%s: rule %s (%d) is there twice, or its number is", name, r.name, r.priority)
			}
			names[r.name], numbers[r.priority] = true, true
		}
	}
}

// An exception lets the rules of its path count, says who answers for it, and
// lets no other.
func TestExceptionCountsOneRoute(t *testing.T) {
	p := declared(t, "shopnow")
	p.Exceptions = []platform.Exception{{
		Control: "edge.waf-enforcing", Route: "/login", Because: "tuning", Owner: "security",
		Until: time.Date(2027, 2, 15, 0, 0, 0, 0, time.UTC),
	}}
	for _, r := range rulesOf(p) {
		switch counts := r.action == count; {
		case counts != slices.Contains([]string{"limit-login", "challenge-login"}, r.name):
			t.Errorf("rule %s: %s", r.name, r.action)
		case counts && !strings.Contains(r.why, "until 2027-02-15: tuning (security)"):
			t.Errorf("rule %s does not say who answers: %q", r.name, r.why)
		}
	}
	v := judge(t, estateOf(t, p, rendered(t, p)), "edge.waf-enforcing")
	if v.Status != control.Partial {
		t.Errorf("edge.waf-enforcing is %s", v.Status)
	}
}

func TestCountMode(t *testing.T) {
	p := declared(t, "bazaar")
	p.Edge.WAF = "count"
	p.Exceptions = []platform.Exception{{
		Control: "edge.waf-enforcing", Because: "the first weeks", Owner: "security",
		Until: time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC),
	}}
	if acl := printed(t, p)["aws_wafv2_web_acl.edge"]; !strings.Contains(strings.ReplaceAll(acl, "\n# ", " "), "counts until 2027-01-10: the first weeks (security)") {
		t.Error("the web ACL does not say who answers for it")
	}
	for _, r := range rulesOf(p) {
		if r.action != count {
			t.Errorf("rule %s: %s", r.name, r.action)
		}
	}
	if v := judge(t, estateOf(t, p, rendered(t, p)), "edge.waf-enforcing"); v.Status == control.Present {
		t.Error("a web ACL that only counts is said to block")
	}
}

// An exempted rule counts, and blocks by its label everywhere but at the path.
func TestExemption(t *testing.T) {
	p := declared(t, "shopnow")
	until := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	p.Edge.Exempt = []platform.Exempt{
		{Rule: "SizeRestrictions_BODY", Path: "^/upload$", Because: "pictures", Owner: "checkout", Until: until},
		{Rule: "SizeRestrictions_BODY", Path: "^/import/[0-9]+$", Because: "catalogues", Owner: "checkout", Until: until},
	}
	all := printed(t, p)
	for _, want := range []string{"regex_string = \"^/upload$\"", "regex_string = \"^/import/[0-9]+$\""} {
		if !strings.Contains(all["aws_wafv2_regex_pattern_set.exempt_sizerestrictions_body"], want) {
			t.Errorf("the set lacks %s", want)
		}
	}
	acl := all["aws_wafv2_web_acl.edge"]
	for _, want := range []string{
		`key   = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"`,
		"arn = aws_wafv2_regex_pattern_set.exempt_sizerestrictions_body.arn",
		`default_size_inspection_limit = "KB_64"`,
	} {
		if !strings.Contains(acl, want) {
			t.Errorf("the web ACL lacks %s", want)
		}
	}
	group, exempt := ruleNamed(t, p, "Common"), ruleNamed(t, p, "exempt-SizeRestrictions_BODY")
	if exempt.priority < group.priority || exempt.action != block {
		t.Errorf("the rule that blocks by label has to come after the group: %d after %d, %s", exempt.priority, group.priority, exempt.action)
	}
	if v := judge(t, estateOf(t, p, rendered(t, p)), "edge.waf-enforcing"); v.Status != control.Present {
		t.Error(layertest.Why(&v))
	}
}

func TestWhatAWSCannotDo(t *testing.T) {
	limit := platform.Limit{Max: 100, Per: 5 * time.Minute, By: "ip"}
	for _, c := range []struct {
		name, want string
		change     func(*platform.Platform)
	}{
		{"rates", "rate rules", func(p *platform.Platform) {
			for i := range 11 {
				p.Edge.Routes = append(p.Edge.Routes, platform.Route{Path: fmt.Sprintf("/r%d", i), To: "search", Limit: limit})
			}
		}},
		{"capacity", "a capacity of", func(p *platform.Platform) {
			for i := range 150 {
				p.Edge.Routes = append(p.Edge.Routes, platform.Route{Path: fmt.Sprintf("/r%d", i), To: "search", Challenge: true})
			}
		}},
		{"no such rule", `has the rule "Nothing_BODY"`, func(p *platform.Platform) {
			p.Edge.Exempt = []platform.Exempt{{Rule: "Nothing_BODY", Path: "^/a$"}}
		}},
		{"long path", "longer than 200 characters", func(p *platform.Platform) {
			p.Edge.Exempt = []platform.Exempt{{Rule: "SQLi_BODY", Path: "^/" + strings.Repeat("a", 200) + "$"}}
		}},
		{"many paths", "more than 10 exemptions", func(p *platform.Platform) {
			for i := range 11 {
				p.Edge.Exempt = append(p.Edge.Exempt, platform.Exempt{Rule: "SQLi_BODY", Path: fmt.Sprintf("^/%d$", i)})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := declared(t, "shopnow")
			c.change(p)
			_, err := declare(p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "platform.yaml:") {
				t.Errorf("it does not say where: %v", err)
			}
		})
	}
}

// The costs are those of AWS's table, added by hand.
func TestCapacity(t *testing.T) {
	p := declared(t, "shopnow")
	for name, want := range map[string]int{
		"geo-deny":        1,
		"general-limit":   2,
		"limit-login":     2 + 2 + 20,      // rate, exact path, two transformations
		"limit-checkout":  2 + 30 + 2 + 20, // and a key of its own
		"needs-checkout":  2 + 20 + 1,
		"client-header":   3 + 2 + 2 + 20, // and not where requests are signed
		"Common":          700,
		"AnonymousIpList": 50 + 1, // and the label of verified bots
	} {
		if got := ruleNamed(t, p, name).body.wcu; got != want {
			t.Errorf("%s costs %d, want %d", name, got, want)
		}
	}
	if n := wcuOf(rulesOf(p)); n > mostWCU {
		t.Errorf("the web ACL costs %d", n)
	}
}

func TestLabelsOfManagedRules(t *testing.T) {
	for rule, want := range map[string]string{
		"SizeRestrictions_BODY":           "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
		"UserAgent_BadBots_HEADER":        "awswaf:managed:aws:core-rule-set:BadBots_Header",
		"GenericLFI_QUERYARGUMENTS":       "awswaf:managed:aws:core-rule-set:GenericLFI_QueryArguments",
		"GenericLFI_URIPATH":              "awswaf:managed:aws:core-rule-set:GenericLFI_URIPath",
		"Log4JRCE_QUERYSTRING":            "awswaf:managed:aws:known-bad-inputs:Log4JRCE_QueryString",
		"SQLi_COOKIE":                     "awswaf:managed:aws:sql-database:SQLi_Cookie",
		"HostingProviderIPList":           "awswaf:managed:aws:anonymous-ip-list:HostingProviderIPList",
		"CategoryHttpLibrary":             "awswaf:managed:aws:bot-control:CategoryHttpLibrary",
		"UNIXShellCommandsVariables_BODY": "awswaf:managed:aws:posix-os:UNIXShellCommandsVariables_Body",
	} {
		if !slices.Contains(ManagedRules, rule) {
			t.Errorf("%s is not among the managed rules", rule)
			continue
		}
		if got := groupOfRule(rule).labelOf(rule); got != want {
			t.Errorf("%s leaves %s, want %s", rule, got, want)
		}
	}
}

func TestPathsMakeNames(t *testing.T) {
	seen := map[string]string{}
	for path, want := range map[string]string{
		"/": "root", "/*": "any", "/login": "login", "/api/mobile/*": "api_mobile_any", "/a-b": "a-b", "/a/b": "a_b",
		"/a_b": "", "/any": "", "/root": "", "/a//b": "", "/a.b": "", "/login/": "", "/x*": "",
	} {
		got := slug(path)
		if want != "" && got != want {
			t.Errorf("%s makes %s, want %s", path, got, want)
		}
		if other := seen[got]; other != "" {
			t.Errorf("%s and %s make the same name %s", path, other, got)
		}
		seen[got] = path
	}
}

// CloudFront takes the first behaviour that matches, so the longest stands first,
// and a path under one with code has the code too.
func TestBehaviours(t *testing.T) {
	p := declared(t, "shopnow")
	p.Edge.Routes = append(p.Edge.Routes, platform.Route{Path: "/api/mobile/stock", To: "search", Methods: []string{"GET"}})
	var got []string
	for _, b := range behavioursOf(p) {
		got = append(got, b.path+" "+b.function+" "+fmt.Sprint(len(b.methods)))
	}
	want := []string{"/api/mobile/stock mobile_signature 2", "/api/mobile/* mobile_signature 7", "/checkout waiting_room 7", "/search/* " + " 2"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestArchiveHoldsTheSource(t *testing.T) {
	a := archive("f.py", "print()\n")
	if a != archive("f.py", "print()\n") {
		t.Error("two archives of one file differ")
	}
	r, err := zip.NewReader(strings.NewReader(a), int64(len(a)))
	if err != nil || len(r.File) != 1 || r.File[0].Name != "f.py" {
		t.Fatalf("%v %v", r, err)
	}
	f, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(f); err != nil || string(text) != "print()\n" {
		t.Errorf("%q %v", text, err)
	}
}

// The window and the number admitted are the declaration's.
func TestSettingsReachTheCode(t *testing.T) {
	all := printed(t, declared(t, "bazaar"))
	for file, want := range map[string]string{
		"terraform/functions/mobile-signature.js": "const WINDOW = 120;",
		"terraform/functions/waiting-room.js":     "const ADMIT = 900;",
	} {
		if !strings.Contains(all[file], want) {
			t.Errorf("%s lacks %q", file, want)
		}
	}
}
