package overload

import (
	"math"
	"time"
)

// learner finds the limit.
//
// Latencies are gathered in windows, and compared with base, the latency of a
// request that waits for nothing. By Little's law n requests in flight whose
// latency is r times the base mean that n·(1-1/r) of them wait at the origin. The
// limit grows while it is reached and next to none wait, and is cut when more
// wait than chance explains.
//
// A cut is a trial: a quarter, for one window. If latency falls with it, the
// origin was queueing and the cut stays. If it does not, the origin is slower for
// a reason of its own; the limit is given back, and the base is what was measured
// (where it would rise by half or more, after a second cut). The same trial, made
// now and then while the limit is reached, finds a base that was learnt under
// load too high. So nothing ever drops to a few requests to measure an idle
// origin, and noise costs a quarter for a moment.
//
// An origin that says that it is overloaded is believed at once.
type learner struct {
	c     Limits
	limit float64
	base  [classes]float64 // ns; 0 is unknown
	w     window
	// settled is when the origin has only requests of the present limit. Were a
	// window to begin earlier and ask when each request began, it would miss the
	// slow ones, and learn a base too low.
	settled time.Duration
	mean    float64 // ns; the latency in the last window
	rate    float64

	starting bool          // no knee has been met yet: growth is by halves
	knee     time.Duration // when queueing was last met
	probeAt  time.Duration
	alarm    float64 // the ratio of the last window, if many waited in it
	trial    *trial
	trials   trial // what trial points to
}

// window is what was measured since start.
type window struct {
	start time.Duration
	last  time.Duration // when area was true
	area  float64       // requests in flight, summed over ns
	count [classes]int
	sum   [classes]float64 // ns
	sumsq float64          // of latencies as parts of the base
	over  int
	hit   bool // somebody had to wait for the limit
	held  bool // or for the part of it that is a class's
}

// trial is a cut whose effect is being waited for.
type trial struct {
	limit float64 // before
	n     float64 // in flight before
	ratio float64 // before
	full  bool    // the limit itself was reached
	probe bool    // made for the base's sake
	doubt float64 // how many standard errors latency has to fall at least
	twice bool    // it was cut a second time
}

const (
	cut      = 0.75 // a trial leaves
	clip     = 8    // one latency counts as at most so many times the base
	enoughIn = 300  // requests in a window, or twice those in flight
	longest  = 20   // times the configured window, where requests are few
	memory   = 6    // probes for which a knee is remembered
)

func (l *learner) init(c Limits, now time.Duration) {
	l.c, l.limit, l.starting = c, float64(c.Initial), true
	l.probeAt, l.knee = now+c.Probe, now-memory*c.Probe
	l.restart(now)
}

func (l *learner) restart(now time.Duration) {
	start := max(now, l.settled)
	l.w = window{start: start, last: start}
}

// flight tells that the requests in flight change.
func (l *learner) flight(now time.Duration, from, _ int) {
	if now > l.w.last {
		l.w.area += float64(from) * float64(now-l.w.last)
		l.w.last = now
	}
}

// hit tells that somebody had to wait: for the limit, or for a class's part.
func (l *learner) hit(full bool) {
	l.w.hit = l.w.hit || full
	l.w.held = true
}

// sample tells of a request that ended.
func (l *learner) sample(class Class, now, latency time.Duration, o Outcome) {
	if now < l.w.start {
		return
	}
	switch o {
	case Overloaded:
		l.w.over++
		return
	case Success:
	default:
		return
	}
	ns := max(float64(latency), 1)
	if b := l.base[class]; b > 0 {
		ns = min(ns, clip*b)
		l.w.sumsq += ns / b * ns / b
	}
	l.w.count[class]++
	l.w.sum[class] += ns
}

// tick ends the window when it holds enough, or is long enough.
func (l *learner) tick(now time.Duration, n int) {
	age := now - l.w.start
	// A window shorter than the latencies in it would see the quick ones only.
	if age < max(l.c.Window, time.Duration(2*l.mean)) {
		return
	}
	count := 0
	for _, k := range l.w.count {
		count += k
	}
	want := max(enoughIn, 2*n)
	if few := want / 6; count >= few && l.gross(count, age) {
		if want = few; l.trial != nil {
			want = 3 * few // a comparison takes more than an alarm
		}
	}
	if count+l.w.over < want && age < longest*l.c.Window+time.Duration(4*l.mean) {
		return
	}
	l.flight(now, n, n)
	l.decide(now, count, age)
	l.restart(now)
}

// gross says that latency is so far above the base that a few requests tell.
func (l *learner) gross(count int, age time.Duration) bool {
	m := l.measure(count, age)
	return m.ratio >= 2 && m.ratio-1 > 6*m.noise
}

// measure is what a window says.
type measure struct {
	count int
	n     float64 // mean in flight
	ratio float64 // latency to base; 1 where no base was known
	noise float64 // the standard error of ratio
}

func (l *learner) measure(count int, age time.Duration) measure {
	m := measure{count: count, n: l.w.area / float64(age), ratio: 1}
	var total, expected float64
	for i, k := range l.w.count {
		if k > 0 && l.base[i] > 0 {
			total += l.w.sum[i]
			expected += float64(k) * l.base[i]
		}
	}
	if expected > 0 {
		m.ratio = total / expected
	}
	mean := m.ratio
	variance := max(l.w.sumsq/float64(count)-mean*mean, 0.1*mean*mean)
	m.noise = math.Sqrt(variance / float64(count))
	return m
}

// decide moves the limit at the end of a window.
func (l *learner) decide(now time.Duration, count int, age time.Duration) {
	l.rate = float64(count) / age.Seconds()
	if l.w.over > 0 && l.w.over*20 >= count+l.w.over {
		l.overloaded(now)
		return
	}
	if count < 5 {
		return
	}
	total := 0.0
	for _, s := range l.w.sum {
		total += s
	}
	l.mean = total / float64(count)
	m := l.measure(count, age)
	if l.trial != nil {
		l.judge(now, m)
		return
	}
	waiting := m.n * (1 - 1/max(m.ratio, 1))
	few := 0.5 + 1.5*m.n*min(m.noise, 0.15)
	many := 1 + 3*m.n*min(m.noise, 0.12)
	before := l.alarm
	l.alarm = 0
	switch {
	case m.ratio < 1-3*m.noise:
		l.learnBase(0.5)
	case waiting < few:
		l.learnBase(0.1)
	}
	switch {
	case waiting > many && (l.w.hit || l.w.held || m.ratio >= 2 && m.n >= l.limit/2):
		if before == 0 && (m.ratio < 2 || m.ratio-1 <= 6*m.noise) { // once may be chance
			l.alarm = m.ratio
			break
		}
		if before > 0 && before > m.ratio*(1-3*m.noise) { // what chance made high falls by itself
			m.ratio = min(m.ratio, before)
		}
		l.begin(now, m, false)
	case waiting < few && (l.w.hit || l.w.held && now-l.knee >= memory*l.c.Probe):
		l.grow(now)
	case l.w.hit && now >= l.probeAt:
		l.begin(now, m, true)
	}
}

// overloaded cuts because the origin says so.
func (l *learner) overloaded(now time.Duration) {
	n := l.w.area / float64(max(now-l.w.start, 1))
	l.trial, l.starting, l.knee = nil, false, now
	l.set(now, cut*min(l.limit, max(n, l.limit/2)))
}

func (l *learner) grow(now time.Duration) {
	if l.starting {
		l.set(now, l.limit*1.5)
		return
	}
	l.set(now, l.limit+max(1, l.limit/12))
}

// begin cuts, to see what comes of it.
func (l *learner) begin(now time.Duration, m measure, probe bool) {
	if l.c.Min == l.c.Max {
		return
	}
	l.trials = trial{limit: l.limit, n: m.n, ratio: m.ratio, full: l.w.hit, probe: probe}
	if probe { // nothing speaks for queueing but the trial itself
		l.trials.doubt = 3.5
	}
	l.trial = &l.trials
	to := cut * l.limit
	if !l.w.hit && !l.w.held {
		to = cut * m.n
	}
	l.probeAt = now + l.c.Probe
	l.set(now, to)
}

// judge ends a trial: did latency fall with what was in flight?
func (l *learner) judge(now time.Duration, m measure) {
	t := *l.trial
	l.trial = nil
	fell := m.n / max(t.n, 1e-9)
	helped := m.ratio <= t.ratio*(1-max((1-max(fell, 0.25))/2, min(t.doubt*m.noise, 0.2)))
	switch {
	case fell > 0.95: // not fewer came than before: nothing was tried
		l.set(now, t.limit)
	case helped: // queueing: the cut stays
		l.starting, l.knee = false, now
		if !t.full && l.limit > t.n {
			l.set(now, t.n)
		}
		if m.ratio < 1-2*m.noise { // and the base was learnt under load: look further down
			l.learnBase(1)
			l.begin(now, measure{n: m.n, ratio: 1}, true)
		}
	case m.ratio > 1.5 && !t.twice: // a base must not rise so much on one window's word
		l.trials.twice, l.trial = true, &l.trials
		l.set(now, cut*l.limit)
	default: // the origin's own doing
		l.learnBase(1)
		l.starting = l.starting && t.probe
		l.set(now, t.limit)
	}
}

// learnBase moves the bases towards what was measured.
func (l *learner) learnBase(gain float64) {
	for i, k := range l.w.count {
		mean := l.w.sum[i] / float64(max(k, 1))
		switch {
		case k > 0 && l.base[i] == 0:
			l.base[i] = mean
		case k >= 10:
			l.base[i] += gain * (mean - l.base[i])
		}
	}
}

func (l *learner) set(now time.Duration, limit float64) {
	limit = min(max(limit, float64(l.c.Min)), float64(l.c.Max))
	if limit != l.limit {
		l.limit, l.settled = limit, now+time.Duration(2*l.mean)
	}
}

func (l *learner) bases() (out [classes]time.Duration) {
	for i, b := range l.base {
		out[i] = time.Duration(b)
	}
	return out
}
