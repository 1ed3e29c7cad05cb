package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"fathom/layer/edge/gateway/screen"
)

// Start listens. Addrs says where.
func (s *Server) Start() error {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	for i := range s.config.Listen {
		if err := s.listen(&s.config.Listen[i]); err != nil {
			s.close()
			return err
		}
	}
	if err := s.startAdmin(); err != nil {
		s.close()
		return err
	}
	s.serving.Add(1)
	go s.watch(ctx)
	s.ready.Store(true)
	s.log.Info("listening", "addresses", s.said(), "admin", said(s.adminAddr))
	return nil
}

func (s *Server) listen(l *Listen) error {
	inner, err := net.Listen("tcp", l.Address)
	if err != nil {
		return err
	}
	o := screen.Options{Limits: s.limits(), Refused: s.refused, Hello: hello, Admit: s.admit}
	if l.TLS != nil {
		if o.TLS, err = s.tlsConfig(l.TLS, !l.NoHTTP2); err != nil {
			inner.Close() //nolint:errcheck // nobody was let in
			return err
		}
		if !l.NoHTTP2 {
			o.HTTP2 = true
		}
	}
	k := screen.New(inner, o)
	s.listeners = append(s.listeners, k)
	server := s.http
	if l.Redirect {
		server = s.redirecting()
	}
	s.accept(server, k, l.Address)
	if o.HTTP2 {
		s.accept(s.h2, k.HTTP2(), l.Address)
	}
	return nil
}

func (s *Server) accept(server *http.Server, l net.Listener, address string) {
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) && !s.draining.Load() {
			s.failed <- fmt.Errorf("listening on %s: %w", address, err)
		}
	}()
}

// Addrs are the addresses that are listened on, in the order of the
// configuration.
func (s *Server) Addrs() []net.Addr {
	var out []net.Addr
	for _, l := range s.listeners {
		out = append(out, l.Addr())
	}
	return out
}

// said are the addresses as people write them, for the log.
func (s *Server) said() []string {
	var out []string
	for _, a := range s.Addrs() {
		out = append(out, said(a))
	}
	return out
}

func said(a net.Addr) string {
	if a == nil {
		return "off"
	}
	return a.String()
}

// Admin is the address of the admin listener, or nil.
func (s *Server) Admin() net.Addr { return s.adminAddr }
