package overload

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time since some moment in the past; it never goes back.
type Clock func() time.Duration

// SystemClock is the machine's monotonic clock.
func SystemClock() Clock {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Limiter bounds how many requests are with a pool of origins at once, and
// finds that bound by itself. It may be used by many goroutines.
type Limiter struct {
	clock Clock
	mu    sync.Mutex
	core  core
	room  room
}

// NewLimiter makes a Limiter. The configuration has passed Config.Check.
func NewLimiter(l Limits, r RoomConfig, clock Clock) *Limiter {
	out := &Limiter{clock: clock}
	now := clock()
	out.core.init(l.withDefaults(), now)
	out.room.init(r.withDefaults(), now)
	return out
}

// Permit is the right to have one request with the origin. The zero Permit is
// none, and may be released.
type Permit struct {
	limiter *Limiter
	since   time.Duration
	class   Class
}

// Acquire gets a permit, at once or after waiting in the queue of its class. The
// error is a *Refused. A class that does not exist is Sheddable.
func (l *Limiter) Acquire(ctx context.Context, class Class) (Permit, error) {
	if int(class) >= classes {
		class = Sheddable
	}
	now := l.clock()
	l.mu.Lock()
	w, why := l.core.admit(now, class)
	l.room.note(now, class, why != granted, l.core.busy())
	l.mu.Unlock()
	switch why {
	case granted:
		return Permit{l, now, class}, nil
	case queued:
		return l.wait(ctx, w)
	default:
		return Permit{}, refusals[class][why.reason()]
	}
}

// wait waits for the decision on a queued request.
func (l *Limiter) wait(ctx context.Context, w *waiter) (Permit, error) {
	timer := time.NewTimer(w.deadline - w.since)
	defer timer.Stop()
	reason := Late
	select {
	case <-w.decided:
	case <-ctx.Done():
		reason = Gone
	case <-timer.C:
	}
	now := l.clock()
	l.mu.Lock()
	if !w.done {
		l.core.giveUp(now, w, reason)
	} else if w.state != granted {
		reason = w.state.reason()
	}
	got, class := w.state == granted, w.class
	if got && ctx.Err() != nil { // granted and abandoned at the same moment
		l.core.release(now, class, now, Abandoned)
		got, reason = false, Gone
	}
	l.core.recycle(w)
	l.mu.Unlock()
	if !got {
		return Permit{}, refusals[class][reason]
	}
	return Permit{l, now, class}, nil
}

// Release gives the permit back. A second Release of the same variable does
// nothing.
func (p *Permit) Release(o Outcome) {
	l := p.limiter
	if l == nil {
		return
	}
	p.limiter = nil
	now := l.clock()
	l.mu.Lock()
	l.core.release(now, p.class, p.since, o)
	l.mu.Unlock()
}

// Close refuses everybody who waits, and whoever comes. Permits stay good.
func (l *Limiter) Close() {
	l.mu.Lock()
	l.core.close(l.clock())
	l.mu.Unlock()
}

// Open says whether the waiting room should be open.
func (l *Limiter) Open() bool {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.room.isOpen(now)
}

// State is what a Limiter shows of itself in metrics.
type State struct {
	// Limit is the present limit, InFlight how much of it is used.
	Limit, InFlight int
	// Base is the latency of a request that waits for nothing, by class; 0 is
	// not known yet.
	Base [classes]time.Duration
	// Waiting are the requests in each queue.
	Waiting [classes]int
	// Granted and Refused count requests by class, and refusals by reason.
	Granted [classes]uint64
	Refused [classes][reasons]uint64
	// Rate is the requests a second that succeeded in the last window.
	Rate float64
	// Open says that the waiting room should be open.
	Open bool
}

// State is the present state.
func (l *Limiter) State() State {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.core.state()
	s.Open = l.room.isOpen(now)
	return s
}
