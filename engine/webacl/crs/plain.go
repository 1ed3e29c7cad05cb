package crs

import (
	"regexp/syntax"
	"strings"
)

// special are the bytes that ordinary text does without, and that expressions
// about evasion allow nearly everywhere.
const special = "\"'()[]{}<>\\$|&;!*?~^`#%+=@\n\r\t\v\f\x00"

// plainly is an expression for texts without special bytes: what would take one
// is left out. It is nil where no such text matches. Its captures are lost.
func plainly(re *syntax.Regexp) *syntax.Regexp {
	r, ok := without(re)
	if !ok {
		return nil
	}
	return r
}

// without leaves out of an expression what takes a special byte; false where
// nothing is left that matches.
func without(re *syntax.Regexp) (*syntax.Regexp, bool) {
	empty := &syntax.Regexp{Op: syntax.OpEmptyMatch}
	out := *re
	switch re.Op {
	case syntax.OpNoMatch:
		return nil, false
	case syntax.OpLiteral:
		return re, !strings.ContainsAny(string(re.Rune), special)
	case syntax.OpCharClass:
		out.Rune = lessSpecial(re.Rune)
		return &out, len(out.Rune) > 0
	case syntax.OpCapture:
		return without(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest, syntax.OpPlus, syntax.OpRepeat:
		sub, ok := without(re.Sub[0])
		if !ok {
			return empty, re.Op == syntax.OpStar || re.Op == syntax.OpQuest || re.Op == syntax.OpRepeat && re.Min == 0
		}
		out.Sub = []*syntax.Regexp{sub}
		return &out, true
	case syntax.OpConcat, syntax.OpAlternate:
		out.Sub = nil
		for _, s := range re.Sub {
			sub, ok := without(s)
			if ok {
				out.Sub = append(out.Sub, sub)
			} else if re.Op == syntax.OpConcat {
				return nil, false
			}
		}
		return &out, len(out.Sub) > 0
	}
	return re, true
}

// lessSpecial takes the special bytes out of a class.
func lessSpecial(ranges []rune) []rune {
	for _, c := range special {
		var out []rune
		for i := 0; i < len(ranges); i += 2 {
			low, high := ranges[i], ranges[i+1]
			if c < low || c > high {
				out = append(out, low, high)
				continue
			}
			if low < c {
				out = append(out, low, c-1)
			}
			if c < high {
				out = append(out, c+1, high)
			}
		}
		ranges = out
	}
	return ranges
}
