package mesh

import "slices"

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

// allBits is the set of 0..n-1.
func allBits(n int) bits {
	b := newBits(n)
	for i := range n {
		b.add(i)
	}
	return b
}

func (b bits) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bits) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

func (b bits) and(c bits) bits {
	out := slices.Clone(b)
	for i := range out {
		out[i] &= c[i]
	}
	return out
}

func (b bits) andNot(c bits) bits {
	out := slices.Clone(b)
	for i := range out {
		out[i] &^= c[i]
	}
	return out
}

func (b bits) or(c bits) bits {
	out := slices.Clone(b)
	for i := range out {
		out[i] |= c[i]
	}
	return out
}

// box is a product of sets: of each dimension of a space, the atoms a request
// may be in.
type box []bits

// and is what is in both boxes; nil where nothing is.
func (b box) and(c box) box {
	out := make(box, len(b))
	for i := range b {
		if out[i] = b[i].and(c[i]); out[i].empty() {
			return nil
		}
	}
	return out
}

// minus is b without c, as boxes that have nothing in common.
func (b box) minus(c box) []box {
	if b.and(c) == nil {
		return []box{b}
	}
	var out []box
	rest := slices.Clone(b)
	for i := range rest {
		if outside := rest[i].andNot(c[i]); !outside.empty() {
			one := slices.Clone(rest)
			one[i] = outside
			out = append(out, one)
			rest[i] = rest[i].and(c[i])
		}
	}
	return out
}

// maxBoxes bounds what subtracting may split a set into. Policies that people
// write stay far below it.
const maxBoxes = 4096

// subtract is the boxes without those of the others, or not ok where they fall
// apart into too many.
func subtract(from, take []box) (out []box, ok bool) {
	out = from
	for _, t := range take {
		var next []box
		for _, b := range out {
			if next = append(next, b.minus(t)...); len(next) > maxBoxes {
				return nil, false
			}
		}
		out = next
	}
	return out, true
}
