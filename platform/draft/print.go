package draft

import (
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

// widest is how long a line may be that holds a whole mapping or list.
const widest = 120

// printer writes nodes as YAML and remembers where each begins.
type printer struct {
	b         strings.Builder
	line, col int
	marks     []mark
	terse     bool // no remark says more than that there is one
}

// longestText is how much of a declaration its reader takes, with some room.
const longestText = 500 << 10

// mark is where a node's key or the node itself begins.
type mark struct {
	line, col int
	n         *node
}

// print writes the draft under a heading. The marks are in the order of the text.
// Where it would be longer than a declaration may be, the remarks are in the list
// alone.
func print(root *node, heading string) ([]byte, []mark) {
	text, marks := printed(root, heading, false)
	if len(text) > longestText {
		text, marks = printed(root, heading, true)
	}
	return text, marks
}

func printed(root *node, heading string, terse bool) ([]byte, []mark) {
	p := &printer{line: 1, col: 1, terse: terse}
	p.write(heading)
	for i, s := range root.pairs {
		if s.val.hidden() {
			continue
		}
		if i > 0 {
			p.write("\n")
		}
		p.pair(s, 0)
	}
	return []byte(p.b.String()), p.marks
}

func (p *printer) write(s string) {
	p.b.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		p.line += strings.Count(s, "\n")
		p.col, s = 1, s[i+1:]
	}
	p.col += utf8.RuneCountInString(s)
}

func (p *printer) mark(n *node) { p.marks = append(p.marks, mark{p.line, p.col, n}) }

// pair writes a key and its value, which begin at an indentation, and ends the
// line.
func (p *printer) pair(s pair, indent int) {
	p.write(strings.Repeat(" ", indent))
	p.mark(s.val)
	p.write(quote(s.key) + ":")
	if s.val.oneLine(indent + len(s.key)) {
		p.write(" ")
		p.flow(s.val)
		p.remark(s.val)
		p.write("\n")
		return
	}
	if !s.val.within(func(c *node) bool { return c != s.val }) { // only comments
		p.write(" {}")
	}
	p.remark(s.val)
	p.write("\n")
	p.lines(s.val, indent+2)
}

// lines writes what is in a mapping or a list on lines of their own.
func (p *printer) lines(n *node, indent int) {
	for _, s := range n.pairs {
		if !s.val.hidden() {
			p.pair(s, indent)
		}
	}
	for _, c := range n.below {
		p.write(strings.Repeat(" ", indent) + "# " + oneLine(c) + "\n")
	}
	for _, v := range n.items {
		if v.hidden() {
			continue
		}
		p.write(strings.Repeat(" ", indent) + "- ")
		if v.kind == scalar || v.oneLine(indent+2) {
			p.flow(v)
			p.remark(v)
			p.write("\n")
			continue
		}
		p.item(v, indent+2)
	}
}

// item writes a mapping whose first key stands behind the dash of a list.
func (p *printer) item(n *node, indent int) {
	first := true
	for _, s := range n.pairs {
		if s.val.hidden() {
			continue
		}
		if first {
			p.mark(n)
			if n.remark != "" { // the mapping has no line of its own
				s.val.says(n.at, n.remark, n.fix)
				n.remark = ""
			}
			p.pair(s, 0)
			first = false
			continue
		}
		p.pair(s, indent)
	}
}

// oneLine says whether a value stands behind its key: nothing in it has a remark,
// and it is not too long.
func (n *node) oneLine(before int) bool {
	if n.kind == scalar {
		return true
	}
	if n.block && len(n.pairs)+len(n.items) > 0 || len(n.below) > 0 || n.within(func(c *node) bool { return c != n && c.remark != "" }) {
		return false
	}
	return before+utf8.RuneCountInString(n.flowText())+2 <= widest
}

// within says whether f holds of the node or any in it that is printed.
func (n *node) within(f func(*node) bool) bool {
	found := false
	n.each("", func(_ string, c *node) { found = found || f(c) })
	return found
}

func (n *node) flowText() string {
	p := &printer{}
	p.flow(n)
	return p.b.String()
}

func (p *printer) flow(n *node) {
	p.mark(n)
	first := true
	comma := func() {
		if !first {
			p.write(", ")
		}
		first = false
	}
	switch n.kind {
	case scalar:
		p.write(n.text)
	case mapping:
		p.write("{")
		for _, s := range n.pairs {
			if s.val.hidden() {
				continue
			}
			comma()
			p.mark(s.val)
			p.write(quote(s.key) + ": ")
			p.flow(s.val)
		}
		p.write("}")
	case list:
		p.write("[")
		for _, v := range n.items {
			if !v.hidden() {
				comma()
				p.flow(v)
			}
		}
		p.write("]")
	}
}

func (p *printer) remark(n *node) {
	if n.remark == "" {
		return
	}
	text := n.remark
	if p.terse {
		text, _, _ = strings.Cut(text, ":")
	} else if n.fix != "" {
		text += "; " + n.fix
	}
	p.write("  # " + oneLine(text))
}

// nodeAt is the node that a position of the printed text is in, or nil.
func nodeAt(marks []mark, at diag.Pos) *node {
	var found *node
	for _, m := range marks {
		if m.line == int(at.Line) && (m.col <= int(at.Column) || found == nil) {
			found = m.n
		}
	}
	return found
}
