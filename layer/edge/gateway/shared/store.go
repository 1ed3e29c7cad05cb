package shared

import (
	"context"
	"sync"
	"time"

	"fathom/engine/webacl"
	"fathom/engine/webacl/rate"
	"fathom/layer/edge/gateway/once"
)

// Store is what gateways share. Many may use it at once.
type Store interface {
	// Count counts requests of rate-based rules.
	webacl.Counter
	// Once is the first use of a nonce.
	once.Store
	// Next adds 1 to a counter and says what it is then; the first is 1.
	Next(ctx context.Context, name string) (int64, error)
	// Advance adds to a counter and says what it is then; by 0 reads it. A counter
	// that nobody has used for a day begins again.
	Advance(ctx context.Context, name string, by int64) (int64, error)
	// Keep forgets what was counted for other rules than these.
	Keep(ids ...string)
	// Healthy is whether the gateways know of each other at the moment.
	Healthy() bool
	Close() error
}

var (
	_ Store = (*Redis)(nil)
	_ Store = (*Local)(nil)
)

// Local is a Store of one gateway, in its memory.
type Local struct {
	*rate.Counter
	*once.Memory
	now      func() time.Time
	mu       sync.Mutex
	counters map[string]*counter
}

type counter struct {
	value int64
	used  time.Time
}

// idle is how long a counter lives that nobody uses; maxCounters how many a Local
// has.
const (
	idle        = 24 * time.Hour
	maxCounters = 10_000
)

// NewLocal makes a Local. Its requests' times are their own; now is for nonces
// and counters.
func NewLocal(o rate.Options, now func() time.Time) *Local {
	return &Local{Counter: rate.NewExact(o), Memory: once.NewMemory(0, now), now: now, counters: map[string]*counter{}}
}

// Next implements Store.
func (l *Local) Next(ctx context.Context, name string) (int64, error) { return l.Advance(ctx, name, 1) }

// Advance implements Store.
func (l *Local) Advance(_ context.Context, name string, by int64) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.counters[name]
	if c == nil || now.Sub(c.used) >= idle {
		if by == 0 {
			return 0, nil
		}
		if len(l.counters) >= maxCounters {
			for name, old := range l.counters {
				if now.Sub(old.used) >= idle {
					delete(l.counters, name)
				}
			}
			if len(l.counters) >= maxCounters {
				return 0, errTooManyCounters
			}
		}
		c = &counter{}
		l.counters[name] = c
	}
	c.value += by
	c.used = now
	return c.value, nil
}

// Healthy is true: there is nobody to lose.
func (l *Local) Healthy() bool { return true }

// Close does nothing.
func (l *Local) Close() error { return nil }
