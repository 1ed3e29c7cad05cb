package screen

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// heard is the part of a connection that a peer feeds.
type heard struct {
	in   io.Reader
	said bytes.Buffer
}

func (h *heard) Read(p []byte) (int, error)       { return h.in.Read(p) }
func (h *heard) Write(p []byte) (int, error)      { return h.said.Write(p) }
func (h *heard) Close() error                     { return nil }
func (h *heard) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (h *heard) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (h *heard) SetDeadline(time.Time) error      { return nil }
func (h *heard) SetReadDeadline(time.Time) error  { return nil }
func (h *heard) SetWriteDeadline(time.Time) error { return nil }

// bites reads n bytes at a time.
type bites struct {
	r io.Reader
	n int
}

func (b bites) Read(p []byte) (int, error) { return b.r.Read(p[:min(b.n, len(p))]) }

// passed is what a Conn hands on of what a client sends in bites of n.
func passed(text []byte, n int) (out []byte, heads []*Head) {
	o := &Options{Limits: Limits{}.Filled()}
	c := newConn(&heard{in: bites{bytes.NewReader(text), n}}, Peer{}, o, func() {})
	buf := make([]byte, 100)
	for {
		k, err := c.Read(buf)
		out = append(out, buf[:k]...)
		for h := c.take(); h != nil; h = c.take() {
			heads = append(heads, h)
			c.open.Add(-1)
		}
		if err != nil {
			return out, heads
		}
	}
}

// Whatever arrives, and however it is cut: what is handed on begins the input,
// net/http finds in it the very requests that the screen found, and nothing that
// the screen did not let pass.
func FuzzConn(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: [::1]:8\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\xfe\r\n y\r\n\r\n", "\x16\x03\x01", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		out, heads := passed(text, 1<<20)
		again, _ := passed(text, 1)
		if !bytes.Equal(out, again) {
			t.Fatalf("in one piece %q, byte by byte %q", out, again)
		}
		if !bytes.HasPrefix(text, out) {
			t.Fatalf("%q is not the beginning of %q", out, text)
		}
		in := bufio.NewReader(bytes.NewReader(out))
		for _, h := range heads {
			r, err := http.ReadRequest(in)
			if err != nil {
				return // net/http refuses more: targets that are no URL
			}
			if r.Method != h.Method || r.RequestURI != h.Target || r.Proto != h.Version || !strings.EqualFold(r.Host, h.Host) {
				t.Fatalf("the screen read %s %q of %q, net/http %s %q of %q", h.Method, h.Target, h.Host, r.Method, r.RequestURI, r.Host)
			}
			if len(r.Header["Content-Length"]) > 1 || len(r.Header["Content-Length"]) > 0 && len(r.TransferEncoding) > 0 {
				t.Fatalf("two framings: %v", r.Header)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return // cut off in the body
			}
		}
		if rest, _ := io.ReadAll(in); len(rest) > 0 {
			t.Fatalf("behind the last request stands %q", rest)
		}
	})
}

// FuzzH2 feeds frames to the tap: it ends, and takes no more memory than a head
// may have.
func FuzzH2(f *testing.F) {
	frames := func(write func(*http2.Framer)) {
		var b bytes.Buffer
		b.WriteString(http2.ClientPreface)
		write(http2.NewFramer(&b, nil))
		f.Add(b.Bytes())
	}
	frames(func(w *http2.Framer) {
		w.WriteSettings()
		w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte("\x82\x87\x84\x41\x01a"), EndHeaders: true, EndStream: true})
		w.WritePing(false, [8]byte{})
	})
	frames(func(w *http2.Framer) {
		w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte("\x82\x87"), PadLength: 3, Priority: http2.PriorityParam{Weight: 1}})
		w.WriteContinuation(1, true, []byte("\x84\x41\x01a"))
		w.WriteData(1, true, []byte("abc"))
		w.WriteRSTStream(1, http2.ErrCodeCancel)
	})
	f.Fuzz(func(t *testing.T, text []byte) {
		o := &Options{Limits: Limits{}.Filled()}
		h := newH2(nil, Peer{}, o, func() {})
		h.in, h.w = append(bytes.Clone(text), make([]byte, bufSize)...), len(text)
		buf, given := make([]byte, 1000), 0
		for h.r < h.w { // never to the connection, which is not there
			if len(h.out) == 0 && h.pass == 0 && !h.whole() {
				break
			}
			n, err := h.Read(buf)
			if given += n; err != nil {
				break
			}
		}
		if most := len(text) + (len(text)/h2FrameHeader+1)*(o.Limits.Head+bufSize); given > most || len(h.in) > len(text)+H2Frame+2*bufSize {
			t.Fatalf("%d bytes became %d, %d are held", len(text), given, len(h.in))
		}
	})
}

// whole says whether the frame that comes next is in the buffer.
func (h *H2Conn) whole() bool {
	b := h.in[h.r:h.w]
	if !h.preface {
		return len(b) >= h2Preface
	}
	return len(b) >= h2FrameHeader && len(b) >= h2FrameHeader+int(b[0])<<16+int(b[1])<<8+int(b[2])
}

// FuzzHello: what is taken for a ClientHello was in the input, and all of the
// input can be read again.
func FuzzHello(f *testing.F) {
	f.Add([]byte("\x16\x03\x01\x00\x08\x01\x00\x00\x04abcd"))
	f.Add([]byte("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x01\x00\x16\x03\x01\x00\x02\x00\x01\x16\x03\x01\x00\x01x"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		hello, again, err := peekHello(&heard{in: bytes.NewReader(text)})
		if err != nil {
			if hello != nil || errors.Is(err, errHello) == (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
				t.Fatalf("%q with %v", hello, err)
			}
			return
		}
		if all, err := io.ReadAll(again); err != nil || !bytes.Equal(all, text) || len(hello) > maxHello {
			t.Fatalf("read again %q %v", all, err)
		}
	})
}
