package overload

import "time"

// core is the Limiter without goroutines, locks and clocks: what happened when
// goes in, decisions come out. Tests run it against simulated origins.
type core struct {
	c      Limits
	share  [classes]float64
	queues [classes]queue
	learn  learner
	n      int // in flight
	closed bool
	// seen is when a request of a class last came.
	seen [classes]time.Duration
	ever [classes]bool

	granted [classes]uint64
	refused [classes][reasons]uint64
	free    *waiter // waiters to be used again
}

func (c *core) init(l Limits, now time.Duration) {
	c.c = l
	c.share = [classes]float64{l.Sheddable, l.Degraded, 1}
	for i, q := range []Queue{l.Queues.Sheddable, l.Queues.Degraded, l.Queues.Critical} {
		c.queues[i].size, c.queues[i].wait = q.Size, q.Wait
	}
	c.learn.init(l, now)
}

// room is how many requests may be in flight for one more of this class to be
// let in. A cheaper class leaves room for the dearer ones, while there are any.
func (c *core) room(now time.Duration, class Class) int {
	limit := int(c.learn.limit)
	for dearer := class + 1; int(dearer) < classes; dearer++ {
		if c.ever[dearer] && now-c.seen[dearer] < c.c.Hold {
			return max(1, int(float64(limit)*c.share[class]))
		}
	}
	return limit
}

// admit decides on a request that comes: granted, queued with its waiter, or
// refused.
func (c *core) admit(now time.Duration, class Class) (*waiter, decision) {
	c.seen[class], c.ever[class] = now, true
	if c.closed {
		c.refused[class][Closing]++
		return nil, refusedFor(Closing)
	}
	c.learn.tick(now, c.n)
	q := &c.queues[class]
	room := c.room(now, class)
	if c.n < room && q.len == 0 {
		c.grant(now, class)
		return nil, granted
	}
	c.learn.hit(c.n >= int(c.learn.limit))
	if q.len >= q.size {
		if q.len == 0 || !q.standing(now, c.c.Queues.Standing) {
			c.refused[class][Full]++
			return nil, refusedFor(Full)
		}
		c.giveUp(now, q.first, Pushed)
	}
	w := c.fresh()
	w.class, w.since, w.deadline = class, now, now+q.wait
	q.push(w, now)
	c.dispatch(now)
	return w, queued
}

func (c *core) grant(now time.Duration, class Class) {
	c.learn.flight(now, c.n, c.n+1)
	c.n++
	c.granted[class]++
}

// release takes a permit back and gives it to who waits.
func (c *core) release(now time.Duration, class Class, since time.Duration, o Outcome) {
	c.learn.flight(now, c.n, c.n-1)
	c.n--
	c.learn.sample(class, now, now-since, o)
	c.learn.tick(now, c.n)
	c.dispatch(now)
}

// dispatch grants to those who wait, the dearest class first.
func (c *core) dispatch(now time.Duration) {
	for i := classes - 1; i >= 0; i-- {
		q := &c.queues[i]
		for q.len > 0 && q.first.deadline <= now {
			c.giveUp(now, q.first, Late)
		}
		for q.len > 0 && c.n < c.room(now, Class(i)) {
			w := q.first
			if q.standing(now, c.c.Queues.Standing) {
				w = q.last
			}
			q.remove(w)
			c.grant(now, w.class)
			w.decide(granted)
		}
	}
}

// giveUp refuses one who waits.
func (c *core) giveUp(_ time.Duration, w *waiter, why Reason) {
	c.queues[w.class].remove(w)
	c.refused[w.class][why]++
	w.decide(refusedFor(why))
}

func (c *core) close(now time.Duration) {
	c.closed = true
	for i := range c.queues {
		for c.queues[i].len > 0 {
			c.giveUp(now, c.queues[i].first, Closing)
		}
	}
}

// busy is the part of the limit that is in use.
func (c *core) busy() float64 { return float64(c.n) / float64(int(c.learn.limit)) }

func (c *core) state() State {
	s := State{
		Limit: int(c.learn.limit), InFlight: c.n, Base: c.learn.bases(),
		Granted: c.granted, Refused: c.refused, Rate: c.learn.rate,
	}
	for i := range c.queues {
		s.Waiting[i] = c.queues[i].len
	}
	return s
}
