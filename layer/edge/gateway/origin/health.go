package origin

import (
	"context"
	"io"
	"net/http"
	"time"
)

// watch asks one server for its health until the Pool is closed.
func (p *Pool) watch(ctx context.Context, s *Server) {
	defer p.work.Done()
	h := p.config.Health
	bad, good := 0, 0
	tick := time.NewTicker(h.Every)
	defer tick.Stop()
	for {
		if p.ask(ctx, s) {
			bad, good = 0, good+1
		} else {
			bad, good = bad+1, 0
		}
		switch {
		case ctx.Err() != nil:
			return
		case bad >= h.Down && s.sick.CompareAndSwap(false, true):
			p.changed(s, false, "the health check fails")
		case good >= h.Up && s.sick.CompareAndSwap(true, false):
			p.changed(s, true, "the health check passes")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Pool) ask(ctx context.Context, s *Server) bool {
	ctx, cancel := context.WithTimeout(ctx, p.config.Health.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.name+p.config.Health.Path, nil)
	if err != nil {
		return false
	}
	r.Host = p.config.Health.Host
	r.Header.Set("User-Agent", "fathom-health")
	answer, err := p.transport.RoundTrip(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()                 //nolint:errcheck // only the status matters
	io.CopyN(io.Discard, answer.Body, 64<<10) //nolint:errcheck // so that the connection can be used again
	return answer.StatusCode >= 200 && answer.StatusCode < 400
}
