package acceptancetest

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// get asks the public listener, and gives the answer without its body too.
func get(t *testing.T, g *process, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+g.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a, string(b)
}

func TestMetricsAreWhatTheClientDid(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", webACL(rule("admin", "Block", path("/admin"))))
	config := strings.Replace(shop, "{to: shop}", "{to: shop, path: /admin/*}, {to: shop, path: /shop/*}", 1)
	g := start(t, dir, inPlain+config, origin(t))
	for path, n := range map[string]int{"/shop/1": 7, "/admin/1": 5, "/elsewhere": 3} {
		for range n {
			get(t, g, path)
		}
	}
	raw(t, g, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") // refused before it is a request
	for name, want := range map[string]float64{
		`requests_total{route="shop /shop/*",status="2xx"}`:       7,
		`requests_total{route="shop /admin/*",status="4xx"}`:      5,
		`requests_total{route="shop /admin/*",status="2xx"}`:      0,
		`requests_total{route="none",status="4xx"}`:               3,
		`waf_actions_total{action="ALLOW",rule="Default_Action"}`: 7,
		`waf_actions_total{action="BLOCK",rule="admin"}`:          5,
		`refused_total{reason="no-route"}`:                        3,
		`refused_total{reason="hosts"}`:                           1,
		`request_seconds_count{route="shop /shop/*"}`:             7,
		`origin_seconds_count{origin="shop"}`:                     7,
		`waf_seconds_count`:                                       12,
		`waf_undecidable_total`:                                   0,
		`in_flight`:                                               0,
		`log_waf_dropped_total`:                                   0,
	} {
		if got := g.metric(name); got != want {
			t.Errorf("%s is %v; want %v", name, got, want)
		}
	}
}

// collector is a collector of OTLP that keeps what it gets.
type collector struct {
	*httptest.Server
	mu  sync.Mutex
	got []byte
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		b, _ := io.ReadAll(body)
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.URL.Path == "/v1/traces" {
			c.got = append(c.got, b...)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// holds says whether ids, in hexadecimal, are in a span.
func (c *collector) holds(t *testing.T, ids ...string) bool {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		b, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(c.got, b) { // ids are bytes in protocol buffers
			return false
		}
	}
	return true
}

func TestTracesArriveWithTheRequestsTraceparent(t *testing.T) {
	c := newCollector(t)
	dir := t.TempDir()
	write(t, dir, "acl.json", webACL())
	g := start(t, dir, inPlain+shop+"trace: {endpoint: \""+c.URL+"\", ratio: 0.000001}\n", origin(t))
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	a, _ := get(t, g, "/", "Traceparent", "00-"+trace+"-"+parent+"-01")
	at := strings.Split(a.Header.Get("X-Traceparent"), "-") // as the origin got it
	if len(at) != 4 || at[1] != trace || at[2] == parent || at[3] != "01" {
		t.Fatalf("the origin got the traceparent %v", at)
	}
	g.end() // what waits is sent
	if !c.holds(t, trace, parent, at[2]) {
		t.Error("the span of the gateway, its trace or its parent did not arrive")
	}
}

func TestTheAdminEndpointsAreNotOnThePublicListener(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", webACL())
	g := start(t, dir, inPlain+shop, origin(t))
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/acl"} {
		if _, text := get(t, g, path); !strings.Contains(text, "<h1>Welcome</h1>") {
			t.Errorf("%s is not the origin's: %s", path, text)
		}
		if code, text := g.ask("GET", path); code != 200 || strings.Contains(text, "Welcome") {
			t.Errorf("%s of the admin listener: %d %s", path, code, text)
		}
	}
	r, _ := http.NewRequest("POST", "http://"+g.addr+"/reload", strings.NewReader("echoed"))
	if _, text := do(t, http.DefaultClient, r); text != "echoed" {
		t.Errorf("/reload is not the origin's: %s", text)
	}
	if n := g.metric(`reloads_total{result="ok"}`); n != 0 {
		t.Errorf("%v reloads", n)
	}
}
