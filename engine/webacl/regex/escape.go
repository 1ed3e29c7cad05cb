package regex

import (
	"strings"
	"unicode"
)

// Sets that escapes stand for, in libpcre without its UTF mode.
var (
	digits     = setOf("0123456789")
	words      = posix["word"]
	spaces     = setOf(" \t\n\v\f\r")
	horizontal = setOf(" \t\xa0")
	vertical   = setOf("\n\v\f\r\x85")
)

var classEscapes = map[byte]set{
	'd': digits, 'D': digits.not(),
	'w': words, 'W': words.not(),
	's': spaces, 'S': spaces.not(),
	'h': horizontal, 'H': horizontal.not(),
	'v': vertical, 'V': vertical.not(),
}

var assertions = map[byte]op{
	'A': beginText, 'G': beginText, 'z': endText, 'Z': endTextOrLine, 'b': wordEdge, 'B': noWordEdge,
}

var charEscapes = map[byte]byte{'a': 7, 'e': 27, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unsupportedEscapes are those that AWS leaves out, and those that need Unicode.
var unsupportedEscapes = map[byte]string{
	'C': `the single byte \C`, 'R': `the line end \R`, 'K': `the reset of the match's start \K`,
	'X': `the grapheme cluster \X`, 'k': `back-references (\k)`,
	'L': `changes of case (\L)`, 'l': `changes of case (\l)`, 'U': `changes of case (\U)`, 'u': `changes of case (\u)`,
}

// escape reads a backslash and what it escapes, outside of classes.
func (p *parser) escape() *node {
	at := p.at
	if at+1 == len(p.text) {
		p.failAt(at, "there is nothing after the last backslash")
	}
	c := p.text[at+1]
	if op, ok := assertions[c]; ok {
		p.at += 2
		return &node{op: op}
	}
	switch {
	case c == 'N':
		p.at += 2
		if strings.HasPrefix(p.rest(), "{") {
			p.refuse(at, `characters by name (\N{…})`)
		}
		return &node{op: one, set: setOf("\n").not()}
	case c == 'g':
		if strings.HasPrefix(p.rest(), `\g<`) || strings.HasPrefix(p.rest(), `\g'`) {
			p.refuse(at, `subroutine calls (\g<…>)`)
		}
		p.refuse(at, `back-references (\g)`)
	case c >= '1' && c <= '9':
		p.at++
		n, _ := p.number()
		if n < 10 || n <= p.groups || c > '7' {
			p.refuse(at, `back-references (\`+p.text[at+1:p.at]+")")
		}
		p.at = at
	}
	s, single := p.setEscape()
	if single && p.flags.fold {
		s.fold()
	}
	return &node{op: one, set: s}
}

// setEscape reads an escape that stands for a character or a set, in a class or
// not.
func (p *parser) setEscape() (s set, single bool) {
	at := p.at
	if at+1 == len(p.text) {
		p.failAt(at, "there is nothing after the last backslash")
	}
	c := p.text[at+1]
	if what, ok := unsupportedEscapes[c]; ok {
		p.refuse(at, what)
	}
	p.at += 2
	if s, ok := classEscapes[c]; ok {
		return s, false
	}
	if c == 'p' || c == 'P' {
		return p.property(at, c == 'P'), false
	}
	s.add(p.charEscape(at, c))
	return s, true
}

// charEscape reads the rest of an escape that stands for one byte.
func (p *parser) charEscape(at int, c byte) byte {
	if e, ok := charEscapes[c]; ok {
		return e
	}
	switch {
	case c == 'c':
		if p.at == len(p.text) || p.text[p.at] < ' ' || p.text[p.at] > '~' {
			p.failAt(at, `there is no ASCII character after \c`)
		}
		x := p.text[p.at]
		p.at++
		if x >= 'a' && x <= 'z' {
			x -= 32
		}
		return x ^ 0x40
	case c == 'x' && p.eat("{"):
		return p.braced(at, 16)
	case c == 'x':
		return p.based(at, 16, 2)
	case c == 'o':
		if !p.eat("{") {
			p.failAt(at, `\o has no braces; write \o{…}`)
		}
		return p.braced(at, 8)
	case c >= '0' && c <= '7':
		p.at--
		return p.based(at, 8, 3)
	case c-'0' < 10 || c|0x20-'a' < 26:
		p.failAt(at, `the escape \%c stands for nothing`, c)
	}
	return c
}

// based reads up to some digits of a base, which may be none: that is a NUL.
func (p *parser) based(at, base, most int) byte {
	n := 0
	for i := 0; i < most && p.at < len(p.text); i++ {
		d := digit(p.text[p.at])
		if d >= base {
			break
		}
		n = n*base + d
		p.at++
	}
	if n > 0xff {
		p.failAt(at, `%s is more than a byte`, p.text[at:p.at])
	}
	return byte(n)
}

func (p *parser) braced(at, base int) byte {
	n, from := 0, p.at
	for p.at < len(p.text) && digit(p.text[p.at]) < base {
		n = min(n*base+digit(p.text[p.at]), 0x100)
		p.at++
	}
	if p.at == from || !p.eat("}") {
		p.failAt(at, "the number in braces is missing or not closed")
	}
	if n > 0xff {
		p.failAt(at, `%s is more than a byte; write the bytes of its UTF-8, each as \xHH`, p.text[at:p.at])
	}
	return byte(n)
}

func digit(c byte) int {
	switch {
	case c-'0' < 10:
		return int(c - '0')
	case c|0x20-'a' < 6:
		return int(c|0x20-'a') + 10
	}
	return 16
}

// property reads the name of a Unicode property, which without UTF mode is about the
// code points up to 255.
func (p *parser) property(at int, negative bool) (s set) {
	name := ""
	if p.eat("{") {
		end := strings.IndexByte(p.rest(), '}')
		if end < 0 {
			p.failAt(at, "the name of the property does not end")
		}
		name = p.rest()[:end]
		p.at += end + 1
		if strings.HasPrefix(name, "^") {
			name, negative = name[1:], !negative
		}
	} else if p.at < len(p.text) {
		name = p.text[p.at : p.at+1]
		p.at++
	}
	table := unicode.Categories[name]
	if table == nil {
		table = unicode.Scripts[name]
	}
	for c := range rune(256) {
		switch {
		case name == "Any", table != nil && unicode.Is(table, c), name == "L&" && unicode.In(c, unicode.Lu, unicode.Ll, unicode.Lt):
			s.add(byte(c))
		}
	}
	if table == nil && name != "Any" && name != "L&" {
		p.failAt(at, "there is no Unicode property %q", name)
	}
	if negative {
		return s.not()
	}
	return s
}
