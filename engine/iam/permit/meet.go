package permit

import "slices"

// budget is what a question may cost, counted in words of automaton states
// that are computed and in branches of the search.
type budget struct {
	left int
	// mixed names a text whose conditions are of families that no method here
	// decides together.
	mixed string
}

func (b *budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}

// meet looks for a shortest text that is in all of in and in none of out: a
// breadth-first walk through the product of the automata, each made
// deterministic as it is walked. It reports whether the walk was finished.
func meet(alpha *alphabet, in, out []*language, b *budget) (text string, found, finished bool) {
	w := newWalk(alpha, in, out)
	if w == nil {
		return "", false, true
	}
	if w.done(w.vectors) {
		return "", true, true
	}
	before := 0
	for at := 0; at < len(w.from); at++ {
		for _, class := range w.order {
			if !b.spend(w.words + 1) {
				return "", false, false
			}
			if len(w.from) > before { // a state that is kept costs memory too
				before = len(w.from)
				if !b.spend(16 * (w.words + 1)) {
					return "", false, false
				}
			}
			if w.step(at, class) {
				return w.trace(len(w.from) - 1), true, true
			}
		}
	}
	return "", false, true
}

// walk is the part of the product that has been seen.
type walk struct {
	alpha   *alphabet
	in, out []*language
	words   int
	order   []int // the classes, in the order in which they make readable texts
	seen    map[string]bool
	vectors []uint64
	from    []int32 // the state before, by state
	by      []int32 // the class that led here
	key     []byte
}

// newWalk returns the walk at its start, or nil when there is nothing to find.
func newWalk(alpha *alphabet, in, out []*language) *walk {
	w := &walk{alpha: alpha, in: in, out: out, seen: map[string]bool{}}
	for _, l := range slices.Concat(in, out) {
		w.words += l.words
	}
	start := make([]uint64, 0, w.words)
	for _, l := range slices.Concat(in, out) {
		start = append(start, l.start...)
	}
	if !w.alive(start) {
		return nil
	}
	alpha.close()
	w.order = alpha.order()
	w.push(start, -1, -1)
	return w
}

// alive brings a vector into its simplest form, and says whether anything can
// still be found behind it.
func (w *walk) alive(v []uint64) bool {
	for _, l := range w.in {
		if zero(v[:l.words]) {
			return false
		}
		l.settle(v[:l.words])
		v = v[l.words:]
	}
	for _, l := range w.out {
		if l.settle(v[:l.words]) {
			return false
		}
		v = v[l.words:]
	}
	return true
}

// step takes one step, and says whether the new state ends a text that is
// looked for.
func (w *walk) step(at, class int) bool {
	v := w.vectors[at*w.words : (at+1)*w.words]
	next := make([]uint64, w.words)
	i := 0
	for _, l := range w.in {
		l.step(next[i:i+l.words], v[i:i+l.words], class)
		if zero(next[i : i+l.words]) {
			return false
		}
		i += l.words
	}
	for _, l := range w.out {
		l.step(next[i:i+l.words], v[i:i+l.words], class)
		i += l.words
	}
	return w.alive(next) && w.push(next, at, class) && w.done(next)
}

// push adds a state, unless it has been seen.
func (w *walk) push(v []uint64, at, class int) bool {
	w.key = w.key[:0]
	for _, x := range v {
		w.key = append(w.key, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56))
	}
	if w.seen[string(w.key)] {
		return false
	}
	w.seen[string(w.key)] = true
	w.vectors = append(w.vectors, v...)
	w.from, w.by = append(w.from, int32(at)), append(w.by, int32(class))
	return true
}

// done says whether a text that ends here is in all of in and none of out.
func (w *walk) done(v []uint64) bool {
	for _, l := range w.in {
		ends := meets(v[:l.words], l.final)
		for i := 0; !ends && i < l.words; i++ {
			ends = v[i]&l.rest[i] != 0
		}
		if !ends {
			return false
		}
		v = v[l.words:]
	}
	for _, l := range w.out {
		if meets(v[:l.words], l.final) {
			return false
		}
		v = v[l.words:]
	}
	return true
}

// trace is the text that led to a state.
func (w *walk) trace(at int) string {
	var rs []rune
	for ; w.from[at] >= 0; at = int(w.from[at]) {
		rs = append(rs, w.alpha.runes[w.by[at]])
	}
	slices.Reverse(rs)
	return string(rs)
}

// order lists the classes, the most readable first: letters and digits before
// signs.
func (a *alphabet) order() []int {
	rank := func(r rune) int {
		switch {
		case r >= 'a' && r <= 'z':
			return 0
		case r >= '0' && r <= '9':
			return 1
		case r >= 'A' && r <= 'Z':
			return 2
		case r == '-' || r == '/':
			return 3
		}
		return 4
	}
	out := make([]int, len(a.runes))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(i, j int) int { return rank(a.runes[i]) - rank(a.runes[j]) })
	return out
}
