package overload

import (
	"hash/maphash"
	"math"
	"net/netip"
	"sync"
	"time"
)

// table counts clients in bounded memory. A new client takes the place of the
// least important of a few; what is forgotten counts as little.
type table struct {
	half   time.Duration // in which scores are halved
	seed   maphash.Seed
	shards *[tableShards]tableShard
}

const (
	tableShards = 64
	tableWays   = 4 // clients that compete for one place
)

type tableShard struct {
	mu   sync.Mutex
	sets [][tableWays]entry
}

// entry is one client: an address or a fingerprint, by its hash of 64 bits. Two
// clients with one hash share a fate; among 65,536 that happens once in 10^10
// tables.
type entry struct {
	key     uint64
	at      time.Duration // when score and good were true
	vouched time.Duration // until when
	score   float32
	good    float32
	boxed   bool
}

func newTable(size int, half time.Duration) table {
	t := table{half: half, seed: maphash.MakeSeed(), shards: new([tableShards]tableShard)}
	for i := range t.shards {
		t.shards[i].sets = make([][tableWays]entry, max(1, size/tableWays/tableShards))
	}
	return t
}

// address is the key of an address: of IPv6, its network of 64 bits, which is
// what one customer has.
func (t *table) address(addr netip.Addr) uint64 {
	raw := addr.As16()
	if addr.Is4() || addr.Is4In6() {
		return maphash.Bytes(t.seed, raw[:])
	}
	return maphash.Bytes(t.seed, raw[:8])
}

func (t *table) text(s string) uint64 { return maphash.String(t.seed, s) }

// with calls f on the entry of a key, decayed to now; where there is none, on a
// new one if create says so.
func (t *table) with(key uint64, now time.Duration, create bool, f func(*entry)) {
	if key == 0 {
		key = 1 // 0 is an empty place
	}
	s := &t.shards[key%tableShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	set := &s.sets[key/tableShards%uint64(len(s.sets))]
	least := &set[0]
	for i := range set {
		e := &set[i]
		if e.key == key {
			t.decay(e, now)
			f(e)
			return
		}
		if t.worth(e, now) < t.worth(least, now) {
			least = e
		}
	}
	if create {
		*least = entry{key: key, at: now}
		f(least)
	}
}

// worth orders entries for eviction: the empty, then the quiet, then the loud,
// then those who are vouched for.
func (t *table) worth(e *entry, now time.Duration) float64 {
	switch {
	case e.key == 0:
		return -1
	case e.vouched > now:
		return math.MaxFloat32
	}
	t.decay(e, now)
	return float64(e.score)
}

// decay brings an entry up to date.
func (t *table) decay(e *entry, now time.Duration) {
	by := now - e.at
	if by < t.half/256 { // too little to tell, and an exponential costs
		return
	}
	f := float32(math.Exp2(-float64(by) / float64(t.half)))
	e.score *= f
	e.good *= f
	e.at = now
}
