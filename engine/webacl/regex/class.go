package regex

import "strings"

// posix are the classes of POSIX, in ASCII.
var posix = func() map[string]set {
	m := map[string]set{}
	add := func(name string, is func(c byte) bool) {
		var s set
		for c := range 128 {
			if is(byte(c)) {
				s.add(byte(c))
			}
		}
		m[name] = s
	}
	lower := func(c byte) bool { return c >= 'a' && c <= 'z' }
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	graph := func(c byte) bool { return c > ' ' && c < 127 }
	alnum := func(c byte) bool { return lower(c) || upper(c) || digit(c) }
	add("lower", lower)
	add("upper", upper)
	add("digit", digit)
	add("graph", graph)
	add("alnum", alnum)
	add("alpha", func(c byte) bool { return lower(c) || upper(c) })
	add("word", func(c byte) bool { return alnum(c) || c == '_' })
	add("punct", func(c byte) bool { return graph(c) && !alnum(c) })
	add("print", func(c byte) bool { return graph(c) || c == ' ' })
	add("blank", func(c byte) bool { return c == ' ' || c == '\t' })
	add("space", func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' })
	add("cntrl", func(c byte) bool { return c < ' ' || c == 127 })
	add("xdigit", func(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' })
	add("ascii", func(byte) bool { return true })
	return m
}()

// class reads a class in brackets.
func (p *parser) class() set {
	at := p.at
	p.at++
	negative := p.eat("^")
	var s set
	for first := true; ; first = false {
		p.skipInClass()
		if p.at == len(p.text) {
			p.failAt(at, "the class in brackets is not closed")
		}
		if p.text[p.at] == ']' && !first && !p.quoted {
			p.at++
			break
		}
		from := p.at
		low, single := p.member()
		s.union(low)
		if !single || p.quoted || !p.rangeFollows() {
			continue
		}
		p.at++
		p.skipInClass()
		if p.at == len(p.text) {
			p.failAt(at, "the class in brackets is not closed")
		}
		high, single := p.member()
		if !single { // [a-\d]: the hyphen is one
			s.union(high)
			s.add('-')
			continue
		}
		a, b := low.least(), high.least()
		if a > b {
			p.failAt(from, "the range %s is out of order", p.text[from:p.at])
		}
		s.addRange(a, b)
	}
	if p.flags.fold {
		s.fold()
	}
	if negative {
		return s.not()
	}
	return s
}

// skipInClass goes over \Q and \E, and the blanks that (?xx) frees.
func (p *parser) skipInClass() {
	for {
		switch {
		case p.eat(`\E`):
			p.quoted = false
		case !p.quoted && p.eat(`\Q`):
			p.quoted = true
		case !p.quoted && p.flags.freeClass && (p.eat(" ") || p.eat("\t")):
		default:
			return
		}
	}
}

// rangeFollows says whether a hyphen comes that is not the last in the class.
func (p *parser) rangeFollows() bool {
	return strings.HasPrefix(p.rest(), "-") && !strings.HasPrefix(p.rest(), "-]")
}

// member reads one member of a class; single says that it is one character.
func (p *parser) member() (s set, single bool) {
	at, c := p.at, p.text[p.at]
	if p.quoted {
		p.at++
		s.add(c)
		return s, true
	}
	switch {
	case c == '[' && at+1 < len(p.text) && strings.IndexByte(":.=", p.text[at+1]) >= 0:
		if s, ok := p.posixClass(); ok {
			return s, false
		}
	case c == '\\':
		if at+1 < len(p.text) {
			switch e := p.text[at+1]; e {
			case 'b':
				p.at += 2
				s.add('\b')
				return s, true
			case 'N', 'B':
				p.failAt(at, `\%c stands for nothing in a class`, e)
			}
		}
		return p.setEscape()
	}
	p.at++
	s.add(c)
	return s, true
}

// posixClass reads [:name:]; it is none where it does not end like one.
func (p *parser) posixClass() (s set, ok bool) {
	at, kind := p.at, p.text[p.at+1]
	end := strings.Index(p.text[at+2:], string(kind)+"]")
	if end < 0 || strings.ContainsAny(p.text[at+2:at+2+end], `]\[`) {
		return s, false
	}
	if kind != ':' {
		p.failAt(at, "POSIX collating elements are not supported")
	}
	name := p.text[at+2 : at+2+end]
	name, negative := strings.CutPrefix(name, "^")
	s, ok = posix[name]
	if !ok {
		p.failAt(at, "there is no POSIX class %q", name)
	}
	p.at = at + 2 + end + 2
	if negative {
		return s.not(), true
	}
	return s, true
}

// least is the smallest byte of a set.
func (s *set) least() int {
	for c := range 256 {
		if s.has(byte(c)) {
			return c
		}
	}
	return 256
}
