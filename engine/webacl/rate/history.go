package rate

import (
	"iter"
	"math"
)

// history is how many requests came at which ticks: a ring of the ticks that had
// any, the oldest first. It grows to the horizon, and allocates nothing from
// there.
type history struct {
	ticks []moment
	// base is the tick of offset 0; first and n are where the ring begins and how
	// many it holds.
	base     int64
	first, n int
	sum      int64
}

// moment is one tick. Offsets and counts are short, since there are many: a count
// stops at 4 billion.
type moment struct{ offset, n uint32 }

func (h *history) at(i int) *moment { return &h.ticks[(h.first+i)%len(h.ticks)] }

// last is the latest tick, if there is one.
func (h *history) last() (tick int64, ok bool) {
	if h.n == 0 {
		return 0, false
	}
	return h.base + int64(h.at(h.n-1).offset), true
}

// forget drops the ticks before one.
func (h *history) forget(before int64) {
	for h.n > 0 && h.base+int64(h.at(0).offset) < before {
		h.sum -= int64(h.at(0).n)
		h.first = (h.first + 1) % len(h.ticks)
		h.n--
	}
}

// add counts a request at a tick that is not before the last. The ring holds at
// most horizon ticks: older ones were forgotten.
func (h *history) add(tick, horizon int64) {
	if last, ok := h.last(); ok && last == tick {
		if m := h.at(h.n - 1); m.n < math.MaxUint32 {
			m.n++
			h.sum++
		}
		return
	}
	h.rebase(tick)
	if h.n == len(h.ticks) {
		h.grow(horizon)
	}
	h.n++
	*h.at(h.n - 1) = moment{uint32(tick - h.base), 1}
	h.sum++
}

// rebase keeps the offset of a tick within its type.
func (h *history) rebase(tick int64) {
	if h.n == 0 {
		h.base = tick
		return
	}
	if tick-h.base <= math.MaxUint32 {
		return
	}
	move := h.at(0).offset
	h.base += int64(move)
	for i := range h.n {
		h.at(i).offset -= move
	}
}

func (h *history) grow(horizon int64) {
	ticks := make([]moment, min(max(2*len(h.ticks), 2), int(horizon)))
	for i := range h.n {
		ticks[i] = *h.at(i)
	}
	h.ticks, h.first = ticks, 0
}

func (h *history) clear() { *h = history{ticks: h.ticks} }

// all are the ticks and their counts.
func (h *history) all() iter.Seq2[int64, int64] {
	return func(yield func(int64, int64) bool) {
		for i := range h.n {
			if m := h.at(i); !yield(h.base+int64(m.offset), int64(m.n)) {
				return
			}
		}
	}
}
