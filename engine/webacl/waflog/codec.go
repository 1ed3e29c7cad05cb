package waflog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// form is how an object was written: its members in their order. Objects that
// nobody parsed have none, and are written as AWS would.
type form struct{ members []written }

// written is one member of a parsed object.
type written struct {
	// field is the index in the codec, or unknown.
	field int
	how   manner
	// name and value are of members that the codec does not know.
	name, value []byte
}

const unknown = -1

// manner is how a value was written.
type manner uint8

const (
	plainly manner = iota // as AWS does
	asNull
	otherwise // a number as a string, or the other way round
)

// presence is what becomes of a member without a value in an object that nobody
// parsed.
type presence uint8

const (
	always presence = iota // "", 0, []
	orNull
	orAbsent
)

// codec reads and writes the objects of one type.
type codec[T any] struct {
	form   func(*T) *form
	fields []field[T]
}

// field is one member of a type.
type field[T any] struct {
	name  string
	key   string // "name":
	lack  presence
	empty func(*T) bool
	read  func(*T, *jsontext.Decoder) (manner, error)
	write func(*T, []byte, manner) []byte
}

func (c *codec[T]) read(v *T, d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		return expected(d, "an object")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	f := c.form(v)
	next := 0
	for d.PeekKind() != '}' {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := t.String()
		i := c.find(name, next)
		w := written{field: i}
		if i == unknown {
			value, err := d.ReadValue()
			if err != nil {
				return err
			}
			w.name, w.value = []byte(name), bytes.Clone(value)
		} else {
			next = i + 1
			if w.how, err = c.member(v, i, d); err != nil {
				return err
			}
		}
		f.members = append(f.members, w)
	}
	_, err := d.ReadToken()
	if f.members == nil {
		f.members = []written{} // parsed, and nothing in it
	}
	return err
}

// member reads the value of a field, which may be null.
func (c *codec[T]) member(v *T, i int, d *jsontext.Decoder) (manner, error) {
	if d.PeekKind() == 'n' {
		_, err := d.ReadToken()
		return asNull, err
	}
	how, err := c.fields[i].read(v, d)
	return how, within(c.fields[i].name, err)
}

// find finds a field by name. Members mostly come in the order of the fields.
func (c *codec[T]) find(name string, next int) int {
	for i := range c.fields {
		if j := (next + i) % len(c.fields); c.fields[j].name == name {
			return j
		}
	}
	return unknown
}

// append writes an object. One that was parsed keeps its form; what was set
// since follows.
func (c *codec[T]) append(v *T, dst []byte) []byte {
	dst = append(dst, '{')
	start := len(dst)
	members := c.form(v).members
	for i := range members {
		dst = comma(dst, start)
		w := &members[i]
		if w.field == unknown {
			dst = append(appendBytes(dst, w.name), ':')
			dst = append(dst, w.value...)
			continue
		}
		f := &c.fields[w.field]
		dst = append(dst, f.key...)
		if w.how == asNull && f.empty(v) {
			dst = append(dst, "null"...)
			continue
		}
		dst = f.write(v, dst, w.how)
	}
	for i := range c.fields {
		f := &c.fields[i]
		empty := f.empty(v)
		if members != nil && (empty || slices.ContainsFunc(members, func(w written) bool { return w.field == i })) || empty && f.lack == orAbsent {
			continue
		}
		dst = comma(dst, start)
		dst = append(dst, f.key...)
		if empty && f.lack == orNull {
			dst = append(dst, "null"...)
			continue
		}
		dst = f.write(v, dst, plainly)
	}
	return append(dst, '}')
}

func comma(dst []byte, start int) []byte {
	if len(dst) > start {
		return append(dst, ',')
	}
	return dst
}

// typeError is a value of another type than AWS writes there.
type typeError struct{ path, want, got string }

func (e *typeError) Error() string {
	return fmt.Sprintf("%q is %s, and AWS WAF writes %s there", e.path, e.got, e.want)
}

// within puts the name of a member before the path of an error.
func within(name string, err error) error {
	var e *typeError
	if errors.As(err, &e) {
		if e.path != "" && e.path[0] != '[' {
			name += "."
		}
		e.path = name + e.path
	}
	return err
}

func expected(d *jsontext.Decoder, want string) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	return &typeError{want: want, got: kinds[value.Kind()]}
}

var kinds = map[jsontext.Kind]string{'n': "null", 't': "true", 'f': "false", '"': "a string", '0': "a number", '{': "an object", '[': "a list"}

func str[T any](name string, lack presence, at func(*T) *string) field[T] {
	return field[T]{
		name: name, lack: lack,
		empty: func(v *T) bool { return *at(v) == "" },
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			if d.PeekKind() != '"' {
				return 0, expected(d, "a string")
			}
			t, err := d.ReadToken()
			if err == nil {
				*at(v) = t.String()
			}
			return plainly, err
		},
		write: func(v *T, dst []byte, _ manner) []byte { return appendString(dst, *at(v)) },
	}
}

// num is a number; quoted says that AWS writes it as a string.
func num[T any](name string, lack presence, quoted bool, at func(*T) *int64) field[T] {
	return field[T]{
		name: name, lack: lack,
		empty: func(v *T) bool { return *at(v) == 0 },
		read: func(v *T, d *jsontext.Decoder) (how manner, err error) {
			*at(v), how, err = readNumber(d, quoted)
			return how, err
		},
		write: func(v *T, dst []byte, how manner) []byte {
			return appendNumber(dst, *at(v), quoted != (how == otherwise))
		},
	}
}

func readNumber(d *jsontext.Decoder, quoted bool) (int64, manner, error) {
	const want = "a whole number"
	kind := d.PeekKind()
	if kind != '0' && kind != '"' {
		return 0, 0, expected(d, want)
	}
	t, err := d.ReadToken()
	if err != nil {
		return 0, 0, err
	}
	n, err := strconv.ParseInt(t.String(), 10, 64)
	if err != nil || kind == '"' && strconv.FormatInt(n, 10) != t.String() {
		return 0, 0, &typeError{want: want, got: map[jsontext.Kind]string{'0': "another number", '"': "a string"}[kind]}
	}
	if quoted != (kind == '"') {
		return n, otherwise, nil
	}
	return n, plainly, nil
}

func appendNumber(dst []byte, n int64, quoted bool) []byte {
	if !quoted {
		return strconv.AppendInt(dst, n, 10)
	}
	return append(strconv.AppendInt(append(dst, '"'), n, 10), '"')
}

func size[T any](name string, at func(*T) *Size) field[T] {
	return field[T]{
		name: name, lack: orAbsent,
		empty: func(v *T) bool { return !at(v).Known },
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			n, how, err := readNumber(d, false)
			if err == nil {
				*at(v) = Size{n, true}
			}
			return how, err
		},
		write: func(v *T, dst []byte, how manner) []byte { return appendNumber(dst, at(v).Bytes, how == otherwise) },
	}
}

func boolean[T any](name string, at func(*T) *bool) field[T] {
	return field[T]{
		name: name, lack: orAbsent,
		empty: func(v *T) bool { return !*at(v) },
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			if k := d.PeekKind(); k != 't' && k != 'f' {
				return 0, expected(d, "true or false")
			}
			t, err := d.ReadToken()
			if err == nil {
				*at(v) = t.Bool()
			}
			return plainly, err
		},
		write: func(v *T, dst []byte, _ manner) []byte { return strconv.AppendBool(dst, *at(v)) },
	}
}

func verbatim[T any](name string, at func(*T) *raw) field[T] {
	return field[T]{
		name: name, lack: orAbsent,
		empty: func(v *T) bool { return len(*at(v)) == 0 },
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			value, err := d.ReadValue()
			*at(v) = raw(bytes.Clone(value))
			return plainly, err
		},
		write: func(v *T, dst []byte, _ manner) []byte { return append(dst, *at(v)...) },
	}
}

func object[T, E any](name string, lack presence, c *codec[E], at func(*T) **E) field[T] {
	return field[T]{
		name: name, lack: lack,
		empty: func(v *T) bool { return *at(v) == nil },
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			e := new(E)
			*at(v) = e
			return plainly, c.read(e, d)
		},
		write: func(v *T, dst []byte, _ manner) []byte {
			if e := *at(v); e != nil {
				return c.append(e, dst)
			}
			return append(dst, "null"...)
		},
	}
}

func list[T, E any](name string, lack presence, c *codec[E], at func(*T) *[]E) field[T] {
	return items(name, lack, at, c.read, c.append)
}

func texts[T any](name string, lack presence, at func(*T) *[]string) field[T] {
	return items(name, lack, at, func(s *string, d *jsontext.Decoder) error {
		if d.PeekKind() != '"' {
			return expected(d, "a string")
		}
		t, err := d.ReadToken()
		if err == nil {
			*s = t.String()
		}
		return err
	}, func(s *string, dst []byte) []byte { return appendString(dst, *s) })
}

func items[T, E any](name string, lack presence, at func(*T) *[]E, read func(*E, *jsontext.Decoder) error, write func(*E, []byte) []byte) field[T] {
	return field[T]{
		name: name, lack: lack,
		empty: func(v *T) bool {
			if lack == orNull {
				return *at(v) == nil
			}
			return len(*at(v)) == 0
		},
		read: func(v *T, d *jsontext.Decoder) (manner, error) {
			if d.PeekKind() != '[' {
				return 0, expected(d, "a list")
			}
			if _, err := d.ReadToken(); err != nil {
				return 0, err
			}
			for d.PeekKind() != ']' {
				var e E
				if err := read(&e, d); err != nil {
					return 0, within("["+strconv.Itoa(len(*at(v)))+"]", err)
				}
				*at(v) = append(*at(v), e)
			}
			_, err := d.ReadToken()
			return plainly, err
		},
		write: func(v *T, dst []byte, _ manner) []byte {
			dst = append(dst, '[')
			start := len(dst)
			for i := range *at(v) {
				dst = write(&(*at(v))[i], comma(dst, start))
			}
			return append(dst, ']')
		},
	}
}
