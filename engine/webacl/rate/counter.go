package rate

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"fathom/engine/webacl"
)

// Options bound a Counter. The zero Options are the defaults.
type Options struct {
	// Instances is how many instances of each rule are remembered; 0 is 50,000.
	// When there are more, one of the eight longest unseen is forgotten: the one
	// that has sent least. So an attacker with millions of addresses fills no
	// memory, and does not make a heavy sender forgotten; what is forgotten
	// begins again at 1. An instance takes 0.2 to 3 kB.
	Instances int
	// Limited is how many instances of each rule are limited at a time; 0 is
	// 10,000, AWS's own number. When there are more, those that send most are.
	Limited int
	// Lag and Release are of NewAWSLike, in seconds, rounded up to ten. Lag is how
	// late the result of a look takes effect; Release is how late the end of it
	// does, and at least Lag. 0 is 20 s for both: AWS says that it is usually
	// under 30 s. A negative Lag is none.
	Lag, Release int64
}

// Counter is a webacl.Counter. It can be asked by many at once.
type Counter struct {
	options Options
	model   func(webacl.RateRule, Options) model
	// rules is replaced whole, so that looking up a rule takes no lock.
	rules  atomic.Pointer[map[string]*rule]
	change sync.Mutex
}

var _ webacl.Counter = (*Counter)(nil)

// NewExact counts the requests in the window (at-window, at]. It is exact to a
// 300th of the window (0.2 s of 60 s, 1 s of 300 s): times are taken as multiples
// of that. An instance is limited when there are more than the rule's limit.
func NewExact(o Options) *Counter { return newCounter(o, exact) }

// NewAWSLike counts as AWS WAF describes it, with what AWS leaves open chosen
// here. At every multiple of ten seconds it looks at the ten-second spans of the
// window before. Their requests are weighed, the latest span with about 1.5, the
// oldest with about 0.5, evenly between, so that a steady sender is seen as he
// is. An instance is limited from Lag after a look that finds more than the limit
// until Release after one that does not.
func NewAWSLike(o Options) *Counter { return newCounter(o, awsLike) }

func newCounter(o Options, m func(webacl.RateRule, Options) model) *Counter {
	if o.Instances <= 0 {
		o.Instances = 50_000
	}
	if o.Limited <= 0 {
		o.Limited = 10_000
	}
	c := &Counter{options: o, model: m}
	c.rules.Store(&map[string]*rule{})
	return c
}

// Count counts one request. A time before that of the instance's last request is
// taken as that time, since requests may overtake each other; but one that lies
// more than a window before means that the clock was set back, and the instance
// begins again. A rule that comes with another limit or window than before
// begins again as a whole, as in AWS WAF.
func (c *Counter) Count(r webacl.RateRule, instance []byte, at int64) (webacl.Rate, error) {
	counted := (*c.rules.Load())[r.ID]
	if counted == nil || counted.is.Limit != r.Limit || counted.is.Window != r.Window {
		var err error
		if counted, err = c.add(r); err != nil {
			return webacl.Rate{}, err
		}
	}
	return counted.count(instance, at), nil
}

func (c *Counter) add(r webacl.RateRule) (*rule, error) {
	if r.Window <= 0 || r.Window > maxWindow || r.Limit < 0 {
		return nil, fmt.Errorf("rate-based rule %q has a limit of %d in %d seconds; the limit is 0 or more, the window 1 to %d", r.ID, r.Limit, r.Window, maxWindow)
	}
	c.change.Lock()
	defer c.change.Unlock()
	old := *c.rules.Load()
	if known := old[r.ID]; known != nil && known.is == r {
		return known, nil // another request was first
	}
	made := newRule(r, c.model(r, c.options), c.options)
	rules := maps.Clone(old)
	rules[r.ID] = made
	c.rules.Store(&rules)
	return made, nil
}

// Reset forgets what was counted for rules, by their IDs.
func (c *Counter) Reset(ids ...string) {
	c.drop(func(id string) bool { return slices.Contains(ids, id) })
}

// Keep forgets all rules but these: those of a configuration that was replaced.
func (c *Counter) Keep(ids ...string) {
	c.drop(func(id string) bool { return !slices.Contains(ids, id) })
}

func (c *Counter) drop(which func(id string) bool) {
	c.change.Lock()
	defer c.change.Unlock()
	rules := maps.Clone(*c.rules.Load())
	maps.DeleteFunc(rules, func(id string, _ *rule) bool { return which(id) })
	c.rules.Store(&rules)
}

// Instances is how many instances are remembered for a rule.
func (c *Counter) Instances(id string) int {
	r := (*c.rules.Load())[id]
	if r == nil {
		return 0
	}
	n := 0
	for i := range r.shards {
		r.shards[i].Lock()
		n += len(r.shards[i].known)
		r.shards[i].Unlock()
	}
	return n
}
