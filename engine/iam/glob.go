package iam

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// glob is a compiled pattern: literal runs with ? in them, between stars.
// Matching takes time that is linear in the text (times a 64th of the run for
// runs with ?), whatever the pattern: after a run has been found at its
// leftmost place no later place can help, so nothing is ever tried twice.
type glob struct {
	runs []run // the texts between the stars; one run is a pattern without stars
}

// run is a text without stars. In marks the runes that ? stands for.
type run struct {
	lit   string
	holes *holes // nil where there is no ?
}

// holes is a run with ?, prepared for the bit-parallel search: bit i of
// masks[r] says that rune r fits at i.
type holes struct {
	runes []rune // -1 for ?
	masks map[rune][]uint64
	other []uint64 // for runes that are not in masks: only ? fits
}

// part is a piece of a pattern as it is written.
type part struct {
	kind partKind
	text string // of a literal; the key of a variable, in lower case
	def  string // of a variable
	has  bool   // whether a variable has a default
}

type partKind uint8

const (
	literal partKind = iota
	star
	hole
	variable
)

// compile makes a glob of parts that have no variables.
func compile(parts []part) glob {
	var g glob
	var cur []part
	for _, p := range parts {
		if p.kind == star {
			g.runs = append(g.runs, newRun(cur))
			cur = cur[:0]
			continue
		}
		cur = append(cur, p)
	}
	g.runs = append(g.runs, newRun(cur))
	if len(g.runs) > 2 { // a run of stars is one star
		last := len(g.runs) - 1
		middle := slices.DeleteFunc(g.runs[1:last:last], func(r run) bool { return r.empty() })
		g.runs = append(append([]run{g.runs[0]}, middle...), g.runs[last])
	}
	return g
}

func (r run) empty() bool { return r.lit == "" && r.holes == nil }

func newRun(parts []part) run {
	var b strings.Builder
	var runes []rune
	holed := false
	for _, p := range parts {
		if p.kind == hole {
			holed = true
			runes = append(runes, -1)
			continue
		}
		b.WriteString(p.text)
		for _, r := range p.text {
			runes = append(runes, r)
		}
	}
	if !holed {
		return run{lit: b.String()}
	}
	h := &holes{runes: runes, masks: map[rune][]uint64{}, other: make([]uint64, (len(runes)+63)/64)}
	for i, r := range runes {
		if r < 0 {
			h.other[i/64] |= 1 << (i % 64)
		}
	}
	for i, r := range runes {
		if r < 0 {
			continue
		}
		if h.masks[r] == nil {
			h.masks[r] = slices.Clone(h.other)
		}
		h.masks[r][i/64] |= 1 << (i % 64)
	}
	return run{holes: h}
}

// match says whether the glob matches all of s.
func (g *glob) match(s string) bool {
	n, ok := g.runs[0].prefix(s)
	if !ok {
		return false
	}
	if len(g.runs) == 1 {
		return n == len(s)
	}
	s = s[n:]
	last := len(g.runs) - 1
	n, ok = g.runs[last].suffix(s)
	if !ok {
		return false
	}
	s = s[:len(s)-n]
	for i := 1; i < last; i++ {
		end := g.runs[i].find(s)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

// prefix says whether s begins with the run, and how long that beginning is.
func (r *run) prefix(s string) (int, bool) {
	if r.holes == nil {
		return len(r.lit), strings.HasPrefix(s, r.lit)
	}
	n := 0
	for _, want := range r.holes.runes {
		got, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || want >= 0 && want != got {
			return 0, false
		}
		n += size
	}
	return n, true
}

// suffix says whether s ends with the run, and how long that end is.
func (r *run) suffix(s string) (int, bool) {
	if r.holes == nil {
		return len(r.lit), strings.HasSuffix(s, r.lit)
	}
	n := len(s)
	for _, want := range slices.Backward(r.holes.runes) {
		got, size := utf8.DecodeLastRuneInString(s[:n])
		if size == 0 || want >= 0 && want != got {
			return 0, false
		}
		n -= size
	}
	return len(s) - n, true
}

// find returns where the leftmost occurrence of the run ends, or -1.
func (r *run) find(s string) int {
	if r.holes == nil {
		i := strings.Index(s, r.lit)
		if i < 0 {
			return -1
		}
		return i + len(r.lit)
	}
	h := r.holes
	var small [4]uint64
	state := small[:]
	if len(h.other) > len(small) {
		state = make([]uint64, len(h.other))
	}
	end := len(h.runes) - 1
	for i, c := range s {
		mask := h.masks[c]
		if mask == nil {
			mask = h.other
		}
		carry := uint64(1)
		for w := range h.other {
			next := state[w] >> 63
			state[w] = (state[w]<<1 | carry) & mask[w]
			carry = next
		}
		if state[end/64]&(1<<(end%64)) != 0 {
			_, size := utf8.DecodeRuneInString(s[i:])
			return i + size
		}
	}
	return -1
}

// spell gives the parts of a glob back.
func (g *glob) spell() []part {
	var out []part
	for i, r := range g.runs {
		if i > 0 {
			out = append(out, part{kind: star})
		}
		if r.holes == nil {
			out = append(out, part{text: r.lit})
			continue
		}
		for _, c := range r.holes.runes {
			if c < 0 {
				out = append(out, part{kind: hole})
			} else {
				out = append(out, part{text: string(c)})
			}
		}
	}
	return out
}
