package regex

import (
	"fmt"
	"strings"
)

// linear says whether Go's regexp can say the same as the node. consumes says that
// what follows the node takes at least a byte: without it the start of a line must
// not be the end of the text, which Go does not have.
func (n *node) linear(consumes bool) bool {
	switch n.op {
	case look:
		return false
	case beginLine:
		return consumes
	case concat:
		for i := len(n.subs) - 1; i >= 0; i-- {
			if !n.subs[i].linear(consumes) {
				return false
			}
			consumes = consumes || !n.subs[i].nullable()
		}
		return true
	default:
		for _, s := range n.subs {
			if !s.linear(consumes) {
				return false
			}
		}
		return true
	}
}

// goSyntax is the node in the syntax of Go's regexp, a byte being the code point of
// the same number. The end of the text is the only one that $ stands for: Find
// keeps texts with a final line end away.
func (n *node) goSyntax() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

var goAssertions = map[op]string{
	beginText: `\A`, endText: `\z`, endTextOrLine: `\z`,
	beginLine: `(?m:^)`, endLine: `(?m:$)`, wordEdge: `\b`, noWordEdge: `\B`,
}

func (n *node) write(b *strings.Builder) {
	switch n.op {
	case empty:
	case one:
		n.set.write(b)
	case concat, choice:
		b.WriteString("(?:")
		for i, s := range n.subs {
			if i > 0 && n.op == choice {
				b.WriteByte('|')
			}
			s.write(b)
		}
		b.WriteByte(')')
	case repeat:
		b.WriteString("(?:")
		n.subs[0].write(b)
		b.WriteByte(')')
		switch {
		case n.max >= 0:
			fmt.Fprintf(b, "{%d,%d}", n.min, n.max)
		case n.min == 0:
			b.WriteByte('*')
		case n.min == 1:
			b.WriteByte('+')
		default:
			fmt.Fprintf(b, "{%d,}", n.min)
		}
		if n.lazy {
			b.WriteByte('?')
		}
	default:
		b.WriteString(goAssertions[n.op])
	}
}

func (s *set) write(b *strings.Builder) {
	b.WriteByte('[')
	if *s == (set{}) {
		b.WriteString(`^\x{0}-\x{10ffff}`)
	}
	for c := 0; c < 256; c++ {
		if !s.has(byte(c)) {
			continue
		}
		from := c
		for c < 255 && s.has(byte(c+1)) {
			c++
		}
		fmt.Fprintf(b, `\x{%x}-\x{%x}`, from, c)
	}
	b.WriteByte(']')
}
