package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fathom/diag"
)

// form is what a value looks like.
type form int

const (
	text   form = iota // a text that fits pattern
	word               // one of words
	number             // a whole number from min to max
	flag               // true or false
	span               // a duration: a number and s, m, h, d or y
	rate               // so many a second: 400/s
	share              // 5%
	date               // 2026-12-05
	record             // a mapping with the keys of fields
	names              // a mapping from names (that fit pattern) to of
	items              // a list of of
	either             // one of the shapes in or, told apart by their kinds
)

// shape is what a value of the declaration looks like. The parser and the JSON
// Schema both come from the one tree of shapes in table.go.
type shape struct {
	form    form
	pattern *regexp.Regexp
	// what says what a text, a name or a word is, in a problem: "a name".
	what string
	// example is shown where a value does not fit, and in the schema.
	example  string
	words    []string
	min, max int
	least    time.Duration
	longest  time.Duration
	fields   []field
	of       *shape
	or       []*shape
	// some says that a list or a mapping of names may not be empty.
	some bool
}

// field is a key of a record.
type field struct {
	key  string
	doc  string
	need bool
	as   *shape
}

// kind is what a value of the shape has to be written as.
func (s *shape) kind() kind {
	switch s.form {
	case record, names:
		return mapping
	case items:
		return list
	}
	return scalar
}

// Units of durations. A year has 365 days, a day 24 hours.
var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour,
}

// fitter holds values to their shapes.
type fitter struct {
	problems *diag.Problems
	at       index
}

// fit looks at a value, fills in what it means, and notes where it stands.
func (f *fitter) fit(n *node, s *shape, path string) {
	if n.bad {
		return
	}
	f.at[path] = n.pos
	if s.form == either {
		f.either(n, s, path)
		return
	}
	if n.kind != s.kind() {
		f.wrongKind(n, s, path)
		return
	}
	switch s.form {
	case record:
		f.record(n, s, path)
	case names:
		f.names(n, s, path)
	case items:
		f.items(n, s, path)
	default:
		f.scalar(n, s, path)
	}
}

// bad notes a problem with a value, and empties it, so that whoever comes after
// does not stumble over it again.
func (f *fitter) bad(n *node, fix, format string, args ...any) {
	n.bad, n.text, n.num, n.span, n.flag = true, "", 0, 0, false
	f.problems.Addf(n.pos, fix, format, args...)
}

func (f *fitter) either(n *node, s *shape, path string) {
	for _, o := range s.or {
		if o.kind() == n.kind {
			f.fit(n, o, path)
			return
		}
	}
	f.wrongKind(n, s.or[0], path)
}

// wrongKind says what was meant where a list, a mapping or a single value stands
// for another.
func (f *fitter) wrongKind(n *node, s *shape, path string) {
	name := subject(path)
	if n.kind == none {
		f.bad(n, "write "+s.sample()+", or take the key away", "%s has no value", name)
		return
	}
	f.bad(n, "write "+s.sample(), "%s is %s where %s is needed", name, n.kind, s.kind())
}

// sample is how a value of the shape is written.
func (s *shape) sample() string {
	switch s.form {
	case word:
		return or(s.words)
	case number:
		return fmt.Sprintf("a number from %d to %d", s.min, s.max)
	case flag:
		return "true or false"
	case span:
		return "a duration such as " + cmpOr(s.example, "24h")
	case rate:
		return "a rate such as 400/s"
	case share:
		return "a share such as 5%"
	case date:
		return "a day such as 2026-12-05"
	case record:
		var keys []string
		for _, f := range s.fields {
			if f.need || !s.needs() && len(keys) < 3 {
				keys = append(keys, f.key+": …")
			}
		}
		return "{" + strings.Join(keys, ", ") + "}"
	case names:
		return "{NAME: " + s.of.sample() + "}"
	case items:
		if len(s.of.words) > 0 {
			return "[" + s.of.words[0] + "]"
		}
		return "[" + cmpOr(s.of.example, "…") + "]"
	case either:
		return s.or[0].sample()
	}
	return cmpOr(s.what, "a text") + example(s)
}

// needs says whether a record has keys that must be there.
func (s *shape) needs() bool {
	return slices.ContainsFunc(s.fields, func(f field) bool { return f.need })
}

func example(s *shape) string {
	if s.example == "" {
		return ""
	}
	return " such as " + s.example
}

func (f *fitter) record(n *node, s *shape, path string) {
	meant := map[string]bool{} // what unknown keys most likely mean
	var keys []string
	for _, d := range s.fields {
		keys = append(keys, d.key)
	}
	for i := range n.entries {
		e := &n.entries[i]
		j := slices.IndexFunc(s.fields, func(d field) bool { return d.key == e.key })
		if j < 0 {
			meant[nearest(e.key, keys)] = true
			f.problems.Addf(e.pos, hint(e.key, keys), "%s has no key %q", place(path), e.key)
			n.bad = true
			continue
		}
		f.fit(e.val, s.fields[j].as, join(path, e.key))
	}
	for _, d := range s.fields {
		if d.need && !meant[d.key] && !slices.ContainsFunc(n.entries, func(e entry) bool { return e.key == d.key }) {
			f.problems.Addf(n.pos, fmt.Sprintf("add %s: %s", d.key, d.as.sample()), "%s has no %q", place(path), d.key)
		}
	}
}

func (f *fitter) names(n *node, s *shape, path string) {
	if s.some && len(n.entries) == 0 {
		f.bad(n, "add "+s.what, "%q is empty", last(path))
	}
	for i := range n.entries {
		e := &n.entries[i]
		if !s.pattern.MatchString(e.key) {
			fix := nameRule
			if s.pattern != namePattern {
				fix = "write letters, digits, dots, dashes and underscores"
			}
			f.problems.Addf(e.pos, fix, "%q is not %s", e.key, s.what)
		}
		f.fit(e.val, s.of, join(path, e.key))
	}
}

func (f *fitter) items(n *node, s *shape, path string) {
	if s.some && len(n.items) == 0 {
		f.bad(n, "write at least one", "%q is empty", last(path))
	}
	seen := map[string]bool{}
	for i, v := range n.items {
		f.fit(v, s.of, join(path, strconv.Itoa(i)))
		if v.kind != scalar || v.bad {
			continue
		}
		if seen[v.text] {
			f.bad(v, "keep one of them", "%q stands in %q twice", v.text, last(path))
		}
		seen[v.text] = true
		f.at[join(path, v.text)] = v.pos
	}
}
