package screen

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a connection on which a client sent some bytes and no more; what is
// answered is kept. Reads come in pieces of a size.
type script struct {
	in    *bytes.Reader
	out   bytes.Buffer
	piece int
}

func (s *script) Read(p []byte) (int, error)       { return s.in.Read(p[:min(len(p), s.piece)]) }
func (s *script) Write(p []byte) (int, error)      { return s.out.Write(p) }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return nil }
func (s *script) RemoteAddr() net.Addr             { return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// read is what net/http makes of what the screen passes.
type read struct {
	Method, Target, Host, Body string
	Header                     http.Header
}

// through sends a text through the screen and reads it as net/http does.
func through(text string, piece int) (requests []read, heads []*Head, answer string, bad *Violation) {
	s := &script{in: bytes.NewReader([]byte(text)), piece: piece}
	o := &Options{Limits: Limits{Head: 8 << 10, RequestLine: 2 << 10, Fields: 50}.Filled()}
	o.Refused = func(_ Peer, v *Violation) { bad = v }
	c := newConn(s, Peer{}, o, func() {})
	b := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(b)
		if err != nil {
			break
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			break
		}
		requests = append(requests, read{r.Method, r.RequestURI, r.Host, string(body), r.Header})
		heads = append(heads, c.take())
		c.open.Add(-1)
	}
	return requests, heads, s.out.String(), bad
}

func TestTheHeadIsAsItArrived(t *testing.T) {
	text := "POST /a?b=%zz HTTP/1.1\r\nhOST: shop:80\r\nX-B:  two words \t\r\nx-a:\r\nX-B: \xff\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n"
	for piece := 1; piece < len(text); piece++ {
		requests, heads, answer, bad := through(text, piece)
		if bad != nil || answer != "" || len(requests) != 2 {
			t.Fatalf("piece %d: %v %q %d", piece, bad, answer, len(requests))
		}
		var got []string
		for _, f := range heads[0].Fields {
			got = append(got, f.Name+"="+f.Value)
		}
		want := []string{"hOST=shop:80", "X-B=two words", "x-a=", "X-B=\xff", "Content-Length=3"}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		if heads[0].Host != "shop:80" || heads[0].Target != "/a?b=%zz" || requests[0].Body != "abc" || heads[1].Version != "HTTP/1.0" {
			t.Errorf("%+v %+v", heads[0], heads[1])
		}
	}
}

// Whatever the screen passes net/http reads to the same heads, and however the
// bytes are cut the same requests pass.
func FuzzScreen(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\nHost: b\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\nT: x\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "GET http://a/b HTTP/1.1\r\nhost: a\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n", "\x16\x03\x01", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n",
	} {
		f.Add(seed, 7)
	}
	f.Fuzz(func(t *testing.T, text string, piece int) {
		requests, heads, answer, bad := through(text, 1<<20)
		for i, r := range requests {
			h := heads[i]
			if h == nil {
				t.Fatalf("net/http read %d requests where the screen passed %d", len(requests), i)
			}
			if h.Method != r.Method || h.Target != r.Target {
				t.Errorf("%s %s, and net/http reads %s %s", h.Method, h.Target, r.Method, r.Target)
			}
			same(t, h, r)
		}
		if bad != nil && answer == "" && bad.Code != 0 && !strings.HasPrefix(bad.Reason, "chunk") && bad != badTrailer && bad != bareLF {
			t.Errorf("%s was not answered", bad.Reason)
		}
		cut, _, _, cutBad := through(text, max(1, piece%64)) // of two faults either may be found first
		if d := cmp.Diff(requests, cut); d != "" || (cutBad == nil) != (bad == nil) {
			t.Errorf("in pieces: %v instead of %v, %s", cutBad, bad, d)
		}
	})
}

// same compares the headers, which net/http keeps by name.
func same(t *testing.T, h *Head, r read) {
	t.Helper()
	got := http.Header{}
	for _, f := range h.Fields {
		got.Add(f.Name, f.Value)
	}
	if h.Host != r.Host && !strings.Contains(h.Target, "://") {
		t.Errorf("host %q, and net/http reads %q", h.Host, r.Host)
	}
	for _, framing := range []string{"Host", "Transfer-Encoding", "Trailer"} { // net/http takes them out
		delete(got, framing)
		delete(r.Header, framing)
	}
	if r.Header.Get("Cache-Control") == "no-cache" && got.Get("Pragma") != "" { // net/http reads one as the other
		delete(got, "Cache-Control")
		delete(r.Header, "Cache-Control")
	}
	if d := cmp.Diff(got, r.Header); d != "" {
		t.Error(d)
	}
}

func TestAnIPv6NetworkIsOneClient(t *testing.T) {
	c := newClients(&Limits{Connections: 10, PerClient: 1})
	one, other, next := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8:0:1::1")
	if c.enter(one) != nil || c.enter(other) != tooManyOfOne || c.enter(next) != nil {
		t.Error("networks of /64 are not counted as one client")
	}
	c.leave(one)
	if c.enter(other) != nil || c.open() != 2 {
		t.Error("a place that was left is not free")
	}
}

func TestViolationsOutlastWrapping(t *testing.T) {
	if ViolationOf(errors.Join(io.EOF, badChunk)) != badChunk || ViolationOf(io.EOF) != nil {
		t.Error("a violation is not found")
	}
}

func BenchmarkHead(b *testing.B) {
	text := []byte("GET /search?q=shoes&page=2 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html\r\nAccept-Encoding: gzip, br\r\nCookie: session=0123456789abcdef\r\nReferer: https://shop.example/\r\n\r\n")
	limits := Limits{}.Filled()
	r := reader{limits: &limits}
	b.ReportAllocs()
	for b.Loop() {
		r.reset()
		if n, v := r.scan(text); n == 0 || v != nil {
			b.Fatal(v)
		}
		r.head(text).Release()
	}
}
