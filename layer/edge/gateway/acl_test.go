package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl/waflog"
	"fathom/layer/edge/gateway"
)

// rules makes a web ACL of rules, each given as its name, its action and the
// statement.
func rules(all ...string) string {
	const seen = `"VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "m"}`
	var out []string
	for i := 0; i < len(all); i += 3 {
		out = append(out, `{"Name": "`+all[i]+`", "Priority": `+string(rune('0'+i/3))+`, `+all[i+1]+`, "Statement": `+all[i+2]+`, `+seen+`}`)
	}
	return `{"Name": "shop", "DefaultAction": {"Allow": {}}, ` + seen + `, "CustomResponseBodies": {"sorry": {"ContentType": "APPLICATION_JSON", "Content": "{\"sorry\": true}"}}, "Rules": [` + strings.Join(out, ",") + `]}`
}

func pathIs(p string) string {
	return `{"ByteMatchStatement": {"FieldToMatch": {"UriPath": {}}, "PositionalConstraint": "EXACTLY", "SearchString": "` + p + `", "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}}`
}

// §9: what each action answers, and what the origin gets.
func TestActions(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "key", strings.Repeat("k", 32))
	write(t, dir, "acl.json", rules(
		"count", `"Action": {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "seen", "Value": "yes"}]}}}`, pathIs("/count"),
		"block", `"Action": {"Block": {}}`, pathIs("/block"),
		"custom", `"Action": {"Block": {"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "sorry", "ResponseHeaders": [{"Name": "retry-after", "Value": "60"}]}}}`, pathIs("/custom"),
		"away", `"Action": {"Block": {"CustomResponse": {"ResponseCode": 302, "ResponseHeaders": [{"Name": "location", "Value": "/queue"}]}}}`, pathIs("/away"),
		"captcha", `"Action": {"Captcha": {}}`, pathIs("/captcha"),
		"challenge", `"Action": {"Challenge": {}}`, pathIs("/challenge"),
	))
	h := run(t, plain+"acl: {files: [acl.json]}\ntoken: {insecure: true, keys: [{file: key}]}\nlog: {waf: waf.log, access: access.log}\n", origin.URL, dir)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, want := range []struct {
		path, header, value string
		code                int
		body                string
	}{
		{"/count", "", "", 200, "GET /count"},
		{"/block", "", "", 403, "403 Forbidden\n"},
		{"/custom", "Retry-After", "60", 429, `{"sorry": true}`},
		{"/custom", "Content-Type", "application/json", 429, `{"sorry": true}`},
		{"/away", "Location", "/queue", 302, ""},
		{"/captcha", "X-Amzn-Waf-Action", "captcha", 405, "-"},
		{"/challenge", "X-Amzn-Waf-Action", "challenge", 202, "-"},
		{"/else", "", "", 200, "GET /else"},
	} {
		r, body := get(t, c, h.url()+want.path)
		if r.StatusCode != want.code || want.header != "" && r.Header.Get(want.header) != want.value || want.body != "-" && body != want.body {
			t.Errorf("%s: %d %q %v", want.path, r.StatusCode, body, r.Header)
		}
		if want.path == "/count" && origin.last().Header.Get("X-Amzn-Waf-Seen") != "yes" {
			t.Errorf("the origin gets %v", origin.last().Header)
		}
	}
	if origin.count() != 2 {
		t.Errorf("the origin was asked %d times", origin.count())
	}
	h.stop() // all lines are written
	var got []string
	for line := range bytes.Lines(content(t, dir, "waf.log")) {
		r, err := waflog.Parse(bytes.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Action+" "+r.TerminatingRuleID+" "+r.HTTPRequest.URI+" "+r.HTTPRequest.ClientIP)
	}
	if d := cmp.Diff([]string{
		"ALLOW Default_Action /count 127.0.0.1", "BLOCK block /block 127.0.0.1", "BLOCK custom /custom 127.0.0.1", "BLOCK custom /custom 127.0.0.1",
		"BLOCK away /away 127.0.0.1", "CAPTCHA captcha /captcha 127.0.0.1", "CHALLENGE challenge /challenge 127.0.0.1", "ALLOW Default_Action /else 127.0.0.1",
	}, got); d != "" {
		t.Error(d)
	}
	access := content(t, dir, "access.log")
	if n := bytes.Count(access, []byte("\n")); n != 8 {
		t.Errorf("%d lines of access log", n)
	}
	var line struct {
		Method, Path, Action, Rule string
		Status                     int
	}
	if err := json.Unmarshal(bytes.Split(access, []byte("\n"))[1], &line); err != nil || line.Path != "/block" || line.Status != 403 || line.Rule != "block" {
		t.Errorf("%+v %v", line, err)
	}
}

func content(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A rule about the fingerprint, and one about the order of headers: what net/http
// does not tell.
func TestFingerprintsAndHeaderOrderAreThoseOfTheClient(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	write(t, dir, "acl.json", rules("all", `"Action": {"Count": {}}`,
		`{"ByteMatchStatement": {"FieldToMatch": {"HeaderOrder": {"OversizeHandling": "CONTINUE"}}, "PositionalConstraint": "STARTS_WITH", "SearchString": "host:", "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}}`))
	h := run(t, withTLS+"acl: {files: [acl.json]}\nlog: {waf: waf.log}\n", newSeen(t, nil).URL, dir)
	for _, h2 := range []bool{false, true} {
		get(t, h.client(pool, h2), "https://shop.example/")
	}
	h.stop()
	n := 0
	for line := range bytes.Lines(content(t, dir, "waf.log")) {
		r, err := waflog.Parse(bytes.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.JA3Fingerprint) != 32 || len(r.JA4Fingerprint) != 36 || len(r.NonTerminatingMatchingRules) != 1 || r.HTTPRequest.Scheme != "https" {
			t.Errorf("%s", line)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestTheCoreRuleSet(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	h := run(t, plain+"crs: {mode: block}\nacl: {files: [acl.json]}\nlog: {waf: waf.log}\n", origin.URL, withACLIn(t, dir))
	if r, _ := get(t, http.DefaultClient, h.url()+"/?q=shoes"); r.StatusCode != 200 {
		t.Errorf("an ordinary request: %d", r.StatusCode)
	}
	if r, _ := get(t, http.DefaultClient, h.url()+"/?q=1%27%20or%20%271%27=%271"); r.StatusCode != 403 || origin.count() != 1 {
		t.Errorf("SQL injection: %d", r.StatusCode)
	}
	h.stop()
	lines := bytes.Split(bytes.TrimSpace(content(t, dir, "waf.log")), []byte("\n"))
	if len(lines) != 2 || !bytes.Contains(lines[1], []byte("CRS 942100")) || !bytes.Contains(lines[1], []byte(`"action":"BLOCK"`)) {
		t.Errorf("%s", lines)
	}
}

// A limit that bounds nothing is a mistake, and a range of addresses is shown as
// one.
func TestLimitsBoundSomething(t *testing.T) {
	const rest = "listen: [{address: \":80\", plain: true}]\nroutes: [{to: shop}]\norigins: {shop: {urls: [\"http://127.0.0.1:1\"]}}\n"
	for config, want := range map[string]string{
		"limits: {body: -1}\n":           `gateway.yaml:4:16: limits.body is negative; write a positive number, or leave it out for the default`,
		"limits: {head: 99999999999}\n":  `gateway.yaml:4:16: limits.head is so large that it bounds nothing; write at most 67108864`,
		"limits: {idle: -5s}\n":          `gateway.yaml:4:16: "limits.idle" is not a duration such as 30s, 5m or 24h`,
		"trusted: [10.0.0.0/8, proxy]\n": `gateway.yaml:4:23: "trusted[1]" is "proxy", which is no range of addresses; write a range such as 10.0.0.0/8`,
	} {
		_, problems := gateway.Parse("gateway.yaml", []byte(rest+config))
		if len(problems) != 1 || problems[0].Error() != want {
			t.Errorf("%q: %v", config, problems)
		}
	}
	if _, problems := gateway.Parse("gateway.yaml", []byte(rest+"limits: {body: 1, head: 1024}\n")); len(problems) > 0 {
		t.Error(problems)
	}
}

func withACLIn(t *testing.T, dir string) string {
	write(t, dir, "acl.json", aclOf("/one"))
	return dir
}

func TestProblemsOfTheConfiguration(t *testing.T) {
	_, problems := gateway.Parse("gateway.yaml", []byte(`listen:
  - {address: "443", tls: {certificates: [{cert: a.crt}], min: "1.1"}}
  - {address: ":80"}
routs: []
routes:
  - {to: shop, path: api/*, pathh: x}
origins:
  shop: {urls: [ftp://x], connect: 3 seconds}
`))
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if d := cmp.Diff([]string{
		`gateway.yaml:4:1: the configuration has no key "routs"; did you mean "routes"?`,
		`gateway.yaml:6:29: "routes[0]" has no key "pathh"; did you mean "path"?`,
		`gateway.yaml:8:36: "origins.shop.connect" is not a duration such as 30s, 5m or 24h`,
	}, got); d != "" {
		t.Error(d)
	}
	_, problems = gateway.Parse("gateway.yaml", []byte(`listen:
  - {address: "443", tls: {certificates: [{cert: a.crt}], min: "1.1"}}
  - {address: ":80"}
routes:
  - {to: shop, path: api/*}
  - {to: shpo, queue: q, proof: true}
origins:
  shop: {urls: ["ftp://x"]}
originSecret: {verify: [{}, {file: a, env: b}, {file: c}]}
token: {}
crs: {mode: on, paranoia: 5}
`))
	got = nil
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if d := cmp.Diff([]string{
		`gateway.yaml:2:15: "443" is no address to listen on; write HOST:PORT or :PORT`,
		`gateway.yaml:2:44: a certificate needs both cert and key; write {cert: FILE, key: FILE}`,
		`gateway.yaml:2:64: "1.1" is no version of TLS that is safe; write "1.2" or "1.3"`,
		`gateway.yaml:3:6: listener ":80" has no TLS; add tls, redirect: true, or plain: true where something in front encrypts`,
		`gateway.yaml:5:22: "api/*" is no path of a route; write /PATH, or /PREFIX/* for all below`,
		`gateway.yaml:6:10: there is no origin "shpo"; name one of origins`,
		`gateway.yaml:6:23: there is no waiting room "q"; name one of queues`,
		`gateway.yaml:6:33: the route asks for signed requests, and there is no proof; add proof: {keys: …}`,
		`gateway.yaml:8:10: origin "shop": "ftp://x" is not http://HOST:PORT or https://HOST:PORT; write urls: ["http://HOST:PORT"]`,
		`gateway.yaml:9:24: there are more than two origin secrets; keep the new and the old`,
		`gateway.yaml:9:25: a secret is in exactly one of a file and the environment; write {file: FILE} or {env: NAME}`,
		`gateway.yaml:9:30: a secret is in exactly one of a file and the environment; write {file: FILE} or {env: NAME}`,
		`gateway.yaml:10:8: tokens need a key; add keys: [{file: FILE}], each of 32 random bytes or more`,
		`gateway.yaml:11:13: "on" is none of the words for crs.mode; write off, detect, block`,
		`gateway.yaml:11:27: there is no paranoia level 5; write 1 to 4`,
	}, got); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(base + plain))
	f.Add([]byte(base + withTLS))
	f.Add([]byte("routes: [{to: &a b, path: *a}]\n---\nlisten: !!x y"))
	f.Add([]byte("overload: {limits: {min: 1e3}}\nqueues: {a: {rate: .inf}}\nproof: {keys: [{from: x}]}"))
	f.Add([]byte(withTLS + quick))
	f.Add([]byte("listen: [{address: \":1\", tls: {acme: {domains: [a], cache: b}}}]\nroutes: [{to: a, hosts: [\"*.a\"], path: /a/*}]\norigins: {a: {urls: [http://a]}}\n"))
	f.Add([]byte("a: &a [*a]\n---\n!!x {? [a]: b, <<: *a}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, problems := gateway.Parse("gateway.yaml", b)
		if (c == nil) != (len(problems) > 0) {
			t.Errorf("%v with %d problems", c, len(problems))
		}
		for _, p := range problems {
			if p.Summary == "" || strings.ContainsFunc(p.Error(), unicode.IsControl) {
				t.Errorf("%q", p.Error())
			}
		}
	})
}

func TestTheAdminListener(t *testing.T) {
	dir := t.TempDir()
	h := run(t, plain+"acl: {files: [acl.json]}\n", newSeen(t, nil).URL, withACLIn(t, dir))
	admin := "http://" + h.Admin().String()
	if !strings.HasPrefix(h.Admin().String(), "127.0.0.1:") {
		t.Errorf("the admin listener is at %s", h.Admin())
	}
	if r, body := get(t, http.DefaultClient, admin+"/acl"); r.StatusCode != 200 || !strings.Contains(body, `"name":"shop"`) {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	if r, _ := get(t, http.DefaultClient, h.url()+"/metrics"); r.Header.Get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" {
		t.Error("the metrics are open to clients")
	}
	post := func(headers ...string) int {
		r, err := http.NewRequest("POST", admin+"/reload", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			if headers[i] == "Host" {
				r.Host = headers[i+1]
			}
			r.Header.Set(headers[i], headers[i+1])
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		return a.StatusCode
	}
	if post() != 200 || post("Origin", "https://evil.example") != 403 || post("Sec-Fetch-Site", "cross-site") != 403 || post("Host", "evil.example") != 403 {
		t.Error("a web page may reload the gateway, or nobody may")
	}
	write(t, dir, "acl.json", "{")
	if post() != 422 {
		t.Error("a broken web ACL is not reported")
	}
}

func TestTheCoreRuleSetWithoutAWebACL(t *testing.T) {
	dir := t.TempDir()
	h := run(t, plain+"crs: {mode: detect}\nlog: {waf: waf.log}\n", newSeen(t, nil).URL, dir)
	for _, query := range []string{"?q=1%27%20or%20%271%27=%271", "?q=shoes"} {
		if r, _ := get(t, http.DefaultClient, h.url()+"/"+query); r.StatusCode != 200 {
			t.Errorf("%s: %d", query, r.StatusCode)
		}
	}
	h.stop()
	lines := bytes.Split(bytes.TrimSpace(content(t, dir, "waf.log")), []byte("\n"))
	if len(lines) != 2 || !bytes.Contains(lines[0], []byte("CRS 942100")) || !bytes.Contains(lines[0], []byte(`"action":"ALLOW"`)) || bytes.Contains(lines[1], []byte("CRS 942")) {
		t.Errorf("%s", lines)
	}
}

func TestAClientThatIsRefusedOftenIsPutAside(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", aclOf("/one"))
	h := run(t, plain+"acl: {files: [acl.json]}\noverload: {box: {enabled: true, refusals: 5}}\n", newSeen(t, nil).URL, dir)
	for range 6 {
		h.say(t, "GET /one HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
	}
	if got := h.say(t, "GET /two HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"); strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Error("it is still served")
	}
}
