package depth

import (
	"math/bits"
	"slices"
)

// hitter finds smallest sets of units that meet every cut.
type hitter struct {
	cuts [][]int32
	in   [][]int32 // the cuts that hold a unit
	// banned are units not to be taken in this branch of the search.
	banned []bool
	mark   []bool
	set    []int32
	count  []int32
	// work counts the branches, for whoever wants to give up.
	work, most int
}

func newHitter(units int) *hitter {
	return &hitter{
		in:     make([][]int32, units),
		banned: make([]bool, units),
		mark:   make([]bool, units),
		count:  make([]int32, units),
	}
}

func (h *hitter) add(cut []int32) {
	for _, u := range cut {
		h.in[u] = append(h.in[u], int32(len(h.cuts)))
	}
	h.cuts = append(h.cuts, cut)
}

// least is a smallest set of from to most units that, with those that it has for
// nothing, meets every cut; not ok when there is none. The caller knows that
// fewer than from do not.
func (h *hitter) least(from, most int, have ...int32) (set []int32, ok bool) {
	open := newBits(len(h.cuts))
	for _, u := range have {
		for _, c := range h.in[u] {
			open.clear(c)
		}
	}
	for k := from; k <= most; k++ {
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
	if open.empty() {
		return true
	}
	if k == 0 || h.most > 0 && h.work > h.most {
		return false
	}
	cut, ok := h.narrowest(open, k)
	if !ok {
		return false
	}
	tries := h.tries(cut, open)
	next := make(bitset, len(open))
	found := false
	tried := 0
	for _, u := range tries {
		copy(next, open)
		for _, c := range h.in[u] {
			next.clear(c)
		}
		h.set = append(h.set, u)
		if h.search(next, k-1) {
			found = true
			break
		}
		h.set = h.set[:len(h.set)-1]
		h.banned[u] = true
		tried++
	}
	for _, u := range tries[:tried] {
		h.banned[u] = false
	}
	return found
}

// narrowest is the open cut with the fewest units left to take. It is not ok if
// k units cannot meet all: more than k cuts have nothing in common, or the k
// units that meet most meet too few.
func (h *hitter) narrowest(open bitset, k int) (best []int32, ok bool) {
	clear(h.count)
	total, size := 0, 0
	h.each(open, func(cut []int32) {
		total++
		n := 0
		for _, u := range cut {
			if !h.banned[u] {
				h.count[u]++
				n++
			}
		}
		if best == nil || n < size {
			best, size = cut, n
		}
	})
	if size == 0 || !h.enough(total, k) {
		return nil, false
	}
	apart := 0
	var marked []int32
	h.each(open, func(cut []int32) {
		for _, u := range cut {
			if h.mark[u] && !h.banned[u] {
				return
			}
		}
		apart++
		for _, u := range cut {
			h.mark[u] = true
			marked = append(marked, u)
		}
	})
	for _, u := range marked {
		h.mark[u] = false
	}
	return best, apart <= k
}

// enough says whether the k units that meet most open cuts could meet all.
func (h *hitter) enough(total, k int) bool {
	top := make([]int32, k)
	for _, n := range h.count {
		for i := range top {
			if n > top[i] {
				n, top[i] = top[i], n
			}
		}
	}
	for _, n := range top {
		total -= int(n)
	}
	return total <= 0
}

// tries are the units of a cut, those that meet most of what is open first.
func (h *hitter) tries(cut []int32, open bitset) []int32 {
	var out []int32
	for _, u := range cut {
		if !h.banned[u] {
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b int32) int { return int(h.count[b]) - int(h.count[a]) })
	return out
}

func (h *hitter) each(open bitset, f func(cut []int32)) {
	for w, word := range open {
		for ; word != 0; word &= word - 1 {
			f(h.cuts[w*64+bits.TrailingZeros64(word)])
		}
	}
}

// bitset is a set of small numbers.
type bitset []uint64

// newBits is the set of all numbers below n.
func newBits(n int) bitset {
	b := make(bitset, (n+63)/64)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

func (b bitset) clear(i int32) { b[i/64] &^= 1 << (i % 64) }

func (b bitset) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}
