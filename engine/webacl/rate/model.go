package rate

import "fathom/engine/webacl"

const (
	second    = int64(1_000_000_000)
	maxWindow = 86_400 // seconds; AWS's longest is 600
	// exactTicks are the parts of a window that NewExact tells apart.
	exactTicks = 300
	// awsTick is how often AWS WAF looks, in seconds.
	awsTick = 10
)

// model is how a rule is judged. All times are ticks.
type model struct {
	limit int64
	// tick is how long one is, in nanoseconds.
	tick int64
	// window is how many ticks are the window, horizon how many are remembered.
	window, horizon int64
	// looks says that the rule is judged by looks at past ticks: those from
	// release ticks ago to lag ticks ago.
	looks        bool
	lag, release int64
}

func exact(r webacl.RateRule, _ Options) model {
	tick := max(r.Window*second/exactTicks, 1)
	return model{limit: r.Limit, tick: tick, window: exactTicks, horizon: exactTicks}
}

func awsLike(r webacl.RateRule, o Options) model {
	if o.Lag == 0 {
		o.Lag = 20
	}
	if o.Release == 0 {
		o.Release = 20
	}
	ticks := func(seconds int64) int64 { return (min(max(seconds, 0), maxWindow) + awsTick - 1) / awsTick }
	m := model{limit: r.Limit, tick: awsTick * second, window: max(ticks(r.Window), 1), looks: true, lag: ticks(o.Lag)}
	m.release = max(ticks(o.Release), m.lag)
	m.horizon = m.window + m.release + 1
	return m
}

// over says whether an instance that now sends a request at a tick is over the
// limit.
func (m *model) over(i *instance, now int64) bool {
	if !m.looks {
		return i.sent.sum > m.limit
	}
	if i.judged == now {
		return i.over // the ticks that are looked at are past
	}
	i.judged, i.over = now, false
	for look := now - m.release; look <= now-m.lag && !i.over; look++ {
		i.over = m.estimate(&i.sent, look) > 2*m.window*m.limit
	}
	return i.over
}

// estimate is 2·window times what a look at the begin of a tick finds. Of the N
// ticks before, the i-th latest (from 0) has the weight (3N-1-2i)/2N: the weights
// fall evenly from about 1.5 to about 0.5 and add up to N.
func (m *model) estimate(sent *history, look int64) (sum int64) {
	for tick, n := range sent.all() {
		if i := look - 1 - tick; i >= 0 && i < m.window {
			sum += (3*m.window - 1 - 2*i) * n
		}
	}
	return sum
}

// seen is how many requests are in the window that ends with a tick.
func (m *model) seen(i *instance, now int64) (n int64) {
	if !m.looks {
		return i.sent.sum
	}
	for tick, sent := range i.sent.all() {
		if tick > now-m.window {
			n += sent
		}
	}
	return n
}
