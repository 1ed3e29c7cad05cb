package gateway_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fathom/layer/edge/gateway"
)

// h2frame is one frame of HTTP/2.
func h2frame(kind, flags byte, stream uint32, payload string) string {
	n := len(payload)
	b := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}
	return string(binary.BigEndian.AppendUint32(b, stream)) + payload
}

// h2dial opens a connection of HTTP/2 whose frames the test writes itself. It
// gives each stream of the answers so much to send, answers pings, so that the
// connection looks alive, and counts the streams that the gateway gave up.
func h2dial(t *testing.T, h *house, config *tls.Config, window uint32) (c *tls.Conn, resets *atomic.Int32) {
	t.Helper()
	config.NextProtos = []string{"h2"}
	resets = new(atomic.Int32)
	c, err := tls.Dial("tcp", h.addr(0), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	settings := string(binary.BigEndian.AppendUint32([]byte{0, 4}, window))
	io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+h2frame(4, 0, 0, settings))
	go func() {
		head := make([]byte, 9)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
			if _, err := io.ReadFull(c, payload); err != nil {
				return
			}
			if head[3] == 3 {
				resets.Add(1)
			}
			if head[3] == 6 && head[4]&1 == 0 {
				io.WriteString(c, h2frame(6, 1, 0, string(payload)))
			}
		}
	}()
	return c, resets
}

// A client of HTTP/2 may ask for answers and take none of them, while its
// connection is as alive as can be: each stream has its own time.
func TestAStreamThatIsNotReadIsCutOff(t *testing.T) {
	for name, size := range map[string]int{"a long answer": 1 << 30, "a short answer": 100} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pool := certificate(t, dir, "a", "shop.example")
			var open atomic.Int32
			origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
				open.Add(1)
				defer open.Add(-1)
				block := make([]byte, min(size, 1<<20))
				for sent := 0; sent < size; sent += len(block) {
					if _, err := w.Write(block); err != nil {
						return
					}
				}
			})
			h := run(t, withTLS+quick, origin.URL, dir)
			c, resets := h2dial(t, h, &tls.Config{RootCAs: pool, ServerName: "shop.example"}, 0)
			const get = "\x82\x87\x84\x41\x0cshop.example"
			for i := range uint32(5) {
				io.WriteString(c, h2frame(1, 5, 2*i+1, get))
			}
			eventually(t, "the origin is asked", func() bool { return origin.count() == 5 })
			eventually(t, "the origin is let go", func() bool { return open.Load() == 0 })
			eventually(t, "the streams are given up", func() bool { return resets.Load() == 5 })
		})
	}
}

// An origin may take its time between two parts of an answer: only a client that
// does not read is slow.
func TestAnOriginMayPause(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			io.WriteString(w, "data: x\n\n")
			w.(http.Flusher).Flush()
			time.Sleep(500 * time.Millisecond) // beyond writeGrace
		}
	})
	h := run(t, withTLS+quick, origin.URL, dir)
	for _, h2 := range []bool{false, true} {
		if r, body := get(t, h.client(pool, h2), "https://shop.example/"); r.StatusCode != 200 || body != "data: x\n\ndata: x\n\ndata: x\n\n" {
			t.Errorf("HTTP/2 %t: %d %q", h2, r.StatusCode, body)
		}
	}
}

// What names no host, or two, or none that can be: the origin would see another
// one than the web ACL.
func TestHostsThatAreNone(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	for _, host := range []string{"", ":80", "[::1", "::1", "[]", "[1.2.3.4]", "[fe80::1%25eth0]", "a:b", "a:1:2", "a:123456", "[::1]x", "a]", "a,b"} {
		got := h.say(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 400 ") || origin.count() > 0 {
			t.Errorf("%q: the origin was asked %d times, the client got %.80q", host, origin.count(), got)
		}
	}
	for i, host := range []string{"a", "a:80", "a:", "a.b-c_d.example", "[::1]", "[::1]:8080", "192.0.2.1:80"} {
		got := h.say(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 200 ") || origin.count() != i+1 || origin.last().Host != host {
			t.Errorf("%q: got %.80q", host, got)
		}
	}
}

func TestARequestOfHTTP2NamesItsHost(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, withTLS, origin.URL, dir)
	c, _ := h2dial(t, h, &tls.Config{RootCAs: pool, ServerName: "shop.example"}, 1<<16)
	io.WriteString(c, h2frame(1, 5, 1, "\x82\x87\x84")+h2frame(1, 5, 3, "\x82\x87\x84\x41\x0cshop.example"))
	eventually(t, "the second request reaches the origin", func() bool { return origin.count() > 0 })
	if n := origin.count(); n != 1 || origin.last().Host != "shop.example" {
		t.Errorf("the origin was asked %d times", n)
	}
}

// The gateway has the body before the origin is asked: neither of them waits, and
// the client is told once to go on.
func TestAnExpectationEndsAtTheGateway(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain, origin.URL, t.TempDir())
	got := h.say(t, "POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
	if strings.Count(got, "HTTP/1.1 100 ") != 1 || strings.Count(got, "HTTP/1.1 200 ") != 1 {
		t.Errorf("got %q", got)
	}
	if v := origin.last().Header.Values("Expect"); len(v) > 0 || origin.bodies[0] != "abc" {
		t.Errorf("the origin saw Expect %q", v)
	}
}

// Many connections that do what they like leave nothing behind.
func TestHostileConnectionsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, plain+quick+"overload: {off: true}\n", origin.URL, dir)
	h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
	before := runtime.NumGoroutine()
	var held []net.Conn
	for range 20 {
		for _, text := range []string{
			"", "G", "GET / HTTP/1.1\r\nHost", "\x16\x03\x01\x02\x00", strings.Repeat("\x00", 1000), "GET / HTTP/1.1\r\nHost: shop\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
			"POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
		} {
			for _, half := range []bool{false, true} {
				c, err := net.Dial("tcp", h.addr(0))
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(c, text)
				if half {
					c.(*net.TCPConn).CloseWrite()
					held = append(held, c)
				} else {
					c.Close()
				}
			}
		}
	}
	for _, c := range held { // the gateway has to end them
		c.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection is still open")
		}
		c.Close()
	}
	eventually(t, "the goroutines end", func() bool {
		http.DefaultClient.CloseIdleConnections()
		return runtime.NumGoroutine() <= before+10 // connections to the origin that are kept
	})
}

// All that is wrong with the files of a configuration is told at once.
func TestWhatIsWrongIsToldAtOnce(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir, "a", "shop.example")
	write(t, dir, "b.crt", "no certificate")
	write(t, dir, "short", "short")
	c, problems := gateway.Parse(filepath.Join(dir, "gateway.yaml"), []byte(base+`
listen: [{address: "127.0.0.1:0", tls: {certificates: [{cert: a.crt, key: a.key}, {cert: b.crt, key: a.key}, {cert: gone.crt, key: a.key}]}}]
origins: {o: {urls: ["http://127.0.0.1:1"]}}
routes: [{to: o}]
acl: {files: [gone.json]}
originSecret: {insert: {file: short}, verify: [{file: gone}]}
token: {keys: [{file: short}]}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	_, err := gateway.New(c, gateway.Options{})
	for _, want := range []string{"originSecret.insert", "originSecret.verify", "token.keys", "gone.json", "certificates[1]", "certificates[2]"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "certificates[0]") {
		t.Errorf("a good certificate is blamed: %v", err)
	}
}

func TestAConfigurationThatNestsTooDeepIsRefused(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 500_000), "listen: [\n" + strings.Repeat("{a: ", 100_000)} {
		if _, problems := gateway.Parse("gateway.yaml", []byte(text)); len(problems) != 1 || !strings.Contains(problems[0].Error(), "nests more than 100 levels deep") {
			t.Errorf("%.20q: %v", text, problems)
		}
	}
}
