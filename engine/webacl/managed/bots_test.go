package managed_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/managed"
)

const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

const botPrefix = "awswaf:managed:aws:bot-control:"

func TestVerifiedBotsAreOnlyLabelled_12(t *testing.T) {
	in := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", nil)
	r := agent(googlebot)
	r.Client = netip.MustParseAddr("198.51.100.4")
	v := in.eval(r)
	for _, rule := range []string{"CategorySearchEngine", "SignalNonBrowserUserAgent", "SignalKnownBotDataCenter"} {
		if got, _ := in.match(rule); got != "no" {
			t.Errorf("%s: %s for a verified bot", rule, got)
		}
	}
	for _, l := range []string{"bot:category:search_engine", "bot:name:googlebot", "bot:organization:google", "bot:verified"} {
		if !slices.Contains(v.Labels, botPrefix+l) {
			t.Errorf("labels %v lack %s", v.Labels, l)
		}
	}
	if slices.Contains(v.Labels, botPrefix+"bot:unverified") {
		t.Error("a verified bot is labelled as unverified")
	}
	// Artificial intelligence is matched though it is verified.
	r = agent("Mozilla/5.0 (compatible; GPTBot/1.2)")
	r.Client = netip.MustParseAddr("198.51.100.4")
	in.eval(r)
	if got, _ := in.match("CategoryAI"); got != "yes" {
		t.Errorf("CategoryAI: %s for a verified bot", got)
	}
}

func TestForgedBotsAreNoBrowsers_12(t *testing.T) {
	in := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", nil)
	v := in.eval(agent(googlebot))
	for _, rule := range []string{"CategorySearchEngine", "SignalNonBrowserUserAgent"} {
		if got, _ := in.match(rule); got != "yes" {
			t.Errorf("%s: %s for a forged bot", rule, got)
		}
	}
	if !slices.Contains(v.Labels, botPrefix+"bot:unverified") {
		t.Errorf("labels %v", v.Labels)
	}
}

func TestBotsThatNobodyCanVerifyAreUndecidable(t *testing.T) {
	in := counting(t, managed.Options{}, "AWSManagedRulesBotControlRuleSet", nil)
	v := in.eval(agent(googlebot))
	if got, _ := in.match("CategorySearchEngine"); got != "unknown" {
		t.Errorf("CategorySearchEngine: %s without addresses", got)
	}
	if !slices.Contains(v.Labels, botPrefix+"bot:name:googlebot") {
		t.Errorf("labels %v: the name is known all the same", v.Labels)
	}
	for _, u := range v.Undecidable {
		if u.Rule == "CategorySearchEngine" && !strings.Contains(u.Why, "googlebot") {
			t.Errorf("why: %s", u.Why)
		}
	}
	in.eval(agent("curl/8.5.0"))
	if got, _ := in.match("CategoryHttpLibrary"); got != "yes" {
		t.Errorf("CategoryHttpLibrary: %s; no library can be verified", got)
	}
}

func TestHeadersThatNoBrowserSendsAreLabelled(t *testing.T) {
	in := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", nil)
	const label = botPrefix + "signal:non_browser_header"
	if v := in.eval(get("/")); slices.Contains(v.Labels, label) {
		t.Error("a browser's headers are labelled")
	}
	if v := in.eval(get("/", "Accept-Encoding", "-")); !slices.Contains(v.Labels, label) || slices.Contains(rulesOf(v.Matches), "SignalNonBrowserUserAgent") {
		t.Errorf("without Accept-Encoding: labels %v, matches %v", v.Labels, rulesOf(v.Matches))
	}
	r := get("/")
	r.Headers[0], r.Headers[1] = r.Headers[1], r.Headers[0]
	if v := in.eval(r); !slices.Contains(v.Labels, label) {
		t.Error("Host after another header is not labelled")
	}
	r.Missing = webacl.PartOrder
	if v := in.eval(r); slices.Contains(v.Labels, label) {
		t.Error("the order is labelled though nobody knows it")
	}
}

func TestTokenLabels_9(t *testing.T) {
	in := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", nil)
	for _, c := range []struct {
		token webacl.Token
		want  string
	}{
		{webacl.Token{}, "awswaf:managed:token:absent"},
		{webacl.Token{State: webacl.TokenInvalid}, "awswaf:managed:token:rejected:invalid"},
		{webacl.Token{State: webacl.TokenExpired}, "awswaf:managed:token:rejected:expired"},
		{webacl.Token{State: webacl.TokenDomainMismatch}, "awswaf:managed:token:rejected:domain_mismatch"},
		{webacl.Token{State: webacl.TokenValid, ID: "abc"}, "awswaf:managed:token:accepted"},
		{webacl.Token{State: webacl.TokenValid, ID: "abc"}, "awswaf:managed:token:id:abc"},
		{webacl.Token{State: webacl.TokenValid, Captcha: 1_700_000_000}, "awswaf:managed:captcha:accepted"},
	} {
		r := get("/")
		r.Token = c.token
		v := in.eval(r)
		if !slices.Contains(v.Labels, c.want) {
			t.Errorf("%+v: labels %v lack %s", c.token, v.Labels, c.want)
		}
		want := "yes"
		if c.token.State == webacl.TokenValid {
			want = "no"
		}
		if got, _ := in.match("TGT_TokenAbsent"); got != want {
			t.Errorf("%+v: TGT_TokenAbsent %s, want %s", c.token, got, want)
		}
	}
}

// tally counts without forgetting.
type tally map[string]int64

func (t tally) Count(r webacl.RateRule, instance []byte, _ int64) (webacl.Rate, error) {
	key := r.ID + "\x00" + string(instance)
	t[key]++
	return webacl.Rate{Seen: t[key], Limited: t[key] > r.Limit}, nil
}

func TestRequestsWithoutTokenAreCountedByAddress_12(t *testing.T) {
	in := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", tally{})
	const rule = "TGT_VolumetricIpTokenAbsent"
	for n := 1; n <= 6; n++ {
		want := "no"
		if n >= 5 {
			want = "yes"
		}
		v := in.eval(get("/"))
		if got, _ := in.match(rule); got != want {
			t.Errorf("request %d: %s, want %s", n, got, want)
		}
		if has := slices.Contains(v.Labels, botPrefix+"targeted:aggregate:volumetric:ip:token_absent"); has != (n >= 5) {
			t.Errorf("request %d: labels %v", n, v.Labels)
		}
	}
	r := get("/")
	r.Token = webacl.Token{State: webacl.TokenValid, ID: "a"}
	in.eval(r)
	if got, _ := in.match(rule); got != "no" {
		t.Errorf("with a token: %s", got)
	}
	in.eval(client("203.0.113.8"))
	if got, _ := in.match(rule); got != "no" {
		t.Errorf("another address: %s", got)
	}
	without := counting(t, listed(t), "AWSManagedRulesBotControlRuleSet", nil)
	without.eval(get("/"))
	if got, _ := without.match(rule); got != "unknown" {
		t.Errorf("without a counter: %s", got)
	}
}

func TestWhatIsNotSimulatedIsUndecidable(t *testing.T) {
	for _, name := range managed.Names() {
		in := counting(t, managed.Options{}, name, tally{})
		for _, r := range group(t, managed.Options{}, name).Rules {
			if r.Basis.Kind != webacl.NotSimulated {
				continue
			}
			// The fraud groups look at logins and registrations only.
			request := post("/login", "application/x-www-form-urlencoded", "user=a&password=b")
			switch name {
			case "AWSManagedRulesACFPRuleSet":
				request.Path = "/register"
			case "AWSManagedRulesAntiDDoSRuleSet":
				request = get("/")
			}
			in.eval(request)
			if got, _ := in.match(r.Name); got != "unknown" {
				t.Errorf("%s/%s: %s, want unknown", name, r.Name, got)
			}
		}
	}
}
