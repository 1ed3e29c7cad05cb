package platform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

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
	case strings.ContainsFunc(n.text, misleading):
		f.bad(n, "take them away", "%s has invisible characters that turn or break the line", name)
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

// misleading are characters that make a line look like another one than it is:
// marks that turn the direction of what follows, line and paragraph separators,
// and the mark of a file's byte order.
func misleading(c rune) bool {
	switch {
	case c == '\u061c', c == '\u200e', c == '\u200f', c >= '\u2028' && c <= '\u202e', c >= '\u2066' && c <= '\u2069', c == '\ufeff':
		return true
	}
	return false
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
