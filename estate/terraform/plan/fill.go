package plan

import (
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// filler puts Unknown nodes where after_unknown says that a value is known
// only after apply.
type filler struct {
	r    *resolver
	by   writer
	file string
}

// context is what the configuration tells of the value being filled.
type context struct {
	expr *expr
	// block: expr is the block that the value was written as, so that an
	// argument it does not have was not written; unless it is loose, one of
	// several blocks that the value may have been written as.
	block, loose bool
	// part: expr is an argument's expression of which the value is a part.
	part bool
	// argument is the one of a block that is such a part, among its others.
	argument string
	among    []string
	// shared counts the blocks that one expression stands for in which an
	// argument is unknown, when there are several.
	shared map[string]int
}

func contextOf(e *expr) context { return context{expr: e, block: e != nil && e.block} }

// fill completes the arguments of one resource. args is nil when the
// configuration does not have the resource; then nothing can be told to be
// unwritten.
func (f *filler) fill(n *tree.Node, m *mask, args *expr) {
	for _, field := range m.fields {
		ctx := contextOf(args.get(field.name))
		switch {
		case ctx.expr != nil:
		case field.mask.all && args != nil:
			continue // computed, and nobody wrote it
		case field.name == "tags_all":
			ctx.expr = args.get("tags")
		}
		if v := f.value(n.Get(field.name), field.mask, ctx); v != nil {
			n.Set(field.name, v)
		}
	}
}

// value returns n completed, or a node in place of n.
func (f *filler) value(n *tree.Node, m *mask, ctx context) *tree.Node {
	switch {
	case m == nil:
		return n
	case m.all:
		return f.unknown(m, ctx)
	case m.items != nil:
		return f.list(n, m, ctx)
	}
	if n.Is() != tree.Map {
		n = &tree.Node{Kind: tree.Map, Pos: m.at.in(f.file)}
	}
	sub := context{expr: ctx.expr, part: true, shared: ctx.shared}
	if !ctx.block && ctx.expr != nil {
		sub.among = names(n, m)
	}
	for _, field := range m.fields {
		sub.argument = field.name
		if ctx.block {
			sub = contextOf(ctx.expr.get(field.name))
			if sub.expr == nil && field.mask.all && !ctx.loose {
				continue // computed, and nobody wrote it
			}
		}
		if v := f.value(n.Get(field.name), field.mask, sub); v != nil {
			n.Set(field.name, v)
		}
	}
	return n
}

func (f *filler) list(n *tree.Node, m *mask, ctx context) *tree.Node {
	if n.Is() != tree.List {
		n = &tree.Node{Kind: tree.List, Pos: m.at.in(f.file)}
	}
	for len(n.Items) < len(m.items) {
		n.Items = append(n.Items, &tree.Node{Kind: tree.Null, Pos: m.at.in(f.file)})
	}
	if ctx.expr != nil && ctx.expr.items != nil {
		for i, ctx := range blocksOf(ctx.expr.items, n.Items, m.items) {
			n.Items[i] = f.value(n.Items[i], m.items[i], ctx)
		}
		return n
	}
	part := ctx
	part.part, part.block = true, false
	if ctx.argument == "" { // else it is a list inside one of the blocks
		part.shared = sharedArguments(m)
	}
	each := f.onePerElement(m, part)
	for i, sub := range m.items {
		if each != nil && sub != nil {
			n.Items[i] = unknownFrom(sub.at.in(f.file), made{refs: each[:1]})
			each = each[1:]
			continue
		}
		n.Items[i] = f.value(n.Items[i], sub, part)
	}
	return n
}

// sharedArguments counts the items of a list in which each argument is unknown.
func sharedArguments(m *mask) map[string]int {
	if len(m.items) < 2 {
		return nil
	}
	out := map[string]int{}
	for _, item := range m.items {
		if item == nil {
			continue
		}
		for _, f := range item.fields {
			out[f.name]++
		}
	}
	return out
}

// onePerElement returns the references of a list in its order, when there are
// as many of them as there are unknown elements: [aws_subnet.a.id, aws_subnet.b.id].
func (f *filler) onePerElement(m *mask, ctx context) []tree.Ref {
	unknown := 0
	for _, sub := range m.items {
		if sub != nil {
			if !sub.all {
				return nil
			}
			unknown++
		}
	}
	from := f.from(ctx)
	if from.hidden != "" || len(from.refs) != unknown {
		return nil
	}
	return from.refs
}

func (f *filler) unknown(m *mask, ctx context) *tree.Node {
	return unknownFrom(m.at.in(f.file), f.from(ctx))
}

// from is what the value was made from. Where the expression covers more than
// this value, only what is itself unknown can be why this part is.
func (f *filler) from(ctx context) made {
	m := f.r.made(ctx.expr, f.by)
	if ctx.part {
		m.refs = slices.DeleteFunc(m.refs, f.isKnown)
	}
	if ctx.argument != "" && len(m.refs) > 1 {
		m.refs = narrowed(m.refs, ctx.argument, ctx.among)
	}
	if n := ctx.shared[ctx.argument]; n > 1 && len(m.refs) < n {
		// Fewer references than blocks: some come from a dynamic block, whose
		// expressions a plan leaves out, and nothing tells which.
		return made{hidden: "one of several blocks"}
	}
	return m
}

func (f *filler) isKnown(ref tree.Ref) bool {
	a, ok := parseAddress(ref.Addr)
	if !ok || ref.Attr == "" {
		return false
	}
	e, ok := f.r.instances.find(a)
	attr := ref.Attr[:identifier(ref.Attr)]
	return ok && !strings.Contains(e.unknown, "|"+attr+"|")
}

// unknownFrom makes the node of a value that is known only after apply. Its
// text is a template when it is made from one attribute alone.
func unknownFrom(pos diag.Pos, m made) *tree.Node {
	n := &tree.Node{Kind: tree.Unknown, Pos: pos, Why: m.why(), Refs: m.refs}
	if len(m.refs) == 1 && m.hidden == "" {
		n.Text = "${" + m.refs[0].String() + "}"
	}
	return n
}
