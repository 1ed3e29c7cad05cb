package screen

import (
	"context"
	"net"
	"net/http"
)

type connKey struct{}

// source is what a request comes on: a Conn or a connection of HTTP/2.
type source interface {
	peer() Peer
	head(r *http.Request) *Head
}

func (c *Conn) peer() Peer                { return c.Peer }
func (c *Conn) head(*http.Request) *Head  { return c.take() }
func (s secure) head(*http.Request) *Head { return s.take() }

// ConnContext is for http.Server: requests find their connection through it.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if s, ok := c.(source); ok {
		return context.WithValue(ctx, connKey{}, s)
	}
	return ctx
}

// ConnState is for http.Server: it tells a connection that a request was
// answered.
func ConnState(c net.Conn, s http.ConnState) {
	if s != http.StateIdle {
		return
	}
	switch c := c.(type) {
	case secure:
		c.open.Add(-1)
	case *Conn:
		c.open.Add(-1)
	}
}

// Take gives the head of a request as it arrived, and who sent it. It is called
// once for each request; the caller releases the head. Nil is a request that did
// not come through a Listener, or not as it was checked: it must be refused.
func Take(r *http.Request) (*Head, Peer) {
	s, ok := r.Context().Value(connKey{}).(source)
	if !ok {
		return nil, Peer{}
	}
	h := s.head(r)
	if h == nil || h.Method != r.Method || h.Target != r.RequestURI {
		return nil, s.peer()
	}
	return h, s.peer()
}

// PassThrough ends the checking of the connection of a request, which is about
// to become something else than HTTP.
func PassThrough(r *http.Request) {
	switch c := r.Context().Value(connKey{}).(type) {
	case secure:
		c.PassThrough()
	case *Conn:
		c.PassThrough()
	}
}
