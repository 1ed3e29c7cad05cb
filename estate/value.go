package estate

import (
	"regexp"
	"strconv"

	"fathom/diag"
	"fathom/estate/tree"
)

// Truth is the answer to a yes-or-no question about files that may not say.
// The zero Truth is No.
type Truth uint8

// The three answers.
const (
	No Truth = iota
	Maybe
	Yes
)

// And is Yes when both are, No when one is, Maybe otherwise.
func (t Truth) And(u Truth) Truth { return min(t, u) }

// Or is Yes when one is, No when neither is, Maybe otherwise.
func (t Truth) Or(u Truth) Truth { return max(t, u) }

// Not swaps Yes and No.
func (t Truth) Not() Truth { return Yes - t }

type state uint8

const (
	absent state = iota
	known
	unknown
)

// Val is an argument of a resource: written and known, written and unknown
// (with the reason), or absent, which is the zero Val. What an absent argument
// means (AWS's default) is for the reader of the value to say.
type Val[T comparable] struct {
	v     T
	at    diag.Pos
	hole  *hole // of an unknown value
	state state
}

// hole is what is known of an unknown value. Few values are unknown and an
// estate has millions, so that it is kept apart.
type hole struct {
	text string // "${aws_kms_key.main.arn}"
	why  string
	made bool // it is made from an attribute of a resource
}

// The scalar arguments.
type (
	Str  = Val[string]
	Bool = Val[bool]
	Int  = Val[int]
)

// Known makes a value that was written at pos.
func Known[T comparable](v T, pos diag.Pos) Val[T] { return Val[T]{v: v, state: known, at: pos} }

// Unknown makes a value that was written at pos and cannot be known.
func Unknown[T comparable](why string, pos diag.Pos) Val[T] {
	return Val[T]{hole: &hole{why: why}, state: unknown, at: pos}
}

// Known returns the value, and whether it was written and is known.
func (v Val[T]) Known() (T, bool) { return v.v, v.state == known }

// Absent reports whether nothing was written.
func (v Val[T]) Absent() bool { return v.state == absent }

// Unknown reports whether something was written that cannot be known.
func (v Val[T]) Unknown() bool { return v.state == unknown }

// Why is the reason of an unknown value.
func (v Val[T]) Why() string {
	if v.hole == nil {
		return ""
	}
	return v.hole.why
}

// Pos is where the value was written; nowhere for an absent one.
func (v Val[T]) Pos() diag.Pos { return v.at }

// Default returns the value, or d where nothing was written.
func (v Val[T]) Default(d T) Val[T] {
	if v.state == absent {
		v.v, v.state = d, known
	}
	return v
}

// Is says whether the value is want. An absent value is not; use Default
// first where absence means something.
func (v Val[T]) Is(want T) Truth {
	switch {
	case v.state == unknown:
		return Maybe
	case v.state == known && v.v == want:
		return Yes
	}
	return No
}

// In says whether the value is one of those wanted.
func (v Val[T]) In(want ...T) Truth {
	t := No
	for _, w := range want {
		t = t.Or(v.Is(w))
	}
	return t
}

// Test says whether f holds of the value; an absent value gives No.
func (v Val[T]) Test(f func(T) bool) Truth {
	switch {
	case v.state == unknown:
		return Maybe
	case v.state == known && f(v.v):
		return Yes
	}
	return No
}

// nullable matches a text that is nothing but a variable, or the output of a
// module that is not there: it may be null.
var nullable = regexp.MustCompile(`^\$\{(var\.[^{}]*|module\.[^.{}]*\.[^.{}]*)\}$`)

// Set says whether something was written: Yes also for an attribute of
// another resource whose value is not known yet, Maybe where it cannot be told
// (a variable without a value may be null).
func (v Val[T]) Set() Truth {
	switch {
	case v.state == known:
		return Yes
	case v.state == absent:
		return No
	case v.hole.made, v.hole.text != "" && !nullable.MatchString(v.hole.text):
		return Yes
	}
	return Maybe
}

// String shows the value as a person would expect to see it in a report:
// "not set", "unknown", the text.
func (v Val[T]) String() string {
	switch v.state {
	case known:
		switch x := any(v.v).(type) {
		case string:
			return x
		case bool:
			return strconv.FormatBool(x)
		case int:
			return strconv.Itoa(x)
		}
	case unknown:
		if v.hole.text != "" {
			return v.hole.text
		}
		return "unknown"
	}
	return "not set"
}

func (v *Val[T]) fromTree(n *tree.Node) {
	// The provider cannot tell an empty string from one that is not set, and
	// plans and states show the one for the other.
	if n.Missing() || n.Kind == tree.String && n.Text == "" {
		return
	}
	v.at = n.Pos
	if n.Kind == tree.Unknown {
		v.state, v.hole = unknown, &hole{text: n.Text, why: n.Why, made: len(n.Refs) > 0}
		return
	}
	if n.Kind == tree.List && len(n.Items) == 1 { // a one-element list where the provider has a scalar (state of old versions)
		v.fromTree(n.Items[0])
		return
	}
	text, literal := n.Literal()
	if !literal {
		v.state, v.hole = unknown, &hole{text: n.Text, why: "it is made from an attribute that is known only after apply", made: true}
		if n.Kind == tree.List || n.Kind == tree.Map {
			v.hole.why = "a list or map stands where a single value is expected"
		}
		return
	}
	v.state = known
	switch p := any(&v.v).(type) {
	case *string:
		*p = text
	case *bool:
		*p = text == "true" || text == "1" || text == "Enabled"
	case *int:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f != f || f > 1<<53 || f < -(1<<53) {
			v.state, v.hole = unknown, &hole{text: text, why: strconv.Quote(text) + " is not a number", made: true}
			return
		}
		*p = int(f)
	}
}

// List is an argument that holds several strings. Its zero value is absent.
type List struct {
	Items []Str
	why   string
	at    diag.Pos
	state state
}

// Absent reports whether nothing was written.
func (l List) Absent() bool { return l.state == absent }

// Why is the reason why the whole list is unknown, or ""; single items may be
// unknown too.
func (l List) Why() string { return l.why }

// Pos is where the list was written.
func (l List) Pos() diag.Pos { return l.at }

// Unknown reports whether the list, or an item of it, is unknown.
func (l List) Unknown() bool {
	if l.state == unknown {
		return true
	}
	for _, it := range l.Items {
		if it.Unknown() {
			return true
		}
	}
	return false
}

// Any says whether f holds of an item.
func (l List) Any(f func(string) bool) Truth {
	t := No
	if l.state == unknown {
		t = Maybe
	}
	for _, it := range l.Items {
		t = t.Or(it.Test(f))
	}
	return t
}

// Has says whether s is among the items.
func (l List) Has(s string) Truth { return l.Any(func(x string) bool { return x == s }) }

// Known returns the items that are known.
func (l List) Known() []string {
	var out []string
	for _, it := range l.Items {
		if s, ok := it.Known(); ok {
			out = append(out, s)
		}
	}
	return out
}

func (l *List) fromTree(n *tree.Node) {
	if n.Missing() {
		return
	}
	l.at = n.Pos
	switch n.Kind {
	case tree.Unknown:
		l.state, l.why = unknown, n.Why
	case tree.List:
		l.state = known
		l.Items = make([]Str, len(n.Items))
		for i, it := range n.Items {
			l.Items[i].fromTree(it)
		}
	default:
		l.state = known
		l.Items = make([]Str, 1)
		l.Items[0].fromTree(n)
	}
}

// Map is an argument that holds named strings: tags, parameters, labels.
type Map struct {
	Items map[string]Str
	why   string
	at    diag.Pos
}

// Get returns the value of a name: absent when it is not there, unknown when
// the whole map is.
func (m Map) Get(name string) Str {
	if v, ok := m.Items[name]; ok {
		return v
	}
	if m.why != "" {
		return Unknown[string](m.why, m.at)
	}
	return Str{}
}

// Why is the reason why the map is unknown, or "".
func (m Map) Why() string { return m.why }

// Pos is where the map was written.
func (m Map) Pos() diag.Pos { return m.at }

func (m *Map) fromTree(n *tree.Node) {
	if n.Missing() {
		return
	}
	m.at = n.Pos
	switch n.Kind {
	case tree.Map:
		m.Items = make(map[string]Str, len(n.Fields))
		for _, f := range n.Fields {
			var v Str
			v.fromTree(f.Node)
			m.Items[f.Name] = v
		}
	case tree.Unknown:
		m.why = n.Why
	}
}

// Blocks are the nested blocks of one name, in order. Its zero value is none.
type Blocks[T any] struct {
	Items []T
	// Why says why more, fewer or other blocks may be there than Items; "".
	Why string
	// At is where the first stands.
	At diag.Pos
}

// One returns the first block, or nil.
func (b Blocks[T]) One() *T {
	if len(b.Items) == 0 {
		return nil
	}
	return &b.Items[0]
}

// Any says whether there is a block: Maybe when that cannot be known.
func (b Blocks[T]) Any() Truth {
	switch {
	case len(b.Items) > 0:
		return Yes
	case b.Why != "":
		return Maybe
	}
	return No
}

func (b *Blocks[T]) fromTree(n *tree.Node) {
	if n.Missing() {
		return
	}
	if b.At.IsZero() {
		b.At = n.Pos
	}
	switch n.Kind {
	case tree.Unknown:
		b.Why = n.Why
	case tree.List:
		for _, it := range n.Items {
			b.fromTree(it)
		}
	case tree.Map:
		var t T
		decodeStruct(&t, n)
		b.Items = append(b.Items, t)
	}
}
