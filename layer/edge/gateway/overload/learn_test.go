package overload

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// saturated runs an origin of c servers under a load in requests per capacity,
// warm, and then for a minute.
func saturated(seed uint64, c int, load float64, mean time.Duration) *sim {
	s := newSim(seed, Limits{})
	s.servers, s.service = constant(c), exponential(mean)
	s.arrive[Degraded] = always(load * float64(c) / mean.Seconds())
	s.run(time.Minute)
	s.reset()
	s.run(2 * time.Minute)
	return s
}

// used is the part of the origin's capacity that was used in so many seconds.
func used(s *sim, c int, mean time.Duration, seconds float64) float64 {
	n := 0
	for _, g := range s.good {
		n += g
	}
	return float64(n) * mean.Seconds() / float64(c) / seconds
}

func TestSimulatedLimitSettlesNearTheBest(t *testing.T) {
	for _, c := range []int{4, 16, 64} {
		for _, load := range []float64{1.2, 3} {
			for seed := range uint64(2) {
				if c == 64 && seed > 0 {
					continue // a minute of it is 300,000 requests
				}
				t.Run(fmt.Sprintf("servers=%d/load=%v/seed=%d", c, load, seed), func(t *testing.T) {
					mean := 50 * time.Millisecond
					s := saturated(seed, c, load, mean)
					limit, least, most := s.limit()
					if u := used(s, c, mean, 60); u < 0.8 {
						t.Errorf("the origin was used to %.2f of what it can do; limit %.1f (%.1f to %.1f)", u, limit, least, most)
					}
					if limit < 0.8*float64(c) || limit > 1.6*float64(c)+3 {
						t.Errorf("mean limit %.1f (%.1f to %.1f) of %d servers", limit, least, most, c)
					}
				})
			}
		}
	}
}

// A slow origin of few servers gives few samples; it takes longer, but settles.
func TestSimulatedLimitSettlesWhereSamplesAreFew(t *testing.T) {
	s := newSim(1, Limits{})
	s.servers, s.service = constant(4), exponential(100*time.Millisecond)
	s.arrive[Degraded] = always(200)
	s.run(2 * time.Minute)
	s.reset()
	s.run(4 * time.Minute)
	limit, _, most := s.limit()
	if limit > 9 || most > 16 {
		t.Errorf("mean limit %.1f, most %.1f, of 4 servers", limit, most)
	}
	if u := used(s, 4, 100*time.Millisecond, 120); u < 0.9 {
		t.Errorf("the origin was used to %.2f", u)
	}
}

func TestSimulatedProbingNeverCollapses(t *testing.T) {
	for seed := range uint64(4) {
		s := saturated(seed, 32, 3, 30*time.Millisecond)
		if _, least, _ := s.limit(); least < 16 {
			t.Errorf("seed %d: the limit fell to %.1f of 32 servers", seed, least)
		}
	}
}

func TestSimulatedNoisyLatencyIsNoReason(t *testing.T) {
	// A log-normal service time whose 99th percentile is 33 times its median.
	noisy := func(_ time.Duration, _ Class, r *rand.Rand) time.Duration {
		return time.Duration(15e6 * math.Exp(1.5*r.NormFloat64()))
	}
	mean := time.Duration(15e6 * math.Exp(1.5*1.5/2))
	for seed := range uint64(4) {
		s := newSim(seed, Limits{})
		s.servers, s.service = constant(32), noisy
		s.arrive[Degraded] = always(3 * 32 / mean.Seconds())
		s.run(30 * time.Second)
		s.reset()
		s.run(90 * time.Second)
		limit, least, most := s.limit()
		if u := used(s, 32, mean, 60); u < 0.75 || least < 8 || most > 100 {
			t.Errorf("seed %d: used to %.2f, limit %.1f (%.1f to %.1f)", seed, u, limit, least, most)
		}
	}
}

func TestSimulatedSlowAndFastAgain(t *testing.T) {
	slow := func(t time.Duration) bool { return t > 60*time.Second && t <= 120*time.Second }
	s := newSim(1, Limits{})
	s.servers = constant(32)
	s.service = func(t time.Duration, _ Class, r *rand.Rand) time.Duration {
		mean := 20 * time.Millisecond
		if slow(t) {
			mean *= 6
		}
		return time.Duration(r.ExpFloat64() * float64(mean))
	}
	s.arrive[Degraded] = func(t time.Duration) float64 {
		if slow(t) {
			return 3 * 32 / 0.12
		}
		return 3 * 32 / 0.02
	}
	for _, phase := range []struct {
		name  string
		until time.Duration
		mean  time.Duration
	}{{"fast", 60 * time.Second, 20 * time.Millisecond}, {"slow", 120 * time.Second, 120 * time.Millisecond}, {"fast again", 180 * time.Second, 20 * time.Millisecond}} {
		s.run(phase.until - 45*time.Second)
		s.reset()
		s.run(phase.until)
		limit, least, most := s.limit()
		if u := used(s, 32, phase.mean, 45); u < 0.85 || least < 12 || limit > 55 {
			t.Errorf("%s: used to %.2f, limit %.1f (%.1f to %.1f)", phase.name, u, limit, least, most)
		}
	}
}

func TestSimulatedServersComeAndGo(t *testing.T) {
	s := newSim(2, Limits{})
	s.servers = func(t time.Duration) int {
		if t > 60*time.Second && t <= 120*time.Second {
			return 10
		}
		return 40
	}
	s.service = exponential(60 * time.Millisecond)
	s.arrive[Degraded] = always(3 * 40 / 0.06)
	for _, phase := range []struct {
		until   time.Duration
		servers int
	}{{60 * time.Second, 40}, {120 * time.Second, 10}, {180 * time.Second, 40}} {
		s.run(phase.until - 40*time.Second)
		s.reset()
		s.run(phase.until)
		limit, least, most := s.limit()
		c := float64(phase.servers)
		if u := used(s, phase.servers, 60*time.Millisecond, 40); u < 0.85 || limit > 1.6*c+2 {
			t.Errorf("%v servers: used to %.2f, limit %.1f (%.1f to %.1f)", c, u, limit, least, most)
		}
	}
}

func TestSimulatedLimitStaysWhereItIsNotReached(t *testing.T) {
	s := newSim(1, Limits{Initial: 60})
	s.servers = constant(1000)
	// The origin's latency wanders, for reasons of its own.
	s.service = func(t time.Duration, _ Class, r *rand.Rand) time.Duration {
		return time.Duration((1 + 0.8*math.Sin(t.Seconds()/5)) * 10e6 * r.ExpFloat64())
	}
	s.arrive[Degraded] = always(1000) // ten at once
	s.run(2 * time.Minute)
	if _, least, _ := s.limit(); least < 12 {
		t.Errorf("the limit fell to %.1f", least)
	}
	if s.bad[Degraded]*1000 > s.came[Degraded] {
		t.Errorf("%d of %d requests were refused with a limit that nothing reached", s.bad[Degraded], s.came[Degraded])
	}
}

func TestSimulatedOriginThatSaysItIsOverloaded(t *testing.T) {
	s := newSim(1, Limits{Initial: 500})
	s.servers, s.service = constant(1000), exponential(40*time.Millisecond)
	s.outcome = func(_ time.Duration, n int) Outcome { // 503 at once above 50
		if n > 50 {
			return Overloaded
		}
		return Success
	}
	s.arrive[Degraded] = always(4000)
	s.run(20 * time.Second)
	s.reset()
	s.run(80 * time.Second)
	limit, least, most := s.limit()
	if limit < 30 || limit > 60 || least < 20 {
		t.Errorf("limit %.1f (%.1f to %.1f) of an origin that takes 50", limit, least, most)
	}
}

func TestSimulatedOriginThatWasDownComesBack(t *testing.T) {
	s := newSim(1, Limits{})
	s.servers, s.service = constant(40), exponential(10*time.Millisecond)
	s.outcome = func(t time.Duration, _ int) Outcome {
		if t > 30*time.Second && t < 60*time.Second {
			return Overloaded
		}
		return Success
	}
	s.arrive[Degraded] = always(8000)
	s.run(59 * time.Second)
	if got := int(s.core.learn.limit); got != 4 {
		t.Errorf("limit %d while the origin is down; want the least, 4", got)
	}
	s.run(80 * time.Second)
	s.reset()
	s.run(100 * time.Second)
	if u := used(s, 40, 10*time.Millisecond, 20); u < 0.85 {
		t.Errorf("used to %.2f twenty seconds after it came back", u)
	}
}

func TestSimulatedFixedLimit(t *testing.T) {
	s := newSim(1, Limits{Min: 7, Max: 7})
	s.servers, s.service = constant(3), exponential(10*time.Millisecond)
	s.arrive[Critical] = always(3000)
	s.run(30 * time.Second)
	if _, least, most := s.limit(); least != 7 || most != 7 {
		t.Errorf("limit %.1f to %.1f; want 7", least, most)
	}
}
