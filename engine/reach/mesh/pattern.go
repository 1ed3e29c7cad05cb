package mesh

import "strings"

// The wildcards of a path template (reference, "Authorization Policy",
// Operation.paths).
const (
	oneSegment = "{*}"  // one or more characters but the slash
	anyRest    = "{**}" // any characters
)

// pattern is a value of a rule: exact, PREFIX*, *SUFFIX, * for what is present,
// and for paths a template.
type pattern struct {
	text string
	kind patternKind
	// lit is the text without its wildcard.
	lit string
}

type patternKind uint8

const (
	exact patternKind = iota
	prefix
	suffix
	present
	template
)

func parsePattern(text string) pattern {
	switch {
	case text == "*":
		return pattern{text, present, ""}
	case strings.HasPrefix(text, "*"):
		return pattern{text, suffix, text[1:]}
	case strings.HasSuffix(text, "*"):
		return pattern{text, prefix, text[:len(text)-1]}
	}
	return pattern{text, exact, text}
}

// parsePath is parsePattern for paths, which may be templates.
func parsePath(text string) pattern {
	if strings.Contains(text, oneSegment) || strings.Contains(text, anyRest) {
		return pattern{text, template, text}
	}
	return parsePattern(text)
}

// matches says whether a value, which is not empty, is one of the pattern's.
func (p *pattern) matches(v string) bool {
	switch p.kind {
	case present:
		return v != ""
	case prefix:
		return strings.HasPrefix(v, p.lit)
	case suffix:
		return strings.HasSuffix(v, p.lit)
	case template:
		return matchTemplate(p.lit, v)
	}
	return v == p.lit
}

// matchTemplate matches a whole path with a template. Each wildcard tries the
// longest match first; one template has few of them, and a bound on the steps
// is not needed since {**} is only allowed last.
func matchTemplate(t, v string) bool {
	one, rest := strings.Index(t, oneSegment), strings.Index(t, anyRest)
	switch {
	case one < 0 && rest < 0:
		return t == v
	case one < 0 || rest >= 0 && rest < one: // {**}, the last wildcard
		return len(v) >= len(t)-len(anyRest) && strings.HasPrefix(v, t[:rest]) && strings.HasSuffix(v[rest:], t[rest+len(anyRest):])
	}
	if !strings.HasPrefix(v, t[:one]) {
		return false
	}
	v, t = v[one:], t[one+len(oneSegment):]
	// The wildcard is a segment of its own, so it ends at the next slash.
	end := strings.IndexByte(v, '/')
	if end < 0 {
		end = len(v)
	}
	return end > 0 && matchTemplate(t, v[end:])
}

// validTemplate says whether a path template is one Istio takes: wildcards are
// whole segments, {**} is the last of them, and no other *, { or } is there.
func validTemplate(t string) bool {
	last := false
	for _, s := range strings.Split(t, "/") {
		switch {
		case last && (s == oneSegment || s == anyRest):
			return false
		case s == anyRest:
			last = true
		case s != oneSegment && strings.ContainsAny(s, "*{}"):
			return false
		}
	}
	return strings.HasPrefix(t, "/")
}
