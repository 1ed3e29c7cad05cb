package shared

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"fathom/engine/webacl"
)

// spans is how many parts of a window the gateways tell each other of, ahead how
// many another gateway's clock may go ahead.
const (
	spans = 20
	ahead = 2
	slots = spans + 1 + ahead
)

// rule is what is shared of one rule.
type rule struct {
	is   webacl.RateRule
	span int64 // nanoseconds
	from int64 // requests of an instance from which on it is shared

	mu    sync.Mutex
	peers map[string]*peer
}

// peer is an instance of a rule that is shared: what this gateway counted of it,
// and what the others said last.
type peer struct {
	rule *rule
	key  string      // in Redis
	out  atomic.Bool // another has its place

	// The rest is guarded by rule.mu.
	used        int64 // the span of the last request
	own, others [slots]part
	queued      bool
}

// part is how many requests came in one span; told is how many of them Redis
// knows.
type part struct{ span, n, told int64 }

// Count implements Store. It does not wait: the others' requests are those heard
// of until now.
func (r *Redis) Count(is webacl.RateRule, instance []byte, at int64) (webacl.Rate, error) {
	counted, err := r.local.Count(is, instance, at)
	if err != nil {
		return counted, err
	}
	if !r.Healthy() {
		r.fallbacks.Add(1)
		if g := int64(r.options.Gateways); g > 1 && counted.Seen > (is.Limit+g-1)/g {
			counted.Limited = true
		}
	}
	to := r.ruleOf(is)
	to.mu.Lock()
	p := to.peers[string(instance)]
	sent := int64(1)
	if p == nil {
		if counted.Seen < to.from {
			to.mu.Unlock()
			return counted, nil
		}
		// Those before this one have not been shared.
		p, sent = r.join(to, instance), min(counted.Seen, to.from)
	}
	span := floor(at, to.span)
	p.used = max(p.used, span)
	p.add(span, sent)
	counted.Seen += p.othersAt(at)
	enqueue := !p.queued
	p.queued = true
	to.mu.Unlock()
	if enqueue {
		r.enqueue(p)
	}
	if counted.Seen > is.Limit {
		counted.Limited = true
	}
	return counted, nil
}

func (r *Redis) ruleOf(is webacl.RateRule) *rule {
	if known := (*r.rules.Load())[is.ID]; known != nil && known.is == is {
		return known
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := (*r.rules.Load())[is.ID]; known != nil && known.is == is {
		return known
	}
	rules := maps.Clone(*r.rules.Load())
	made := &rule{is: is, span: max(is.Window*1_000_000_000/spans, 1), from: max(1, is.Limit/50), peers: map[string]*peer{}}
	r.queue = slices.DeleteFunc(r.queue, func(p *peer) bool { return p.rule.is.ID == is.ID })
	rules[is.ID] = made
	r.rules.Store(&rules)
	return made
}

// Keep implements Store. Rules of the same name, limit and window go on with what
// the other gateways counted for them.
func (r *Redis) Keep(ids ...string) {
	r.local.Keep(ids...)
	r.mu.Lock()
	defer r.mu.Unlock()
	rules := maps.Clone(*r.rules.Load())
	maps.DeleteFunc(rules, func(id string, _ *rule) bool { return !slices.Contains(ids, id) })
	r.rules.Store(&rules)
	r.queue = slices.DeleteFunc(r.queue, func(p *peer) bool { return rules[p.rule.is.ID] != p.rule })
}

// join makes an instance shared, in the place of another if there are too many:
// of some eight the one that has been silent longest, or else has sent least. The
// caller holds the lock.
func (r *Redis) join(to *rule, instance []byte) *peer {
	if len(to.peers) >= r.options.Shared {
		var out string
		var least *peer
		tried := 0
		for key, p := range to.peers {
			if least == nil || p.used < least.used || p.used == least.used && p.sum() < least.sum() {
				out, least = key, p
			}
			if tried++; tried == 8 {
				break
			}
		}
		delete(to.peers, out)
		least.out.Store(true)
	}
	is := to.is
	p := &peer{rule: to, key: r.key("rate", is.ID, strconv.FormatInt(is.Limit, 10), strconv.FormatInt(is.Window, 10), string(instance))}
	to.peers[string(instance)] = p
	return p
}

// add counts requests of this gateway in a span. What is older than the table
// holds is left out.
func (p *peer) add(span, n int64) {
	at := slot(&p.own, span)
	switch {
	case at.span == span:
		at.n += n
	case at.span < span || at.n == 0:
		*at = part{span: span, n: n}
	}
}

func (p *peer) sum() (n int64) {
	for _, o := range p.own {
		n += o.n
	}
	return n
}

// othersAt is how many requests the other gateways counted in the window that
// ends at a time. Of the span in which the window begins the part counts that
// lies in it. Spans that are to come are of clocks that go ahead.
func (p *peer) othersAt(at int64) (n int64) {
	now := floor(at, p.rule.span)
	for _, o := range p.others {
		switch {
		case o.span > now-spans:
			n += o.n
		case o.span == now-spans:
			n += o.n * (p.rule.span - (at - now*p.rule.span)) / p.rule.span
		}
	}
	return n
}

func slot(of *[slots]part, span int64) *part {
	i := span % int64(len(of))
	if i < 0 {
		i += int64(len(of))
	}
	return &of[i]
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
