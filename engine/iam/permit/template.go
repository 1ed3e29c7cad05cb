package permit

import "strings"

// maxVariables is how many different policy variables a question may have.
const maxVariables = 64

// variables are the policy variables of the documents of a question. In texts
// each stands as its symbol.
type variables struct {
	list []variable
}

// variable is a policy variable: ${key}, or ${key, 'default'}.
type variable struct {
	key        string // in lower case
	preset     string
	hasDefault bool
}

func (v *variables) symbol(x variable) (rune, bool) {
	for i := range v.list {
		if v.list[i] == x {
			return symbol(i), true
		}
	}
	if len(v.list) == maxVariables {
		return 0, false
	}
	v.list = append(v.list, x)
	return symbol(len(v.list) - 1), true
}

// read writes a text of a document such that its variables are their symbols
// and escaped wildcards are escapedStar and escapedMark. The grammar is that of
// package iam, which keeps its own reading to itself.
func (v *variables) read(text string) (string, bool) {
	if !strings.Contains(text, "${") {
		return text, true
	}
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			return b.String(), true
		}
		b.WriteString(text[:i])
		text = text[i:]
		x, escape, n := readVariable(text)
		switch {
		case n == 0:
			b.WriteByte('$')
			n = 1
		case escape != 0:
			b.WriteRune(escape)
		default:
			r, ok := v.symbol(x)
			if !ok {
				return "", false
			}
			b.WriteRune(r)
		}
		text = text[n:]
	}
}

// readVariable reads the variable or escape at the beginning of a text that
// begins with ${, and returns its length: 0 when it is neither.
func readVariable(text string) (x variable, escape rune, n int) {
	if len(text) >= 4 && text[3] == '}' {
		switch text[2] {
		case '*':
			return x, escapedStar, 4
		case '?':
			return x, escapedMark, 4
		case '$':
			return x, '$', 4
		}
	}
	end := strings.IndexByte(text, '}')
	key, _, has := strings.Cut(text[2:max(end, 2)], ",")
	if has { // the default is quoted, and may hold a }
		rest := strings.TrimLeft(text[2+len(key)+1:], " ")
		if !strings.HasPrefix(rest, "'") {
			return x, 0, 0
		}
		quoted, after, ok := strings.Cut(rest[1:], "'")
		after = strings.TrimLeft(after, " ")
		if !ok || !strings.HasPrefix(after, "}") {
			return x, 0, 0
		}
		x.preset, x.hasDefault, end = quoted, true, len(text)-len(after)
	}
	x.key = strings.ToLower(strings.TrimSpace(key))
	if end < 0 || !strings.Contains(x.key, ":") || strings.ContainsAny(x.key, "${'\"") {
		return variable{}, 0, 0
	}
	return x, 0, end + 1
}

// An assignment says what the variables are: each key's value, or that it is
// absent.
type assignment map[string]assigned

type assigned struct {
	value   string
	present bool
}

// put replaces the symbols in a text that read wrote, and reports whether all
// of them have a value; keep leaves those that are not assigned as they are.
// What a variable stands for has no wildcards in it.
func (v *variables) put(text string, a assignment, keep bool) (string, bool) {
	if !open(text) {
		return text, true
	}
	var b strings.Builder
	for _, r := range text {
		if !isSymbol(r) {
			b.WriteRune(r)
			continue
		}
		x := v.list[r-symbol(0)]
		switch got, ok := a[x.key]; {
		case !ok && keep:
			b.WriteRune(r)
		case got.present:
			b.WriteString(escape(got.value))
		case x.hasDefault:
			b.WriteString(escape(x.preset))
		default:
			return "", false
		}
	}
	return b.String(), true
}

// escape writes a text so that nothing in it is a wildcard.
func escape(s string) string {
	return strings.NewReplacer("*", string(escapedStar), "?", string(escapedMark)).Replace(s)
}

// open says whether a text has variables whose values are not known.
func open(text string) bool { return strings.IndexFunc(text, isSymbol) >= 0 }
