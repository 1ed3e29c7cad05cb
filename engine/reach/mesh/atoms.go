package mesh

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// The bounds of the search for the atoms of a dimension: states, and words of
// states that are worked on.
const (
	maxStates = 10_000
	maxWork   = 50_000_000
)

// atoms finds, for every combination of patterns that some value matches, the
// shortest such value. Two values of one combination are the same to every rule
// that is made of those patterns, so that trying the atoms is trying all
// values. Values are not empty; those of paths begin with a slash. It is not
// ok where there are too many.
//
// All patterns run at once as one automaton whose state is a set of positions
// (shift-and); the search is breadth first over the states that can be reached.
func atoms(patterns []pattern, paths bool) (values []string, ok bool) {
	a := assemble(patterns)
	if a == nil {
		return nil, false
	}
	work := 0
	type node struct {
		state bits
		text  string
	}
	queue := []node{{a.close(slices.Clone(a.start)), ""}}
	states := map[string]bool{a.key(queue[0].state): true}
	combinations := map[string]bool{}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if work += len(a.alphabet) * (1 + len(n.state)); work > maxWork {
			return nil, false
		}
		if n.text != "" {
			if k := a.key(n.state.and(a.final)); !combinations[k] {
				combinations[k] = true
				values = append(values, n.text)
			}
		}
		for i, c := range a.alphabet {
			if paths && n.text == "" && c != '/' {
				continue
			}
			next := a.step(n.state, i)
			// The first character says that the value is not empty, which the state does not.
			k := a.key(next)
			if states[k] && n.text != "" {
				continue
			}
			states[k] = true
			if len(states) > maxStates {
				return nil, false
			}
			queue = append(queue, node{next, n.text + string(c)})
		}
	}
	return values, true
}

// automaton runs several patterns at once. Of each pattern there is a position
// for each part that has been matched.
type automaton struct {
	size         int
	start, final bits
	alphabet     []rune
	enter        []bits // by character: the positions it may lead into from the one before
	stay         []bits // by character: the positions it may leave as they are
	skip         bits   // positions from which the next is reached by nothing
}

// part is a piece of a pattern: one character, or one of the wildcards.
type part struct {
	kind partKind
	c    rune
}

type partKind uint8

const (
	char     partKind = iota
	segment           // one or more characters but the slash
	some              // one or more characters
	anything          // any characters
)

func (p part) takes(c rune) bool {
	return p.kind != char && (p.kind != segment || c != '/') || p.c == c
}

func partsOf(p *pattern) []part {
	var out []part
	lit := func(s string) {
		for _, c := range s {
			out = append(out, part{char, c})
		}
	}
	switch p.kind {
	case present:
		return []part{{kind: some}}
	case suffix:
		out = append(out, part{kind: anything})
		lit(p.lit)
	case prefix:
		lit(p.lit)
		out = append(out, part{kind: anything})
	case template:
		for rest := p.lit; rest != ""; {
			switch i := strings.IndexByte(rest, '{'); {
			case strings.HasPrefix(rest, oneSegment):
				out, rest = append(out, part{kind: segment}), rest[len(oneSegment):]
			case strings.HasPrefix(rest, anyRest):
				out, rest = append(out, part{kind: anything}), rest[len(anyRest):]
			case i > 0:
				lit(rest[:i])
				rest = rest[i:]
			default:
				lit(rest)
				rest = ""
			}
		}
	default:
		lit(p.lit)
	}
	return out
}

// assemble builds the automaton, or nil where it would be too large.
func assemble(patterns []pattern) *automaton {
	var all [][]part
	a := &automaton{}
	chars := map[rune]bool{'/': true}
	for i := range patterns {
		ps := partsOf(&patterns[i])
		all = append(all, ps)
		a.size += len(ps) + 1
		for _, p := range ps {
			if p.kind == char {
				chars[p.c] = true
			}
		}
		if a.size*len(chars) > maxWork {
			return nil
		}
	}
	a.alphabet = slices.Sorted(maps.Keys(chars))
	a.alphabet = append([]rune{fresh(a.alphabet)}, a.alphabet...)
	a.start, a.final, a.skip = newBits(a.size), newBits(a.size), newBits(a.size)
	for range a.alphabet {
		a.enter = append(a.enter, newBits(a.size))
		a.stay = append(a.stay, newBits(a.size))
	}
	at := 0
	for _, ps := range all {
		a.start.add(at)
		for _, p := range ps {
			for i, c := range a.alphabet {
				if !p.takes(c) {
					continue
				}
				a.enter[i].add(at + 1)
				if p.kind != char {
					a.stay[i].add(at + 1)
				}
			}
			if p.kind == anything {
				a.skip.add(at)
			}
			at++
		}
		a.final.add(at)
		at++
	}
	return a
}

// fresh is a character that no pattern has: it stands for all such.
func fresh(alphabet []rune) rune {
	for _, c := range "xyzwvutsrqponmlkjihgfedcba0123456789" {
		if !slices.Contains(alphabet, c) {
			return c
		}
	}
	c := 'À'
	for slices.Contains(alphabet, c) {
		c++
	}
	return c
}

func (a *automaton) step(s bits, char int) bits {
	next := shift(s)
	for i := range next {
		next[i] = next[i]&a.enter[char][i] | s[i]&a.stay[char][i]
	}
	return a.close(next)
}

// close adds what is reached without a character.
func (a *automaton) close(s bits) bits { return s.or(shift(s.and(a.skip))) }

// shift moves every position on by one.
func shift(s bits) bits {
	out := make(bits, len(s))
	var carry uint64
	for i, w := range s {
		out[i] = w<<1 | carry
		carry = w >> 63
	}
	return out
}

func (a *automaton) key(s bits) string {
	b := make([]byte, 0, 8*len(s))
	for _, w := range s {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return string(b)
}
