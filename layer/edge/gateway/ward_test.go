package gateway_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fathom/layer/edge/gateway/proof"
)

func TestARouteWithProofTakesSignedRequestsAlone(t *testing.T) {
	origin := newSeen(t, nil)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := run(t, strings.Replace(plain, "{to: shop}", "{path: /api/*, to: shop, proof: true}, {to: shop}", 1)+
		"proof: {keys: [{id: ios, algorithm: ed25519, public: "+base64.StdEncoding.EncodeToString(public)+"}]}\n", origin.URL, t.TempDir())
	sign := proof.Signer{Key: proof.Key{ID: "ios", Algorithm: proof.Ed25519, Private: private}, Now: time.Now}
	request := func(path, body string, signed bool) *http.Request {
		r, err := http.NewRequest("POST", h.url()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if signed {
			if err := sign.Sign(r); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	code := func(r *http.Request) int {
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		return a.StatusCode
	}
	if got := code(request("/api/pay", "1 EUR", false)); got != 401 {
		t.Errorf("unsigned: %d", got)
	}
	if got := code(request("/other", "1 EUR", false)); got != 200 {
		t.Errorf("another route: %d", got)
	}
	good := request("/api/pay", "1 EUR", true)
	if got := code(good); got != 200 || origin.bodies[1] != "1 EUR" {
		t.Errorf("signed: %d %q", got, origin.bodies)
	}
	again := request("/api/pay", "1 EUR", false)
	again.Header = good.Header.Clone()
	if got := code(again); got != 403 {
		t.Errorf("sent again: %d", got)
	}
	changed := request("/api/pay", "1 EUR", true)
	changed.Body = io.NopCloser(strings.NewReader("9 EUR"))
	if got := code(changed); got != 400 {
		t.Errorf("changed on the way: %d", got)
	}
	if origin.count() != 2 {
		t.Errorf("the origin was asked %d times", origin.count())
	}
}

func TestAWaitingRoomBeforeARoute(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "key", strings.Repeat("q", 32))
	h := run(t, strings.Replace(plain, "{to: shop}", "{path: /checkout, to: shop, queue: checkout}, {to: shop}", 1)+
		"queues: {checkout: {rate: 2, burst: 1, always: true, insecure: true, keys: [{file: key}]}}\n", origin.URL, dir)
	if r, _ := get(t, http.DefaultClient, h.url()+"/else"); r.StatusCode != 200 {
		t.Errorf("another route: %d", r.StatusCode)
	}
	if r, _ := get(t, http.DefaultClient, h.url()+"/checkout"); r.StatusCode != 200 {
		t.Errorf("the first: %d", r.StatusCode)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	if r, _ := get(t, c, h.url()+"/checkout"); r.StatusCode != 503 {
		t.Errorf("the second: %d", r.StatusCode)
	}
	eventually(t, "the turn comes", func() bool {
		r, _ := get(t, c, h.url()+"/checkout")
		return r.StatusCode == 200
	})
}

// Behind a proxy a turn is the client's, not the proxy's: a copy of the ticket
// lets nobody else in.
func TestATurnIsOfOneClientBehindAProxy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "key", strings.Repeat("q", 32))
	h := run(t, strings.Replace(plain, "{to: shop}", "{to: shop, queue: checkout}", 1)+
		"trusted: [127.0.0.0/8]\nqueues: {checkout: {rate: 2, burst: 1, always: true, insecure: true, keys: [{file: key}]}}\n", newSeen(t, nil).URL, dir)
	ask := func(client string, ticket []*http.Cookie) *http.Response {
		r, err := http.NewRequest("GET", h.url()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", client)
		for _, c := range ticket {
			r.AddCookie(c)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		return a
	}
	ask("192.0.2.1", nil) // whom the burst lets in
	ticket := ask("192.0.2.2", nil).Cookies()
	if len(ticket) != 1 {
		t.Fatalf("got %v", ticket)
	}
	eventually(t, "the turn comes", func() bool { return ask("192.0.2.2", ticket).StatusCode == 200 })
	if code := ask("192.0.2.3", ticket).StatusCode; code != 503 {
		t.Errorf("a copy of the ticket gets %d", code)
	}
	if code := ask("192.0.2.2", ticket).StatusCode; code != 200 {
		t.Errorf("who lost the answer gets %d", code)
	}
}

func TestTracesAreSentAndPassedOn(t *testing.T) {
	var sent atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/traces" && strings.Contains(string(b), "fathom-gateway") {
			sent.Add(1)
		}
	}))
	defer collector.Close()
	origin := newSeen(t, nil)
	h := run(t, plain+"trace: {endpoint: \""+collector.URL+"\", ratio: 1}\n", origin.URL, t.TempDir())
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-"+trace+"-00f067aa0ba902b7-01\r\nConnection: close\r\n\r\n")
	if got := origin.last().Header.Get("Traceparent"); !strings.HasPrefix(got, "00-"+trace+"-") || strings.Contains(got, "00f067aa0ba902b7") {
		t.Errorf("the origin gets %q", got)
	}
	h.stop()
	if sent.Load() == 0 {
		t.Error("the collector got nothing")
	}
	// Without a collector it is passed on as it came.
	h = run(t, plain, origin.URL, t.TempDir())
	h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-"+trace+"-00f067aa0ba902b7-01\r\nConnection: close\r\n\r\n")
	if got := origin.last().Header.Get("Traceparent"); got != "00-"+trace+"-00f067aa0ba902b7-01" {
		t.Errorf("the origin gets %q", got)
	}
}
