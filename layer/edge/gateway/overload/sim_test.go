package overload

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// sim is an origin of c servers behind a core, in simulated time: requests come
// at random, wait where the core lets them wait, and are served first come first
// served.
type sim struct {
	core core
	rng  *rand.Rand
	now  time.Duration
	todo events
	seq  int

	// What the origin is at a time.
	servers func(t time.Duration) int
	service func(t time.Duration, class Class, r *rand.Rand) time.Duration
	arrive  [classes]func(t time.Duration) float64 // requests a second
	outcome func(t time.Duration, n int) Outcome   // nil: Success

	busy  int
	queue []*simRequest
	// waiting are those in the core's queues.
	waiting map[*waiter]*simRequest

	check func() // after each event
	// What came out, from the time of reset.
	came, good, bad [classes]int
	latency         [classes][]time.Duration // from arrival, of the good
	limits          []float64                // at every 100ms
	flying          []int
}

type simRequest struct {
	class          Class
	arrived, since time.Duration
}

type event struct {
	at  time.Duration
	seq int
	do  func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

func newSim(seed uint64, l Limits) *sim {
	s := &sim{rng: rand.New(rand.NewPCG(seed, 7)), waiting: map[*waiter]*simRequest{}}
	s.core.init(l.withDefaults(), 0)
	return s
}

// fixed and exponential make service times; always makes rates.
func exponential(mean time.Duration) func(time.Duration, Class, *rand.Rand) time.Duration {
	return func(_ time.Duration, _ Class, r *rand.Rand) time.Duration {
		return time.Duration(r.ExpFloat64() * float64(mean))
	}
}

func always(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}
func constant(n int) func(time.Duration) int { return func(time.Duration) int { return n } }

func (s *sim) at(t time.Duration, do func()) {
	s.seq++
	heap.Push(&s.todo, event{t, s.seq, do})
}

// run lets time pass until t.
func (s *sim) run(until time.Duration) {
	if s.seq == 0 {
		for c := range Class(classes) {
			if s.arrive[c] != nil {
				s.next(c)
			}
		}
		s.look()
	}
	for len(s.todo) > 0 && s.todo[0].at <= until {
		e := heap.Pop(&s.todo).(event)
		s.now = e.at
		e.do()
		if s.check != nil {
			s.check()
		}
	}
	s.now = until
}

// reset forgets what came out so far.
func (s *sim) reset() {
	s.came, s.good, s.bad = [classes]int{}, [classes]int{}, [classes]int{}
	s.latency = [classes][]time.Duration{}
	s.limits, s.flying = nil, nil
}

func (s *sim) look() {
	s.limits = append(s.limits, s.core.learn.limit)
	s.flying = append(s.flying, s.core.n)
	s.at(s.now+100*time.Millisecond, s.look)
}

// next plans the next arrival; where a rate is 0 it looks again later.
func (s *sim) next(c Class) {
	rate := s.arrive[c](s.now)
	if rate <= 0 {
		s.at(s.now+10*time.Millisecond, func() { s.next(c) })
		return
	}
	s.at(s.now+time.Duration(s.rng.ExpFloat64()/rate*1e9), func() {
		s.request(c)
		s.next(c)
	})
}

func (s *sim) request(c Class) {
	s.came[c]++
	q := &simRequest{class: c, arrived: s.now}
	w, d := s.core.admit(s.now, c)
	switch d {
	case granted:
		s.send(q)
	case queued:
		s.waiting[w] = q
		s.at(w.deadline, func() {
			if !w.done && s.waiting[w] == q {
				s.core.giveUp(s.now, w, Late)
			}
			s.settle()
		})
	default:
		s.bad[c]++
	}
	s.settle()
}

// settle sends what the core granted and forgets what it refused, in the order
// of arrival.
func (s *sim) settle() {
	queued := 0
	for i := range s.core.queues {
		queued += s.core.queues[i].len
	}
	if queued == len(s.waiting) {
		return
	}
	var done []*waiter
	for w := range s.waiting {
		if w.done {
			done = append(done, w)
		}
	}
	slices.SortFunc(done, func(a, b *waiter) int { return int(s.waiting[a].arrived - s.waiting[b].arrived) })
	for _, w := range done {
		q := s.waiting[w]
		delete(s.waiting, w)
		got := w.state == granted
		s.core.recycle(w)
		if got {
			s.send(q)
		} else {
			s.bad[q.class]++
		}
	}
}

func (s *sim) send(q *simRequest) {
	q.since = s.now
	s.queue = append(s.queue, q)
	s.work()
}

func (s *sim) work() {
	for len(s.queue) > 0 && s.busy < s.servers(s.now) {
		q := s.queue[0]
		s.queue = s.queue[1:]
		s.busy++
		s.at(s.now+s.service(s.now, q.class, s.rng), func() {
			s.busy--
			o := Success
			if s.outcome != nil {
				o = s.outcome(s.now, s.core.n)
			}
			if o == Success {
				s.good[q.class]++
				s.latency[q.class] = append(s.latency[q.class], s.now-q.arrived)
			} else {
				s.bad[q.class]++
			}
			s.core.release(s.now, q.class, q.since, o)
			s.settle()
			s.work()
		})
	}
}

// quantile of the latencies of a class.
func (s *sim) quantile(c Class, p float64) time.Duration {
	l := slices.Clone(s.latency[c])
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[int(math.Ceil(p*float64(len(l))))-1]
}

// mean, least and most of the limits seen.
func (s *sim) limit() (mean, least, most float64) {
	for _, l := range s.limits {
		mean += l / float64(len(s.limits))
	}
	return mean, slices.Min(s.limits), slices.Max(s.limits)
}
