package permit

import (
	"math/bits"
	"slices"
	"strings"
)

// Verdict is an answer to a question.
type Verdict uint8

// The verdicts. The zero Verdict is Undecided: nothing is taken for safe that
// was not shown to be.
const (
	Undecided Verdict = iota
	No
	Yes
)

// String is the verdict as a word.
func (v Verdict) String() string {
	return [...]string{"undecided", "no", "yes"}[v]
}

// texts decides questions about one text: is there one that satisfies some
// predicates and not others. It keeps a pool of texts, those that the
// documents suggest first, because most questions have an answer among them,
// and readable ones at that; automata decide the rest.
type texts struct {
	name  string
	alpha *alphabet
	// universe are the texts that there are.
	universe *language
	// outside are texts that there are not, although the universe has them.
	outside *language
	preds   []textPred
	ids     map[string]int // of preds
	// sampled are the families whose samples are in the pool.
	sampled map[family]bool
	pool    []string
	known   map[string]int
	truth   []tristates // by text of the pool, by predicate
	rows    [][]uint64  // by predicate, the texts of the pool that it holds for
	filled  []int       // how much of the pool each row has
	memo    map[string]answer
	budget  *budget
	key     []byte
}

// textPred is a predicate on texts. Those of a family that is not of texts
// (numbers, dates, addresses, booleans) have no language; values that tell
// apart all that they can tell apart are in the pool.
type textPred struct {
	family family
	lang   *language
	holds  func(string) bool
}

// answer is a verdict and, for a Yes, the place of a value that shows it.
type answer struct {
	verdict Verdict
	value   int
}

// constraint is what a value has to satisfy and what it may not: indexes of
// predicates, each sorted.
type constraint struct{ yes, no []int }

func (c constraint) with(p int, holds bool) constraint {
	if holds {
		return constraint{insert(c.yes, p), c.no}
	}
	return constraint{c.yes, insert(c.no, p)}
}

// insert returns a new sorted slice with p in it.
func insert(s []int, p int) []int {
	i, ok := slices.BinarySearch(s, p)
	if ok {
		return s
	}
	out := make([]int, 0, len(s)+1)
	return append(append(append(out, s[:i]...), p), s[i:]...)
}

// contradicts says that something is both wanted and unwanted.
func (c constraint) contradicts() bool {
	for i, j := 0, 0; i < len(c.yes) && j < len(c.no); {
		switch {
		case c.yes[i] == c.no[j]:
			return true
		case c.yes[i] < c.no[j]:
			i++
		default:
			j++
		}
	}
	return false
}

func (c constraint) key(buf []byte) []byte {
	for _, s := range [][]int{c.yes, c.no} {
		for _, p := range s {
			buf = append(buf, byte(p), byte(p>>8), byte(p>>16))
		}
		buf = append(buf, 0xff, 0xff, 0xff)
	}
	return buf
}

// tristates remembers answers that are computed when they are first needed.
type tristates []byte

func newTexts(b *budget) *texts {
	return &texts{alpha: newAlphabet(), known: map[string]int{}, ids: map[string]int{}, sampled: map[family]bool{}, memo: map[string]answer{}, budget: b}
}

// suggest puts texts into the pool, the most readable first.
func (t *texts) suggest(ss ...string) {
	for _, s := range ss {
		t.intern(s)
	}
}

// intern returns the place of a text in the pool, or -1 when it is not of the
// universe.
func (t *texts) intern(s string) int {
	if i, ok := t.known[s]; ok {
		return i
	}
	i := -1
	if (t.universe == nil || t.universe.has(s)) && (t.outside == nil || !t.outside.has(s)) {
		i = len(t.pool)
		t.pool = append(t.pool, s)
		t.truth = append(t.truth, nil)
	}
	t.known[s] = i
	return i
}

// holds says whether a predicate holds for a text of the pool.
func (t *texts) holds(pred, text int) bool {
	row := t.truth[text]
	if len(row) < len(t.preds) {
		row = append(row, make(tristates, len(t.preds)-len(row))...)
		t.truth[text] = row
	}
	if row[pred] == 0 {
		row[pred] = 1
		if t.preds[pred].on(t.pool[text]) {
			row[pred] = 2
		}
	}
	return row[pred] == 2
}

func (p *textPred) on(s string) bool {
	if p.lang != nil {
		return p.lang.has(s)
	}
	return p.holds(s)
}

// satisfies says whether a text of the pool satisfies a constraint.
func (t *texts) satisfies(text int, c constraint) bool {
	for _, p := range c.yes {
		if !t.holds(p, text) {
			return false
		}
	}
	for _, p := range c.no {
		if t.holds(p, text) {
			return false
		}
	}
	return true
}

// solve looks for a text.
func (t *texts) solve(c constraint) answer {
	if c.contradicts() {
		return answer{verdict: No}
	}
	t.key = c.key(t.key[:0])
	if a, ok := t.memo[string(t.key)]; ok {
		return a
	}
	k := string(t.key)
	a := t.search(c)
	if a.verdict != Undecided {
		t.memo[k] = a
	}
	return a
}

func (t *texts) search(c constraint) answer {
	if i, ok := t.inPool(c); ok {
		return answer{Yes, i}
	}
	if !t.budget.spend(len(t.pool)/16 + 1) {
		return answer{}
	}
	if t.finite(c) || t.apart(c) || t.familyProves(c) {
		return answer{verdict: No}
	}
	return t.walk(c)
}

// inPool returns the first text of the pool that satisfies a constraint.
func (t *texts) inPool(c constraint) (int, bool) {
	words := (len(t.pool) + 63) / 64
	for w := range words {
		left := ^uint64(0)
		if w == words-1 && len(t.pool)%64 != 0 {
			left = 1<<(len(t.pool)%64) - 1
		}
		for _, p := range c.yes {
			if left != 0 {
				left &= t.row(p)[w]
			}
		}
		for _, p := range c.no {
			if left != 0 {
				left &^= t.row(p)[w]
			}
		}
		if left != 0 {
			return w*64 + bits.TrailingZeros64(left), true
		}
	}
	return 0, false
}

// row are the texts of the pool that a predicate holds for, as bits.
func (t *texts) row(p int) []uint64 {
	for len(t.rows) < len(t.preds) {
		t.rows, t.filled = append(t.rows, nil), append(t.filled, 0)
	}
	for i := t.filled[p]; i < len(t.pool); i++ {
		if i/64 == len(t.rows[p]) {
			t.rows[p] = append(t.rows[p], 0)
		}
		if t.holds(p, i) {
			set(t.rows[p], i)
		}
	}
	t.filled[p] = len(t.pool)
	return t.rows[p]
}

// apart says that the texts of two predicates begin differently.
func (t *texts) apart(c constraint) bool {
	longest := ""
	for _, p := range c.yes {
		l := t.preds[p].lang
		if l == nil {
			continue
		}
		if !strings.HasPrefix(l.prefix, longest) && !strings.HasPrefix(longest, l.prefix) {
			return true
		}
		if len(l.prefix) > len(longest) {
			longest = l.prefix
		}
	}
	return false
}

// finite says that some predicate has only texts that are in the pool, none of
// which was an answer.
func (t *texts) finite(c constraint) bool {
	return slices.ContainsFunc(c.yes, func(p int) bool {
		l := t.preds[p].lang
		return l != nil && l.values != nil
	})
}

// familyProves says that the predicates of one family contradict each other:
// the pool has a value for each way in which they can be true and false.
func (t *texts) familyProves(c constraint) bool {
	for f := numeric; f <= binary; f++ {
		if !t.sampled[f] {
			continue
		}
		others := func(p int) bool { return t.preds[p].family != f }
		part := constraint{slices.DeleteFunc(slices.Clone(c.yes), others), slices.DeleteFunc(slices.Clone(c.no), others)}
		if len(part.yes)+len(part.no) == 0 {
			continue
		}
		if _, ok := t.inPool(part); !ok {
			return true
		}
	}
	return false
}

// walk lets the automata decide. Where predicates of another family are in
// play too, an empty meeting still proves that there is nothing; a text is an
// answer only if they happen to like it.
func (t *texts) walk(c constraint) answer {
	var in, out []*language
	if t.universe != nil {
		in = append(in, t.universe)
	}
	if t.outside != nil {
		out = append(out, t.outside)
	}
	mixed := false
	for _, p := range c.yes {
		if l := t.preds[p].lang; l != nil {
			in = append(in, l)
		} else {
			mixed = true
		}
	}
	for _, p := range c.no {
		if l := t.preds[p].lang; l != nil {
			out = append(out, l)
		} else {
			mixed = true
		}
	}
	text, found, finished := meet(t.alpha, in, out, t.budget)
	switch {
	case !finished:
		return answer{}
	case !found:
		return answer{verdict: No}
	}
	i := t.intern(text)
	if i < 0 || !t.satisfies(i, c) {
		if mixed {
			t.budget.mixed = t.name
		} else {
			t.budget.broken = t.name
		}
		return answer{}
	}
	return answer{Yes, i}
}
