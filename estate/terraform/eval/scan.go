package eval

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"fathom/diag"
)

func badUTF8(name string, src []byte) diag.Pos {
	at := 0
	for at < len(src) {
		r, n := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return placeOf(name, src, at)
}

// placeOf turns an offset into a position.
func placeOf(name string, src []byte, at int) diag.Pos {
	before := src[:at]
	line := 1 + bytes.Count(before, []byte("\n"))
	return diag.At(name, line, 1+utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):]))
}

// dense returns the offset at which a text has had more than most words, signs
// and lines, or -1. Each may become a token or a value, a hundred times as large.
func dense(src []byte, most int) int {
	if len(src) <= most {
		return -1
	}
	inWord := false
	for i, c := range src {
		word := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= utf8.RuneSelf
		if !(word && inWord) && c != ' ' && c != '\t' && c != '\r' {
			if most--; most < 0 {
				return i
			}
		}
		inWord = word
	}
	return -1
}

// mayBeDeep reports whether a text has enough brackets or operators for tooDeep
// to find anything; most files do not and need not be read twice.
func mayBeDeep(src []byte) bool {
	brackets, operators := 0, 0
	for _, c := range src {
		switch c {
		case '{', '[', '(', '"':
			brackets++
		case '+', '-', '*', '/', '%', '!', '?', ':', '.', '<', '>', '=', '&', '|':
			operators++
		}
	}
	return brackets > maxNesting || brackets+operators > maxOperators
}

// tooDeep looks through the tokens for nesting that would exhaust the stack of
// a recursive parser or evaluator, before any of them sees it.
func tooDeep(tokens hclsyntax.Tokens) (hcl.Range, string) {
	type level struct {
		ops   int  // operators so far in the expression around the bracket
		lines bool // whether a line ends an expression inside the bracket
	}
	var open []level
	cur, total := level{lines: true}, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl,
			hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			// A template's directives nest without brackets, and an index
			// wraps what it follows. Interpolations stand side by side.
			if t.Type != hclsyntax.TokenTemplateInterp {
				cur.ops++
				total++
			}
			open = append(open, cur)
			cur = level{lines: t.Type == hclsyntax.TokenOBrace}
			if len(open) > maxNesting {
				return t.Range, fmt.Sprintf("brackets are nested more than %d deep", maxNesting)
			}
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack,
			hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			total -= cur.ops
			cur.ops = 0
			if n := len(open); n > 0 {
				cur, open = open[n-1], open[:n-1]
			}
		case hclsyntax.TokenComma:
			total -= cur.ops
			cur.ops = 0
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			if cur.lines && bytes.HasSuffix(t.Bytes, []byte("\n")) {
				total -= cur.ops
				cur.ops = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit,
			hclsyntax.TokenStringLit, hclsyntax.TokenEqual:
		default:
			cur.ops++
			total++
		}
		if total > maxOperators {
			return t.Range, fmt.Sprintf("an expression has more than %d operators", maxOperators)
		}
	}
	return hcl.Range{}, ""
}
