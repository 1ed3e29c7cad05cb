package jsonbody

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxDepth is how deep objects and arrays may be nested; AWS does not say what its
// parser takes.
const MaxDepth = 10_000

// maxColons is how many colons may stand after a key.
const maxColons = 2

// Error says where a body stops being JSON: At counts bytes from 0.
type Error struct {
	At   int
	What string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the JSON body has a mistake at byte %d: %s", e.At+1, e.What)
}

// Walker walks bodies, one at a time, in memory that it uses again. The zero Walker
// is ready.
type Walker struct {
	body  []byte
	at    int
	stack []container
	keys  keys
	// arena holds the strings that had escapes.
	arena []byte
}

// container is an object or array that is being read.
type container struct {
	array bool
	// inside says that its elements are inspected; paths leads to those that are
	// where not.
	inside bool
	paths  *Paths
	// some says that it has an element already.
	some bool
	// key and index are of the last element; id tells objects apart.
	key   []byte
	index int
	id    uint32
}

// keptDepth is how deep a stack is kept for the next body.
const keptDepth = 256

// Reset lets go of the strings of earlier walks, and of the body.
func (w *Walker) Reset() {
	w.arena, w.body = w.arena[:0], nil
	if cap(w.stack) > keptDepth {
		w.stack = nil
	}
	clear(w.stack[:cap(w.stack)])
	w.stack = w.stack[:0]
	w.keys.reset()
}

// Walk visits the elements below the paths in the order of the body: each key, and
// each value that is no object and no array, strings without their escapes, others
// as they are written. It ends early, without an error, when visit says false. The
// text is of the body or of w, stays until Reset, and must not be changed.
func (w *Walker) Walk(body []byte, paths *Paths, visit func(text []byte, key bool) bool) error {
	w.body, w.at, w.stack = body, 0, w.stack[:0]
	w.keys.reset()
	w.space()
	if w.at == len(body) || body[w.at] != '{' && body[w.at] != '[' {
		return w.fail("it is no object and no array")
	}
	if err := w.open(paths == nil, paths); err != nil {
		return err
	}
	for len(w.stack) > 0 {
		more, err := w.element(visit)
		if err != nil || !more {
			return err
		}
	}
	if w.space(); w.at < len(body) {
		return w.fail("there is more after its end")
	}
	return nil
}

// Pointer is the JSON pointer of the element that is being visited: of a key that of
// its value.
func (w *Walker) Pointer() string {
	var b strings.Builder
	for i := range w.stack {
		b.WriteByte('/')
		if c := &w.stack[i]; c.array {
			b.WriteString(strconv.Itoa(c.index))
		} else {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(string(c.key), "~", "~0"), "/", "~1"))
		}
	}
	return b.String()
}

func (w *Walker) fail(format string, args ...any) error {
	if w.at >= len(w.body) && len(w.stack) > 0 {
		return &Error{At: w.at, What: "it ends before it is complete"}
	}
	return &Error{At: w.at, What: fmt.Sprintf(format, args...)}
}

// open goes into the object or array that begins here.
func (w *Walker) open(inside bool, paths *Paths) error {
	if len(w.stack) == MaxDepth {
		return w.fail("it is nested more than %d deep", MaxDepth)
	}
	c := container{array: w.body[w.at] == '[', inside: inside, paths: paths, index: -1}
	if !c.array {
		c.id = w.keys.object()
	}
	w.stack = append(w.stack, c)
	w.at++
	return nil
}

// element reads the next element of the innermost container, or its end.
func (w *Walker) element(visit func([]byte, bool) bool) (more bool, err error) {
	c := &w.stack[len(w.stack)-1]
	end := byte('}')
	if c.array {
		end = ']'
	}
	w.space()
	if w.at < len(w.body) && w.body[w.at] == end {
		w.at++
		w.stack = w.stack[:len(w.stack)-1]
		return true, nil
	}
	if c.some && w.at < len(w.body) && w.body[w.at] == ',' {
		w.at++
		w.space()
	}
	if w.at == len(w.body) {
		return false, w.fail("")
	}
	c.some = true
	inside, paths := c.inside, (*Paths)(nil)
	if c.array {
		c.index++
		if !inside && c.paths != nil {
			var digits [20]byte
			paths = c.paths.child(strconv.AppendInt(digits[:0], int64(c.index), 10))
		}
	} else {
		if more, err = w.key(c, visit); err != nil || !more {
			return more, err
		}
		if !inside {
			paths = c.paths.child(c.key)
		}
	}
	return w.value(inside || paths != nil && paths.ends, paths, visit)
}

// key reads a key and the colon after it.
func (w *Walker) key(c *container, visit func([]byte, bool) bool) (more bool, err error) {
	at := w.at
	if w.body[at] != '"' {
		return false, w.fail("%q stands where a key should", w.body[at])
	}
	text, err := w.text()
	if err != nil {
		return false, err
	}
	if w.keys.add(c.id, text) {
		w.at = at
		return false, w.fail("the key %q is there twice", text)
	}
	c.key = text
	if c.inside {
		if !visit(text, true) {
			return false, nil
		}
	}
	for range maxColons {
		if w.space(); w.at < len(w.body) && w.body[w.at] == ':' {
			w.at++
		}
	}
	w.space()
	return true, nil
}

// value reads a value, or goes into it.
func (w *Walker) value(inside bool, paths *Paths, visit func([]byte, bool) bool) (more bool, err error) {
	if w.at == len(w.body) {
		return false, w.fail("")
	}
	var text []byte
	switch c := w.body[w.at]; c {
	case '{', '[':
		return true, w.open(inside, paths)
	case '"':
		text, err = w.text()
	case 't':
		text, err = w.word("true")
	case 'f':
		text, err = w.word("false")
	case 'n':
		text, err = w.word("null")
	default:
		text, err = w.number()
	}
	if err != nil {
		return false, err
	}
	return !inside || visit(text, false), nil
}

func (w *Walker) space() {
	for w.at < len(w.body) {
		switch w.body[w.at] {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return
		}
	}
}
