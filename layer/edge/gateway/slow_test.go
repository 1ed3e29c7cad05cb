package gateway_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hold opens a connection, sends a text, and then one byte after another. It says
// what the gateway answered, once it has closed the connection.
func (h *house) hold(t *testing.T, text, drip string) string {
	t.Helper()
	c, err := net.Dial("tcp", h.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(c, text)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				io.WriteString(c, drip[i%len(drip):i%len(drip)+1])
			}
		}
	}()
	b, err := io.ReadAll(c)
	if t, ok := err.(net.Error); ok && t.Timeout() {
		return "still open"
	}
	return string(b)
}

const quick = "limits: {header: 300ms, idle: 300ms, handshake: 300ms, bodyGrace: 300ms, bodyRate: 1000, writeGrace: 300ms, writeRate: 1000000}\n"

func TestSlowClientsAreCutOff(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain+quick, origin.URL, t.TempDir())
	for _, c := range []struct{ name, text, drip, want string }{
		{"a slow request line", "G", "E", "HTTP/1.1 408 "},
		{"a slow head", "GET / HTTP/1.1\r\nHost: shop\r\n", "a: b\r\n", "HTTP/1.1 408 "},
		{"a slow body", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\n", "x", "HTTP/1.1 408 "},
		{"a slow chunked body", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "HTTP/1.1 408 "},
	} {
		if got := h.hold(t, c.text, c.drip); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %.80q", c.name, got)
		}
	}
	if n := origin.count(); n > 0 {
		t.Errorf("the origin was asked %d times", n)
	}
	// A second request that is slow, on a connection that was good.
	got := h.hold(t, "GET /ok HTTP/1.1\r\nHost: shop\r\n\r\nGET / HTTP/1.1\r\n", "a")
	if !strings.HasPrefix(got, "HTTP/1.1 200 ") || !strings.Contains(got, "HTTP/1.1 408 ") {
		t.Errorf("a slow second head: %q", got)
	}
	// One that says nothing is closed without a word.
	if got := h.say(t, ""); got != "" {
		t.Errorf("an idle connection: %q", got)
	}
}

func TestASlowReaderIsCutOff(t *testing.T) {
	var gone atomic.Bool
	origin := newSeen(t, func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 1<<20)
		for range 1000 {
			if _, err := w.Write(block); err != nil {
				gone.Store(true)
				return
			}
		}
	})
	h := run(t, plain+quick, origin.URL, t.TempDir())
	c, err := net.Dial("tcp", h.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
	eventually(t, "the origin is let go", gone.Load)
}

func TestASlowHandshakeIsCutOff(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	h := run(t, withTLS+quick, newSeen(t, nil).URL, dir)
	if got := h.hold(t, "\x16\x03\x01\x40\x00\x01\x00", "\x00"); got != "" {
		t.Errorf("got %q", got)
	}
	get(t, h.client(pool, true), "https://shop.example/")
}

func TestConnectionsOfOneClientAreLimited(t *testing.T) {
	h := run(t, plain+"limits: {perClient: 3}\n", newSeen(t, nil).URL, t.TempDir())
	var held []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", h.addr(0))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
		c.Read(make([]byte, 1))
		held = append(held, c)
	}
	ok := func() bool {
		return strings.HasPrefix(h.say(t, "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"), "HTTP/1.1 200 ")
	}
	if ok() {
		t.Error("a fourth connection was served")
	}
	held[0].Close()
	eventually(t, "a place is free", ok)
}

// zeros is a body that is nowhere as a whole.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

func TestAGigabyteIsStreamedInBoundedMemory(t *testing.T) {
	const size = 1 << 30
	var came atomic.Int64
	var most atomic.Uint64
	origin := newRaw(t, func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 256<<10)
		for {
			n, err := r.Body.Read(buf)
			if before := came.Load(); before>>26 != came.Add(int64(n))>>26 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
			if err != nil {
				return
			}
		}
	})
	h := run(t, plain+"limits: {body: 2147483648, streamBodies: true}\nacl: {files: [acl.json]}\n", origin, withACL(t))
	r, err := http.Post(h.url(), "application/octet-stream", io.NopCloser(&zeros{left: size}))
	if err != nil || r.StatusCode != 200 || came.Load() != size {
		t.Fatalf("%v %v, %d bytes came", r, err, came.Load())
	}
	if m := most.Load(); m > 128<<20 {
		t.Errorf("%d MiB of memory were in use", m>>20)
	}
}

// newRaw is an origin that does not read by itself.
func newRaw(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String()
}

func withACL(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "acl.json", strings.Replace(aclOf("/one"), `"UriPath": {}`, `"Body": {"OversizeHandling": "CONTINUE"}`, 1))
	return dir
}

func TestBodiesAreSpooled(t *testing.T) {
	origin := newSeen(t, nil)
	h := run(t, plain+"limits: {bodyMemory: 1000, body: 3000000, bodyDisk: 4000000}\nacl: {files: [acl.json]}\n", origin.URL, withACL(t))
	body := bytes.Repeat([]byte("0123456789"), 200_000)
	for _, chunked := range []bool{false, true} {
		var b io.Reader = bytes.NewReader(body)
		if chunked {
			b = io.MultiReader(b)
		}
		r, err := http.Post(h.url(), "text/plain", b)
		if err != nil || r.StatusCode != 200 || origin.bodies[len(origin.bodies)-1] != string(body) {
			t.Errorf("chunked %t: %v %v", chunked, r, err)
		}
		if got := origin.last(); got.ContentLength != int64(len(body)) {
			t.Errorf("the origin gets a length of %d", got.ContentLength)
		}
	}
	n := origin.count()
	if got := h.say(t, "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3000001\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
		t.Errorf("too long as declared: %.80q", got)
	}
	if got := h.say(t, "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("f000\r\n"+strings.Repeat("x", 0xf000)+"\r\n", 60)); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
		t.Errorf("too long: %.80q", got)
	}
	if origin.count() > n {
		t.Error("the origin was asked")
	}
}

func TestABodyThatNobodyNeedsIsNotAskedFor(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "acl.json", aclOf("/one"))
	h := run(t, plain+"acl: {files: [acl.json]}\n", newSeen(t, nil).URL, dir)
	head := "POST %s HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
	if got := h.say(t, fmt.Sprintf(head, "/one")); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
		t.Errorf("blocked: %.80q", got)
	}
	c, err := net.Dial("tcp", h.addr(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, head, "/two")
	b := make([]byte, 25)
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Errorf("allowed: %q %v", b, err)
	}
}

// Frames of HTTP/2 that cost a client nothing.
func TestFloodsOfHTTP2AreCutOff(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir, "a", "shop.example")
	origin := newSeen(t, nil)
	h := run(t, withTLS, origin.URL, dir)
	frame := func(kind, flags byte, stream uint32, payload string) string {
		n := len(payload)
		return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}) + payload
	}
	const get = "\x82\x86\x84\x41\x0cshop.example" // :method GET, :scheme http, :path /, :authority
	for name, flood := range map[string]func(i uint32) string{
		"rapid reset": func(i uint32) string { return frame(1, 5, 2*i+1, get) + frame(3, 0, 2*i+1, "\x00\x00\x00\x08") },
		"settings":    func(uint32) string { return frame(4, 0, 0, "") },
		"pings":       func(uint32) string { return frame(6, 0, 0, "12345678") },
		"priority":    func(uint32) string { return frame(2, 0, 1, "\x00\x00\x00\x00\x00") },
		"continuation": func(i uint32) string {
			if i == 0 {
				return frame(1, 0, 1, get)
			}
			return frame(9, 0, 1, "")
		},
		"a head that grows unpacked": func(i uint32) string {
			if i == 0 {
				return frame(1, 4, 1, get+"\x40\x01a\x7f\xe1\x1e"+strings.Repeat("x", 4000)) // indexed
			}
			return frame(1, 5, 2*i+1, get+strings.Repeat("\xbe", 16000))
		},
	} {
		c, err := tls.Dial("tcp", h.addr(0), &tls.Config{RootCAs: pool, ServerName: "shop.example", NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(30 * time.Second))
		go io.Copy(io.Discard, c)
		io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+frame(4, 0, 0, ""))
		var sent uint32
		for ; sent < 1_000_000; sent++ {
			if _, err := io.WriteString(c, flood(sent)); err != nil {
				break
			}
		}
		c.Close()
		if name != "a head that grows unpacked" && sent > 100_000 {
			t.Errorf("%s: %d frames were taken", name, sent)
		}
	}
	get2, _ := get200(t, h.client(pool, true))
	if get2 != 200 {
		t.Errorf("after the floods: %d", get2)
	}
}

func get200(t *testing.T, c *http.Client) (int, string) {
	r, b := get(t, c, "https://shop.example/")
	return r.StatusCode, b
}
