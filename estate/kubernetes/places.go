package kubernetes

import (
	"sort"
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

// span is a part of a printed line: from an offset in the line on, it comes
// from a piece, of which it is not the beginning when delta is above 0.
type span struct{ offset, piece, delta int }

// maxRemembered bounds the length of a line that is worth remembering.
const maxRemembered = 400

// remember notes from where the lines come that an include printed. What
// calls it indents them, at most, so their text tells them again.
func (e *engine) remember(b *output) {
	next := 0
	for start := 0; start < len(b.b); {
		end := start
		for end < len(b.b) && b.b[end] != '\n' {
			end++
		}
		line := string(b.b[start:end])
		text := strings.TrimSpace(line)
		first := start + strings.Index(line, text)
		for next < len(b.marks) && b.marks[next].offset <= first {
			next++
		}
		if text != "" && len(text) <= maxRemembered && next > 0 {
			e.rememberLine(text, first, b.marks[next-1:])
		}
		start = end + 1
	}
}

func (e *engine) rememberLine(text string, first int, marks []outputMark) {
	if _, ok := e.lines[text]; ok && !e.pieces[marks[0].piece].isText {
		return // an include inside the include printed it, and is nearer
	}
	spans := []span{{0, marks[0].piece, first - marks[0].offset}}
	for _, m := range marks[1:] {
		if m.offset >= first+len(text) {
			break
		}
		spans = append(spans, span{m.offset - first, m.piece, 0})
	}
	e.lines[text] = spans
}

// place is a character of a piece, in the tree.
func (e *engine) place(n, delta int) diag.Pos {
	p := e.pieces[n]
	u := e.units[p.name]
	starts, ok := e.starts[p.name]
	if !ok {
		starts = lineStarts(u.text)
		e.starts[p.name] = starts
	}
	at := p.offset
	if p.isText {
		at += delta
	}
	at = min(at, len(u.text))
	line := sort.SearchInts(starts, at+1)
	return diag.At(u.file, line, 1+utf8.RuneCountInString(u.text[starts[line-1]:at]))
}

func lineStarts(s string) []int {
	starts := []int{0}
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// places turns places of a template's output into places of the templates.
type places struct {
	e     *engine
	out   *output
	lines []int // where each line of the output begins
}

func newPlaces(e *engine, out *output) *places {
	return &places{e: e, out: out, lines: lineStarts(string(out.b))}
}

// at is where the character at a place of the output comes from: the text it
// is of, in the template or in what the template includes, or else the action
// that printed it.
func (p *places) at(pos diag.Pos) diag.Pos {
	if pos.Line < 1 || int(pos.Line) > len(p.lines) {
		return pos
	}
	start := p.lines[pos.Line-1]
	offset := start
	for i := 1; i < int(pos.Column) && offset < len(p.out.b); i++ {
		_, n := utf8.DecodeRune(p.out.b[offset:])
		offset += n
	}
	i := p.mark(offset)
	if i < 0 {
		return diag.At(pos.File, 1, 1)
	}
	m := p.out.marks[i]
	if !p.e.pieces[m.piece].isText {
		if spans, first := p.included(start, i); spans != nil && offset >= first {
			j := sort.Search(len(spans), func(j int) bool { return spans[j].offset > offset-first }) - 1
			return p.e.place(spans[j].piece, spans[j].delta+offset-first-spans[j].offset)
		}
	}
	return p.e.place(m.piece, offset-m.offset)
}

// mark is the last mark at or before an offset.
func (p *places) mark(offset int) int {
	marks := p.out.marks
	return sort.Search(len(marks), func(i int) bool { return marks[i].offset > offset }) - 1
}

// included is what is remembered of the line that begins at an offset, when
// the action of mark i printed all of it.
func (p *places) included(start, i int) (spans []span, first int) {
	line := string(p.out.b[start:])
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	text := strings.TrimSpace(line)
	first = start + strings.Index(line, text)
	if text == "" || p.mark(first) != i {
		return nil, 0
	}
	return p.e.lines[text], first
}
