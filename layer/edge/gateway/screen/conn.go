package screen

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Peer is what is known of a connection.
type Peer struct {
	// Addr is the address of the client.
	Addr netip.Addr
	// TLS says that the connection is encrypted.
	TLS bool
	// Hello is what Options.Hello made of the ClientHello, or nil.
	Hello any
}

// phase is what a connection of HTTP/1 gives next.
type phase uint8

const (
	awaitHead phase = iota
	giveHead
	giveLength
	giveChunks
	giveRaw
)

// Conn is a connection of HTTP/1 that gives only heads and bodies that were
// checked. One goroutine reads at a time, as net/http does.
type Conn struct {
	net.Conn
	Peer
	options *Options
	release func()

	phase  phase
	fresh  bool
	buf    []byte
	r, w   int // what of buf is not handed on yet
	ok     int // up to where it may be
	lines  reader
	chunks chunks
	left   int64
	// waited and came are how long and how much of the body under way.
	waited time.Duration
	came   int64
	bad    *Violation
	told   bool

	// open are the requests handed on and not answered.
	open atomic.Int32
	raw  atomic.Bool

	mu       sync.Mutex
	heads    []*Head
	theirs   time.Time // net/http's read deadline
	own      time.Time // the screen's
	closing  sync.Once
	closeErr error
}

const bufSize = 4 << 10

func newConn(c net.Conn, p Peer, o *Options, release func()) *Conn {
	k := &Conn{Conn: c, Peer: p, options: o, release: release, fresh: true, buf: make([]byte, bufSize)}
	k.lines.limits = &o.Limits
	return k
}

// Read gives bytes that were checked.
func (c *Conn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		switch c.phase {
		case awaitHead:
			if err := c.awaitHead(); err != nil {
				return 0, err
			}
		case giveHead:
			if n := c.give(p); n > 0 {
				return n, nil
			}
			c.body()
		case giveLength:
			if c.left == 0 {
				c.next()
				continue
			}
			return c.readLength(p)
		case giveChunks:
			if n := c.give(p); n > 0 {
				return n, nil
			}
			if c.chunks.state == atEnd {
				c.next()
				continue
			}
			if err := c.moreChunks(); err != nil {
				return 0, err
			}
		case giveRaw:
			c.ok = c.w
			if n := c.give(p); n > 0 {
				return n, nil
			}
			return c.Conn.Read(p)
		}
	}
	return 0, nil
}

// give hands on what is checked and buffered.
func (c *Conn) give(p []byte) int {
	n := copy(p, c.buf[c.r:c.ok])
	c.r += n
	return n
}

// next begins the next request.
func (c *Conn) next() {
	c.phase = awaitHead
	c.lines.reset()
	if c.r == c.w && len(c.buf) > bufSize { // an idle connection holds little
		c.buf, c.r, c.w, c.ok = make([]byte, bufSize), 0, 0, 0
	}
	if c.raw.Load() {
		c.phase = giveRaw
	}
}

// body begins the body of the request whose head was handed on.
func (c *Conn) body() {
	c.waited, c.came, c.left = 0, 0, c.lines.length
	switch c.lines.frame {
	case noBody:
		c.next()
	case lengthBody:
		c.phase = giveLength
	case chunkedBody:
		c.phase, c.chunks = giveChunks, chunks{}
		c.ok = c.r
	}
}

// awaitHead reads until a head is whole, and checks it on the way.
func (c *Conn) awaitHead() error {
	if c.raw.Load() {
		c.phase = giveRaw
		return nil
	}
	if c.bad != nil {
		return c.refuse()
	}
	if c.fresh { // who connects has something to say
		c.fresh = false
		c.timeHead()
	}
	for {
		if c.w > c.r {
			n, v := c.lines.scan(c.buf[c.r:c.w])
			if v != nil {
				return c.violate(v)
			}
			if n > 0 {
				return c.handOn(n)
			}
			c.timeHead()
		}
		if err := c.fill(); err != nil {
			return c.lateHead(err)
		}
	}
}

func (c *Conn) handOn(n int) error {
	h := c.lines.head(c.buf[c.r : c.r+n])
	c.ok = c.r + n
	c.phase = giveHead
	c.open.Add(1)
	c.mu.Lock()
	c.heads = append(c.heads, h)
	c.mu.Unlock()
	c.setOwn(time.Time{})
	return nil
}

// timeHead starts the time for a head that did not come at once.
func (c *Conn) timeHead() {
	if c.own.IsZero() {
		c.setOwn(time.Now().Add(c.options.Limits.Header))
	}
}

// lateHead turns the screen's own time-out into an answer.
func (c *Conn) lateHead(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && c.expired() {
		if c.r == c.w {
			c.options.refused(c.Peer, silence)
			return io.EOF // who said nothing hears nothing
		}
		return c.violate(slowHead)
	}
	return err
}

// fill reads once more into the buffer, which grows as far as a head may.
func (c *Conn) fill() error {
	if c.r == c.w {
		c.r, c.w, c.ok = 0, 0, 0
	}
	if c.w == len(c.buf) && c.r > 0 {
		copy(c.buf, c.buf[c.r:c.w])
		c.w -= c.r
		c.r, c.ok = 0, 0
	}
	if c.w == len(c.buf) {
		c.buf = append(c.buf, make([]byte, len(c.buf))...)
	}
	n, err := c.Conn.Read(c.buf[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	return err
}

func (c *Conn) readLength(p []byte) (int, error) {
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	if c.w > c.r {
		n := copy(p, c.buf[c.r:c.w])
		c.r += n
		c.left -= int64(n)
		c.came += int64(n)
		return n, nil
	}
	n, err := c.timed(p)
	c.left -= int64(n)
	return n, err
}

func (c *Conn) moreChunks() error {
	if c.bad != nil {
		return c.bad
	}
	for {
		n, v := c.chunks.next(c.buf[c.r:c.w])
		c.ok = c.r + n
		if v != nil {
			c.bad = v
			c.options.refused(c.Peer, v)
		}
		switch {
		case n > 0 || c.chunks.state == atEnd:
			return nil
		case v != nil:
			return v
		}
		if c.r == c.w {
			c.r, c.w = 0, 0
		}
		if c.w == len(c.buf) {
			copy(c.buf, c.buf[c.r:c.w])
			c.w -= c.r
			c.r = 0
		}
		if c.w == len(c.buf) {
			c.buf = append(c.buf, make([]byte, len(c.buf))...)
		}
		k, err := c.timed(c.buf[c.w:])
		c.w += k
		if k == 0 && err != nil {
			return err
		}
	}
}

// timed reads a part of a body. Only the time spent waiting for the client
// counts: a body that nobody reads is not slow.
func (c *Conn) timed(p []byte) (int, error) {
	l := &c.options.Limits
	allowed := l.Grace + time.Duration(c.came/l.Rate)*time.Second - c.waited
	start := time.Now()
	c.setOwn(start.Add(min(allowed, 10*l.Grace)))
	n, err := c.Conn.Read(p)
	c.waited += time.Since(start)
	c.came += int64(n)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && c.expired() {
		c.bad = slowBody
		c.options.refused(c.Peer, slowBody)
		err = slowBody
	}
	c.setOwn(time.Time{})
	return n, err
}

// violate notes what the client did. Where requests are open the client gets
// their answers first.
func (c *Conn) violate(v *Violation) error {
	c.bad = v
	c.options.refused(c.Peer, v)
	c.setOwn(time.Time{})
	return c.refuse()
}

// refuse answers where nothing is in flight, and otherwise waits, and throws
// away what the client sends, until net/http asks for the next request.
func (c *Conn) refuse() error {
	if c.told {
		return io.EOF
	}
	if c.open.Load() > 0 {
		var waste [512]byte
		for {
			if _, err := c.Conn.Read(waste[:]); err != nil {
				return err
			}
		}
	}
	c.told = true
	c.answer(c.bad)
	return io.EOF
}

// setOwn sets the screen's own read deadline; the earlier of it and net/http's
// holds.
func (c *Conn) setOwn(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own.IsZero() && t.IsZero() {
		return
	}
	c.own = t
	c.Conn.SetReadDeadline(earlier(c.theirs, c.own)) //nolint:errcheck // a closed connection says so on reading
}

// expired says whether a time-out was the screen's own.
func (c *Conn) expired() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.own.IsZero() && !time.Now().Before(c.own) && (c.theirs.IsZero() || c.own.Before(c.theirs))
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// SetReadDeadline is net/http's.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = t
	return c.Conn.SetReadDeadline(earlier(t, c.own))
}

// Write gives the client so much time for each write.
func (c *Conn) Write(p []byte) (int, error) {
	l := &c.options.Limits
	if err := c.Conn.SetWriteDeadline(time.Now().Add(l.WriteGrace + time.Duration(int64(len(p))/l.WriteRate)*time.Second)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// SetWriteDeadline does nothing: each Write has its own.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline sets that of reading; each Write has its own.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// CloseWrite lets net/http end a connection without a reset that would take the
// answer with it.
func (c *Conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// Close closes the connection and gives its place to another.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		c.closeErr = c.Conn.Close()
		c.release()
	})
	return c.closeErr
}

// PassThrough ends the checking: what follows is no HTTP (a WebSocket).
func (c *Conn) PassThrough() { c.raw.Store(true) }

// take is the head of the oldest request that nobody took.
func (c *Conn) take() *Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heads) == 0 {
		return nil
	}
	h := c.heads[0]
	c.heads = c.heads[:copy(c.heads, c.heads[1:])]
	return h
}

// secure is a Conn over TLS; net/http takes Request.TLS from it.
type secure struct{ *Conn }

// ConnectionState is that of the TLS connection.
func (s secure) ConnectionState() tls.ConnectionState {
	if t, ok := s.Conn.Conn.(*tls.Conn); ok {
		return t.ConnectionState()
	}
	return tls.ConnectionState{}
}
