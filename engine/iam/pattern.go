package iam

import "strings"

// pattern is a text of a policy that a value is compared with: a glob, or a
// template with policy variables that becomes one for each request.
type pattern struct {
	glob  glob
	parts []part // only where there are variables
}

// newPattern compiles a text. Without wild, * and ? stand for themselves;
// without vars (Version 2008-10-17), ${…} does.
func newPattern(text string, wild, vars bool) pattern {
	parts := split(text, wild, vars)
	for _, p := range parts {
		if p.kind == variable {
			return pattern{parts: parts}
		}
	}
	return pattern{glob: compile(parts)}
}

// match says whether the value matches. A variable that has no value in the
// request makes the pattern match nothing (IAM User Guide, "Variables and
// tags": "policy variables with no value").
func (p *pattern) match(s string, e *eval) bool {
	if p.parts == nil {
		return p.glob.match(s)
	}
	parts, ok := e.resolve(p.parts)
	if !ok {
		return false
	}
	g := compile(parts)
	return g.match(s)
}

// text returns the pattern as one literal text, for operators that have no
// wildcards.
func (p *pattern) text(e *eval) (string, bool) {
	if p.parts == nil {
		return p.glob.runs[0].lit, true
	}
	parts, ok := e.resolve(p.parts)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for _, q := range parts {
		b.WriteString(q.text)
	}
	return b.String(), true
}

// resolve puts the values of variables in. What a variable stands for is
// literal: a * in a user's name is no wildcard.
func (e *eval) resolve(parts []part) ([]part, bool) {
	out := make([]part, len(parts))
	for i, p := range parts {
		if p.kind == variable {
			values, multi, ok := e.key(p.text)
			switch {
			case ok && !multi && len(values) == 1:
				p = part{text: values[0]}
			case p.has:
				p = part{text: p.def}
			default:
				return nil, false
			}
		}
		out[i] = p
	}
	return out, true
}

// split takes a text apart. ${*}, ${?} and ${$} are those characters
// themselves; ${key} and ${key, 'default'} are variables; a ${ that is none of
// these stands for itself.
func split(text string, wild, vars bool) []part {
	var out []part
	var lit strings.Builder
	add := func(p part) {
		if lit.Len() > 0 {
			out = append(out, part{text: lit.String()})
			lit.Reset()
		}
		out = append(out, p)
	}
	stop := ""
	if wild {
		stop += "*?"
	}
	if vars {
		stop += "$"
	}
	for text != "" {
		i := len(text)
		if stop != "" {
			if j := strings.IndexAny(text, stop); j >= 0 {
				i = j
			}
		}
		lit.WriteString(text[:i])
		text = text[i:]
		if text == "" {
			break
		}
		n := 1
		switch text[0] {
		case '*':
			add(part{kind: star})
		case '?':
			add(part{kind: hole})
		default:
			var p part
			switch p, n = readVariable(text); {
			case n == 0:
				lit.WriteByte('$')
				n = 1
			case p.kind == literal:
				lit.WriteString(p.text)
			default:
				add(p)
			}
		}
		text = text[n:]
	}
	if lit.Len() > 0 {
		out = append(out, part{text: lit.String()})
	}
	return out
}

// maxVariable bounds how long a ${…} may be, so that a text of nothing but
// beginnings of variables is read in linear time.
const maxVariable = 512

// readVariable reads a variable or escape at the beginning of a text, and
// returns its length; 0 when there is none.
func readVariable(text string) (part, int) {
	if !strings.HasPrefix(text, "${") {
		return part{}, 0
	}
	if len(text) >= 4 && text[3] == '}' && strings.IndexByte("*?$", text[2]) >= 0 {
		return part{text: text[2:3]}, 4
	}
	text = text[:min(len(text), maxVariable)]
	end := strings.IndexByte(text, '}')
	body := text[2:max(end, 2)]
	key, def, has := strings.Cut(body, ",")
	if has { // the default is quoted, and may hold a }
		rest := strings.TrimLeft(text[2+len(key)+1:], " ")
		if !strings.HasPrefix(rest, "'") {
			return part{}, 0
		}
		quoted, after, ok := strings.Cut(rest[1:], "'")
		after = strings.TrimLeft(after, " ")
		if !ok || !strings.HasPrefix(after, "}") {
			return part{}, 0
		}
		def, end = quoted, len(text)-len(after)
	}
	key = strings.ToLower(strings.TrimSpace(key))
	if end < 0 || key == "" || !strings.Contains(key, ":") || strings.ContainsAny(key, "${'\"") {
		return part{}, 0
	}
	return part{kind: variable, text: key, def: def, has: has}, end + 1
}
