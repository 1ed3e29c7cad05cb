package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pos is a place in a file somebody wrote. Line and Column count from 1 and
// are in characters; 0 means that they are not known. The zero Pos means
// nowhere.
type Pos struct {
	File   string
	Line   int32
	Column int32
}

// At makes a position from the ints that parsers hand out.
func At(file string, line, column int) Pos {
	return Pos{File: file, Line: int32(line), Column: int32(column)}
}

// IsZero reports whether the position is nowhere.
func (p Pos) IsZero() bool { return p == Pos{} }

// String writes the position as file:line:column, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders positions by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Problem is one thing that could not be read as written.
type Problem struct {
	Pos
	// Summary says what is wrong: lower case, names quoted, no full stop.
	Summary string
	// Fix says what to change; it may be empty when the summary says it all.
	Fix string
}

// Error writes the problem as one line that can be shown: position, summary, fix.
func (p Problem) Error() string {
	var b strings.Builder
	if !p.Pos.IsZero() {
		b.WriteString(p.Pos.String())
		b.WriteString(": ")
	}
	b.WriteString(p.Summary)
	if p.Fix != "" {
		b.WriteString("; ")
		b.WriteString(p.Fix)
	}
	return Plain(b.String())
}

// Plain writes a text on one line that does nothing to a terminal. Names and
// values come from files that anybody may have written: control characters, and
// those that turn the direction of writing, are shown as escapes.
func Plain(s string) string {
	if strings.IndexFunc(s, unsafe) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unsafe(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// unsafe says which characters are not shown as they are: controls, marks of
// direction, and the separators of lines and paragraphs.
func unsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Problems is every problem found, not only the first.
type Problems []Problem

// Addf appends a problem at pos; the fix may be empty.
func (ps *Problems) Addf(pos Pos, fix, format string, args ...any) {
	*ps = append(*ps, Problem{Pos: pos, Summary: fmt.Sprintf(format, args...), Fix: fix})
}

// Sorted returns the problems by position, each once.
func (ps Problems) Sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Summary, b.Summary), strings.Compare(a.Fix, b.Fix))
	})
	return slices.Compact(out)
}
