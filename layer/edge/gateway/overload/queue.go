package overload

import "time"

// decision is what becomes of a request.
type decision uint8

const (
	undecided decision = iota
	granted
	queued
	refusal // and above: a Reason added
)

func refusedFor(r Reason) decision { return refusal + decision(r) }
func (d decision) reason() Reason  { return Reason(d - refusal) }

// waiter is one request in a queue.
type waiter struct {
	before, after   *waiter
	since, deadline time.Duration
	class           Class
	state           decision
	done            bool
	// decided gets one value when done is set.
	decided chan struct{}
}

func (w *waiter) decide(d decision) {
	w.state, w.done = d, true
	select {
	case w.decided <- struct{}{}:
	default:
	}
}

// fresh is a waiter that nobody uses.
func (c *core) fresh() *waiter {
	w := c.free
	if w == nil {
		return &waiter{decided: make(chan struct{}, 1)}
	}
	c.free = w.after
	*w = waiter{decided: w.decided}
	return w
}

// recycle takes back a waiter that was decided on.
func (c *core) recycle(w *waiter) {
	select {
	case <-w.decided:
	default:
	}
	w.before, w.after = nil, c.free
	c.free = w
}

// queue holds waiters in the order in which they came.
type queue struct {
	first, last *waiter
	len, size   int
	wait        time.Duration
	filled      time.Duration // since when it is not empty
}

func (q *queue) push(w *waiter, now time.Duration) {
	if q.len == 0 {
		q.filled = now
		q.first = w
	} else {
		w.before, q.last.after = q.last, w
	}
	q.last = w
	q.len++
}

func (q *queue) remove(w *waiter) {
	if w.before == nil {
		q.first = w.after
	} else {
		w.before.after = w.after
	}
	if w.after == nil {
		q.last = w.before
	} else {
		w.after.before = w.before
	}
	w.before, w.after = nil, nil
	q.len--
}

// standing says whether the queue has not been empty for long.
func (q *queue) standing(now, long time.Duration) bool {
	return q.len > 0 && now-q.filled >= long
}
