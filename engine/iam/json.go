package iam

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

// node is a JSON value with its place. Policies are read with a reader of our
// own because encoding/json tells neither where a value stands nor that a key
// is there twice.
type node struct {
	kind    nodeKind
	text    string // of a string, unquoted; of a number or boolean, as written
	members []member
	items   []node
	at      int // offset of its first byte
}

type nodeKind uint8

const (
	null nodeKind = iota
	object
	array
	str
	number
	boolean
)

func (k nodeKind) String() string {
	return [...]string{"null", "an object", "a list", "a string", "a number", "a boolean"}[k]
}

type member struct {
	key string
	at  int
	val node
}

// maxDepth bounds how deep a document nests; a policy needs five levels.
const maxDepth = 32

// reader reads JSON. It stops at the first error of syntax, but goes on past
// keys that are there twice.
type reader struct {
	text  string
	at    int
	lines place
	ps    *diag.Problems
}

// readJSON reads a whole text.
func readJSON(text, file string, ps *diag.Problems) (node, *reader, bool) {
	r := &reader{text: text, lines: place{text: text, file: file}, ps: ps}
	n, ok := r.value(0)
	if !ok {
		return n, r, false
	}
	r.space()
	if r.at < len(text) {
		return n, r, r.fail("the JSON goes on after its end")
	}
	return n, r, true
}

func (r *reader) fail(what string) bool {
	r.ps.Addf(r.lines.pos(r.at), "", "not valid JSON: %s", what)
	return false
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next skips space and returns the byte that follows, 0 at the end.
func (r *reader) next() byte {
	r.space()
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) value(depth int) (node, bool) {
	c := r.next()
	n := node{at: r.at}
	if depth > maxDepth {
		return n, r.fail("it nests too deep")
	}
	switch {
	case c == '{':
		n.kind = object
		return n, r.object(&n, depth)
	case c == '[':
		n.kind = array
		return n, r.array(&n, depth)
	case c == '"':
		n.kind = str
		var ok bool
		n.text, ok = r.string()
		return n, ok
	}
	end := r.at
	for end < len(r.text) && strings.IndexByte(" \t\r\n,]}:\"", r.text[end]) < 0 {
		end++
	}
	n.text = r.text[r.at:end]
	switch {
	case n.text == "":
		if r.at >= len(r.text) {
			return n, r.fail("it ends too early")
		}
		return n, r.fail("a value is expected here")
	case !json.Valid([]byte(n.text)):
		return n, r.fail("a value is expected here")
	case n.text == "true" || n.text == "false":
		n.kind = boolean
	case n.text != "null":
		n.kind = number
	}
	r.at = end
	return n, true
}

func (r *reader) object(n *node, depth int) bool {
	r.at++
	if r.next() == '}' {
		r.at++
		return true
	}
	seen := map[string]bool{}
	for {
		if r.next() != '"' {
			return r.fail("a key in double quotes is expected here")
		}
		m := member{at: r.at}
		var ok bool
		if m.key, ok = r.string(); !ok {
			return false
		}
		if seen[m.key] {
			r.ps.Addf(r.lines.pos(m.at), "keep one of them", "the key %q is there twice", m.key)
		}
		seen[m.key] = true
		if r.next() != ':' {
			return r.fail("a colon is expected here")
		}
		r.at++
		if m.val, ok = r.value(depth + 1); !ok {
			return false
		}
		n.members = append(n.members, m)
		switch r.next() {
		case ',':
			r.at++
		case '}':
			r.at++
			return true
		default:
			return r.fail("a comma or } is expected here")
		}
	}
}

func (r *reader) array(n *node, depth int) bool {
	r.at++
	if r.next() == ']' {
		r.at++
		return true
	}
	for {
		v, ok := r.value(depth + 1)
		if !ok {
			return false
		}
		n.items = append(n.items, v)
		switch r.next() {
		case ',':
			r.at++
		case ']':
			r.at++
			return true
		default:
			return r.fail("a comma or ] is expected here")
		}
	}
}

func (r *reader) string() (string, bool) {
	begin := r.at
	escaped := false
	for i := begin + 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			r.at = i
			return "", r.fail("a control character stands in a string")
		case c == '"':
			raw := r.text[begin : i+1]
			s := raw[1 : len(raw)-1]
			if escaped || !utf8.ValidString(s) {
				if json.Unmarshal([]byte(raw), &s) != nil {
					return "", r.fail("a string has an escape that does not exist")
				}
			}
			r.at = i + 1
			return s, true
		}
	}
	return "", r.fail("a string does not end")
}

// place turns offsets into positions. Offsets come mostly in ascending order,
// so that it goes on from the last one.
type place struct {
	text, file       string
	at, line, column int // of the last offset asked for; line and column from 0
}

func (p *place) pos(at int) diag.Pos {
	at = min(at, len(p.text))
	if at < p.at {
		if back := p.text[at:p.at]; strings.IndexByte(back, '\n') < 0 {
			p.at, p.column = at, p.column-utf8.RuneCountInString(back)
		} else {
			p.at, p.line, p.column = 0, 0, 0
		}
	}
	between := p.text[p.at:at]
	if n := strings.Count(between, "\n"); n > 0 {
		p.line += n
		p.column = 0
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	p.column += utf8.RuneCountInString(between)
	p.at = at
	return diag.At(p.file, p.line+1, p.column+1)
}
