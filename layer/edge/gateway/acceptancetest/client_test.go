package acceptancetest

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func trust(all ...*x509.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	for _, c := range all {
		pool.AddCert(c)
	}
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

// load is clients that send one request after another, each with a body of its
// own, and count what came back. They never send a request twice.
type load struct {
	addr string
	tls  *tls.Config

	answered, lost atomic.Int64
	refused        atomic.Pointer[time.Time] // when the first connection was
	why            atomic.Pointer[string]    // the first was lost
	over           atomic.Bool
	work           sync.WaitGroup
}

// errUnsent is a request that was not sent, since the connection had said that it
// ends. Another connection takes it.
var errUnsent = errors.New("the connection has ended")

// conn sends requests one after another.
type conn interface {
	send(r *http.Request) (*http.Response, error)
	Close() error
}

func (l *load) run(clients int, dial func(*load) (conn, error)) {
	for i := range clients {
		l.work.Go(func() {
			var c conn
			for n := 0; !l.over.Load(); n++ {
				text := fmt.Sprintf("%p-%d-%d", l, i, n)
				for {
					if c == nil {
						var err error
						if c, err = dial(l); err != nil {
							now := time.Now()
							l.refused.CompareAndSwap(nil, &now)
							return
						}
					}
					ends, err := l.one(c, text)
					if ends {
						c.Close()
						c = nil
					}
					if !errors.Is(err, errUnsent) {
						break
					}
				}
			}
			if c != nil {
				c.Close()
			}
		})
	}
}

// one sends one request, and says whether the connection is of no use any more.
func (l *load) one(c conn, text string) (ends bool, err error) {
	r, err := http.NewRequest("POST", "https://"+l.addr+"/echo?"+text, strings.NewReader(text))
	if err != nil {
		return true, err
	}
	r.GetBody = nil // nobody sends it again
	a, err := c.send(r)
	if err != nil {
		if !errors.Is(err, errUnsent) {
			l.lose(err.Error())
		}
		return true, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK || string(b) != text {
		l.lose(fmt.Sprintf("%d %q %v", a.StatusCode, b, err))
		return true, err
	}
	l.answered.Add(1)
	return a.Close, nil
}

func (l *load) lose(why string) {
	l.lost.Add(1)
	l.why.CompareAndSwap(nil, &why)
}

func (l *load) check(t *testing.T, name string, least int64) {
	t.Helper()
	if n := l.lost.Load(); n > 0 {
		t.Errorf("%s: %d of %d requests were lost: %s", name, n, l.answered.Load()+n, *l.why.Load())
	}
	if n := l.answered.Load(); n < least {
		t.Errorf("%s: only %d requests were answered", name, n)
	}
}

// one11 is a connection of HTTP/1.1 that is kept alive.
type one11 struct {
	net.Conn
	r *bufio.Reader
}

func dial11(l *load) (conn, error) {
	c, err := tls.Dial("tcp", l.addr, l.tls)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	return &one11{c, bufio.NewReader(c)}, nil
}

func (c *one11) send(r *http.Request) (*http.Response, error) {
	if err := r.Write(c); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.r, r)
}

// once is a connection of HTTP/1.1 for one request.
type once struct{ conn }

func dialOnce(l *load) (conn, error) {
	c, err := dial11(l)
	return once{c}, err
}

func (c once) send(r *http.Request) (*http.Response, error) {
	r.Close = true
	return c.conn.send(r)
}

// two is a connection of HTTP/2.
type two struct{ *http.ClientConn }

func dial2(l *load) (conn, error) {
	t := &http.Transport{TLSClientConfig: l.tls.Clone(), Protocols: new(http.Protocols)}
	t.Protocols.SetHTTP2(true)
	c, err := t.NewClientConn(context.Background(), "https", l.addr)
	return two{c}, err
}

func (c two) send(r *http.Request) (*http.Response, error) {
	if c.Reserve() != nil { // GOAWAY was here
		return nil, errUnsent
	}
	var sent atomic.Bool
	trace := httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}
	a, err := c.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &trace)))
	if err != nil && !sent.Load() {
		return nil, errUnsent
	}
	return a, err
}
