package agreetest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// sender sends requests over one connection, and opens another where the server
// closed it.
type sender interface {
	send(*sent) (status int, err error)
	close()
}

// h1 speaks HTTP/1.1, byte for byte what the request says.
type h1 struct {
	address string
	tls     *tls.Config
	c       net.Conn
	r       *bufio.Reader
	out     bytes.Buffer
}

func (h *h1) open() (err error) {
	if h.c != nil {
		return nil
	}
	if h.tls != nil {
		h.c, err = tls.Dial("tcp", h.address, h.tls)
	} else {
		h.c, err = net.Dial("tcp", h.address)
	}
	if err == nil {
		h.r = bufio.NewReaderSize(h.c, 16<<10)
	}
	return err
}

func (h *h1) close() {
	if h.c != nil {
		h.c.Close()
		h.c = nil
	}
}

func (h *h1) send(s *sent) (int, error) {
	if err := h.open(); err != nil {
		return 0, err
	}
	h.write(s)
	h.c.SetDeadline(time.Now().Add(30 * time.Second)) //nolint:errcheck // it can
	_, failed := h.c.Write(h.out.Bytes())             // the answer says why
	a, err := http.ReadResponse(h.r, &http.Request{Method: s.method})
	if err != nil {
		h.close()
		return 0, errors.Join(failed, err)
	}
	_, err = io.Copy(io.Discard, a.Body)
	if a.Close || err != nil {
		h.close()
	}
	return a.StatusCode, err
}

func (h *h1) write(s *sent) {
	b := &h.out
	b.Reset()
	fmt.Fprintf(b, "%s %s HTTP/1.1\r\n", s.method, s.target())
	for _, f := range s.headers {
		fmt.Fprintf(b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	if !s.chunked {
		b.Write(s.body)
		return
	}
	for rest := s.body; len(rest) > 0; {
		n := min(len(rest), 1+len(s.body)/3)
		fmt.Fprintf(b, "%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	b.WriteString("0\r\n\r\n")
}

// h2 speaks HTTP/2 over TLS, one stream after another.
type h2 struct {
	address string
	tls     *tls.Config
	c       *tls.Conn
	f       *http2.Framer
	enc     *hpack.Encoder
	block   bytes.Buffer
	stream  uint32
	// room is what the connection may still send.
	room  int
	taken int
}

func (h *h2) open() (err error) {
	if h.c != nil {
		return nil
	}
	if h.c, err = tls.Dial("tcp", h.address, h.tls); err != nil {
		return err
	}
	if _, err := io.WriteString(h.c, http2.ClientPreface); err != nil {
		return err
	}
	h.f = http2.NewFramer(h.c, h.c)
	h.f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	h.enc = hpack.NewEncoder(&h.block)
	h.stream, h.room, h.taken = 1, 65535, 0
	return h.f.WriteSettings()
}

func (h *h2) close() {
	if h.c != nil {
		h.c.Close()
		h.c = nil
	}
}

func (h *h2) send(s *sent) (int, error) {
	if err := h.open(); err != nil {
		return 0, err
	}
	h.c.SetDeadline(time.Now().Add(30 * time.Second)) //nolint:errcheck // it can
	status, err := h.exchange(s)
	if err != nil || h.stream > 20000 {
		h.close()
	}
	h.stream += 2
	return status, err
}

func (h *h2) exchange(s *sent) (int, error) {
	h.block.Reset()
	for _, f := range [...][2]string{{":method", s.method}, {":scheme", "https"}, {":authority", "shop.example"}, {":path", s.target()}} {
		h.enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}) //nolint:errcheck // into memory
	}
	for _, f := range s.headers {
		h.enc.WriteField(hpack.HeaderField{Name: f.Name, Value: f.Value}) //nolint:errcheck // into memory
	}
	block := h.block.Bytes()
	first := block[:min(len(block), 16000)]
	err := h.f.WriteHeaders(http2.HeadersFrameParam{StreamID: h.stream, BlockFragment: first, EndHeaders: len(first) == len(block), EndStream: len(s.body) == 0})
	for rest := block[len(first):]; err == nil && len(rest) > 0; {
		n := min(len(rest), 16000)
		err = h.f.WriteContinuation(h.stream, n == len(rest), rest[:n])
		rest = rest[n:]
	}
	for h.room < len(s.body) && err == nil {
		_, _, err = h.next()
	}
	h.room -= len(s.body)
	for rest := s.body; err == nil && len(rest) > 0; {
		n := min(len(rest), 16000)
		err = h.f.WriteData(h.stream, n == len(rest), rest[:n])
		rest = rest[n:]
	}
	status := 0
	for done := false; err == nil && !done; {
		var got int
		got, done, err = h.next()
		status = max(status, got)
	}
	return status, err
}

// next reads a frame, and says what it tells of the request under way.
func (h *h2) next() (status int, done bool, err error) {
	f, err := h.f.ReadFrame()
	if err != nil {
		return 0, false, err
	}
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			err = h.f.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			err = h.f.WritePing(true, f.Data)
		}
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			h.room += int(f.Increment)
		}
	case *http2.MetaHeadersFrame:
		fmt.Sscan(f.PseudoValue("status"), &status) //nolint:errcheck // then it is 0
		done = f.StreamEnded()
	case *http2.DataFrame:
		if h.taken += int(f.Length); h.taken > 20000 {
			err = h.f.WriteWindowUpdate(0, uint32(h.taken))
			h.taken = 0
		}
		done = f.StreamEnded()
	case *http2.RSTStreamFrame:
		if f.ErrCode != http2.ErrCodeNo {
			err = fmt.Errorf("reset: %s", f.ErrCode)
		}
	case *http2.GoAwayFrame:
		err = fmt.Errorf("go away: %s", f.ErrCode)
	}
	return status, done, err
}
