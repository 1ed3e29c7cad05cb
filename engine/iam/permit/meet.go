package permit

import (
	"cmp"
	"container/heap"
	"slices"
)

// budget is what a question may cost, counted in words of automaton states
// that are computed and in branches of the search.
type budget struct {
	left int
	// mixed names a text whose conditions are of families that no method here
	// decides together.
	mixed string
	// broken names a text for which the automata found what they do not accept:
	// a mistake of ours, which must not pass for an answer.
	broken string
}

func (b *budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}

// meet looks for a text that is in all of in and in none of out: a walk through
// the product of the automata, each made deterministic as it is walked. It is
// breadth-first and finds a shortest text, unless the product is large: then
// states from which less is missing go first. It reports whether the walk was
// finished.
func meet(alpha *alphabet, in, out []*language, b *budget) (text string, found, finished bool) {
	w := newWalk(alpha, in, out)
	if w == nil {
		return "", false, true
	}
	if w.done(w.vectors) {
		return "", true, true
	}
	for {
		at, ok := w.next()
		if !ok {
			return "", false, true
		}
		for _, class := range w.order {
			before := len(w.from)
			if !b.spend(w.words + 1) {
				return "", false, false
			}
			if w.step(at, class) {
				return w.trace(len(w.from) - 1), true, true
			}
			// A state that is kept costs memory too.
			if len(w.from) > before && !b.spend(16*(w.words+1)) {
				return "", false, false
			}
		}
	}
}

// wide is how many states are walked breadth-first.
const wide = 2000

// next returns the state to walk from.
func (w *walk) next() (at int, ok bool) {
	if w.walked < wide {
		w.walked++
		return w.walked - 1, w.walked <= len(w.from)
	}
	for ; w.queued < len(w.from); w.queued++ {
		if w.queued >= wide {
			heap.Push(&w.queue, missing{w.queued, w.lacks(w.queued)})
		}
	}
	if len(w.queue) == 0 {
		return 0, false
	}
	return heap.Pop(&w.queue).(missing).state, true
}

// lacks is how many runes are missing at least in a state for each of the
// patterns to be taken.
func (w *walk) lacks(at int) (n int) {
	v := w.vectors[at*w.words:]
	for _, l := range w.in {
		n += l.lacks(v[:l.words])
		v = v[l.words:]
	}
	return n
}

// missing is a state in the queue: those that lack least come first, the older
// first among equals.
type missing struct{ state, n int }

type queue []missing

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].n, q[j].n), cmp.Compare(q[i].state, q[j].state)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(missing)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
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
	walked  int   // states walked from breadth-first
	queued  int   // states that are in the queue, or were
	queue   queue // of the states behind those
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
