package gateway

import (
	"context"
	"errors"
	"time"
)

// errLimit is what Shutdown answers when requests took too long to end.
var errLimit = errors.New("requests under way were cut off: they took longer than shutdown.limit")

// Shutdown ends the gateway so that no request is lost.
//
// First /readyz says no, and for Delay everything goes on, so that whoever sends
// requests here learns of it. Then nothing more is accepted. All the time
// answers of HTTP/1.1 say Connection: close, so that clients do not send on a
// connection that is about to end; those that are idle have Grace to send once
// more. After that HTTP/2 clients get GOAWAY, and what is under way has Limit to
// end.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.close()
	c := s.config.Shutdown
	s.ready.Store(false)
	s.draining.Store(true)
	s.log.Info("ending", "delay", c.Delay, "grace", c.Grace, "limit", c.Limit)
	pause(ctx, c.Delay, nil)
	for _, l := range s.listeners {
		l.Drain()
	}
	pause(ctx, c.Grace, func() bool { return s.connections() == 0 })
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	err := s.http.Shutdown(ctx)
	for _, p := range s.plain {
		err = errors.Join(err, p.Shutdown(ctx))
	}
	if !s.waited(ctx) || err != nil {
		s.http.Close() //nolint:errcheck // the time is over
		for _, p := range s.plain {
			p.Close() //nolint:errcheck // the same
		}
		for _, l := range s.listeners {
			l.Abort()
		}
		return errLimit
	}
	s.log.Info("ended")
	return nil
}

// waited waits for connections of HTTP/2.
func (s *Server) waited(ctx context.Context) bool {
	done := make(chan struct{})
	go func() {
		for _, l := range s.listeners {
			l.Wait()
		}
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Server) connections() int {
	n := 0
	for _, l := range s.listeners {
		n += l.Open()
	}
	return n
}

// pause waits, until over says that it need not.
func pause(ctx context.Context, d time.Duration, over func() bool) {
	end := time.After(d)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for over == nil || !over() {
		select {
		case <-end:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
