package permit

import (
	"slices"
	"strings"
	"unicode"
)

// A pattern is a text with wildcards, as a row of elements. It is compiled
// once and run as an automaton (language.go), never by backtracking.
type pattern []elem

// elem takes one rune of a text, or for a star any number of them.
type elem struct {
	op op
	// takes are the runes of a one: a rune with the other cases of it where
	// case does not matter, the digits of an account, or the symbol of a policy
	// variable.
	takes []rune
	// bar is the rune that an any or star stops at: the colon between the
	// segments of an ARN. 0 is none.
	bar rune
}

type op uint8

const (
	one  op = iota // one of takes
	any1           // one rune that is not bar
	star           // runes that are not bar, or none
)

// symbol returns the rune that stands for the value of the n-th policy
// variable: private characters that no policy has.
func symbol(n int) rune { return 0xF0000 + rune(n) }

func isSymbol(r rune) bool { return r >= 0xF0000 && r < 0xF0000+maxVariables }

// literal makes the pattern of a text as it is.
func literal(s string, fold bool) pattern {
	p := make(pattern, 0, len(s))
	for _, r := range s {
		p = append(p, elem{op: one, takes: spellings(r, fold)})
	}
	return p
}

// spellings are the runes that count as r.
func spellings(r rune, fold bool) []rune {
	out := []rune{r}
	if fold {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			out = append(out, f)
		}
		slices.Sort(out)
	}
	return out
}

// glob makes the pattern of a text in which * and ? are wildcards that stop
// at bar. The escapes ${*}, ${?} and ${$} are resolved before.
func glob(s string, bar rune) pattern {
	p := make(pattern, 0, len(s))
	for _, r := range s {
		switch r {
		case '*':
			p = append(p, elem{op: star, bar: bar})
		case '?':
			p = append(p, elem{op: any1, bar: bar})
		case escapedStar:
			p = append(p, elem{op: one, takes: []rune{'*'}})
		case escapedMark:
			p = append(p, elem{op: one, takes: []rune{'?'}})
		default:
			p = append(p, elem{op: one, takes: []rune{r}})
		}
	}
	return p.tidy()
}

// A star and a question mark that are meant as such stand in a text as these
// until it is a pattern.
const (
	escapedStar = '\U000F1000'
	escapedMark = '\U000F1001'
)

// unescape writes the escaped wildcards of a text as themselves, for the
// places where nothing is a wildcard.
func unescape(s string) string {
	return strings.NewReplacer(string(escapedStar), "*", string(escapedMark), "?").Replace(s)
}

// tidy drops stars that do nothing beside another.
func (p pattern) tidy() pattern {
	return slices.CompactFunc(p, func(a, b elem) bool { return a.op == star && b.op == star && a.bar == b.bar })
}

// within returns p such that nothing in it takes bar, and whether that is
// possible: the pattern of a part that a separator ends.
func (p pattern) within(bar rune) (pattern, bool) {
	out := slices.Clone(p)
	for i := range out {
		switch e := &out[i]; {
		case e.op == one && slices.Contains(e.takes, bar):
			return nil, false
		case e.op != one && e.bar != 0 && e.bar != bar:
			return nil, false // two bars are never needed
		case e.op != one:
			e.bar = bar
		}
	}
	return out, true
}

// text returns the only text that the pattern takes, if there is only one.
func (p pattern) text() (string, bool) {
	var b strings.Builder
	for _, e := range p {
		if e.op != one || len(e.takes) != 1 {
			return "", false
		}
		b.WriteRune(e.takes[0])
	}
	return b.String(), true
}

// join puts patterns one after the other.
func join(ps ...pattern) pattern { return slices.Concat(ps...).tidy() }

func anything(bar rune) pattern  { return pattern{{op: star, bar: bar}} }
func something(bar rune) pattern { return pattern{{op: any1, bar: bar}, {op: star, bar: bar}} }

// digits is a run of n digits.
func digits(n int) pattern { return slices.Repeat(pattern{{op: one, takes: []rune("0123456789")}}, n) }

// arn makes the pattern of an ARN: wildcards in its first five segments stop
// at a colon, those in the last do not. It reports whether the text has six.
func arn(s string) (pattern, bool) {
	seg := strings.SplitN(s, ":", 6)
	if len(seg) < 6 {
		return nil, false
	}
	var p pattern
	for _, t := range seg[:5] {
		p = append(append(p, glob(t, ':')...), elem{op: one, takes: []rune{':'}})
	}
	return append(p, glob(seg[5], 0)...), true
}

// halves are the ways in which a pattern takes a text with a separator: what
// it has before the first one, and behind it.
func (p pattern) halves(sep rune) (out [][2]pattern) {
	for i, e := range p {
		before, ok := p[:i].within(sep)
		if !ok {
			return out
		}
		switch {
		case e.op == one && !slices.Contains(e.takes, sep) || e.op != one && e.bar == sep:
		case e.op == star:
			before, _ = p[:i+1].within(sep)
			out = append(out, [2]pattern{before, p[i:]})
		default:
			out = append(out, [2]pattern{before, p[i+1:]})
		}
	}
	return out
}
