package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/diag"
)

// fields walks one line of JSON without making values of it: the caller takes
// what it knows, the rest is skipped. The first thing that is wrong is kept in
// wrong, and reading goes on, so that the line's id is found wherever it
// stands.
type fields struct {
	dec   *jsontext.Decoder
	src   bytes.Buffer
	wrong string
	// broken says that the line is no JSON from here on.
	broken bool
}

// wholeLine is what messages call the object that a line is.
const wholeLine = "the line"

// reset begins a line.
func (f *fields) reset(line []byte) {
	f.wrong, f.broken = "", false
	f.src = *bytes.NewBuffer(line)
	// Names that stand twice are looked for where they matter, and in policies
	// by the engine.
	if f.dec == nil {
		f.dec = jsontext.NewDecoder(&f.src, jsontext.AllowDuplicateNames(true))
	} else {
		f.dec.Reset(&f.src, jsontext.AllowDuplicateNames(true))
	}
}

func (f *fields) fault(format string, args ...any) {
	if f.wrong == "" {
		f.wrong = fmt.Sprintf(format, args...)
	}
}

// invalid keeps a syntax error.
func (f *fields) invalid(err error) {
	f.broken = true
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		f.fault("the JSON ends too early; write one whole JSON object on each line")
	case errors.As(err, &syntax):
		f.fault("byte %d is not JSON: %v; write one JSON object on each line", syntax.ByteOffset+1, syntax.Err)
	default:
		f.fault("the line is not JSON: %v; write one JSON object on each line", err)
	}
}

// value takes the next value as it is written; nil when it is broken. It is
// valid until the next call.
func (f *fields) value() jsontext.Value {
	v, err := f.dec.ReadValue()
	if err != nil {
		f.invalid(err)
		return nil
	}
	return v
}

// text takes a string. what names it in the message.
func (f *fields) text(what string) string {
	v := f.value()
	if v.Kind() != '"' {
		f.kindFault(what, v, "a string")
		return ""
	}
	return f.unquote(v)
}

func (f *fields) unquote(v jsontext.Value) string {
	if raw := v[1 : len(v)-1]; bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		f.invalid(err)
	}
	return string(b)
}

// kindFault says that a value is of another kind than it has to be.
func (f *fields) kindFault(what string, v jsontext.Value, want string) {
	if !f.broken {
		f.fault("%s is %s; it has to be %s", what, kindName(v.Kind()), want)
	}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '[':
		return "a list"
	case '{':
		return "an object"
	}
	return "not there"
}

// object walks the object that comes next and calls on for every name; on
// takes the value and says true, or says false for a name it does not know.
// known are the names, for telling a misspelt one. What resembles none is an
// error, but in the line itself, where others may put labels of their own.
// Without known, every name is on's.
func (f *fields) object(what string, known []string, on func(name string) bool) {
	if f.dec.PeekKind() != '{' {
		f.kindFault(what, f.value(), "an object")
		return
	}
	_, _ = f.dec.ReadToken()
	var seen []string
	for !f.broken && f.dec.PeekKind() != '}' {
		v := f.value()
		if f.broken {
			return
		}
		name := f.unquote(v)
		switch {
		case known == nil:
			on(name)
			continue
		case slices.Contains(seen, name):
			f.fault("%q is there twice; keep one", name)
			f.value()
			continue
		case on(name):
			seen = append(seen, name)
			continue
		}
		switch near := nearest(name, known); {
		case near != "":
			f.fault("there is no field %q; did you mean %q?", name, near)
		case what != wholeLine:
			f.fault("%s has no field %q; it may have %s", what, name, strings.Join(known, ", "))
		}
		f.value()
	}
	if !f.broken {
		if _, err := f.dec.ReadToken(); err != nil {
			f.invalid(err)
		}
	}
}

// list walks the list that comes next; on takes each value.
func (f *fields) list(what, want string, on func(i int)) {
	switch f.dec.PeekKind() {
	case 'n':
		f.value()
		return
	case '[':
	default:
		f.kindFault(what, f.value(), want)
		return
	}
	_, _ = f.dec.ReadToken()
	for i := 0; !f.broken && f.dec.PeekKind() != ']'; i++ {
		on(i)
	}
	if !f.broken {
		if _, err := f.dec.ReadToken(); err != nil {
			f.invalid(err)
		}
	}
}

// end checks that nothing follows.
func (f *fields) end() {
	if f.broken {
		return
	}
	if _, err := f.dec.ReadToken(); !errors.Is(err, io.EOF) {
		f.fault("something follows the object; write one JSON object on each line")
	}
}

// nearest returns the known name that a misspelt one most likely means, or "".
// Up to a third of its letters may be wrong.
func nearest(name string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if len(name) > 2*len(k)+2 {
			continue
		}
		if d := diag.Distance(strings.ToLower(name), strings.ToLower(k)); d <= len(k)/3 && d < least {
			best, least = k, d
		}
	}
	return best
}
