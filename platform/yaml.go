package platform

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"fathom/diag"
)

// kind is what a node is written as.
type kind int

const (
	none    kind = iota
	scalar       // a text, a number, true
	mapping      // keys with values
	list         // items
)

func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a mapping", "a list"}[k]
}

// node is a value as it was written, and, once its shape has been looked at, what
// it means.
type node struct {
	kind kind
	pos  diag.Pos
	text string
	// number and flag say that an unquoted scalar is a number, or true or false:
	// not a text.
	number, flag bool
	entries      []entry // of a mapping, in the order in which they were written
	byKey        map[string]int
	items        []*node // of a list

	num  int
	span time.Duration
	day  time.Time
	// bad says that its shape was wrong, so that nobody asks further.
	bad bool
}

// entry is a key of a mapping and its value.
type entry struct {
	key string
	pos diag.Pos
	val *node
}

// get follows keys; a missing one gives an empty node, which has nothing of
// everything.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		n = n.child(k)
	}
	return n
}

func (n *node) child(key string) *node {
	if i, ok := n.byKey[key]; ok {
		return n.entries[i].val
	}
	return &node{pos: n.pos}
}

// texts are the texts of a list, but for those whose shape was wrong.
func (n *node) texts() []string {
	var out []string
	for _, i := range n.items {
		if !i.bad {
			out = append(out, i.text)
		}
	}
	return out
}

// written says whether there is anything.
func (n *node) written() bool { return n.kind != none }

// reader turns the parser's tree into nodes, and refuses what a declaration does
// without.
type reader struct {
	file     string
	problems *diag.Problems
}

// read parses a text; it is nil where that is not possible.
func read(file string, text []byte, problems *diag.Problems) (root *node) {
	start := diag.At(file, 1, 1)
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // the parser counts both as lines
	switch {
	case len(text) > most:
		problems.Addf(start, fmt.Sprintf("keep it below %d KiB", most>>10), "the declaration has %d bytes", len(text))
		return nil
	case !utf8.Valid(text):
		problems.Addf(start, "save it as UTF-8", "the file is not in UTF-8")
		return nil
	}
	// The parser is not ours, and what it is given may be anything: where it
	// panics, that is an answer too.
	defer func() {
		if recover() != nil {
			problems.Addf(start, "write it as plain YAML", "the file cannot be read as YAML")
			root = nil
		}
	}()
	if at, why, fix := tooMuch(text); at > 0 {
		problems.Addf(diag.At(file, at, 1), fix, "%s", why)
		return nil
	}
	doc, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	r := reader{file, problems}
	if err != nil {
		r.syntax(err.Error())
		return nil
	}
	for _, d := range doc.Docs {
		switch body := d.Body.(type) {
		case nil:
		case *ast.DirectiveNode:
			problems.Addf(r.pos(body.GetToken()), "take the line away: declarations are YAML 1.2", "a declaration has no %%-directives")
		default:
			if root != nil {
				problems.Addf(r.pos(d.Start), `take the "---" away, or put the rest into a file of its own`, "a second document begins here; a declaration is one")
				return root
			}
			root = r.node(d.Body, 0)
		}
	}
	if root == nil {
		problems.Addf(start, `begin with "platform:", or let fathom init write one`, "the declaration is empty")
	}
	return root
}

// syntax takes the position out of a parser's error, "[2:1] why", whose further
// lines show the place.
func (r *reader) syntax(msg string) {
	msg, _, _ = strings.Cut(msg, "\n")
	at := diag.At(r.file, 1, 1)
	var line, column int
	if n, _ := fmt.Sscanf(msg, "[%d:%d]", &line, &column); n == 2 {
		at = diag.At(r.file, max(line, 1), max(column, 1))
		_, msg, _ = strings.Cut(msg, "] ")
	}
	fix := "mend the YAML: keys and values are written key: value, and two spaces more for what belongs to them"
	switch {
	case strings.Contains(msg, `'	'`) || strings.Contains(msg, "tab"):
		msg, fix = "the line begins with a tab", "indent with spaces: YAML has no tabs"
	case strings.Contains(msg, "must be specified"):
		msg, fix = "a comma or a closing bracket is missing before this", "add it"
	case strings.Contains(msg, "flow mapping end"):
		msg, fix = "this { is never closed", "add the }"
	case strings.Contains(msg, "sequence end"):
		msg, fix = "this [ is never closed", "add the ]"
	case strings.Contains(msg, "mapping value is not allowed"):
		fix = "put values that hold a colon and a space into quotes"
	}
	r.problems.Addf(at, fix, "the file is not YAML here: %s", msg)
}

func (r *reader) pos(t *token.Token) diag.Pos {
	if t == nil || t.Position == nil {
		return diag.At(r.file, 1, 1)
	}
	return diag.At(r.file, max(t.Position.Line, 1), max(t.Position.Column, 1))
}

func (r *reader) refuse(at diag.Pos, fix, what string) *node {
	r.problems.Addf(at, fix, "%s", what)
	return &node{kind: scalar, pos: at, bad: true}
}

func (r *reader) node(n ast.Node, level int) *node {
	if n == nil {
		return &node{bad: true}
	}
	at := r.pos(n.GetToken())
	if level > deepest {
		return r.refuse(at, "a declaration needs six levels", fmt.Sprintf("values are nested more than %d deep", deepest))
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n.Values, n.IsFlowStyle, at, level)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, n.IsFlowStyle, at, level)
	case *ast.SequenceNode:
		out := &node{kind: list, pos: at}
		for _, v := range n.Values {
			out.items = append(out.items, r.node(v, level+1))
		}
		return out
	case *ast.LiteralNode:
		return &node{kind: scalar, pos: at, text: n.Value.Value}
	case *ast.StringNode:
		return &node{kind: scalar, pos: at, text: n.Value}
	case *ast.BoolNode:
		return &node{kind: scalar, pos: at, text: n.Token.Value, flag: true}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: scalar, pos: at, text: n.GetToken().Value, number: true}
	case *ast.NullNode:
		return &node{pos: at}
	case *ast.AnchorNode:
		return r.refuse(at, "write the value where it is meant", "a declaration has no anchors: & names a value that stands elsewhere")
	case *ast.AliasNode:
		return r.refuse(at, "write the value here once more; quotes make a text of something that begins with *", "a declaration has no aliases: * stands for a value that is written elsewhere")
	case *ast.TagNode:
		return r.refuse(at, "take it away; quotes make a text of something that begins with !", "a declaration has no tags such as "+n.Start.Value)
	}
	return r.refuse(at, "write key: value", "this is not a value")
}

func (r *reader) mapping(values []*ast.MappingValueNode, flow bool, at diag.Pos, level int) *node {
	out := &node{kind: mapping, pos: at, byKey: make(map[string]int, len(values))}
	for i, v := range values {
		at := r.pos(v.Key.GetToken())
		if i == 0 && !flow {
			out.pos = at
		}
		key := ""
		switch k := v.Key.(type) {
		case *ast.StringNode:
			key = k.Value
		case *ast.MergeKeyNode:
			r.problems.Addf(at, "write the keys here", "a declaration has no merge keys: << takes keys from elsewhere")
			continue
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			key = k.GetToken().Value
		default:
			r.problems.Addf(at, "write key: value", "this is not a key")
			continue
		}
		if i, twice := out.byKey[key]; twice {
			r.problems.Addf(at, "keep one of them", "key %q is written twice, first in line %d", key, out.entries[i].pos.Line)
			continue
		}
		out.byKey[key] = len(out.entries)
		val := r.node(v.Value, level+1)
		if val.kind == none || val.kind != scalar && val.pos.Line > at.Line {
			val.pos = at // what is written below its key is found by the key
		}
		out.entries = append(out.entries, entry{key, at, val})
	}
	return out
}
