package overload

import (
	"math"
	"net/netip"
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
	c     BoxConfig
	clock Clock
	table table
}

// NewBox makes a Box, or nil if it is not enabled. The configuration has passed
// Config.Check.
func NewBox(c BoxConfig, clock Clock) *Box {
	if !c.Enabled {
		return nil
	}
	c = c.withDefaults()
	return &Box{c: c, clock: clock, table: newTable(c.Size, c.HalfLife)}
}

// Refused counts a refused request of a client; weight 1 is an ordinary one.
// fingerprint is JA4 or JA3, empty where it is not known.
func (b *Box) Refused(addr netip.Addr, fingerprint string, weight float64) {
	if b == nil || !(weight > 0) || b.trusted(addr) {
		return
	}
	now := b.clock()
	b.with(b.table.address(addr), now, true, func(e *entry) {
		if e.vouched <= now {
			b.add(e, weight)
		}
	})
	if b.c.Fingerprints && fingerprint != "" {
		b.with(b.table.text(fingerprint), now, true, func(e *entry) {
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
	b.with(b.table.address(addr), now, true, func(e *entry) {
		e.score, e.boxed, e.vouched = 0, false, now+b.c.Vouch
	})
	if b.c.Fingerprints && fingerprint != "" {
		b.with(b.table.text(fingerprint), now, true, func(e *entry) {
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
	b.with(b.table.address(addr), now, false, func(e *entry) {
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
	b.with(b.table.address(addr), now, false, func(e *entry) { vouched = e.vouched > now })
	if vouched {
		return false
	}
	b.with(b.table.text(fingerprint), now, false, func(e *entry) { held = e.boxed })
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

// add raises a score.
func (b *Box) add(e *entry, weight float64) {
	e.score = float32(math.Min(float64(e.score)+weight, 4*b.c.Refusals))
	e.boxed = e.boxed || float64(e.score) >= b.c.Refusals
}

// with calls f on the entry of a key, and lets out whose score has fallen.
func (b *Box) with(key uint64, now time.Duration, create bool, f func(*entry)) {
	b.table.with(key, now, create, func(e *entry) {
		if float64(e.score) < b.c.Refusals/2 {
			e.boxed = false
		}
		f(e)
	})
}
