package gateway

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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
// more. Clients of HTTP/2 get GOAWAY when nothing more is accepted, and what they
// sent before they heard of it is answered. Then what is under way has Limit to
// end.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.close()
	c := s.config.Shutdown
	s.ready.Store(false)
	s.draining.Store(true)
	s.log.Info("ending", "delay", c.Delay.String(), "grace", c.Grace.String(), "limit", c.Limit.String())
	pause(ctx, c.Delay, nil)
	for _, l := range s.listeners {
		l.Drain()
	}
	pause(ctx, c.Grace, func() bool { return s.connections() == 0 })
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	var work sync.WaitGroup
	var cut atomic.Bool
	for _, server := range append(s.plain, s.http, s.h2) {
		work.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				cut.Store(true)
				server.Close() //nolint:errcheck // the time is over
			}
		})
	}
	work.Wait()
	if cut.Load() {
		return errLimit
	}
	s.log.Info("ended")
	return nil
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
