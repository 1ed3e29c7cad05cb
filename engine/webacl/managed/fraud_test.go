package managed_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

func login(body string) *webacl.Request {
	return post("/login/now", "application/x-www-form-urlencoded", body)
}

func register(body string) *webacl.Request {
	return post("/register", "application/x-www-form-urlencoded", body)
}

// repeat evaluates a request n times and says from which one a rule matched, 0
// for never.
func (t *tester) repeat(n int, rule string, make func(int) *webacl.Request) int {
	for i := 1; i <= n; i++ {
		t.eval(make(i))
		if got, _ := t.match(rule); got == "yes" {
			return i
		}
	}
	return 0
}

func TestThresholdsOfTheFraudGroups_12(t *testing.T) {
	session := func(r *webacl.Request) *webacl.Request {
		r.Token = webacl.Token{State: webacl.TokenValid, ID: "s1"}
		return r
	}
	for _, c := range []struct {
		group, rule string
		first       int // the first request that matches
		request     func(int) *webacl.Request
	}{
		{"AWSManagedRulesATPRuleSet", "VolumetricIpHigh", 21, func(int) *webacl.Request { return login("user=a&password=b") }},
		{"AWSManagedRulesATPRuleSet", "VolumetricSession", 21, func(int) *webacl.Request { return session(login("user=a&password=b")) }},
		{"AWSManagedRulesACFPRuleSet", "VolumetricIpHigh", 21, func(int) *webacl.Request { return register("user=a") }},
		{"AWSManagedRulesACFPRuleSet", "VolumetricSessionHigh", 11, func(int) *webacl.Request { return session(register("user=a")) }},
		{"AWSManagedRulesACFPRuleSet", "AttributeUsernameTraversalHigh", 11, func(i int) *webacl.Request { return session(register(fmt.Sprintf("user=a%d", i))) }},
		{"AWSManagedRulesACFPRuleSet", "AttributeUsernameTraversalHigh", 0, func(int) *webacl.Request { return session(register("user=a")) }},
		{"AWSManagedRulesACFPRuleSet", "VolumetricPhoneNumberHigh", 11, func(int) *webacl.Request { return register("phone=%2B44+1") }},
		{"AWSManagedRulesACFPRuleSet", "VolumetricAddressHigh", 101, func(int) *webacl.Request { return register("street=Long+Lane&city=Leeds") }},
		{"AWSManagedRulesACFPRuleSet", "VolumetricAddressLow", 11, func(int) *webacl.Request { return register("street=Long+Lane&city=Leeds") }},
	} {
		in := counting(t, managed.Options{}, c.group, tally{})
		if got := in.repeat(110, c.rule, c.request); got != c.first {
			t.Errorf("%s/%s matches from request %d on, want %d", c.group, c.rule, got, c.first)
		}
		// Requests elsewhere are not counted.
		in = counting(t, managed.Options{}, c.group, tally{})
		elsewhere := func(i int) *webacl.Request {
			r := c.request(i)
			r.Path = "/elsewhere"
			return r
		}
		if got := in.repeat(110, c.rule, elsewhere); got != 0 {
			t.Errorf("%s/%s matches elsewhere, from request %d on", c.group, c.rule, got)
		}
	}
}

func TestLowerThresholdsOnlyLabel_12(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesATPRuleSet", tally{})
	const prefix = "awswaf:managed:aws:atp:aggregate:volumetric:ip:"
	for n := 1; n <= 21; n++ {
		v := in.eval(login("user=a&password=b"))
		want := ""
		switch {
		case n > 20:
			want = "high"
		case n > 15:
			want = "medium"
		case n > 10:
			want = "low"
		}
		for _, level := range []string{"low", "medium", "high"} {
			if has := slices.Contains(v.Labels, prefix+level); has != (level == want) {
				t.Errorf("login %d: label %s is there: %t", n, level, has)
			}
		}
	}
}

func TestMissingCredentials_12(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesATPRuleSet", tally{})
	for body, want := range map[string]string{
		"user=a&password=b": "no", "user=a": "yes", "password=b": "yes", "user=&password=b": "yes", "": "yes", "user%=1": "yes",
	} {
		in.eval(login(body))
		if got, _ := in.match("SignalMissingCredential"); got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
	ref := configured("AWSManagedRulesATPRuleSet")
	ref.Config.JSON, ref.Config.UsernameField, ref.Config.PasswordField = true, "/login/user", "/login/pass~1word"
	asJSON := compile(t, managed.Options{}, ref, tally{})
	for body, want := range map[string]webacl.ActionKind{
		`{"login":{"user":"a","pass/word":"b"}}`: webacl.Allow,
		`{"login":{"user":"a"}}`:                 webacl.Block,
		`{"login":[1]}`:                          webacl.Block,
		`{`:                                      webacl.Block,
	} {
		if v := asJSON.eval(login(body)); v.Action != want {
			t.Errorf("%s: %v, want %v", body, v.Action, want)
		}
	}
}

func TestStolenCredentials_12(t *testing.T) {
	sum := sha256.Sum256([]byte("ann@example.com:hunter2"))
	stolen, problems := managed.ParseCredentials("stolen.txt", []byte("# list\n"+hex.EncodeToString(sum[:])+"\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	o := managed.Options{Compromised: stolen}
	for _, c := range []struct {
		group, rule string
		request     func(string) *webacl.Request
	}{
		{"AWSManagedRulesATPRuleSet", "AttributeCompromisedCredentials", login},
		{"AWSManagedRulesACFPRuleSet", "SignalCredentialCompromised", register},
	} {
		in := counting(t, o, c.group, tally{})
		for body, want := range map[string]string{
			"user=Ann%40example.com&password=hunter2": "yes", "user=ann%40example.com&password=Hunter2": "no", "user=ann%40example.com": "no",
		} {
			v := in.eval(c.request(body))
			if got, _ := in.match(c.rule); got != want {
				t.Errorf("%s, %s: %s, want %s", c.rule, body, got, want)
			}
			if has := slices.ContainsFunc(v.Labels, func(l string) bool { return strings.HasSuffix(l, ":signal:credential_compromised") }); has != (want == "yes") {
				t.Errorf("%s, %s: labels %v", c.rule, body, v.Labels)
			}
		}
		for _, m := range in.v.Matches {
			for _, d := range m.Details {
				if strings.Contains(d.Value, "unter2") {
					t.Errorf("%s quotes a password", m.Rule)
				}
			}
		}
	}
}

func TestTokensAndUserPools_12(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesATPRuleSet", tally{})
	r := login("user=a&password=b")
	r.Token = webacl.Token{State: webacl.TokenInvalid}
	v := in.eval(r)
	if got, _ := in.match("TokenRejected"); got != "yes" {
		t.Errorf("TokenRejected: %s", got)
	}
	if !slices.Contains(v.Labels, "awswaf:managed:token:rejected") {
		t.Errorf("labels %v", v.Labels)
	}
	in.eval(login("user=a&password=b"))
	if got, _ := in.match("TokenRejected"); got != "no" {
		t.Errorf("TokenRejected without a token: %s", got)
	}
	if got, _ := in.match("UnsupportedCognitoIDP"); got != "no" {
		t.Errorf("UnsupportedCognitoIDP: %s", got)
	}
	pool := counting(t, managed.Options{Resource: webacl.Cognito}, "AWSManagedRulesATPRuleSet", tally{})
	pool.eval(get("/"))
	if got, _ := pool.match("UnsupportedCognitoIDP"); got != "yes" {
		t.Errorf("UnsupportedCognitoIDP for a user pool: %s", got)
	}
}

func TestRegistrationPageIsChallenged_12(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesACFPRuleSet", tally{})
	for _, c := range []struct {
		r    *webacl.Request
		want string
	}{{get("/register"), "yes"}, {get("/register", "Accept", "application/json"), "no"}, {get("/"), "no"}, {register("user=a"), "no"}} {
		in.eval(c.r)
		if got, _ := in.match("AllRequests"); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.r.Method, c.r.Path, got, c.want)
		}
	}
}

func TestChallengeableRequests_12(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesAntiDDoSRuleSet", nil)
	const label = "awswaf:managed:aws:anti-ddos:challengeable-request"
	for _, c := range []struct {
		r    *webacl.Request
		want string
	}{{get("/"), "unknown"}, {get("/api/x"), "no"}, {method("POST"), "no"}} {
		v := in.eval(c.r)
		if got, _ := in.match("ChallengeAllDuringEvent"); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.r.Method, c.r.Path, got, c.want)
		}
		if has := slices.Contains(v.Labels, label); has != (c.want == "unknown") {
			t.Errorf("%s %s: labels %v", c.r.Method, c.r.Path, v.Labels)
		}
		if got, _ := in.match("DDoSRequests"); got != "unknown" {
			t.Errorf("DDoSRequests: %s", got)
		}
	}
	ref := configured("AWSManagedRulesAntiDDoSRuleSet")
	ref.Config.ChallengeDisabled = true
	off := compile(t, managed.Options{}, ref, nil)
	off.eval(get("/"))
	if got, _ := off.match("ChallengeAllDuringEvent"); got != "no" {
		t.Errorf("ChallengeAllDuringEvent where the challenge is disabled: %s", got)
	}
}

// Two uses of a group count each by itself.
func TestEachUseCountsByItself(t *testing.T) {
	find, seen := managed.Catalogue(options(t, managed.Options{})), tally{}
	ref := configured("AWSManagedRulesATPRuleSet")
	p, problems := webacl.Compile(&webacl.ACL{
		Name: "test", Default: webacl.Action{Kind: webacl.Allow}, Rules: []webacl.Rule{
			{Name: "a", Priority: 0, Statement: ref, Override: webacl.OverrideCount},
			{Name: "b", Priority: 1, Statement: ref, Override: webacl.OverrideCount},
		},
	}, webacl.Options{Managed: find, Counter: seen})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var v webacl.Verdict
	p.Evaluate(login("user=a&password=b"), &v)
	if len(seen) != 2 {
		t.Errorf("counted %v", seen)
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%q counted %d times", key, n)
		}
	}
}
