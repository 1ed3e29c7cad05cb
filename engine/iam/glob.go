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

// holes is a run with ?, prepared for the bit-parallel search. A rune fits at
// some places of the run: those of ? and its own. Its own are kept as bits
// where it has many and as a list where it has few, so that a run takes memory
// that is linear in its length, however many different runes it has.
type holes struct {
	runes []rune // -1 for ?
	any   []uint64
	many  map[rune][]uint64 // those of ? included
	few   map[rune][]int32
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
	return run{holes: newHoles(runes)}
}

func newHoles(runes []rune) *holes {
	words := (len(runes) + 63) / 64
	h := &holes{runes: runes, any: make([]uint64, words), many: map[rune][]uint64{}, few: map[rune][]int32{}}
	for i, r := range runes {
		if r < 0 {
			h.any[i/64] |= 1 << (i % 64)
		} else {
			h.few[r] = append(h.few[r], int32(i))
		}
	}
	for r, places := range h.few {
		if len(places) <= words {
			continue
		}
		mask := slices.Clone(h.any)
		for _, i := range places {
			mask[i/64] |= 1 << (i % 64)
		}
		h.many[r] = mask
		delete(h.few, r)
	}
	return h
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
	return r.holes.find(s)
}

// find runs the search: bit i of state says that the last i+1 runes of the text
// are the first i+1 of the run.
func (h *holes) find(s string) int {
	var small [8]uint64
	room := small[:]
	words := len(h.any)
	if 2*words > len(small) {
		room = make([]uint64, 2*words)
	}
	state, next := room[:words], room[words:2*words]
	end := len(h.runes) - 1
	for i, c := range s {
		carry := uint64(1)
		for w, x := range state {
			next[w] = x<<1 | carry
			carry = x >> 63
		}
		if mask := h.many[c]; mask != nil {
			for w := range state {
				state[w] = next[w] & mask[w]
			}
		} else {
			for w := range state {
				state[w] = next[w] & h.any[w]
			}
			for _, p := range h.few[c] {
				state[p/64] |= next[p/64] & (1 << (p % 64))
			}
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
