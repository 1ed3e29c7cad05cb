package overload

import (
	"math/bits"
	"time"
)

// room decides when the waiting room opens. It opens when requests that matter
// had to wait, or were refused, in most of the last OpenAfter; it closes when
// there has been neither that nor a nearly full limit for CloseAfter. Shedding
// what is sheddable opens nothing.
type room struct {
	c      RoomConfig
	open   bool
	slot   int64  // the number of the slot that bit 0 of felt stands for
	felt   uint32 // which of the last slots had pressure
	busyAt time.Duration
}

// slots is how many parts OpenAfter is divided into; two thirds of them open.
const (
	slots  = 12
	enough = 8
)

func (r *room) init(c RoomConfig, now time.Duration) { r.c, r.busyAt = c, now }

// note tells of a request: whether it had to wait or was refused, and which part
// of the limit was in use.
func (r *room) note(now time.Duration, class Class, held bool, busy float64) {
	if class == Sheddable {
		return
	}
	r.turn(now)
	if held {
		r.felt |= 1
	}
	if held || busy >= r.c.CloseBelow {
		r.busyAt = now
	}
}

// turn brings the slots and the decision up to date.
func (r *room) turn(now time.Duration) {
	slot := int64(now / max(r.c.OpenAfter/slots, 1))
	if by := slot - r.slot; by > 0 {
		r.felt = r.felt << min(by, 31) & (1<<slots - 1)
		r.slot = slot
	}
	switch {
	case bits.OnesCount32(r.felt) >= enough:
		r.open = true
	case r.open && now-r.busyAt >= r.c.CloseAfter:
		r.open = false
	}
}

func (r *room) isOpen(now time.Duration) bool {
	r.turn(now)
	return r.open
}
