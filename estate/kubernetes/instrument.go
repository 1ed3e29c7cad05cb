package kubernetes

import (
	"strconv"
	"text/template"
	"text/template/parse"
)

// piece is a place of a template that prints.
type piece struct {
	name   string // the template file
	offset int    // in its text
	isText bool   // what is printed is the template's own text
}

// The functions that instrumented templates call. Their names cannot be
// written in a template by chance.
const (
	atFunc    = "fathomAt"
	tickFunc  = "fathomTick"
	enterFunc = "fathomEnter"
	leaveFunc = "fathomLeave"
	outFunc   = "fathomOut"
)

// instrument makes templates say where they are, count their loops, and check
// what they print. Only with places do they say where they are: what include
// and tpl return may end up anywhere.
func (e *engine) instrument(t *template.Template, places bool) {
	for _, u := range t.Templates() {
		if u.Tree == nil || u.Root == nil || e.done[u.Tree] {
			continue
		}
		e.done[u.Tree] = true
		root := u.Root
		e.list(root, u.Tree.ParseName, places, false)
		root.Nodes = append(append([]parse.Node{call(root.Pos, enterFunc)}, root.Nodes...), call(root.Pos, leaveFunc))
	}
}

// list instruments a list of nodes; one that is counted ticks when it begins.
func (e *engine) list(l *parse.ListNode, name string, places, counted bool) {
	if l == nil {
		return
	}
	nodes := make([]parse.Node, 0, 2*len(l.Nodes)+1)
	if counted {
		nodes = append(nodes, call(l.Pos, tickFunc))
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			if places {
				nodes = append(nodes, e.here(n.Pos, name, true))
			}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 {
				break
			}
			if places {
				nodes = append(nodes, e.here(n.Pos, name, false))
			}
			out := call(n.Pos, outFunc).Pipe.Cmds[0]
			n.Pipe.Cmds = append(n.Pipe.Cmds, out)
		case *parse.IfNode:
			e.list(n.List, name, places, false)
			e.list(n.ElseList, name, places, false)
		case *parse.WithNode:
			e.list(n.List, name, places, false)
			e.list(n.ElseList, name, places, false)
		case *parse.RangeNode:
			e.list(n.List, name, places, true)
			e.list(n.ElseList, name, places, false)
		}
		nodes = append(nodes, n)
	}
	l.Nodes = nodes
}

// here is a call that notes where the output has come to.
func (e *engine) here(pos parse.Pos, name string, isText bool) *parse.ActionNode {
	n := len(e.pieces)
	e.pieces = append(e.pieces, piece{name, int(pos), isText})
	a := call(pos, atFunc)
	a.Pipe.Cmds[0].Args = append(a.Pipe.Cmds[0].Args, &parse.NumberNode{NodeType: parse.NodeNumber, Pos: pos, IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)})
	return a
}

// call is the action {{name}}.
func call(pos parse.Pos, name string) *parse.ActionNode {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: pos,
		Cmds: []*parse.CommandNode{{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{parse.NewIdentifier(name).SetPos(pos)}}},
	}}
}

// at notes that what is printed next comes from a piece.
func (e *engine) at(n int) string {
	if n < len(e.pieces) {
		e.out.marks = append(e.out.marks, outputMark{len(e.out.b), n})
	}
	return ""
}
