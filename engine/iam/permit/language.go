package permit

import (
	"math/bits"
	"slices"
	"strings"
)

// An alphabet maps the runes of texts to classes: each rune that some pattern
// mentions is a class of its own, and all others are one, class 0, because no
// pattern can tell them apart.
type alphabet struct {
	class map[rune]int
	runes []rune // by class; runes[0] stands for the others
}

func newAlphabet() *alphabet {
	return &alphabet{class: map[rune]int{}, runes: []rune{0}}
}

// learn gives the runes of a pattern classes. All patterns have to be learned
// before the first text is looked at.
func (a *alphabet) learn(p pattern) {
	for _, e := range p {
		for _, r := range e.takes {
			a.add(r)
		}
		if e.bar != 0 {
			a.add(e.bar)
		}
	}
}

func (a *alphabet) add(r rune) {
	if _, ok := a.class[r]; !ok {
		a.class[r] = len(a.runes)
		a.runes = append(a.runes, r)
	}
}

// close chooses the rune that stands for all that are not mentioned.
func (a *alphabet) close() {
	for _, r := range "xyzqwvkjabcdefghilmnoprstuXYZ0123456789" {
		if _, ok := a.class[r]; !ok {
			a.runes[0] = r
			return
		}
	}
	for r := rune('一'); ; r++ {
		if _, ok := a.class[r]; !ok {
			a.runes[0] = r
			return
		}
	}
}

// A language is a union of patterns over an alphabet, run as a
// nondeterministic automaton whose states are the bits of a vector: bit i of a
// pattern's run is set when its first i elements took the text so far.
type language struct {
	alpha *alphabet
	pats  []pattern
	words int
	start []uint64
	final []uint64 // the ends of the patterns
	skip  []uint64 // stars, which may take nothing
	rest  []uint64 // a star at the end: whatever follows is taken
	moves []move   // by class, made when they are first needed
	// What the moves are made of: the wildcards, those that stop at a rune, and
	// the elements that take a rune.
	anyTake, anyStay []uint64
	bars             []barred
	ones             map[rune][]int
	// ends are the bits of the patterns' ends, in order.
	ends []int
	need []int // runes that are missing at least, by bit; made when it is needed
	// may says that a variable's symbol in a text counts as whatever a pattern
	// needs; otherwise only a star, or the same variable, takes it.
	may bool
	// prefix is what all texts of the language begin with.
	prefix string
	// values are the texts of the language when it has no wildcards.
	values map[string]bool
}

// move is what a class of runes does to the vector.
type move struct {
	made       bool
	take, stay []uint64
}

// barred is a wildcard that stops at a rune.
type barred struct {
	rune rune
	bit  int
}

func newLanguage(alpha *alphabet, pats []pattern, may bool) *language {
	l := &language{alpha: alpha, pats: pats, may: may}
	n := 0
	for _, p := range pats {
		alpha.learn(p)
		n += len(p) + 1
	}
	l.words = (n + 63) / 64
	l.start, l.final = make([]uint64, l.words), make([]uint64, l.words)
	l.skip, l.rest = make([]uint64, l.words), make([]uint64, l.words)
	l.anyTake, l.anyStay, l.ones = make([]uint64, l.words), make([]uint64, l.words), map[rune][]int{}
	l.values = map[string]bool{}
	at := 0
	for _, p := range pats {
		set(l.start, at)
		for i, e := range p {
			l.element(e, at+i)
			if e.op == star && e.bar == 0 && i == len(p)-1 {
				set(l.rest, at+i)
			}
		}
		at += len(p)
		set(l.final, at)
		l.ends = append(l.ends, at)
		at++
		if s, ok := p.text(); ok && l.values != nil {
			l.values[s] = true
		} else {
			l.values = nil
		}
	}
	l.close(l.start)
	if !may { // what begins with a symbol may begin with anything
		l.prefix = commonPrefix(pats)
	}
	return l
}

// element notes what an element of a pattern takes; bit is its place.
func (l *language) element(e elem, bit int) {
	switch e.op {
	case star:
		set(l.skip, bit)
		set(l.anyStay, bit)
	case any1:
		set(l.anyTake, bit)
	case one:
		for _, r := range e.takes {
			l.ones[r] = append(l.ones[r], bit)
		}
	}
	if e.op != one && e.bar != 0 {
		l.bars = append(l.bars, barred{e.bar, bit})
	}
}

// commonPrefix is what all texts of some patterns begin with.
func commonPrefix(pats []pattern) string {
	var common []rune
	for i, p := range pats {
		n := 0
		for n < len(p) && p[n].op == one && len(p[n].takes) == 1 && !isSymbol(p[n].takes[0]) && (i == 0 || n < len(common)) {
			if i == 0 {
				common = append(common, p[n].takes[0])
			} else if common[n] != p[n].takes[0] {
				break
			}
			n++
		}
		common = common[:n]
	}
	return string(common)
}

func set(v []uint64, i int) { v[i>>6] |= 1 << (i & 63) }

// close adds the states that are reached by stars that take nothing.
func (l *language) close(v []uint64) {
	for {
		var carry, changed uint64
		for i := range v {
			x := v[i] & l.skip[i]
			next := v[i] | x<<1 | carry
			carry = x >> 63
			changed |= next ^ v[i]
			v[i] = next
		}
		if changed == 0 {
			return
		}
	}
}

// on returns what a class does, made once.
func (l *language) on(class int) *move {
	if class >= len(l.moves) {
		grown := make([]move, len(l.alpha.runes))
		copy(grown, l.moves)
		l.moves = grown
	}
	m := &l.moves[class]
	if m.made {
		return m
	}
	m.made, m.take, m.stay = true, slices.Clone(l.anyTake), slices.Clone(l.anyStay)
	if class == 0 {
		return m
	}
	r := l.alpha.runes[class]
	for _, b := range l.bars {
		// A variable's value may be of any length and have a bar in it.
		if b.rune == r || isSymbol(r) {
			m.take[b.bit>>6] &^= 1 << (b.bit & 63)
			m.stay[b.bit>>6] &^= 1 << (b.bit & 63)
		}
	}
	if isSymbol(r) {
		clear(m.take)
	}
	for _, i := range l.ones[r] {
		set(m.take, i)
	}
	return m
}

// step moves the vector from to the vector to (which may not be the same) by a
// class.
func (l *language) step(to, from []uint64, class int) {
	if l.may && isSymbol(l.alpha.runes[class]) {
		l.leap(to, from)
		return
	}
	m := l.on(class)
	var carry uint64
	for i := range from {
		x := from[i] & m.take[i]
		to[i] = x<<1 | carry | from[i]&m.stay[i]
		carry = x >> 63
	}
	l.close(to)
}

// lacks is how many runes are missing at least for a pattern to be taken.
func (l *language) lacks(v []uint64) int {
	if l.need == nil {
		for _, p := range l.pats {
			n := len(p)
			for _, e := range p {
				if e.op == star {
					n--
				}
			}
			for _, e := range p {
				l.need = append(l.need, n)
				if e.op != star {
					n--
				}
			}
			l.need = append(l.need, 0)
		}
	}
	least := len(l.need)
	for i, x := range v {
		for ; x != 0; x &= x - 1 {
			least = min(least, l.need[i*64+bits.TrailingZeros64(x)])
		}
	}
	return least
}

// leap moves by a symbol that may be any text: every later state of a pattern
// may be reached.
func (l *language) leap(to, from []uint64) {
	clear(to)
	at := 0
	for _, end := range l.ends {
		on := false
		for i := at; i <= end; i++ {
			on = on || from[i>>6]&(1<<(i&63)) != 0
			if on {
				set(to, i)
			}
		}
		at = end + 1
	}
}

// has says whether the language has a text.
func (l *language) has(s string) bool {
	if l.values != nil {
		return l.values[s]
	}
	if l.words == 0 || !strings.HasPrefix(s, l.prefix) {
		return false
	}
	v, w := make([]uint64, l.words), make([]uint64, l.words)
	copy(v, l.start)
	for _, r := range s {
		l.step(w, v, l.alpha.class[r])
		v, w = w, v
	}
	return meets(v, l.final)
}

func meets(v, w []uint64) bool {
	for i := range v {
		if v[i]&w[i] != 0 {
			return true
		}
	}
	return false
}

func zero(v []uint64) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

// settle replaces a vector that has reached a star at the end by that star
// alone, as nothing can be lost any more, and says so.
func (l *language) settle(v []uint64) bool {
	for i := range v {
		if x := v[i] & l.rest[i]; x != 0 {
			clear(v)
			v[i] = 1 << bits.TrailingZeros64(x)
			return true
		}
	}
	return false
}
