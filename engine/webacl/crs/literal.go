package crs

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// A need is a set of literals, in lower case, one of which is in every text that
// an expression matches, whatever the case. The set is never empty.
type need []string

const (
	longestLiteral = 6    // bytes; what is longer is cut, and needs less
	mostLiterals   = 4096 // in one need
	mostNeeds      = 4    // of one expression
	widestClass    = 24   // characters
)

// needs are what an expression needs, all of them; none where nothing can be
// said. Only ASCII is looked at: see plain for what else may match a letter.
func needs(re *syntax.Regexp) []need {
	switch re.Op {
	case syntax.OpLiteral:
		if s := literalOf(re.Rune); s != "" {
			return []need{{s}}
		}
	case syntax.OpCharClass:
		if n := classOf(re.Rune); n != nil {
			return []need{n}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needs(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needs(re.Sub[0])
		}
	case syntax.OpConcat:
		return ofSequence(re.Sub)
	case syntax.OpAlternate:
		return either(re.Sub)
	}
	return nil
}

// ofSequence are the needs of parts that follow one another: those of each part,
// and the texts that neighbouring parts make together.
func ofSequence(parts []*syntax.Regexp) []need {
	var all []need
	run := []string{""}
	flush := func() {
		if n := asNeed(run); n != nil {
			all = append(all, n)
		}
		run = []string{""}
	}
	for _, part := range parts {
		texts := exact(part)
		if joined := product(run, texts); texts != nil && joined != nil {
			run = joined
			continue
		}
		flush()
		if joined := product(run, texts); texts != nil && joined != nil {
			run = joined
			continue
		}
		all = append(all, needs(part)...)
	}
	flush()
	return rarest(all)
}

// mostTexts bounds the texts of a part that are listed.
const mostTexts = 256

// exact lists every text that an expression matches, in lower case and cut; nil
// where they are too many. What has no width is the empty text.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= 0x80 {
				return nil
			}
		}
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCharClass:
		return classOf(re.Rune)
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpQuest:
		if texts := exact(re.Sub[0]); texts != nil {
			return append(slices.Clone(texts), "")
		}
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			if out = product(out, exact(sub)); out == nil {
				return nil
			}
		}
		return out
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			texts := exact(sub)
			if texts == nil || len(out)+len(texts) > mostTexts {
				return nil
			}
			out = append(out, texts...)
		}
		return out
	}
	return nil
}

// product are the texts of one list followed by those of another, nil where they
// are too many.
func product(a, b []string) []string {
	if b == nil || len(a)*len(b) > mostTexts {
		return nil
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// asNeed is a list of texts as a need, nil where one is empty.
func asNeed(texts []string) need {
	var n need
	for _, s := range texts {
		if s == "" {
			return nil
		}
		n = append(n, cut(s))
	}
	slices.Sort(n)
	return slices.Compact(n)
}

// either is one need for an alternation: each branch gives its rarest.
func either(branches []*syntax.Regexp) []need {
	var union need
	for _, sub := range branches {
		best := rarest(needs(sub))
		if len(best) == 0 || len(union)+len(best[0]) > mostLiterals {
			return nil
		}
		union = append(union, best[0]...)
	}
	return []need{union}
}

// rarest keeps the needs that the fewest texts meet, the rarest first.
func rarest(all []need) []need {
	var out []need
	for range min(len(all), mostNeeds) {
		best := -1
		for i, n := range all {
			if n != nil && (best < 0 || n.chance() < all[best].chance()) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		out = append(out, all[best])
		all[best] = nil
	}
	return out
}

// chance is a rough measure of how many texts meet a need.
func (n need) chance() float64 {
	sum := 0.0
	for _, s := range n {
		p := 1.0
		for i := range len(s) {
			switch c := s[i]; {
			case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
				p *= 0.2
			case c == ' ' || c == '.' || c == '-' || c == '_' || c == '/' || c == ',':
				p *= 0.1
			default:
				p *= 0.02
			}
		}
		sum += p
	}
	return sum
}

// literalOf is the longest run of ASCII in a literal, cut and in lower case.
func literalOf(runes []rune) string {
	best, run := "", ""
	for _, r := range runes {
		if r >= 0x80 {
			run = ""
			continue
		}
		if run += string(r); len(run) > len(best) {
			best = run
		}
	}
	return cut(strings.ToLower(best))
}

func cut(s string) string { return s[:min(len(s), longestLiteral)] }

// classOf is a small class of ASCII characters as a need. Characters beyond
// ASCII are left out where they are only the folded forms of k and s, which plain
// texts do not hold.
func classOf(ranges []rune) need {
	var out need
	seen := map[string]bool{}
	for i := 0; i < len(ranges); i += 2 {
		low, high := ranges[i], ranges[i+1]
		if low == high && (low == kelvin || low == longS) {
			continue
		}
		if high >= 0x80 || int(high-low) > widestClass {
			return nil
		}
		for r := low; r <= high; r++ {
			if s := strings.ToLower(string(r)); !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
		if len(out) > widestClass {
			return nil
		}
	}
	return out
}

// The letters beyond ASCII that fold to ASCII letters (Unicode case folding).
const (
	kelvin rune = 0x212a
	longS  rune = 0x17f
)
