package overload

import (
	"hash/maphash"
	"math"
	"net/netip"
	"sync"
	"time"
)

// Box remembers which clients were refused often lately, in bounded memory, so
// that they can be dropped at accept, before the TLS handshake, and again before
// a body is read. It never holds a trusted network, nor an address that showed a
// valid session or pass within Vouch. A nil Box holds nobody.
//
// A client's score rises by what Refuse says and is halved every HalfLife. From
// Refusals on it is boxed, below half of that it is out again. Knocking while
// boxed counts a quarter, so that a flood keeps itself in; the score is bounded
// at four times Refusals, so that nobody stays for more than three half-lives
// after the last knock.
type Box struct {
	c      BoxConfig
	clock  Clock
	seed   maphash.Seed
	shards [boxShards]boxShard
}

const (
	boxShards = 64
	boxWays   = 4 // clients that compete for one place
)

type boxShard struct {
	mu   sync.Mutex
	sets [][boxWays]boxEntry
}

// boxEntry is one client: an address or a fingerprint, by its hash of 64 bits.
// Two clients with one hash share a fate; at a size of 65,536 that happens to one
// in 10^14 refused clients.
type boxEntry struct {
	key     uint64
	at      time.Duration // when score and good were true
	vouched time.Duration // until when
	score   float32
	good    float32
	boxed   bool
}

// NewBox makes a Box, or nil if it is not enabled. The configuration has passed
// Config.Check.
func NewBox(c BoxConfig, clock Clock) *Box {
	if !c.Enabled {
		return nil
	}
	c = c.withDefaults()
	b := &Box{c: c, clock: clock, seed: maphash.MakeSeed()}
	sets := max(1, c.Size/boxWays/boxShards)
	for i := range b.shards {
		b.shards[i].sets = make([][boxWays]boxEntry, sets)
	}
	return b
}

// Refused counts a refused request of a client; weight 1 is an ordinary one.
// fingerprint is JA4 or JA3, empty where it is not known.
func (b *Box) Refused(addr netip.Addr, fingerprint string, weight float64) {
	if b == nil || !(weight > 0) || b.trusted(addr) {
		return
	}
	now := b.clock()
	b.with(b.address(addr), now, true, func(e *boxEntry) {
		if e.vouched <= now {
			b.add(e, weight)
		}
	})
	if b.c.Fingerprints && fingerprint != "" {
		b.with(b.print(fingerprint), now, true, func(e *boxEntry) {
			b.add(e, weight/10) // a tool's fingerprint comes from more than one address
			if e.score < 100*e.good {
				e.boxed = false
			}
		})
	}
}

// Vouch says that a client showed a valid session or pass: its address is let
// out, and stays out for a while.
func (b *Box) Vouch(addr netip.Addr, fingerprint string) {
	if b == nil {
		return
	}
	now := b.clock()
	b.with(b.address(addr), now, true, func(e *boxEntry) {
		e.score, e.boxed, e.vouched = 0, false, now+b.c.Vouch
	})
	if b.c.Fingerprints && fingerprint != "" {
		b.with(b.print(fingerprint), now, true, func(e *boxEntry) {
			e.good++
			e.boxed = e.boxed && e.score >= 100*e.good
		})
	}
}

// Holds says whether an address is boxed, for accept: a knock counts.
func (b *Box) Holds(addr netip.Addr) bool {
	if b == nil || b.trusted(addr) {
		return false
	}
	now, held := b.clock(), false
	b.with(b.address(addr), now, false, func(e *boxEntry) {
		if held = e.boxed; held {
			b.add(e, 0.25)
		}
	})
	return held
}

// HoldsFingerprint says whether a TLS fingerprint is boxed, for the ClientHello
// and before the body. Addresses that are trusted or vouched for pass.
func (b *Box) HoldsFingerprint(addr netip.Addr, fingerprint string) bool {
	if b == nil || !b.c.Fingerprints || fingerprint == "" || b.trusted(addr) {
		return false
	}
	now, held, vouched := b.clock(), false, false
	b.with(b.address(addr), now, false, func(e *boxEntry) { vouched = e.vouched > now })
	if vouched {
		return false
	}
	b.with(b.print(fingerprint), now, false, func(e *boxEntry) { held = e.boxed })
	return held
}

func (b *Box) trusted(addr netip.Addr) bool {
	if !addr.IsValid() {
		return true // nobody to blame
	}
	addr = addr.Unmap()
	for _, p := range b.c.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// address is the key of an address: of IPv6, its network of 64 bits, which is
// what one customer has.
func (b *Box) address(addr netip.Addr) uint64 {
	addr = addr.Unmap()
	raw := addr.As16()
	if addr.Is6() {
		return maphash.Bytes(b.seed, raw[:8])
	}
	return maphash.Bytes(b.seed, raw[:])
}

func (b *Box) print(fingerprint string) uint64 { return maphash.String(b.seed, fingerprint) }

// add raises a score.
func (b *Box) add(e *boxEntry, weight float64) {
	e.score = float32(math.Min(float64(e.score)+weight, 4*b.c.Refusals))
	e.boxed = e.boxed || float64(e.score) >= b.c.Refusals
}

// with calls f on the entry of a key, decayed to now; where there is none, on a
// new one if make says so. A new one takes the place of the least guilty.
func (b *Box) with(key uint64, now time.Duration, make bool, f func(*boxEntry)) {
	if key == 0 {
		key = 1 // 0 is an empty place
	}
	s := &b.shards[key%boxShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	set := &s.sets[key/boxShards%uint64(len(s.sets))]
	least := &set[0]
	for i := range set {
		e := &set[i]
		if e.key == key {
			b.decay(e, now)
			f(e)
			return
		}
		if e.key == 0 || worth(e, now) < worth(least, now) {
			least = e
		}
		if e.key == 0 {
			break
		}
	}
	if make {
		*least = boxEntry{key: key, at: now}
		f(least)
	}
}

// worth orders entries for eviction: the empty, then the quiet, then the guilty,
// then those who are vouched for.
func worth(e *boxEntry, now time.Duration) float64 {
	switch {
	case e.key == 0:
		return -1
	case e.vouched > now:
		return math.MaxFloat32
	}
	return float64(e.score)
}

// decay brings an entry up to date.
func (b *Box) decay(e *boxEntry, now time.Duration) {
	if by := now - e.at; by > 0 {
		f := float32(math.Exp2(-float64(by) / float64(b.c.HalfLife)))
		e.score *= f
		e.good *= f
		e.at = now
	}
	if float64(e.score) < b.c.Refusals/2 {
		e.boxed = false
	}
}
