package depth

import (
	"math/bits"
	"slices"
)

// hitter finds smallest sets of units that meet every cut, by branch and bound:
// one branch for each unit of some cut that is still open.
type hitter struct {
	cuts [][]int32
	of   []bitset // each cut's units
	in   []bitset // the cuts that hold a unit
	// banned are units not to be taken in this branch: those of the branches
	// before.
	banned bitset
	set    []int32
	levels []level
	// work counts the branches; above most, if that is given, it gives up.
	work, most int
}

// level is what a level of the search works in.
type level struct {
	open, rest bitset
	marked     bitset
	count      []int32
	byCount    [][]int32
	order      []int32
	tries      []int32
}

func newHitter(units int) *hitter {
	return &hitter{in: make([]bitset, units), banned: newBits(units)}
}

func (h *hitter) add(cut []int32) {
	i := int32(len(h.cuts))
	if i%64 == 0 {
		for u := range h.in {
			h.in[u] = append(h.in[u], 0)
		}
		h.levels = nil
	}
	of := newBits(len(h.in))
	for _, u := range cut {
		h.in[u].set(i)
		of.set(u)
	}
	h.cuts = append(h.cuts, cut)
	h.of = append(h.of, of)
}

// least is a smallest set of from to most units that, with those that it has for
// nothing, meets every cut; not ok when there is none. The caller knows that
// fewer than from do not.
func (h *hitter) least(from, most int, have ...int32) (set []int32, ok bool) {
	open := newBits(len(h.cuts))
	for i := range h.cuts {
		open.set(int32(i))
	}
	for _, u := range have {
		open.remove(h.in[u])
	}
	for k := from; k <= most; k++ {
		for len(h.levels) <= k {
			h.levels = append(h.levels, level{
				open: slices.Clone(open), rest: slices.Clone(open),
				marked: newBits(len(h.in)), count: make([]int32, len(h.in)),
			})
		}
		h.set = h.set[:0]
		if h.search(open, k) {
			set = slices.Clone(h.set)
			slices.Sort(set)
			return set, true
		}
	}
	return nil, false
}

// search looks for at most k units more that meet the cuts still open.
func (h *hitter) search(open bitset, k int) bool {
	h.work++
	switch first := open.first(); {
	case first < 0:
		return true
	case k == 0 || h.most > 0 && h.work > h.most:
		return false
	case k == 1:
		for _, u := range h.cuts[first] {
			if !h.banned.has(u) && open.within(h.in[u]) {
				h.set = append(h.set, u)
				return true
			}
		}
		return false
	}
	l := &h.levels[k]
	if !h.possible(open, k, l) {
		return false
	}
	found, tried := false, 0
	tries := h.tries(h.cuts[h.narrowest(open)], open, l)
	for _, u := range tries {
		copy(l.open, open)
		l.open.remove(h.in[u])
		h.set = append(h.set, u)
		if found = h.search(l.open, k-1); found {
			break
		}
		h.set = h.set[:len(h.set)-1]
		h.banned.set(u)
		tried++
	}
	for _, u := range tries[:tried] {
		h.banned.clear(u)
	}
	return found
}

// possible is false when it is plain that k units cannot meet all open cuts.
// Three reasons: more than k cuts have nothing in common; the k units that meet
// most meet too few; or, when each cut is worth the share that it has at most in
// any of its units, the cuts are worth more than k, and no unit more than one.
func (h *hitter) possible(open bitset, k int, l *level) bool {
	apart := 0
	clear(l.marked)
	for i := range open.each {
		if h.of[i].apart(l.marked, h.banned) {
			apart++
			for w := range l.marked {
				l.marked[w] |= h.of[i][w]
			}
		}
	}
	if apart > k {
		return false
	}
	h.rank(open, l)
	total, worth := open.len(), 0.0
	copy(l.rest, open)
	for i, u := range l.order {
		if i < k {
			total -= int(l.count[u])
		}
		worth += float64(l.rest.common(h.in[u])) / float64(l.count[u])
		if worth > float64(k)+1e-6 {
			return false
		}
		l.rest.remove(h.in[u])
	}
	return total <= 0 && l.rest.first() < 0
}

// rank puts the units that may be taken in the order of how many open cuts they
// meet.
func (h *hitter) rank(open bitset, l *level) {
	for len(l.byCount) <= len(h.cuts) {
		l.byCount = append(l.byCount, nil)
	}
	top := 0
	for u := range h.in {
		l.count[u] = 0
		if n := open.common(h.in[u]); n > 0 && !h.banned.has(int32(u)) {
			l.count[u] = int32(n)
			l.byCount[n] = append(l.byCount[n], int32(u))
			top = max(top, n)
		}
	}
	l.order = l.order[:0]
	for n := top; n > 0; n-- {
		l.order = append(l.order, l.byCount[n]...)
		l.byCount[n] = l.byCount[n][:0]
	}
}

// narrowest is the open cut with the fewest units left to take.
func (h *hitter) narrowest(open bitset) int32 {
	best, size := int32(-1), 0
	for i := range open.each {
		n := 0
		for w, word := range h.of[i] {
			n += bits.OnesCount64(word &^ h.banned[w])
		}
		if best < 0 || n < size {
			best, size = i, n
		}
	}
	return best
}

// tries are the units of a cut to try, those that meet most of what is open
// first, without those that meet nothing that one before does not meet.
func (h *hitter) tries(cut []int32, open bitset, l *level) []int32 {
	l.tries = l.tries[:0]
	for _, u := range cut {
		if !h.banned.has(u) {
			l.tries = append(l.tries, u)
		}
	}
	slices.SortStableFunc(l.tries, func(a, b int32) int { return int(l.count[b]) - int(l.count[a]) })
	kept := l.tries[:0]
	for _, u := range l.tries {
		if !slices.ContainsFunc(kept, func(v int32) bool { return open.commonWithin(h.in[u], h.in[v]) }) {
			kept = append(kept, u)
		}
	}
	return kept
}
