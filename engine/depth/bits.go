package depth

import "math/bits"

// bitset is a set of small numbers. Sets that are put together are of one length.
type bitset []uint64

// newBits is the empty set with room for the numbers below n.
func newBits(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(i int32)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) clear(i int32)    { b[i/64] &^= 1 << (i % 64) }
func (b bitset) has(i int32) bool { return b[i/64]&(1<<(i%64)) != 0 }

// first is the smallest number, -1 when there is none.
func (b bitset) first() int32 {
	for w, word := range b {
		if word != 0 {
			return int32(w*64 + bits.TrailingZeros64(word))
		}
	}
	return -1
}

func (b bitset) len() int { return b.common(b) }

// common counts what is in both.
func (b bitset) common(other bitset) int {
	n := 0
	for w, word := range b {
		n += bits.OnesCount64(word & other[w])
	}
	return n
}

// within says whether all is in the other.
func (b bitset) within(other bitset) bool {
	for w, word := range b {
		if word&^other[w] != 0 {
			return false
		}
	}
	return true
}

// commonWithin says whether what x has of the set y has as well.
func (b bitset) commonWithin(x, y bitset) bool {
	for w, word := range b {
		if word&x[w]&^y[w] != 0 {
			return false
		}
	}
	return true
}

// apart says whether nothing is in the other, but for what does not count.
func (b bitset) apart(other, but bitset) bool {
	for w, word := range b {
		if word&other[w]&^but[w] != 0 {
			return false
		}
	}
	return true
}

func (b bitset) remove(other bitset) {
	for w := range b {
		b[w] &^= other[w]
	}
}

// each yields the numbers in order.
func (b bitset) each(yield func(int32) bool) {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			if !yield(int32(w*64 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}
