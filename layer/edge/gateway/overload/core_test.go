package overload

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Checkout is half of what the origin can do; ten times as much of everything
// else comes besides.
func TestSimulatedCriticalLivesThroughAFlood(t *testing.T) {
	mean := 60 * time.Millisecond
	run := func(flood float64) *sim {
		s := newSim(3, Limits{})
		s.servers, s.service = constant(32), exponential(mean)
		s.arrive[Critical] = always(0.4 * 32 / mean.Seconds())
		s.arrive[Degraded] = always(flood / 2 * 32 / mean.Seconds())
		s.arrive[Sheddable] = always(flood * 32 / mean.Seconds())
		s.run(20 * time.Second)
		s.reset()
		s.run(60 * time.Second)
		return s
	}
	calm, flood := run(0), run(10)
	if share := float64(flood.good[Critical]) / float64(flood.came[Critical]); share < 0.999 {
		t.Errorf("%.4f of the critical requests succeeded", share)
	}
	was, is := calm.quantile(Critical, 0.99), flood.quantile(Critical, 0.99)
	if float64(is) > 1.5*float64(was) {
		t.Errorf("the 99th percentile of critical requests is %v, without the flood %v", is, was)
	}
	share := func(c Class) float64 { return float64(flood.good[c]) / float64(flood.came[c]) }
	if !(share(Sheddable) < share(Degraded) && share(Degraded) < share(Critical)) {
		t.Errorf("served: sheddable %.3f, degraded %.3f, critical %.3f", share(Sheddable), share(Degraded), share(Critical))
	}
	if u := used(flood, 32, mean, 40); u < 0.8 {
		t.Errorf("the origin was used to %.2f during the flood", u)
	}
}

// More checkouts than the origin can do: it does what it can, quickly.
func TestSimulatedTooManyCritical(t *testing.T) {
	mean := 60 * time.Millisecond
	s := newSim(3, Limits{})
	s.servers, s.service = constant(32), exponential(mean)
	s.arrive[Critical] = always(3 * 32 / mean.Seconds())
	s.arrive[Sheddable] = always(3 * 32 / mean.Seconds())
	s.run(20 * time.Second)
	s.reset()
	s.run(60 * time.Second)
	if u := float64(s.good[Critical]) * mean.Seconds() / 32 / 40; u < 0.85 {
		t.Errorf("critical requests got %.2f of the origin", u)
	}
	if s.good[Sheddable]*100 > s.good[Critical] {
		t.Errorf("%d sheddable requests were served beside %d critical ones", s.good[Sheddable], s.good[Critical])
	}
	// A standing queue is served newest first: most of the served waited little.
	if p50 := s.quantile(Critical, 0.5); p50 > 5*mean {
		t.Errorf("the median critical request took %v", p50)
	}
}

// Without dearer classes nothing is kept free for them.
func TestCheapestClassAloneGetsAll(t *testing.T) {
	c := core{}
	c.init(Limits{Initial: 10}.withDefaults(), 0)
	admitted := 0
	for range 10 {
		if _, d := c.admit(0, Sheddable); d == granted {
			admitted++
		}
	}
	if admitted != 10 {
		t.Errorf("%d of 10 admitted", admitted)
	}
}

func TestRoomIsKeptForDearerClasses(t *testing.T) {
	for _, tt := range []struct {
		seen  Class
		after time.Duration
		class Class
		want  int
	}{
		{Critical, time.Second, Sheddable, 6},
		{Critical, time.Second, Degraded, 9},
		{Degraded, time.Second, Sheddable, 6},
		{Degraded, time.Second, Degraded, 10},
		{Critical, 29 * time.Second, Sheddable, 6},
		{Critical, 31 * time.Second, Sheddable, 10},
		{Critical, time.Second, Critical, 10},
	} {
		t.Run(fmt.Sprintf("%v after %v", tt.class, tt.seen), func(t *testing.T) {
			c := core{}
			c.init(Limits{Initial: 10}.withDefaults(), 0)
			c.admit(0, tt.seen)
			c.release(0, tt.seen, 0, Abandoned)
			got := 0
			for range 20 {
				if _, d := c.admit(tt.after, tt.class); d == granted {
					got++
				}
			}
			if got != tt.want {
				t.Errorf("%d admitted; want %d", got, tt.want)
			}
		})
	}
}

func TestQueueOrder(t *testing.T) {
	c := core{}
	c.init(Limits{Min: 1, Max: 1, Queues: Queues{Critical: Queue{Size: 3, Wait: time.Second}}}.withDefaults(), 0)
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	c.admit(0, Critical)
	var ws []*waiter
	for i := range 3 {
		w, d := c.admit(at(i), Critical)
		if d != queued {
			t.Fatalf("decision %v; want queued", d)
		}
		ws = append(ws, w)
	}
	if _, d := c.admit(at(4), Critical); d != refusedFor(Full) {
		t.Errorf("a full young queue: decision %v; want a refusal", d)
	}
	c.release(at(5), Critical, 0, Success)
	if ws[0].state != granted {
		t.Error("a young queue is not served oldest first")
	}
	w, _ := c.admit(at(150), Critical)
	newest, _ := c.admit(at(151), Critical)
	if ws[1].state != refusedFor(Pushed) || ws[2].done || w.done {
		t.Error("in a standing queue that is full the newest does not push out the oldest")
	}
	c.release(at(152), Critical, at(5), Success)
	if newest.state != granted || ws[2].done || w.done {
		t.Error("a standing queue is not served newest first")
	}
	c.release(at(1100), Critical, at(152), Success)
	if ws[2].state != refusedFor(Late) || w.state != granted {
		t.Error("who waited too long is not refused, or the next is not served")
	}
}

// Whatever happens: nobody is let in above the limit, permits balance, and
// everybody in a queue is told by the deadline.
func TestProperties(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		c := core{}
		l := Limits{Initial: 1 + rng.IntN(20), Min: 1 + rng.IntN(4), Max: 4 + rng.IntN(40), Window: time.Millisecond}.withDefaults()
		c.init(l, 0)
		type held struct {
			class Class
			since time.Duration
		}
		var permits []held
		var waiting []*waiter
		now := time.Duration(0)
		settle := func() {
			left := waiting[:0]
			for _, w := range waiting {
				switch {
				case w.done && w.state == granted:
					permits = append(permits, held{w.class, now})
					c.recycle(w)
				case w.done:
					c.recycle(w)
				default:
					left = append(left, w)
				}
			}
			waiting = left
		}
		for range 3000 {
			now += time.Duration(rng.ExpFloat64() * 1e6)
			for _, w := range waiting { // as the timers do
				if !w.done && w.deadline <= now {
					c.giveUp(now, w, Late)
				}
			}
			settle()
			switch before := c.n; {
			case rng.IntN(2) == 0:
				class := Class(rng.IntN(classes))
				w, d := c.admit(now, class)
				switch d {
				case granted:
					permits = append(permits, held{class, now})
				case queued:
					waiting = append(waiting, w)
				}
				if c.n > before && c.n > int(c.learn.limit) {
					t.Fatalf("seed %d: %d in flight, let in over a limit of %d", seed, c.n, int(c.learn.limit))
				}
			case len(permits) > 0:
				i := rng.IntN(len(permits))
				p := permits[i]
				permits = append(permits[:i], permits[i+1:]...)
				c.release(now, p.class, p.since, Outcome(rng.IntN(4)))
				if c.n > before-1 && c.n > int(c.learn.limit) {
					t.Fatalf("seed %d: %d in flight over a limit of %d after a release", seed, c.n, int(c.learn.limit))
				}
			}
			settle()
			queuedNow := 0
			for i := range c.queues {
				queuedNow += c.queues[i].len
			}
			if c.n != len(permits) || queuedNow != len(waiting) {
				t.Fatalf("seed %d: %d in flight and %d permits, %d queued and %d waiting", seed, c.n, len(permits), queuedNow, len(waiting))
			}
			if l := c.learn.limit; l < float64(min(c.c.Min, c.c.Max)) || l > float64(c.c.Max) {
				t.Fatalf("seed %d: limit %v is out of bounds", seed, l)
			}
		}
	}
}
