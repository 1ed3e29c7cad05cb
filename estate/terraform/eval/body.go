package eval

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"fathom/estate/tree"
)

// tree evaluates an expression to a tree. Lists and objects written in place
// keep the position of each of their items.
func (e *evaluator) tree(x hclsyntax.Expression, s *scope) *tree.Node {
	saved := e.work.left
	e.work.left = e.work.each
	n := e.tree1(x, s)
	e.work.left = saved
	return n
}

func (e *evaluator) tree1(x hclsyntax.Expression, s *scope) *tree.Node {
	e.spend(1)
	e.nodes++
	switch x := x.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.tree1(x.Expression, s)
	case *hclsyntax.TupleConsExpr:
		n := &tree.Node{Kind: tree.List, Pos: posOf(x.SrcRange)}
		for _, el := range x.Exprs {
			n.Items = append(n.Items, e.tree1(el, s))
		}
		return n
	case *hclsyntax.ObjectConsExpr:
		n := &tree.Node{Kind: tree.Map, Pos: posOf(x.SrcRange)}
		for _, it := range x.Items {
			k, f := e.objectKey(it.KeyExpr, s)
			if f != nil {
				v := e.failed(f, s)
				return e.convert(v, posOf(x.SrcRange))
			}
			n.Set(e.render(k), e.tree1(it.ValueExpr, s))
		}
		return n
	case *hclsyntax.ConditionalExpr:
		c, f := e.eval(x.Condition, s)
		if f == nil {
			switch yes, known, f := e.truth(c, at(x.Condition.Range())); {
			case f == nil && known && yes:
				return e.tree1(x.TrueResult, s)
			case f == nil && known:
				return e.tree1(x.FalseResult, s)
			}
		}
	}
	v, f := e.eval(x, s)
	if f == nil {
		v, f = e.checked(v, at(x.Range()))
	}
	if f != nil {
		v = e.failed(f, s)
	}
	return e.convert(v, posOf(x.Range()))
}

// args evaluates the content of a block to a Map: arguments by name, blocks of
// one type as a List of Maps.
func (e *evaluator) args(b *body, s *scope) *tree.Node {
	e.nodes += 4
	out := &tree.Node{Kind: tree.Map, Pos: b.pos}
	fields := map[string]*tree.Node{}
	set := func(name string, n *tree.Node) {
		fields[name] = n
		out.Fields = append(out.Fields, tree.Field{Name: name, Node: n})
	}
	list := func(name string, of *body) *tree.Node {
		if fields[name] == nil {
			set(name, &tree.Node{Kind: tree.List, Pos: of.pos})
		}
		return fields[name]
	}
	for i := range b.items {
		it := &b.items[i]
		if it.block == nil {
			if fields[it.name] == nil {
				set(it.name, e.tree(it.expr, s))
			}
			continue
		}
		e.eachBlock(it.block, s, func(typ string, bl *body, s *scope) {
			l := list(typ, bl)
			l.Items = append(l.Items, e.args(bl, s))
		}, func(typ string, v cty.Value) {
			l := list(typ, it.block.body)
			l.Items = append(l.Items, e.convert(v, it.block.pos))
		})
	}
	return out
}

// eachBlock hands out a block, or each of those that a dynamic block makes;
// hidden is told of dynamic blocks whose number is unknown.
func (e *evaluator) eachBlock(b *block, s *scope, yield func(typ string, b *body, s *scope), hidden func(typ string, why cty.Value)) {
	if b.typ != "dynamic" || len(b.labels) != 1 {
		yield(b.typ, b.body, s)
		return
	}
	typ := b.labels[0]
	forEach, contents := b.get("for_each"), b.blocksOf("content")
	if forEach == nil || len(contents) != 1 {
		e.problem(b.pos, "give it a for_each and one content block", "the dynamic block %q is not complete", typ)
		return
	}
	iterator := typ
	if a := b.get("iterator"); a != nil {
		if kw := keyword(a.expr); kw != "" {
			iterator = kw
		}
	}
	p := at(forEach.expr.Range())
	v, f := e.limited(forEach.expr, s)
	switch {
	case f != nil:
		hidden(typ, e.failed(f, s))
		return
	case asUnsure(v) != nil:
		hidden(typ, e.mixHole([]*hole{asUnsure(v).why}).value(cty.DynamicPseudoType))
		return
	case vague(v) || e.wholeHole(v) != nil:
		hidden(typ, e.mixed(cty.DynamicPseudoType, v))
		return
	case v.IsNull():
		hidden(typ, e.failed(p.fault("the for_each of the dynamic block %q is null", typ), s))
		return
	case !iterable(v):
		hidden(typ, e.failed(p.fault("the for_each of the dynamic block %q is a %s", typ, kindName(v.Type())), s))
		return
	}
	for it := v.ElementIterator(); it.Next(); {
		k, el := it.Element()
		if v.Type().IsSetType() {
			k = el
		}
		if !e.spend(1) || e.nodes > maxNodes {
			hidden(typ, e.failed(p.fault(tooMuchWork), s))
			return
		}
		el = cty.ObjectVal(map[string]cty.Value{"key": k, "value": el})
		yield(typ, contents[0].body, s.bind(iterator, el))
	}
}

// blockList evaluates the blocks of a type to a list of objects, for
// references to them.
func (e *evaluator) blockList(b *body, typ string, s *scope) cty.Value {
	var out []cty.Value
	for i := range b.items {
		bl := b.items[i].block
		if bl == nil || bl.typ != typ && (bl.typ != "dynamic" || len(bl.labels) != 1 || bl.labels[0] != typ) {
			continue
		}
		var unknown cty.Value
		e.eachBlock(bl, s, func(_ string, b *body, s *scope) {
			out = append(out, e.blockObject(b, s))
		}, func(_ string, v cty.Value) { unknown = v })
		if unknown != cty.NilVal {
			return unknown
		}
	}
	return cty.TupleVal(out)
}

// blockObject evaluates the content of a block to an object.
func (e *evaluator) blockObject(b *body, s *scope) cty.Value {
	vals := map[string]cty.Value{}
	for i := range b.items {
		it := &b.items[i]
		name := it.name
		if it.block != nil {
			name = it.block.typ
			if name == "dynamic" && len(it.block.labels) == 1 {
				name = it.block.labels[0]
			}
		}
		if _, ok := vals[name]; ok {
			continue
		}
		if it.block == nil {
			vals[name] = e.value(it.expr, s)
		} else {
			vals[name] = e.blockList(b, name, s)
		}
	}
	return cty.ObjectVal(vals)
}

// names lists what an argument such as ignore_changes names, without
// evaluating it.
func names(a *attr) *tree.Node {
	pos := posOf(a.expr.Range())
	l, ok := a.expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		return &tree.Node{Kind: tree.String, Text: keyword(a.expr), Pos: pos}
	}
	n := &tree.Node{Kind: tree.List, Pos: pos}
	for _, x := range l.Exprs {
		n.Items = append(n.Items, &tree.Node{Kind: tree.String, Text: keyword(x), Pos: posOf(x.Range())})
	}
	return n
}
