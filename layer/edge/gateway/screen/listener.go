package screen

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Options are what a Listener does besides checking.
type Options struct {
	Limits Limits
	// TLS is nil on a plain listener.
	TLS *tls.Config
	// HTTP2 says that somebody accepts from Listener.HTTP2. TLS offers h2 then.
	HTTP2 bool
	// Hello makes of the bytes of the ClientHello, the record layer taken off,
	// what Peer.Hello holds. Nil does not look at them.
	Hello func([]byte) any
	// Refused is told of each violation, and of connections and handshakes that
	// were refused. It must not block. Nil tells nobody.
	Refused func(Peer, *Violation)
	// Admit says whether a client may connect, before anything is read of it. Nil
	// admits all within the limits.
	Admit func(netip.Addr) bool
}

func (o *Options) refused(p Peer, v *Violation) {
	if o.Refused != nil {
		o.Refused(p, v)
	}
}

// What becomes of a connection before it is one of HTTP.
var (
	tooMany       = &Violation{0, "connections", "there are too many connections"}
	notAdmitted   = &Violation{0, "not-admitted", "the client may not connect"}
	tooManyOfOne  = &Violation{0, "connections-of-client", "one client has too many connections"}
	badHandshake  = &Violation{0, "handshake", "the TLS handshake failed"}
	slowHandshake = &Violation{0, "slow-handshake", "the TLS handshake took too long"}
)

// Listener accepts connections, checks them, and gives them to servers of
// net/http.
type Listener struct {
	inner   net.Listener
	options Options
	ready   chan net.Conn // of HTTP/1
	ready2  chan net.Conn // of HTTP/2
	done    chan struct{}
	once    sync.Once
	err     error
	shaking sync.WaitGroup
	clients *clients
	mu      sync.Mutex
	open2   map[*H2Conn]struct{} // of HTTP/2
}

// New wraps a listener. It owns inner, and accepts at once.
func New(inner net.Listener, o Options) *Listener {
	o.Limits = o.Limits.Filled()
	l := &Listener{inner: inner, options: o, ready: make(chan net.Conn), ready2: make(chan net.Conn), done: make(chan struct{}), clients: newClients(&o.Limits), open2: map[*H2Conn]struct{}{}}
	go l.accept()
	return l
}

func (l *Listener) accept() {
	pause := time.Millisecond
	for {
		c, err := l.inner.Accept()
		if err == nil {
			pause = time.Millisecond
			l.admit(c)
			continue
		}
		if l.closed() || errors.Is(err, net.ErrClosed) {
			l.shaking.Wait()
			l.stop(err)
			return
		}
		select { // out of file descriptors, mostly: others have to close first
		case <-time.After(pause):
			pause = min(2*pause, time.Second)
		case <-l.done:
			return
		}
	}
}

func (l *Listener) admit(c net.Conn) {
	p := Peer{Addr: addrOf(c), TLS: l.options.TLS != nil}
	if v := l.clients.enter(p.Addr); v != nil {
		l.options.refused(p, v)
		c.Close() //nolint:errcheck // nothing was said on it
		return
	}
	release := func() { l.clients.leave(p.Addr) }
	if l.options.Admit != nil && !l.options.Admit(p.Addr) {
		l.options.refused(p, notAdmitted)
		c.Close() //nolint:errcheck // nothing was said on it
		release()
		return
	}
	if l.options.TLS == nil {
		l.hand(l.ready, newConn(c, p, &l.options, release))
		return
	}
	l.shaking.Add(1)
	go l.shake(c, p, release)
}

// hand gives a connection to http.Server.
func (l *Listener) hand(to chan net.Conn, c net.Conn) {
	select {
	case to <- c:
	case <-l.done:
		c.Close() //nolint:errcheck // nothing was said on it
	}
}

// shake makes the TLS handshake, and finds who serves the connection.
func (l *Listener) shake(c net.Conn, p Peer, release func()) {
	defer l.shaking.Done()
	ctx, cancel := context.WithTimeout(context.Background(), l.options.Limits.Handshake)
	defer cancel()
	deadline, _ := ctx.Deadline()
	c.SetDeadline(deadline) //nolint:errcheck // then the handshake fails
	t, err := l.handshake(ctx, c, &p)
	if err != nil {
		v := badHandshake
		if ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
			v = slowHandshake
		}
		l.options.refused(p, v)
		c.Close() //nolint:errcheck // it failed already
		release()
		return
	}
	c.SetDeadline(time.Time{}) //nolint:errcheck // then reading fails
	if l.options.HTTP2 && t.ConnectionState().NegotiatedProtocol == "h2" {
		l.hand(l.ready2, l.newH2(t, p, release))
		return
	}
	l.hand(l.ready, secure{newConn(t, p, &l.options, release)})
}

func (l *Listener) handshake(ctx context.Context, c net.Conn, p *Peer) (*tls.Conn, error) {
	if l.options.Hello != nil {
		hello, peeked, err := peekHello(c)
		if err != nil {
			return nil, err
		}
		p.Hello = l.options.Hello(hello)
		c = peeked
	}
	t := tls.Server(c, l.options.TLS)
	return t, t.HandshakeContext(ctx)
}

// Accept waits for the next connection of HTTP/1.
func (l *Listener) Accept() (net.Conn, error) { return l.next(l.ready) }

func (l *Listener) next(ready chan net.Conn) (net.Conn, error) {
	select {
	case c := <-ready:
		return c, nil
	case <-l.done:
		return nil, l.err
	}
}

// Drain stops accepting. Connections that were accepted already go on: their
// handshakes are ended and they are given to http.Server. Clients of HTTP/2 are
// told to open no more streams.
func (l *Listener) Drain() {
	l.inner.Close() //nolint:errcheck // it is not needed any more
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.open2 {
		go h.Ending() // one that cannot be written to has its own time
	}
}

// newH2 makes a connection that Drain knows of.
func (l *Listener) newH2(c net.Conn, p Peer, release func()) *H2Conn {
	var h *H2Conn
	h = newH2(c, p, &l.options, func() {
		l.mu.Lock()
		delete(l.open2, h)
		l.mu.Unlock()
		release()
	})
	l.mu.Lock()
	l.open2[h] = struct{}{}
	l.mu.Unlock()
	return h
}

func (l *Listener) closed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

func (l *Listener) stop(err error) {
	l.once.Do(func() {
		l.err = err
		close(l.done)
	})
}

// Close stops accepting.
func (l *Listener) Close() error {
	l.stop(net.ErrClosed)
	if err := l.inner.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil // Drain closed it
}

// HTTP2 gives the connections of HTTP/2, to an http.Server that speaks nothing
// else: Protocols with UnencryptedHTTP2 alone, since the encryption is off them.
func (l *Listener) HTTP2() net.Listener { return second{l} }

type second struct{ *Listener }

// Accept waits for the next connection of HTTP/2.
func (s second) Accept() (net.Conn, error) { return s.next(s.ready2) }

// Addr is the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.inner.Addr() }

// Open is how many connections there are.
func (l *Listener) Open() int { return l.clients.open() }

func addrOf(c net.Conn) netip.Addr {
	if t, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
