package escalate

import "strings"

// globFold says whether a pattern of an Action element names the action. Case
// does not matter; * and ? stand for text and a character.
func globFold(pattern, s string) bool { return glob(strings.ToLower(pattern), strings.ToLower(s)) }

// glob matches in linear time but for the last star.
func glob(p, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == s[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// maxGlob bounds the patterns that meet takes: its work grows with the product
// of their lengths. No ARN is longer than 2,048 characters.
const maxGlob = 512

// meet returns a text that both patterns match, and whether there is one. A
// star becomes as little as it can, but where it stands in both patterns "any":
// names have at least one character.
func meet(a, b string) (string, bool) {
	if len(a) > maxGlob || len(b) > maxGlob {
		return "", false
	}
	m := meeting{a: a, b: b, dead: make([]bool, (len(a)+1)*(len(b)+1))}
	if !m.walk(0, 0) {
		return "", false
	}
	return string(m.out), true
}

type meeting struct {
	a, b string
	dead []bool // [i*(len(b)+1)+j]: nothing comes of a[i:] and b[j:]
	out  []byte
}

func (m *meeting) walk(i, j int) bool {
	if i == len(m.a) && j == len(m.b) {
		return true
	}
	at := i*(len(m.b)+1) + j
	if m.dead[at] {
		return false
	}
	n := len(m.out)
	ca, cb := at0(m.a, i), at0(m.b, j)
	switch {
	case ca == '*' && cb == '*':
		m.out = append(m.out, "any"...)
		if m.walk(i+1, j+1) {
			return true
		}
		m.out = m.out[:n]
		if m.walk(i+1, j) || m.walk(i, j+1) {
			return true
		}
	case ca == '*':
		if m.walk(i+1, j) || cb != 0 && m.take(cb, i, j+1) {
			return true
		}
	case cb == '*':
		if m.walk(i, j+1) || ca != 0 && m.take(ca, i+1, j) {
			return true
		}
	case ca != 0 && cb != 0 && (ca == cb || ca == '?' || cb == '?'):
		c := ca
		if c == '?' {
			c = cb
		}
		if m.take(c, i+1, j+1) {
			return true
		}
	}
	m.out = m.out[:n]
	m.dead[at] = true
	return false
}

// take writes a character and goes on.
func (m *meeting) take(c byte, i, j int) bool {
	n := len(m.out)
	if c == '?' {
		c = 'a'
	}
	m.out = append(m.out, c)
	if m.walk(i, j) {
		return true
	}
	m.out = m.out[:n]
	return false
}

func at0(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// plainly makes a text that a pattern matches.
func plainly(pattern string) string {
	return strings.NewReplacer("*", "any", "?", "a").Replace(pattern)
}
