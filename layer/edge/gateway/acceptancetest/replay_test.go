package acceptancetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Issue 6, done when 5, for the gateway's own log: it is AWS's format, and fathom
// waf eval comes to the same verdicts from it.

// raw sends bytes, and gives all that comes back.
func raw(t *testing.T, g *process, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", g.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(c, text)
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestTheWAFLogIsReplayedToTheSameVerdicts(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "key", strings.Repeat("k", 32))
	write(t, dir, "acl.json", webACL(
		rule("tag", "Count", match(`{"SingleHeader": {"Name": "User-Agent"}}`, "CONTAINS", "curl")),
		rule("path", "Block", path("/admin")),
		rule("sqli", "Block", `{"SqliMatchStatement": {"FieldToMatch": {"AllQueryArguments": {}}, "SensitivityLevel": "LOW", "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}]}}`),
		rule("cookie", "Block", match(`{"Cookies": {"MatchPattern": {"All": {}}, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}}`, "EXACTLY", "stolen")),
		rule("method", "Block", match(`{"Method": {}}`, "EXACTLY", "DELETE")),
		rule("order", "Block", match(`{"HeaderOrder": {"OversizeHandling": "CONTINUE"}}`, "STARTS_WITH", "b:a")),
		rule("body", "Block", match(`{"Body": {"OversizeHandling": "CONTINUE"}}`, "CONTAINS", "evil")),
		rule("bytes", "Block", match(`{"QueryString": {}}`, "CONTAINS", "caf\u00e9")),
		rule("challenge", "Challenge", path("/cart")),
		rule("captcha", "Captcha", path("/login")),
		rule("late", "Block", path("/late")),
	))
	g := start(t, dir, inPlain+shop+"token: {keys: [{file: key}]}\n", origin(t))
	sent := 0
	for _, head := range []string{
		"GET / HTTP/1.1", "GET /admin HTTP/1.1", "GET /?q=1'%20OR%20'1'='1 HTTP/1.1", "DELETE / HTTP/1.1", "GET /late HTTP/1.0",
		"GET /cart HTTP/1.1", "GET /login HTTP/1.1", "GET /?q=caf\u00e9 HTTP/1.1", "GET /caf\xe9 HTTP/1.1",
		"GET / HTTP/1.1\r\nUser-Agent: curl/8", "GET / HTTP/1.1\r\nCookie: a=1; session=stolen", "GET /late HTTP/1.1\r\nCookie: aws-waf-token=x",
		"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nevil", "POST /late HTTP/1.1\r\nContent-Length: 4\r\n\r\ngood", "POST /admin HTTP/1.1\r\nContent-Length: 4\r\n\r\ngood",
	} {
		line, rest, _ := strings.Cut(head, "\r\n")
		headers, body, _ := strings.Cut(rest, "\r\n\r\n")
		if headers != "" {
			headers += "\r\n"
		}
		answer := raw(t, g, line+"\r\nHost: shop\r\nConnection: close\r\n"+headers+"\r\n"+body)
		if _, code, _ := strings.Cut(answer, " "); code == "" {
			t.Fatalf("%q: %q", head, answer)
		}
		sent++
	}
	g.end()
	all := records(t, dir)
	if len(all) != sent {
		t.Fatalf("%d records of %d requests", len(all), sent)
	}
	certain := 0
	for i, v := range replayed(t, dir) {
		r := all[i]
		if v.ID != r.HTTPRequest.RequestID {
			t.Fatalf("verdict %d is of request %s; want %s", i, v.ID, r.HTTPRequest.RequestID)
		}
		if !v.Certain {
			continue
		}
		certain++
		if v.Action != r.Action || v.TerminatingRule != r.TerminatingRuleID {
			t.Errorf("%s %s: the gateway said %s by %s, the replay %s by %s", r.HTTPRequest.HTTPMethod, r.HTTPRequest.URI, r.Action, r.TerminatingRuleID, v.Action, v.TerminatingRule)
		}
	}
	rules := map[string]bool{}
	for _, r := range all {
		rules[r.TerminatingRuleID] = true
	}
	if certain < sent/3 || len(rules) < 8 {
		t.Errorf("%d of %d verdicts are certain; the rules that ended are %v", certain, sent, rules)
	}
	t.Logf("%d of %d verdicts are certain", certain, sent)
}

// verdict is a line of fathom waf eval.
type verdict struct {
	ID, Action, TerminatingRule string
	Certain                     bool
}

func replayed(t *testing.T, dir string) (out []verdict) {
	t.Helper()
	var errs bytes.Buffer
	c := exec.Command(program, "waf", "eval", filepath.Join(dir, "acl.json"), "--requests", filepath.Join(dir, "waf.log"))
	c.Stderr = &errs
	b, err := c.Output()
	if err != nil {
		t.Fatalf("fathom waf eval: %v\n%s", err, errs.String())
	}
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var v verdict
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}
