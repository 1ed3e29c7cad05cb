package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

func TestHeadersTowardsTheOrigin(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "secret", "a secret of the origin\n")
	h := run(t, plain+"originSecret: {insert: {file: secret}}\n", origin.URL, dir)
	h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 1.2.3.4\r\nX_Forwarded_For: 1.2.3.4\r\nX-Amzn-Waf-Bot: no\r\nX-Origin-Verify: forged\r\nX_Origin_Verify: forged\r\n"+
		"Forwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX-Own: mine\r\nX-Gone: x\r\nProxy-Authorization: x\r\nTE: trailers\r\nConnection: close, X-Gone\r\n\r\n")
	got := origin.last()
	for name, want := range map[string]string{
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "shop", "X-Origin-Verify": "a secret of the origin", "X-Own": "mine",
		"X_forwarded_for": "", "X_origin_verify": "", "X-Amzn-Waf-Bot": "", "Forwarded": "", "X-Real-Ip": "", "X-Gone": "", "Proxy-Authorization": "", "User-Agent": "",
	} {
		if v := strings.Join(got.Header.Values(name), "|"); v != want {
			t.Errorf("%s is %q, not %q", name, v, want)
		}
	}
	if got.Host != "shop" {
		t.Errorf("the Host is %q", got.Host)
	}
}

func TestForwardedForIsBelievedFromTrustedProxies(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain+"trusted: [127.0.0.0/8, 10.0.0.0/8]\nlog: {access: access.log}\n", origin.URL, t.TempDir())
	h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.1\r\nConnection: close\r\n\r\n")
	if got := origin.last().Header.Get("X-Forwarded-For"); got != "6.6.6.6, 1.2.3.4, 10.0.0.1, 127.0.0.1" {
		t.Errorf("got %q", got)
	}
}

func TestTheOriginSecretIsVerified(t *testing.T) {
	origin := newSeen(t, nil)
	dir := t.TempDir()
	write(t, dir, "new", "the new secret of the origin\n")
	write(t, dir, "old", "the old secret of the origin\n")
	h := run(t, plain+"originSecret: {header: X-Shop, verify: [{file: new}, {file: old}]}\n", origin.URL, dir)
	ask := func(headers string) string {
		return strings.SplitN(h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\n"+headers+"Connection: close\r\n\r\n")+"   ", " ", 3)[1]
	}
	for _, c := range []struct{ headers, want string }{
		{"X-Shop: the new secret of the origin\r\n", "200"},
		{"x-shop: the old secret of the origin\r\n", "200"},
		{"", "403"},
		{"X-Shop:\r\n", "403"},
		{"X-Shop: wrong\r\n", "403"},
		{"X-Shop: the new secret of the origin\r\nX-Shop: wrong\r\n", "403"},
	} {
		if got := ask(c.headers); got != c.want {
			t.Errorf("%q: %s", c.headers, got)
		}
	}
	write(t, dir, "old", "the third secret of the origin\n")
	eventually(t, "the third secret", func() bool { return ask("X-Shop: the third secret of the origin\r\n") == "200" })
	if got := ask("X-Shop: the old secret of the origin\r\n"); got != "403" {
		t.Errorf("the old secret after it was replaced: %s", got)
	}
	if err := os.Remove(dir + "/new"); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(); err == nil {
		t.Error("a secret that is gone was loaded")
	}
	if got := ask("X-Shop: the new secret of the origin\r\n"); got != "200" {
		t.Errorf("after a broken reload: %s", got)
	}
	if strings.Contains(h.log.String(), "secret of the origin") {
		t.Error("a secret is in the log")
	}
}

// dying reads requests and answers some of them with a closed connection.
func dying(t *testing.T, answer func(n int64, c net.Conn, r *http.Request) bool) (string, *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var n atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for b := bufio.NewReader(c); ; {
					r, err := http.ReadRequest(b)
					if err != nil {
						return
					}
					io.Copy(io.Discard, r.Body)
					if !answer(n.Add(1), c, r) {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), &n
}

func TestOnlyIdempotentRequestsAreSentAgain(t *testing.T) {
	for _, c := range []struct {
		request string
		want    int64
		code    string
	}{
		{"GET / HTTP/1.1\r\nHost: shop\r\n", 2, "200"},
		{"PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n", 2, "200"},
		{"PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n", 2, "200"},
		{"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n", 1, "502"},
		{"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n", 1, "502"},
		{"POST / HTTP/1.1\r\nHost: shop\r\n", 1, "502"},
		{"POST / HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: x\r\n", 1, "502"},
		{"POST / HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: x\r\nContent-Length: 3\r\n", 1, "502"},
		{"PATCH / HTTP/1.1\r\nHost: shop\r\nX-Idempotency-Key: x\r\nContent-Length: 3\r\n", 1, "502"},
	} {
		url, n := dying(t, func(n int64, c net.Conn, r *http.Request) bool {
			if n > 1 {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
			return n > 1 // it reads the first request, and dies
		})
		h := run(t, plain, url, t.TempDir())
		body := ""
		if strings.Contains(c.request, "Content-Length: 3") {
			body = "abc"
		} else if strings.Contains(c.request, "chunked") {
			body = "3\r\nabc\r\n0\r\n\r\n"
		}
		got := h.say(t, c.request+"Connection: close\r\n\r\n"+body)
		if n.Load() != c.want || !strings.HasPrefix(got, "HTTP/1.1 "+c.code) {
			t.Errorf("%q: asked %d times, %.60q", c.request, n.Load(), got)
		}
		h.stop()
	}
}

// An origin that closes a kept connection as the next request comes.
func TestAPostOnAConnectionThatEndsIsNotSentTwice(t *testing.T) {
	url, n := dying(t, func(n int64, c net.Conn, r *http.Request) bool {
		if n == 2 {
			return false
		}
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		return true
	})
	h := run(t, plain, url, t.TempDir())
	request := "POST / HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
	h.say(t, request)
	if got := h.say(t, request); !strings.HasPrefix(got, "HTTP/1.1 502 ") || n.Load() != 2 {
		t.Errorf("asked %d times, %.60q", n.Load(), got)
	}
}

func TestARequestGoesToAServerThatLives(t *testing.T) {
	origin := newSeen(t, nil)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	h := run(t, strings.Replace(plain, `"ORIGIN"`, `"http://`+dead.Addr().String()+`", "ORIGIN"`, 1), origin.URL, t.TempDir())
	for range 20 { // POST, too: nobody saw it where no connection was made
		got := h.say(t, "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
		if !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Fatalf("got %.100q", got)
		}
	}
}

func TestHealthChecks(t *testing.T) {
	var sick atomic.Bool
	origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
		if sick.Load() {
			w.WriteHeader(500)
		}
	})
	h := run(t, strings.Replace(plain, `["ORIGIN"]`, `["ORIGIN"], health: {path: /up, every: 10ms}`, 1), origin.URL, t.TempDir())
	ready := func() bool {
		r, err := http.Get("http://" + h.Admin().String() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r.StatusCode == 200
	}
	eventually(t, "ready", ready)
	sick.Store(true)
	eventually(t, "not ready", func() bool { return !ready() })
	sick.Store(false)
	eventually(t, "ready again", ready)
}

func TestNoOriginIsAPlainPage(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	h := run(t, plain, "http://"+dead.Addr().String(), t.TempDir())
	got := h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 502 ") || !strings.Contains(got, "<h1>502 Bad Gateway</h1>") || strings.Contains(got, dead.Addr().String()) {
		t.Errorf("got %q", got)
	}
}

func TestWebSockets(t *testing.T) {
	url, n := dying(t, func(_ int64, c net.Conn, r *http.Request) bool {
		fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello\n")
		io.Copy(c, c)
		return false
	})
	open := run(t, strings.Replace(plain, "{to: shop}", "{to: shop, webSocket: true}", 1), url, t.TempDir())
	shut := run(t, plain, url, t.TempDir())
	const upgrade = "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
	if got := shut.say(t, upgrade+"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 501 ") {
		t.Errorf("got %q", got)
	}
	asked := n.Load()
	c, err := net.Dial("tcp", open.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, upgrade)
	b := bufio.NewReader(c)
	r, err := http.ReadResponse(b, nil)
	if err != nil || r.StatusCode != 101 || n.Load() != asked+1 {
		t.Fatal(r, err)
	}
	if line, err := b.ReadString('\n'); line != "hello\n" {
		t.Fatal(line, err)
	}
	io.WriteString(c, "\x00 anything\n\n")
	if line, err := b.ReadString('\n'); line != "\x00 anything\n" {
		t.Fatal(line, err)
	}
}

func TestOneRouteEach(t *testing.T) {
	one, two := newSeen(t, nil), newSeen(t, nil)
	h := run(t, `
listen: [{address: "127.0.0.1:0", plain: true}]
routes:
  - {hosts: ["*.shop.example"], path: /api/*, methods: [GET], to: one}
  - {path: /exact, to: two}
origins: {one: {urls: ["ORIGIN"]}, two: {urls: ["`+two.URL+`"]}}
`, one.URL, t.TempDir())
	for _, c := range []struct{ request, code string }{
		{"GET /api/x HTTP/1.1\r\nHost: a.shop.example:80", "200"},
		{"GET /api HTTP/1.1\r\nHost: A.SHOP.example", "200"},
		{"GET /apix HTTP/1.1\r\nHost: a.shop.example", "404"},
		{"POST /api/x HTTP/1.1\r\nHost: a.shop.example", "404"},
		{"GET /api/x HTTP/1.1\r\nHost: shop.example", "404"},
		{"GET /exact HTTP/1.1\r\nHost: other", "200"},
		{"GET /exact/x HTTP/1.1\r\nHost: other", "404"},
		{"GET /api/../exact HTTP/1.1\r\nHost: a.shop.example", "400"},
		{"GET /api/%2e%2E/exact HTTP/1.1\r\nHost: a.shop.example", "400"},
		{"GET /api/..;x/exact HTTP/1.1\r\nHost: a.shop.example", "400"},
		{"GET /api/..%5cexact HTTP/1.1\r\nHost: a.shop.example", "400"},
	} {
		got := h.say(t, c.request+"\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 "+c.code) {
			t.Errorf("%s: %.60q", c.request, got)
		}
	}
}
