package rate

import (
	"math"
	"sync"

	"fathom/engine/webacl"
)

// rule is what is counted for one rule.
type rule struct {
	is     webacl.RateRule
	model  model
	shards []shard
}

// shard is a part of a rule's instances, so that requests wait less for each
// other.
type shard struct {
	sync.Mutex
	known map[string]*instance
	// most is how many are remembered, quota how many are limited at a time.
	most, quota int
	limited     []*instance
	// head closes the ring of all instances: head.older is the latest seen,
	// head.newer the longest unseen.
	head instance
	_    [64]byte // apart from the next shard in the processor's cache
}

// instance is one key of a rule.
type instance struct {
	key  string
	sent history
	// judged is the tick for which over was found out.
	judged int64
	over   bool
	// place is 1 + the index in shard.limited; 0 is not limited.
	place        int
	newer, older *instance
}

// perShard is how many instances a shard has at least: with few of them one shard
// forgets more fairly than many.
const perShard = 1000

func newRule(is webacl.RateRule, m model, o Options) *rule {
	n := max(1, min(16, o.Instances/perShard))
	r := &rule{is: is, model: m, shards: make([]shard, n)}
	for i := range r.shards {
		s := &r.shards[i]
		s.known = map[string]*instance{}
		s.most = o.Instances / n
		s.quota = max(1, o.Limited/n)
		s.head.newer, s.head.older = &s.head, &s.head
	}
	return r
}

// shardOf spreads by FNV-1a: the same in every process, so that a replay forgets
// the same instances.
func (r *rule) shardOf(key []byte) *shard {
	h := uint64(14695981039346656037)
	for _, b := range key {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return &r.shards[(h^h>>32)%uint64(len(r.shards))]
}

func (r *rule) count(key []byte, at int64) webacl.Rate {
	now := at / r.model.tick
	if at%r.model.tick < 0 {
		now--
	}
	s := r.shardOf(key)
	s.Lock()
	defer s.Unlock()
	i := s.known[string(key)]
	if i == nil {
		i = s.add(key, now-r.model.horizon+1)
	}
	s.touch(i)
	if last, ok := i.sent.last(); ok && now < last {
		if last-now > r.model.window {
			i.sent.clear()
			i.judged = math.MinInt64
		} else {
			now = last
		}
	}
	i.sent.forget(now - r.model.horizon + 1)
	i.sent.add(now, r.model.horizon)
	rate := webacl.Rate{Seen: r.model.seen(i, now)}
	if r.model.over(i, now) {
		rate.Limited = s.limit(i, now-r.model.horizon+1)
	} else {
		s.release(i)
	}
	return rate
}

// add makes an instance, in the place of another if there are too many.
func (s *shard) add(key []byte, oldest int64) *instance {
	i := &instance{}
	if len(s.known) >= s.most {
		i = s.weakest(oldest)
		s.release(i)
		delete(s.known, i.key)
		i.unlink()
		i.sent.clear()
		if len(i.sent.ticks) > 16 {
			i.sent.ticks = nil // a large history is not handed on to one that sends little
		}
	}
	i.key, i.judged = string(key), math.MinInt64
	s.known[i.key] = i
	return i
}

// weakest is the instance to forget, among the eight longest unseen. The others
// of them count as seen now, so that the next search finds other ones.
func (s *shard) weakest(oldest int64) *instance {
	weakest := s.head.newer
	for i, n := s.head.newer, 0; i != &s.head && n < 8; i, n = i.newer, n+1 {
		i.sent.forget(oldest)
		if i.sent.sum < weakest.sent.sum {
			weakest = i
		}
	}
	for i, n := s.head.newer, 0; i != &s.head && n < 8; n++ {
		next := i.newer
		if i.sent.sum > weakest.sent.sum {
			s.touch(i)
		}
		i = next
	}
	return weakest
}

// limit says whether an instance that is over the limit is limited: while there
// are too many, those that send most are.
func (s *shard) limit(i *instance, oldest int64) bool {
	if i.place > 0 {
		return true
	}
	if len(s.limited) < s.quota {
		s.limited = append(s.limited, i)
		i.place = len(s.limited)
		return true
	}
	least := s.limited[0]
	for _, other := range s.limited {
		other.sent.forget(oldest)
		if other.sent.sum < least.sent.sum {
			least = other
		}
	}
	if least.sent.sum >= i.sent.sum {
		return false
	}
	i.place, least.place = least.place, 0
	s.limited[i.place-1] = i
	return true
}

func (s *shard) release(i *instance) {
	if i.place == 0 {
		return
	}
	end := len(s.limited) - 1
	s.limited[end].place = i.place
	s.limited[i.place-1] = s.limited[end]
	s.limited[end] = nil
	s.limited = s.limited[:end]
	i.place = 0
}

// touch makes an instance the latest seen.
func (s *shard) touch(i *instance) {
	if s.head.older == i {
		return
	}
	i.unlink()
	i.newer, i.older = &s.head, s.head.older
	s.head.older.newer = i
	s.head.older = i
}

func (i *instance) unlink() {
	if i.newer != nil {
		i.newer.older, i.older.newer = i.older, i.newer
		i.newer, i.older = nil, nil
	}
}
