package regex

import "strings"

// unsupported are the beginnings of groups that AWS leaves out.
var unsupported = []struct{ begin, what string }{
	{"(*", "backtracking verbs and options of the matcher ((*…))"},
	{"(?>", "atomic groups ((?>…))"},
	{"(?(", "conditions ((?(…)…))"},
	{"(?R", "recursion ((?R))"},
	{"(?&", "subroutine calls ((?&name))"},
	{"(?P>", "subroutine calls ((?P>name))"},
	{"(?+", "subroutine calls ((?+1))"},
	{"(?P=", "back-references ((?P=name))"},
	{"(?C", "callouts ((?C))"},
	{"(?{", "embedded code ((?{…}))"},
	{"(??{", "embedded code ((??{…}))"},
}

// looks are the beginnings of what looks ahead and behind.
var looks = []struct {
	begin            string
	behind, negative bool
}{
	{"(?=", false, false},
	{"(?!", false, true},
	{"(?<=", true, false},
	{"(?<!", true, true},
}

// group reads what a parenthesis opens.
func (p *parser) group() *node {
	at := p.at
	for _, u := range unsupported {
		if strings.HasPrefix(p.rest(), u.begin) {
			p.refuse(at, u.what)
		}
	}
	for _, l := range looks {
		if p.eat(l.begin) {
			n := &node{op: look, behind: l.behind, negative: l.negative, subs: []*node{p.body(at)}}
			if l.behind {
				p.checkBehind(n.subs[0], at)
			}
			return n
		}
	}
	switch {
	case p.eat("(?:"), p.eat("(?|"):
		return p.body(at)
	case p.eat("(?P<"), p.eat("(?<"):
		p.name('>')
		return p.body(at)
	case p.eat("(?'"):
		p.name('\'')
		return p.body(at)
	case p.eat("(?"):
		return p.options(at)
	}
	p.at++
	return p.body(at)
}

// body reads a group's inside and its closing parenthesis.
func (p *parser) body(at int) *node {
	n := p.alternatives()
	if !p.eat(")") {
		p.failAt(at, "the parenthesis is not closed")
	}
	return n
}

// checkBehind holds what is looked for behind to libpcre's rule.
func (p *parser) checkBehind(n *node, at int) {
	for _, alternative := range n.alternatives() {
		if _, fixed := alternative.width(); !fixed {
			p.failAt(at, "what is looked for behind has no fixed length; each of its alternatives needs one")
		}
	}
}

func (n *node) alternatives() []*node {
	if n.op == choice {
		return n.subs
	}
	return []*node{n}
}

func (p *parser) name(end byte) {
	at := p.at
	for p.at < len(p.text) && p.text[p.at] != end {
		c := p.text[p.at]
		if c != '_' && c|0x20-'a' >= 26 && (c-'0' >= 10 || p.at == at) {
			p.failAt(p.at, "the name of a group has letters, digits and underscores")
		}
		p.at++
	}
	if p.at == len(p.text) || p.at == at {
		p.failAt(at, "the group's name is empty or does not end")
	}
	p.at++
}

// options reads the letters after (?, and the group if one follows.
func (p *parser) options(at int) *node {
	outer, on := p.flags, true
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch c {
		case '^':
			p.flags = flags{}
		case '-':
			on = false
			if p.at < len(p.text) && p.text[p.at]-'0' < 10 {
				p.refuse(at, "subroutine calls ((?-1))")
			}
		case 'i':
			p.flags.fold = on
		case 'm':
			p.flags.lines = on
		case 's':
			p.flags.dotAll = on
		case 'x':
			p.flags.freeClass = on && p.flags.free && p.text[p.at-2] == 'x'
			p.flags.free = on
		case 'U':
			p.flags.lazy = on
		case 'J', 'n': // names and captures, which nothing here uses
		case ')':
			return nil
		case ':':
			n := p.body(at)
			p.flags = outer
			return n
		default:
			if c-'0' < 10 {
				p.refuse(at, "subroutine calls ((?1))")
			}
			p.failAt(p.at-1, "(?%c is no group and no option", c)
		}
	}
	p.failAt(at, "the parenthesis is not closed")
	return nil
}
