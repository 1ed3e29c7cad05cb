package regex

import (
	"fmt"
	"strings"
)

// Limits of libpcre, and of this package: maxProgram bounds the memory that counted
// repetitions take.
const (
	maxDepth   = 250
	maxCount   = 65535
	maxProgram = 20_000
)

// Error says what is wrong with an expression, and where: At counts bytes from 1.
type Error struct {
	At   int
	What string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the regular expression has a mistake at character %d: %s", e.At, e.What)
}

// flags are the options that an expression switches by itself.
type flags struct{ fold, lines, dotAll, free, freeClass, lazy bool }

type parser struct {
	text  string
	at    int
	depth int
	flags flags
	// groups is how many capturing groups the whole expression has.
	groups int
	quoted bool // between \Q and \E
}

func parse(pattern string) (tree *node, err error) {
	p := &parser{text: pattern, groups: countGroups(pattern)}
	defer func() {
		if e := recover(); e != nil {
			mistake, ok := e.(*Error)
			if !ok {
				panic(e)
			}
			tree, err = nil, mistake
		}
	}()
	tree = p.alternatives()
	if p.at < len(p.text) {
		p.failAt(p.at, "a closing parenthesis without an opening one")
	}
	return tree, nil
}

// failAt leaves the parser; parse turns it into an error.
func (p *parser) failAt(at int, format string, args ...any) {
	panic(&Error{At: at + 1, What: fmt.Sprintf(format, args...)})
}

func (p *parser) refuse(at int, what string) {
	p.failAt(at, "AWS WAF does not support %s", what)
}

// countGroups is an upper bound: it tells octal characters from back-references.
func countGroups(pattern string) (n int) {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '(':
			if i+1 < len(pattern) && pattern[i+1] != '?' && pattern[i+1] != '*' ||
				strings.HasPrefix(pattern[i+1:], "?<") || strings.HasPrefix(pattern[i+1:], "?P<") || strings.HasPrefix(pattern[i+1:], "?'") {
				n++
			}
		}
	}
	return n
}

func (p *parser) rest() string { return p.text[p.at:] }

func (p *parser) eat(prefix string) bool {
	if strings.HasPrefix(p.rest(), prefix) {
		p.at += len(prefix)
		return true
	}
	return false
}

// alternatives reads up to the end of the group or the expression. Options that are
// set inside last as long.
func (p *parser) alternatives() *node {
	outer := p.flags
	if p.depth++; p.depth > maxDepth {
		p.failAt(p.at, "parentheses are nested more than %d deep", maxDepth)
	}
	parts := []*node{p.sequence()}
	for p.eat("|") {
		parts = append(parts, p.sequence())
	}
	p.depth--
	p.flags = outer
	if len(parts) == 1 {
		return parts[0]
	}
	return &node{op: choice, subs: parts}
}

// sequence reads up to a bar, a closing parenthesis or the end.
func (p *parser) sequence() *node {
	n := &node{op: concat}
	for {
		p.skip()
		if p.at == len(p.text) || !p.quoted && (p.text[p.at] == '|' || p.text[p.at] == ')') {
			return n
		}
		at := p.at
		item := p.atom()
		if item == nil { // options, a comment, \E
			continue
		}
		n.subs = append(n.subs, p.quantified(item, at))
	}
}

// skip goes over \E, comments, and white space where it is free.
func (p *parser) skip() {
	for p.at < len(p.text) {
		switch {
		case p.eat(`\E`):
			p.quoted = false
		case p.quoted:
			return
		case p.eat(`\Q`):
			p.quoted = true
		case strings.HasPrefix(p.rest(), "(?#"):
			end := strings.IndexByte(p.rest(), ')')
			if end < 0 {
				p.failAt(p.at, "the comment does not end; close it with a parenthesis")
			}
			p.at += end + 1
		case p.flags.free && strings.IndexByte(" \t\n\v\f\r", p.text[p.at]) >= 0:
			p.at++
		case p.flags.free && p.text[p.at] == '#':
			end := strings.IndexByte(p.rest(), '\n')
			if end < 0 {
				end = len(p.rest()) - 1
			}
			p.at += end + 1
		default:
			return
		}
	}
}

// quantified reads the quantifiers after an item.
func (p *parser) quantified(item *node, at int) *node {
	for again := false; ; again = true {
		p.skip()
		if p.quoted || p.at == len(p.text) {
			return item
		}
		here := p.at
		low, high, ok := p.quantifier()
		if !ok {
			return item
		}
		if again && p.text[here] != '{' {
			p.failAt(here, "the quantifier %q follows another one", p.text[here:p.at])
		}
		lazy := p.flags.lazy
		if p.eat("?") {
			lazy = !lazy
		} else if p.eat("+") {
			p.refuse(at, "possessive quantifiers ("+p.text[here:p.at]+")")
		}
		item = &node{op: repeat, subs: []*node{item}, min: low, max: high, lazy: lazy}
	}
}

func (p *parser) quantifier() (low, high int, ok bool) {
	switch {
	case p.eat("*"):
		return 0, -1, true
	case p.eat("+"):
		return 1, -1, true
	case p.eat("?"):
		return 0, 1, true
	case p.text[p.at] != '{':
		return 0, 0, false
	}
	at := p.at
	p.at++
	low, ok = p.number()
	high = low
	if ok && p.eat(",") {
		if high, ok = p.number(); !ok {
			high, ok = -1, true
		}
	}
	if !ok || !p.eat("}") {
		p.at = at // a brace like any other character
		return 0, 0, false
	}
	if low > maxCount || high > maxCount {
		p.failAt(at, "the count is larger than %d", maxCount)
	}
	if high >= 0 && high < low {
		p.failAt(at, "the counts of %s are out of order", p.text[at:p.at])
	}
	return low, high, true
}

// number reads decimal digits, and holds no more than is needed to see that a
// number is too large.
func (p *parser) number() (n int, ok bool) {
	for p.at < len(p.text) && p.text[p.at]-'0' < 10 {
		n = min(n*10+int(p.text[p.at]-'0'), maxCount+1)
		p.at++
		ok = true
	}
	return n, ok
}

// atom reads one item: a character, a class, a group, an assertion. It is nil for
// what matches nothing and takes no quantifier.
func (p *parser) atom() *node {
	c := p.text[p.at]
	if p.quoted {
		p.at++
		return p.char(c)
	}
	switch c {
	case '(':
		return p.group()
	case '[':
		return &node{op: one, set: p.class()}
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.failAt(p.at, "there is nothing before %q that it could repeat", string(c))
	case '{':
		at := p.at
		if _, _, ok := p.quantifier(); ok {
			p.failAt(at, "there is nothing before %q that it could repeat", p.text[at:p.at])
		}
	}
	p.at++
	switch c {
	case '.':
		if p.flags.dotAll {
			return &node{op: one, set: set{}.not()}
		}
		return &node{op: one, set: setOf("\n").not()}
	case '^':
		if p.flags.lines {
			return &node{op: beginLine}
		}
		return &node{op: beginText}
	case '$':
		if p.flags.lines {
			return &node{op: endLine}
		}
		return &node{op: endTextOrLine}
	}
	return p.char(c)
}

func (p *parser) char(c byte) *node {
	n := &node{op: one}
	n.set.add(c)
	if p.flags.fold {
		n.set.fold()
	}
	return n
}
