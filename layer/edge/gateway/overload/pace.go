package overload

import (
	"net/netip"
	"time"
)

// Pace makes the requests of a client cheaper the more it sends, so that who
// floods competes with who searches, and not with who buys. It refuses nobody: a
// class counts only where a limit is reached. A nil Pace changes nothing.
type Pace struct {
	c     PaceConfig
	clock Clock
	table table
}

// NewPace makes a Pace, or nil if it is off. The configuration has passed
// Config.Check.
func NewPace(c PaceConfig, clock Clock) *Pace {
	if c.Off {
		return nil
	}
	c = c.withDefaults()
	return &Pace{c: c, clock: clock, table: newTable(c.Size, c.HalfLife)}
}

// Class counts a request of a client, and is the class that it gets: its route's,
// one lower for each Requests that the client sent lately.
func (p *Pace) Class(addr netip.Addr, class Class) Class {
	if p == nil || !addr.IsValid() {
		return class
	}
	now, by := p.clock(), 0
	p.table.with(p.table.address(addr), now, true, func(e *entry) {
		e.score++
		if e.vouched <= now {
			by = int(float64(e.score) / p.c.Requests)
		}
	})
	return class - Class(min(by, int(class)))
}

// Vouch says that a client showed a valid session or pass: for the time given it
// may be as fast as it likes.
func (p *Pace) Vouch(addr netip.Addr, d time.Duration) {
	if p == nil || !addr.IsValid() {
		return
	}
	now := p.clock()
	p.table.with(p.table.address(addr), now, true, func(e *entry) { e.vouched = now + d })
}
