package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// olden are the words that YAML 1.1 took for true and false.
var olden = map[string]string{"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}

func (f *fitter) scalar(n *node, s *shape, path string) {
	name := subject(path)
	switch s.form {
	case text, word:
		f.text(n, s, name)
	case flag:
		if b, old := olden[strings.ToLower(n.text)]; old && !n.flag {
			f.bad(n, "write "+b, "%s is %q, which is a text in YAML 1.2", name, n.text)
		} else if !n.flag {
			f.bad(n, "write true or false", "%s is %q", name, n.text)
		}
	case number:
		v, err := strconv.Atoi(n.text)
		switch {
		case err != nil || !n.number || strings.HasPrefix(n.text, "+") || len(n.text) > 1 && n.text[0] == '0':
			f.bad(n, fmt.Sprintf("write a whole number from %d to %d, without quotes", s.min, s.max), "%s is %q, not a whole number", name, n.text)
		case v < s.min || v > s.max:
			f.bad(n, fmt.Sprintf("write a number from %d to %d", s.min, s.max), "%s is %d", name, v)
		}
		n.set(v)
	case span:
		f.span(n, s, name)
	case rate:
		v, err := strconv.Atoi(strings.TrimSuffix(n.text, "/s"))
		if err != nil || !strings.HasSuffix(n.text, "/s") || v < 1 || v > 1_000_000 || strings.ContainsAny(n.text[:1], "+0") {
			f.bad(n, "write so many a second, such as 400/s", "%s is %q, not a rate", name, n.text)
		}
		n.set(v)
	case share:
		v, err := strconv.Atoi(strings.TrimSuffix(n.text, "%"))
		if err != nil || !strings.HasSuffix(n.text, "%") || v < s.min || v > s.max || strings.ContainsAny(n.text[:1], "+0") {
			f.bad(n, fmt.Sprintf("write a share from %d%% to %d%%", s.min, s.max), "%s is %q", name, n.text)
		}
		n.set(v)
	case date:
		day, err := time.Parse(time.DateOnly, n.text)
		if err != nil {
			f.bad(n, "write year, month and day, such as 2026-12-05", "%s is %q, not a day", name, n.text)
		}
		n.day = day
	}
}

func (n *node) set(v int) {
	if !n.bad {
		n.num = v
	}
}

// longestText bounds texts, in characters: they become tags, comments and descriptions.
const longestText = 500

func (f *fitter) text(n *node, s *shape, name string) {
	switch {
	case n.flag || n.number:
		f.bad(n, fmt.Sprintf("put it into quotes: \"%s\"", n.text), "%s is %s without quotes, which YAML takes for %s", name, n.text, map[bool]string{true: "true or false", false: "a number"}[n.flag])
	case strings.TrimSpace(n.text) == "":
		f.bad(n, "write "+s.sample()+", or take the key away", "%s is empty", name)
	case utf8.RuneCountInString(n.text) > longestText:
		f.bad(n, fmt.Sprintf("keep it to %d", longestText), "%s has %d characters", name, utf8.RuneCountInString(n.text))
	case strings.IndexFunc(n.text, unicode.IsControl) >= 0:
		f.bad(n, "write it on one line", "%s has line ends or other control characters", name)
	case s.form == word && !slices.Contains(s.words, n.text):
		fix := "write " + or(s.words)
		if near := nearest(n.text, s.words); near != "" {
			fix = fmt.Sprintf("did you mean %q? (%s)", near, or(s.words))
		}
		f.bad(n, fix, "%s is %q", name, n.text)
	case s.form == text && strings.HasPrefix(n.text, "spiffe://"):
		f.bad(n, "write the name alone: render puts trust domain, namespace and account together", "%s is a SPIFFE id", name)
	case s.form == text && s.pattern != nil && !s.pattern.MatchString(n.text):
		f.bad(n, "write "+s.sample(), "%s is %q, which is not %s", name, n.text, s.what)
	}
}

func (f *fitter) span(n *node, s *shape, name string) {
	fix := "write a number and s, m, h, d or y, such as " + cmpOr(s.example, "24h")
	if len(n.text) < 2 || n.text[0] < '0' || n.text[0] > '9' {
		f.bad(n, fix, "%s is %q, not a duration", name, n.text)
		return
	}
	unit := units[n.text[len(n.text)-1]]
	if len(n.text) > 2 && n.text[0] == '0' {
		unit = 0
	}
	v, err := strconv.Atoi(n.text[:len(n.text)-1])
	if unit == 0 || err != nil || v > int(100*units['y']/unit) {
		f.bad(n, fix, "%s is %q, not a duration", name, n.text)
		return
	}
	n.span = time.Duration(v) * unit
	switch {
	case n.span < s.least || n.span == 0:
		f.bad(n, "make it at least "+short(max(s.least, time.Second)), "%s is %q, which is too short", name, n.text)
	case s.longest > 0 && n.span > s.longest:
		f.bad(n, "make it at most "+short(s.longest), "%s is %q, which is too long", name, n.text)
	}
}
