package acceptancetest

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"fathom/engine/webacl/waflog"
	"fathom/sounding/browsertest"
)

// Issue 6, done when 4: a real browser solves the challenge and waits in the
// waiting room.

// until asks the page until an expression is true.
func until(t *testing.T, p *browsertest.Page, expression string) {
	t.Helper()
	eventually(t, expression, func() bool { return browsertest.Eval[bool](p, "Boolean("+expression+")") })
}

const (
	welcome = `document.querySelector("h1")?.textContent == "Welcome"`
	asked   = `document.getElementById("puzzle")?.hidden === false`
	waits   = `document.getElementById("where")?.hidden === false`
)

// kept writes a picture where FATHOM_PICTURES says, to look at.
func kept(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	if dir := os.Getenv("FATHOM_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Screenshot(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// browsed starts a gateway with everything that stands in a browser's way.
func browsed(t *testing.T) (*process, *x509.Certificate) {
	t.Helper()
	dir := t.TempDir()
	c := certify(t, dir)
	write(t, dir, "key", strings.Repeat("k", 32))
	write(t, dir, "acl.json", webACL(
		rule("order", "Count", match(`{"HeaderOrder": {"OversizeHandling": "CONTINUE"}}`, "CONTAINS", "user-agent:accept:sec-fetch-site")),
		rule("challenge", "Challenge", path("/cart")),
		rule("captcha", "Captcha", path("/login")),
	))
	return start(t, dir, inTLS+`
routes: [{to: shop, path: /checkout, queue: checkout}, {to: shop}]
origins: {shop: {urls: ["ORIGIN"]}}
acl: {files: [acl.json]}
token: {keys: [{file: key}], difficulty: 20}
queues: {checkout: {rate: 1, burst: 1, always: true, keys: [{file: key}]}}
log: {waf: waf.log}
shutdown: {delay: 1ms, grace: 200ms}
`, origin(t)), c
}

// logged waits until the WAF log has so many records of a path.
func logged(t *testing.T, p *process, path string, n int) (out []*waflog.Record) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d records of %s", n, path), func() bool {
		out = out[:0]
		for _, r := range records(t, p.dir) {
			if r.HTTPRequest.URI == path {
				out = append(out, r)
			}
		}
		return len(out) >= n
	})
	return out
}

func TestABrowserSolvesTheChallengeOfTheWebACL(t *testing.T) {
	g, c := browsed(t)
	p := browsertest.OpenTrusting(t, c, "about:blank")
	p.Go("https://" + g.addr + "/cart?item=1#part")
	kept(t, p, "gateway-challenge")
	until(t, p, welcome)
	if got := p.Text("p") + browsertest.Eval[string](p, "location.hash"); got != "/cart?item=1#part" {
		t.Errorf("it came to %s", got)
	}
	kept(t, p, "gateway-welcome")
	all := logged(t, g, "/cart", 2)
	first, last := all[0], all[len(all)-1]
	if len(all) != 2 || first.Action != "CHALLENGE" || first.TerminatingRuleID != "challenge" || last.Action != "ALLOW" {
		t.Errorf("%d records, from %s by %s to %s", len(all), first.Action, first.TerminatingRuleID, last.Action)
	}
	if r := first.ChallengeResponse; r == nil || r.FailureReason != "TOKEN_MISSING" {
		t.Errorf("the first record says of the challenge %+v", r)
	}
	if r := last.ChallengeResponse; r == nil || r.FailureReason != "" || r.SolveTimestamp == 0 {
		t.Errorf("the last record says of the challenge %+v", r)
	}
	cookie := false
	for _, h := range last.HTTPRequest.Headers {
		cookie = cookie || strings.EqualFold(h.Name, "cookie") && strings.HasPrefix(h.Value, "aws-waf-token=")
	}
	if !cookie {
		t.Error("the browser got through without the cookie")
	}
	p.Clean()
}

func TestABrowserAnswersTheCaptchaOfTheWebACL(t *testing.T) {
	g, c := browsed(t)
	p := browsertest.OpenTrusting(t, c, "about:blank")
	p.Look(false, 1000)
	p.Go("https://" + g.addr + "/login")
	until(t, p, asked)
	kept(t, p, "gateway-captcha")
	p.Press(kb.Tab + answerOf(t, p.Text("label")) + kb.Enter)
	until(t, p, welcome)
	all := logged(t, g, "/login", 2)
	if first := all[0]; first.Action != "CAPTCHA" || first.CaptchaResponse == nil || first.CaptchaResponse.FailureReason != "TOKEN_MISSING" {
		t.Errorf("the first record: %s %+v", first.Action, first.CaptchaResponse)
	}
	if last := all[len(all)-1]; len(all) != 2 || last.Action != "ALLOW" {
		t.Errorf("%d records, the last %s", len(all), last.Action)
	}
}

func TestABrowserWaitsInTheWaitingRoom(t *testing.T) {
	g, c := browsed(t)
	p := browsertest.OpenTrusting(t, c, "about:blank")
	p.Look(false, 1000)
	for range 6 { // people who came before
		enter(t, g, c)
	}
	p.Go("https://" + g.addr + "/checkout?cart=7")
	until(t, p, waits)
	if browsertest.Eval[int](p, `+document.getElementById("place").textContent`) < 1 {
		t.Errorf("the page shows no place: %s", p.Text("main"))
	}
	kept(t, p, "gateway-queue")
	until(t, p, welcome)
	if got := p.Text("p"); got != "/checkout?cart=7" {
		t.Errorf("it came to %s", got)
	}
}

// enter takes a place in line, and stays there.
func enter(t *testing.T, g *process, c *x509.Certificate) {
	t.Helper()
	client := trusting(c, false)
	var cookies []*http.Cookie
	for range 2 { // the first time gives a ticket, the second a number
		r, _ := http.NewRequest("GET", "https://"+g.addr+"/checkout", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		cookies = a.Cookies()
	}
}

// What a gateway knows of a browser's connection: its ClientHello, HTTP/2, and
// the order of its headers. Chromium shuffles the extensions of each ClientHello,
// so JA3, which hashes them in order, is another each time; JA4 sorts them.
func TestABrowserIsKnownByItsConnection(t *testing.T) {
	g, c := browsed(t)
	var all []*waflog.Record
	for i := range 2 { // each browser has a connection of its own, and nothing to resume
		browsertest.OpenTrusting(t, c, "https://"+g.addr+"/")
		all = logged(t, g, "/", i+1)
	}
	form := regexp.MustCompile(`^t13i[0-9]{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$`) // no SNI: an address
	for _, r := range all {
		if !form.MatchString(r.JA4Fingerprint) || r.JA4Fingerprint != all[0].JA4Fingerprint {
			t.Errorf("JA4 %s", r.JA4Fingerprint)
		}
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(r.JA3Fingerprint) {
			t.Errorf("JA3 %s", r.JA3Fingerprint)
		}
		if r.HTTPRequest.HTTPVersion != "HTTP/2.0" {
			t.Errorf("the browser speaks %s", r.HTTPRequest.HTTPVersion)
		}
		if len(r.NonTerminatingMatchingRules) != 1 || r.NonTerminatingMatchingRules[0].RuleID != "order" {
			t.Errorf("the order of the headers is not known: %+v", r.HTTPRequest.Headers)
		}
		t.Logf("JA3 %s, JA4 %s", r.JA3Fingerprint, r.JA4Fingerprint)
	}
}

// answerOf answers the questions of the page, as a person would.
func answerOf(t *testing.T, question string) string {
	t.Helper()
	number := func(word string) int {
		for n, w := range strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty") {
			if w == word {
				return n
			}
		}
		t.Fatalf("%q is no number", word)
		return 0
	}
	if m := regexp.MustCompile(`^What is (\w+) plus (\w+)\?`).FindStringSubmatch(question); m != nil {
		return fmt.Sprint(number(m[1]) + number(m[2]))
	}
	if m := regexp.MustCompile(`^There are (\w+) people on a bus and (\w+) get off`).FindStringSubmatch(question); m != nil {
		return fmt.Sprint(number(m[1]) - number(m[2]))
	}
	if m := regexp.MustCompile(`^Here are four words: (\w+), (\w+), (\w+), (\w+)\. What is the (\w+) word`).FindStringSubmatch(question); m != nil {
		return m[1+strings.Index("first second third fourth", m[5])/6]
	}
	if m := regexp.MustCompile(`^Which of these is (.*): (\w+), (\w+), (\w+) or (\w+)\?`).FindStringSubmatch(question); m != nil {
		for _, w := range m[2:] {
			if strings.Contains(kinds[m[1]]+" ", w+" ") {
				return w
			}
		}
	}
	t.Fatalf("nobody can answer %q", question)
	return ""
}

// kinds is what people know of the words.
var kinds = map[string]string{
	"an animal":           "horse rabbit spider goat eagle otter camel turtle fox whale",
	"a fruit":             "apple banana cherry lemon peach grape melon plum pear",
	"a colour":            "red yellow green purple white black blue",
	"something to wear":   "glove shirt scarf jacket sock hat boot",
	"a day of the week":   "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
	"something to sit on": "chair sofa bench stool",
	"a tool":              "hammer saw screwdriver pliers spade",
}

// trusting is a client that trusts one certificate, of HTTP/1.1 or HTTP/2.
func trusting(c *x509.Certificate, h2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!h2)
	protocols.SetHTTP2(h2)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: trust(c), Protocols: protocols}, Timeout: time.Minute}
}
