package screen

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Sizes of HTTP/2. The tap and the server have to agree on them.
const (
	h2Preface     = len(http2.ClientPreface)
	h2FrameHeader = 9
	// H2Frame and H2Table are what the server announces: its largest frame, and
	// the table of headers.
	H2Frame = 16 << 10
	H2Table = 4 << 10
	// continuations are the most frames that one head may be spread over.
	continuations = 16
)

// orderName is the header in which the tap tells the handler the order of the
// others. Nobody outside knows the name, so nobody can send it.
var orderName = func() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // crypto/rand does not fail
	return "fathom-" + hex.EncodeToString(b[:])
}()

var orderKey = http.CanonicalHeaderKey(orderName)

// H2Conn is a connection of HTTP/2 on its way to the server. It follows the
// frames without changing what they mean: after each head it adds a CONTINUATION
// with one more header, never indexed, that names the headers in their order.
//
// It does not say that it is encrypted: net/http speaks HTTP/2 only on a
// *tls.Conn, or on a connection that is none.
type H2Conn struct {
	conn net.Conn
	Peer
	options *Options
	release func()
	closing sync.Once

	in   []byte // read from the client, not looked at
	r, w int
	pass int    // bytes of in, or to come, that are handed on as they are
	out  []byte // to be handed on before anything else

	preface bool
	decoder *hpack.Decoder
	fields  fieldOrder
	// stream is the head under way; last the highest stream that was opened.
	stream, last     uint32
	blocks, size     int
	resets, controls bucket
	dead             error

	ending  atomic.Bool
	writing sync.Mutex // guards written, and the order of writes
	written frames
}

// fieldOrder gathers the names of one head.
type fieldOrder struct {
	names           []byte
	count, bytes    int
	authority, host string
	bad             byte // 0, or what is wrong: '4' bad, 'L' too long
	lengths         int
}

func newH2(c net.Conn, p Peer, o *Options, release func()) *H2Conn {
	h := &H2Conn{conn: c, Peer: p, options: o, release: release, in: make([]byte, 2*bufSize)}
	h.decoder = hpack.NewDecoder(H2Table, h.emit)
	h.decoder.SetMaxStringLength(o.Limits.Head)
	h.resets = bucket{rate: o.Limits.Resets}
	h.controls = bucket{rate: o.Limits.Controls}
	return h
}

// Read gives the server the frames.
func (h *H2Conn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if len(h.out) > 0 {
			n := copy(p, h.out)
			h.out = h.out[n:]
			return n, nil
		}
		if h.pass > 0 {
			return h.passOn(p)
		}
		if h.dead != nil {
			return 0, h.dead
		}
		if err := h.frame(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

func (h *H2Conn) passOn(p []byte) (int, error) {
	if len(p) > h.pass {
		p = p[:h.pass]
	}
	if h.r < h.w {
		n := copy(p, h.in[h.r:h.w])
		h.r += n
		h.pass -= n
		return n, nil
	}
	n, err := h.conn.Read(p)
	h.pass -= n
	return n, err
}

// need reads until n bytes are buffered.
func (h *H2Conn) need(n int) error {
	for h.w-h.r < n {
		if h.r == h.w {
			h.r, h.w = 0, 0
		}
		if h.r+n > len(h.in) {
			b := h.in
			if n > len(b) {
				b = make([]byte, n+bufSize)
			}
			h.w = copy(b, h.in[h.r:h.w])
			h.in, h.r = b, 0
		}
		k, err := h.conn.Read(h.in[h.w:])
		h.w += k
		if k == 0 && err != nil {
			return err
		}
	}
	return nil
}

// frame looks at the next frame.
func (h *H2Conn) frame() error {
	if !h.preface {
		h.preface, h.pass = true, h2Preface
		return nil
	}
	if err := h.need(h2FrameHeader); err != nil {
		return err
	}
	head := h.in[h.r:]
	length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	kind, flags := http2.FrameType(head[3]), http2.Flags(head[4])
	stream := binary.BigEndian.Uint32(head[5:]) & (1<<31 - 1)
	if length > H2Frame { // the server refuses it by the first nine bytes
		h.pass = h2FrameHeader + length
		return nil
	}
	switch kind {
	case http2.FrameHeaders, http2.FrameContinuation:
		if err := h.need(h2FrameHeader + length); err != nil {
			return err
		}
		return h.headers(h.in[h.r:h.r+h2FrameHeader+length], kind, flags, stream)
	case http2.FrameRSTStream:
		if !h.resets.take() {
			return h.kill(&Violation{0, "rapid-reset", "the client gives up too many streams"})
		}
	case http2.FrameData:
		if length == 0 && !flags.Has(http2.FlagDataEndStream) && !h.controls.take() {
			return h.kill(&Violation{0, "empty-frames", "the client sends too many frames that carry nothing"})
		}
	case http2.FrameWindowUpdate:
	default:
		if !h.controls.take() {
			return h.kill(&Violation{0, "control-frames", "the client sends too many frames that carry nothing"})
		}
	}
	h.pass = h2FrameHeader + length
	return nil
}

func (h *H2Conn) kill(v *Violation) error {
	h.options.refused(h.Peer, v)
	h.dead = v
	return v
}

// headers follows one frame of a head, and adds the order after the last.
func (h *H2Conn) headers(f []byte, kind http2.FrameType, flags http2.Flags, stream uint32) error {
	h.pass = len(f)
	block, ok := fragment(f[h2FrameHeader:], kind, flags)
	if !ok || kind == http2.FrameContinuation && (h.stream == 0 || stream != h.stream) || kind == http2.FrameHeaders && h.stream != 0 {
		return nil // the server refuses the connection for it
	}
	if kind == http2.FrameHeaders {
		h.stream, h.blocks, h.size = stream, 0, 0
		h.fields = fieldOrder{names: append(h.fields.names[:0], 'o')}
		h.decoder.SetEmitEnabled(true)
	}
	h.size += len(block)
	if h.blocks++; h.blocks > continuations || h.size > 2*h.options.Limits.Head {
		return h.kill(&Violation{0, "head-length", "the head of the request is too long"})
	}
	if _, err := h.decoder.Write(block); err != nil {
		return h.kill(&Violation{0, "hpack", "the head of the request cannot be unpacked"})
	}
	if !flags.Has(http2.FlagHeadersEndHeaders) {
		return nil
	}
	if err := h.decoder.Close(); err != nil {
		return h.kill(&Violation{0, "hpack", "the head of the request cannot be unpacked"})
	}
	h.stream = 0
	if stream <= h.last {
		return nil // trailers
	}
	h.last = stream
	f[4] &^= byte(http2.FlagHeadersEndHeaders)
	h.out = append(h.out[:0], f...)
	h.out = h.fields.frame(h.out, stream)
	h.r += len(f)
	h.pass = 0
	return nil
}

// fragment is the part of a frame that holds headers (RFC 9113, 6.2).
func fragment(p []byte, kind http2.FrameType, flags http2.Flags) ([]byte, bool) {
	if kind == http2.FrameContinuation {
		return p, true
	}
	pad := 0
	if flags.Has(http2.FlagHeadersPadded) {
		if len(p) < 1 {
			return nil, false
		}
		pad = int(p[0])
		p = p[1:]
	}
	if flags.Has(http2.FlagHeadersPriority) {
		if len(p) < 5 {
			return nil, false
		}
		p = p[5:]
	}
	if pad > len(p) {
		return nil, false
	}
	return p[:len(p)-pad], true
}

// emit takes one header of a head.
func (h *H2Conn) emit(f hpack.HeaderField) {
	o := &h.fields
	o.count++
	o.bytes += len(f.Name) + len(f.Value) + 32
	if o.count > h.options.Limits.Fields+4 || o.bytes > h.options.Limits.Head {
		o.bad = 'L'
		h.decoder.SetEmitEnabled(false)
		return
	}
	name := f.Name
	switch name {
	case ":authority":
		o.authority = f.Value
		name = "host"
		if !hostOK([]byte(f.Value)) {
			o.bad = '4'
		}
	case "host":
		if o.host != "" || o.authority != "" && !strings.EqualFold(o.authority, f.Value) || !hostOK([]byte(f.Value)) {
			o.bad = '4'
		}
		o.host = f.Value
		if o.authority != "" {
			return
		}
	case "content-length":
		if o.lengths++; o.lengths > 1 {
			o.bad = '4'
		}
	case "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade":
		o.bad = '4' // RFC 9113, 8.2.2
	case "te":
		if f.Value != "trailers" {
			o.bad = '4'
		}
	default:
		if strings.IndexByte(name, '_') >= 0 && framing([]byte(name)) || name == orderName {
			o.bad = '4'
		}
		if strings.HasPrefix(name, ":") {
			return
		}
	}
	o.names = append(append(o.names, ':'), name...)
}

// frame is a CONTINUATION that ends a head with the order of its headers, as a
// literal that is in no table.
func (o *fieldOrder) frame(b []byte, stream uint32) []byte {
	value := o.names
	if o.bad == 0 && o.authority == "" && o.host == "" {
		o.bad = '4'
	}
	if o.bad != 0 {
		value = []byte{o.bad}
	}
	at := len(b)
	b = append(b, 0, 0, 0, byte(http2.FrameContinuation), byte(http2.FlagContinuationEndHeaders), 0, 0, 0, 0)
	binary.BigEndian.PutUint32(b[at+5:], stream)
	b = append(b, 0x10) // never indexed, with a new name
	b = append(number(b, len(orderName)), orderName...)
	b = append(number(b, len(value)), value...)
	n := len(b) - at - h2FrameHeader
	b[at], b[at+1], b[at+2] = byte(n>>16), byte(n>>8), byte(n)
	return b
}

// number writes an integer with a prefix of seven bits (RFC 7541, 5.1).
func number(b []byte, n int) []byte {
	if n < 127 {
		return append(b, byte(n))
	}
	b = append(b, 127)
	for n -= 127; n >= 128; n >>= 7 {
		b = append(b, byte(n&127|128))
	}
	return append(b, byte(n))
}

// Write gives the client frames.
func (h *H2Conn) Write(p []byte) (int, error) {
	h.writing.Lock()
	defer h.writing.Unlock()
	n, err := h.send(p)
	if h.written.follow(p[:n]); err == nil {
		err = h.warn()
	}
	return n, err
}

// send gives the client so much time for each write.
func (h *H2Conn) send(p []byte) (int, error) {
	l := &h.options.Limits
	if err := h.conn.SetWriteDeadline(time.Now().Add(l.WriteGrace + time.Duration(int64(len(p))/l.WriteRate)*time.Second)); err != nil {
		return 0, err
	}
	return h.conn.Write(p)
}

// LocalAddr and RemoteAddr are those of the connection below.
func (h *H2Conn) LocalAddr() net.Addr { return h.conn.LocalAddr() }

// RemoteAddr is the client's.
func (h *H2Conn) RemoteAddr() net.Addr { return h.conn.RemoteAddr() }

// SetReadDeadline is net/http's.
func (h *H2Conn) SetReadDeadline(t time.Time) error { return h.conn.SetReadDeadline(t) }

// SetDeadline sets that of reading; each Write has its own.
func (h *H2Conn) SetDeadline(t time.Time) error { return h.conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: each Write has its own.
func (h *H2Conn) SetWriteDeadline(time.Time) error { return nil }

// Close closes the connection and gives its place to another.
func (h *H2Conn) Close() (err error) {
	h.closing.Do(func() {
		err = h.conn.Close()
		h.release()
	})
	return err
}

var _ net.Conn = (*H2Conn)(nil)

// bucket allows rate events a second, and ten times as many at once.
type bucket struct {
	rate  int
	left  float64
	since time.Time
}

func (b *bucket) take() bool {
	now := time.Now()
	full := float64(10 * b.rate)
	if b.since.IsZero() {
		b.left = full
	} else {
		b.left = min(full, b.left+now.Sub(b.since).Seconds()*float64(b.rate))
	}
	b.since = now
	b.left--
	return b.left >= 0
}
