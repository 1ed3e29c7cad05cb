package screen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2Server answers with the order of the headers as Take gives it.
func h2Server(t *testing.T) net.Addr { t.Helper(); return h2Listener(t).Addr() }

func h2Listener(t *testing.T) *Listener {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head, peer := Take(r)
		if head == nil {
			w.WriteHeader(400)
			return
		}
		defer head.Release()
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s|", head.Method, head.Target, head.Version)
		for _, f := range head.Fields {
			fmt.Fprintf(w, "%s=%s|", f.Name, f.Value)
		}
		fmt.Fprintf(w, "%s|%d|%t", b, len(r.Header), peer.TLS)
	})
	s := &http.Server{
		Handler: h, ConnContext: ConnContext, Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0),
		HTTP2: &http.HTTP2Config{MaxReadFrameSize: H2Frame, MaxDecoderHeaderTableSize: H2Table},
	}
	s.Protocols.SetUnencryptedHTTP2(true)
	l := New(inner, Options{
		TLS:   &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"h2"}},
		HTTP2: true,
	})
	go s.Serve(l.HTTP2())
	t.Cleanup(func() { s.Close() })
	return l
}

// speaker is a client of HTTP/2 that chooses its frames.
type speaker struct {
	*http2.Framer
	c     net.Conn
	block bytes.Buffer
	enc   *hpack.Encoder
}

func speak(t *testing.T, a net.Addr) *speaker {
	t.Helper()
	c, err := tls.Dial("tcp", a.String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(c, http2.ClientPreface)
	s := &speaker{Framer: http2.NewFramer(c, c), c: c}
	s.enc = hpack.NewEncoder(&s.block)
	s.WriteSettings()
	return s
}

// ask sends a head in frames of a size, and perhaps padded.
func (s *speaker) ask(stream uint32, piece int, pad uint8, end bool, fields ...string) {
	s.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		s.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	b := s.block.Bytes()
	first := b[:min(piece, len(b))]
	b = b[len(first):]
	s.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: first, EndHeaders: len(b) == 0, EndStream: end, PadLength: pad})
	for len(b) > 0 {
		next := b[:min(piece, len(b))]
		b = b[len(next):]
		s.WriteContinuation(stream, len(b) == 0, next)
	}
}

// answer is the status and body of a stream.
func (s *speaker) answer(t *testing.T, stream uint32) (status, body string) {
	t.Helper()
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == ":status" {
			status = f.Value
		}
	})
	for {
		f, err := s.ReadFrame()
		if err != nil {
			return status, "error: " + err.Error()
		}
		switch f := f.(type) {
		case *http2.HeadersFrame:
			decoder.Write(f.HeaderBlockFragment())
			if f.StreamEnded() && f.StreamID == stream {
				return status, body
			}
		case *http2.DataFrame:
			if f.StreamID == stream {
				body += string(f.Data())
			}
			if f.StreamEnded() && f.StreamID == stream {
				return status, body
			}
		case *http2.RSTStreamFrame:
			if f.StreamID == stream {
				return "reset", f.ErrCode.String()
			}
		case *http2.GoAwayFrame:
			return "goaway", f.ErrCode.String()
		}
	}
}

func TestTheOrderOfHeadersOfHTTP2(t *testing.T) {
	addr := h2Server(t)
	request := []string{":method", "POST", ":path", "/a?b", ":scheme", "https", ":authority", "shop", "x-b", "1", "accept", "*/*", "x-a", "2", "x-b", "3", "cookie", "a=1", "user-agent", "me", "cookie", "b=2"}
	const want = "POST /a?b HTTP/2.0|host=shop|x-b=1|accept=*/*|x-a=2|x-b=3|cookie=a=1; b=2|user-agent=me|"
	for _, piece := range []int{1 << 14, 40, 10} {
		for _, pad := range []uint8{0, 200} {
			s := speak(t, addr)
			for i := range uint32(3) { // the table of headers is used from the second on
				stream := 2*i + 1
				s.ask(stream, piece, pad, false, request...)
				s.WriteData(stream, false, []byte("bo"))
				s.WriteData(stream, true, []byte("dy"))
				if status, body := s.answer(t, stream); status != "200" || body != want+"body|5|true" {
					t.Errorf("piece %d, pad %d, stream %d: %s %s", piece, pad, stream, status, body)
				}
			}
		}
	}
}

func TestTrailersOfHTTP2AreLeftAlone(t *testing.T) {
	s := speak(t, h2Server(t))
	s.ask(1, 1<<14, 0, false, ":method", "POST", ":path", "/", ":scheme", "https", ":authority", "shop")
	s.WriteData(1, false, []byte("x"))
	s.ask(1, 1<<14, 0, true, "grpc-status", "0")
	if status, body := s.answer(t, 1); status != "200" || body != "POST / HTTP/2.0|host=shop|x|0|true" {
		t.Errorf("%s %s", status, body)
	}
}

func TestHeadsThatHTTP2DoesNotHave(t *testing.T) {
	addr := h2Server(t)
	base := []string{":method", "GET", ":path", "/", ":scheme", "https", ":authority", "shop"}
	for name, fields := range map[string][]string{
		"two hosts":         {"host", "other"},
		"transfer-encoding": {"transfer-encoding", "chunked"},
		"connection":        {"connection", "close"},
		"two lengths":       {"content-length", "0", "content-length", "1"},
		"an underscore":     {"content_length", "1"},
		"te":                {"te", "gzip"},
		"many fields":       strings.Split(strings.Repeat("a,b,", 300)+"c,d", ","),
		"a line break":      {"x", "a\r\nb: c"},
		"a capital":         {"X-A", "b"},
	} {
		s := speak(t, addr)
		s.ask(1, 1<<14, 0, true, append(base, fields...)...)
		if status, body := s.answer(t, 1); status == "200" {
			t.Errorf("%s: %s", name, body)
		}
	}
	for name, fields := range map[string][]string{
		"a space in the path":   {":method", "GET", ":path", "/a b", ":scheme", "https", ":authority", "shop"},
		"a break in the path":   {":method", "GET", ":path", "/a\r\nb", ":scheme", "https", ":authority", "shop"},
		"a break in the method": {":method", "GET / HTTP/1.1\r\nx: y", ":path", "/", ":scheme", "https", ":authority", "shop"},
		"a path in the host":    {":method", "GET", ":path", "/", ":scheme", "https", ":authority", "shop/x"},
		"no path":               {":method", "GET", ":path", "", ":scheme", "https", ":authority", "shop"},
		"a relative path":       {":method", "GET", ":path", "x", ":scheme", "https", ":authority", "shop"},
	} {
		s := speak(t, addr)
		s.ask(1, 1<<14, 0, true, fields...)
		if status, body := s.answer(t, 1); status == "200" {
			t.Errorf("%s: %s", name, body)
		}
	}
	// The tap's own header cannot be sent: its name is not known outside, and
	// whoever guessed it would be refused.
	s := speak(t, addr)
	s.ask(1, 1<<14, 0, true, append(base, orderName, "o:x-forged")...)
	if status, _ := s.answer(t, 1); status != "400" {
		t.Errorf("a forged order: %s", status)
	}
}
