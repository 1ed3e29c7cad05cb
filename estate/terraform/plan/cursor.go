package plan

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
	"fathom/estate/tree"
)

// cursor walks over JSON from front to back. Its methods return an error when
// the file is broken, which ends the reading; a value of the wrong type is a
// problem, is skipped, and ends nothing.
type cursor struct {
	dec      *jsontext.Decoder
	lines    *lineReader
	base     int64 // where in the file the reading began
	file     string
	words    *words
	problems *problems

	// What building trees needs, see node.go.
	slab   []tree.Node
	fields []tree.Field
	items  []*tree.Node
	nodes  int
	masks  []mask
	names  []byte
}

func newCursor(r io.Reader, from place, file string, w *words, p *problems) *cursor {
	lines := newLineReader(r, from.line, from.column)
	return &cursor{
		dec: jsontext.NewDecoder(lines), lines: lines, base: from.offset,
		file: file, words: w, problems: p,
	}
}

// at is the position of an offset of the decoder.
func (c *cursor) at(offset int64) diag.Pos {
	line, column := c.lines.at(offset)
	return diag.Pos{File: c.file, Line: line, Column: column}
}

// next returns the kind of the next value, and where it begins. The kind is
// invalid when the file is broken there; the read that follows says how.
func (c *cursor) next() (jsontext.Kind, place) {
	kind := c.dec.PeekKind()
	offset := c.dec.InputOffset()
	for _, b := range c.dec.UnreadBuffer() {
		if b != ',' && b != ':' && b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			break
		}
		offset++
	}
	line, column := c.lines.at(offset)
	return kind, place{line, column, c.base + offset}
}

// object calls f with the name of every member; f must read or skip the value.
// Null counts as an object without members.
func (c *cursor) object(what string, f func(name string) error) error {
	kind, where := c.next()
	if kind != '{' {
		return c.not(kind, where, what, "an object")
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for c.dec.PeekKind() == '"' {
		name, err := c.text()
		if err != nil {
			return err
		}
		if err := f(name); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken() // the closing brace, or what is wrong
	return err
}

// list calls f before every element; f must read or skip it. Null counts as an
// empty list.
func (c *cursor) list(what string, f func() error) error {
	kind, where := c.next()
	if kind != '[' {
		return c.not(kind, where, what, "a list")
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch c.dec.PeekKind() {
		case ']', jsontext.KindInvalid:
			_, err := c.dec.ReadToken()
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
}

// not skips a value of the wrong type and records it; null is left unsaid.
func (c *cursor) not(kind jsontext.Kind, where place, what, want string) error {
	if err := c.dec.SkipValue(); err != nil {
		return err
	}
	if kind != 'n' {
		c.wrongType(where.in(c.file), what, want, kind)
	}
	return nil
}

// str reads a string; "" stands for null and for what is not a string.
func (c *cursor) str(what string) (string, error) {
	kind, where := c.next()
	if kind != '"' {
		return "", c.not(kind, where, what, "a string")
	}
	return c.text()
}

// text reads a string that is known to be one.
func (c *cursor) text() (string, error) {
	raw, err := c.dec.ReadValue()
	if err != nil {
		return "", err
	}
	return c.unquote(raw)
}

func (c *cursor) unquote(raw jsontext.Value) (string, error) {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 {
		return c.words.get(raw[1 : len(raw)-1]), nil
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	return string(b), err
}

// skip passes over a value of any size.
func (c *cursor) skip() error { return c.dec.SkipValue() }

// pass passes over a value that belongs to one resource. It is faster than
// skip, and holds the value for as long.
func (c *cursor) pass() error {
	_, err := c.dec.ReadValue()
	return err
}
