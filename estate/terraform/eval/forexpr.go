package eval

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

func iterable(v cty.Value) bool {
	ty := v.Type()
	return ty.IsCollectionType() || ty.IsTupleType() || ty.IsObjectType()
}

func (e *evaluator) forExpr(x *hclsyntax.ForExpr, s *scope) (cty.Value, *fault) {
	coll, f := e.eval(x.CollExpr, s)
	if f != nil {
		return coll, f
	}
	p := at(x.CollExpr.Range())
	if u := asUnsure(coll); u != nil {
		return e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType), nil
	}
	if vague(coll) || e.wholeHole(coll) != nil {
		return e.mixed(cty.DynamicPseudoType, coll), nil
	}
	if coll.IsNull() {
		return coll, p.fault("a for expression cannot go over null")
	}
	if !iterable(coll) {
		return coll, p.fault("a for expression cannot go over a %s", kindName(coll.Type()))
	}
	var (
		list   []cty.Value
		object = map[string]cty.Value{}
		groups = map[string][]cty.Value{}
	)
	for it := coll.ElementIterator(); it.Next(); {
		k, v := it.Element()
		if coll.Type().IsSetType() {
			k = v
		}
		inner := s.bind(x.ValVar, v)
		if x.KeyVar != "" {
			inner = inner.bind(x.KeyVar, k)
		}
		if x.CondExpr != nil {
			c, f := e.eval(x.CondExpr, inner)
			if f != nil {
				return c, f
			}
			yes, known, f := e.truth(c, at(x.CondExpr.Range()))
			if f != nil {
				return c, f
			}
			if !known {
				return e.mixed(cty.DynamicPseudoType, c), nil
			}
			if !yes {
				continue
			}
		}
		key := ""
		if x.KeyExpr != nil {
			var f *fault
			if key, f = e.objectKey(x.KeyExpr, inner); f != nil {
				return coll, f
			}
		}
		val, f := e.part(x.ValExpr, inner)
		if f != nil {
			return val, f
		}
		// What the body gives may be a large value made elsewhere; count it
		// before a million of them are put together.
		if !e.spend(weigh(val, maxValue) / 8) {
			return val, p.fault(tooMuchWork)
		}
		switch {
		case x.KeyExpr == nil:
			list = append(list, val)
		case x.Group:
			groups[key] = append(groups[key], val)
		default:
			if _, dup := object[key]; dup {
				return val, at(x.KeyExpr.Range()).fault("two elements of the for expression have the key %q", e.render(key))
			}
			object[key] = val
		}
	}
	switch {
	case x.KeyExpr == nil:
		return cty.TupleVal(list), nil
	case x.Group:
		for k, vs := range groups {
			object[k] = cty.TupleVal(vs)
		}
	}
	return cty.ObjectVal(object), nil
}

// splat evaluates coll[*].attr: over a list element by element, over null as
// over nothing, over anything else as over a list of it.
func (e *evaluator) splat(x *hclsyntax.SplatExpr, s *scope) (cty.Value, *fault) {
	v, f := e.eval(x.Source, s)
	if f != nil {
		return v, f
	}
	each := func(el cty.Value) (cty.Value, *fault) {
		return e.eval(x.Each, s.with(func(c *scope) { c.anon = &anonymous{x.Item, el, s.anon} }))
	}
	if u := asUnsure(v); u != nil {
		// How many there are is unknown; the one that stands for them is
		// enough to name what is referred to.
		v = cty.TupleVal([]cty.Value{u.one})
	}
	if h := e.wholeHole(v); h != nil {
		if h.attr && h.of.kindOf() == shapeString && v.Type() == cty.String && h.of != nil {
			v = cty.TupleVal([]cty.Value{v})
		} else {
			return e.splatHole(h, x), nil
		}
	}
	if vague(v) {
		return e.mixed(cty.DynamicPseudoType, v), nil
	}
	if v.IsNull() {
		return cty.EmptyTupleVal, nil
	}
	ty := v.Type()
	if !ty.IsListType() && !ty.IsSetType() && !ty.IsTupleType() {
		el, f := each(v)
		if f != nil {
			return el, f
		}
		return cty.TupleVal([]cty.Value{el}), nil
	}
	var out []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		_, el := it.Element()
		r, f := each(el)
		if f != nil {
			return r, f
		}
		out = append(out, r)
	}
	return cty.TupleVal(out), nil
}

// splatHole names the attribute of every element of an unknown list.
func (e *evaluator) splatHole(h *hole, x *hclsyntax.SplatExpr) cty.Value {
	suffix := "[*]"
	if tr, ok := x.Each.(*hclsyntax.RelativeTraversalExpr); ok {
		suffix += traversalText(tr.Traversal)
	}
	if n := e.step(h, suffix, &shape{kind: shapeList}); n != nil {
		return n.value(cty.DynamicPseudoType)
	}
	return e.mixHole([]*hole{h}).value(cty.DynamicPseudoType)
}
