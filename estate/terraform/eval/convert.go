package eval

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"fathom/diag"
	"fathom/estate/tree"
)

// convert makes the tree of a value; every node of it stands at pos.
func (e *evaluator) convert(v cty.Value, pos diag.Pos) *tree.Node {
	if e.nodes++; !e.spend(1) || e.nodes > maxNodes {
		return &tree.Node{Kind: tree.Unknown, Pos: pos, Why: tooMuchWork}
	}
	if vague(v) {
		return e.unknownNode(e.holesIn(v).list, pos)
	}
	ty := v.Type()
	switch {
	case v.IsNull():
		return &tree.Node{Kind: tree.Null, Pos: pos}
	case ty == cty.String:
		return e.stringNode(v.AsString(), pos)
	case ty == cty.Bool:
		text := "false"
		if v.True() {
			text = "true"
		}
		return &tree.Node{Kind: tree.Bool, Text: text, Pos: pos}
	case ty == cty.Number:
		if !sane(v) {
			return &tree.Node{Kind: tree.Unknown, Pos: pos, Why: "the number is too large"}
		}
		return &tree.Node{Kind: tree.Number, Text: numberText(v), Pos: pos}
	case ty.IsListType() || ty.IsSetType() || ty.IsTupleType():
		n := &tree.Node{Kind: tree.List, Pos: pos}
		for it := v.ElementIterator(); it.Next(); {
			_, el := it.Element()
			n.Items = append(n.Items, e.convert(el, pos))
		}
		return n
	case ty.IsMapType() || ty.IsObjectType():
		n := &tree.Node{Kind: tree.Map, Pos: pos}
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			n.Fields = append(n.Fields, tree.Field{Name: e.render(k.AsString()), Node: e.convert(el, pos)})
		}
		return n
	}
	if u := asUnsure(v); u != nil {
		return e.unknownNode([]*hole{e.mixHole([]*hole{u.why})}, pos)
	}
	if in := asInstance(v); in != nil {
		ref := tree.Ref{Addr: in.addr}
		return &tree.Node{
			Kind: tree.Unknown, Text: "${" + in.addr + "}", Pos: pos,
			Why: "is the whole of " + in.addr, Refs: []tree.Ref{ref},
		}
	}
	return &tree.Node{Kind: tree.Unknown, Pos: pos, Why: "is a whole module"}
}

func (e *evaluator) unknownNode(hs []*hole, pos diag.Pos) *tree.Node {
	if len(hs) == 0 {
		hs = []*hole{e.mixHole(nil)}
	}
	h := hs[0]
	if len(hs) > 1 {
		h = e.mixHole(hs)
	}
	n := &tree.Node{Kind: tree.Unknown, Why: e.render(h.why), Refs: h.refs, Pos: pos}
	if h.expr != "" {
		n.Text = h.show()
	}
	return n
}

// stringNode is a String as long as every hole in it is the attribute of a
// resource, as it is; else it is Unknown and keeps the text.
func (e *evaluator) stringNode(s string, pos diag.Pos) *tree.Node {
	e.nodes += len(s) / (2 * stringWeight)
	if !strings.Contains(s, holeLead) {
		return &tree.Node{Kind: tree.String, Text: s, Pos: pos}
	}
	n := &tree.Node{Kind: tree.String, Pos: pos}
	var b strings.Builder
	whole := e.splitText(s, func(t string) { b.WriteString(t) }, func(h *hole) {
		b.WriteString(h.show())
		n.Refs = append(n.Refs, h.refs...)
		if !h.attr && n.Why == "" {
			n.Kind, n.Why = tree.Unknown, e.render(h.why)
		}
	})
	if !whole {
		b.WriteString("${…}") // a part of it is lost: the text is not all there is
		if n.Why == "" {
			n.Kind, n.Why = tree.Unknown, "was made from a value that is known only after apply"
		}
	}
	n.Text = b.String()
	return n
}

// convertTo converts a value to the type of a variable, filling in the
// defaults of optional attributes.
func (e *evaluator) convertTo(v cty.Value, ty cty.Type, defaults *typeexpr.Defaults) (cty.Value, error) {
	v = e.adapt(v, ty)
	if vague(v) {
		u, marks := v.Unmark()
		if u.Type() == cty.DynamicPseudoType && ty == cty.String {
			return e.mixHoleOf(v).value(cty.String), nil
		}
		if u.Type() == cty.DynamicPseudoType {
			return cty.UnknownVal(ty.WithoutOptionalAttributesDeep()).WithMarks(marks), nil
		}
	}
	if defaults != nil && !v.IsNull() {
		var err error
		v, err = safely(func() (cty.Value, error) {
			u, paths := v.UnmarkDeepWithPaths()
			return defaults.Apply(u).MarkWithPaths(paths), nil
		})
		if err != nil {
			return v, err
		}
	}
	return e.convertValue(v, ty)
}

// convertValue is cty's conversion, whose cost grows with the square of a list
// of elements that may differ in type; lists of simple elements are put
// together here.
func (e *evaluator) convertValue(v cty.Value, ty cty.Type) (cty.Value, error) {
	if v.IsMarked() || v.IsNull() || !v.IsKnown() || !v.Type().IsTupleType() || !ty.IsListType() && !ty.IsSetType() {
		return safely(func() (cty.Value, error) { return convert.Convert(v, ty) })
	}
	want := ty.ElementType()
	els := elements(v)
	if want == cty.DynamicPseudoType && len(els) > 0 && els[0].Type().IsPrimitiveType() {
		want = els[0].Type()
		for _, el := range els {
			if el.Type() != want {
				want = cty.DynamicPseudoType
			}
		}
	}
	if len(els) == 0 || !want.IsPrimitiveType() {
		if !e.spend(product(len(els), len(els)) / 16) {
			return v, errors.New(tooMuchWork)
		}
		return safely(func() (cty.Value, error) { return convert.Convert(v, ty) })
	}
	for i, el := range els {
		c, err := convert.Convert(el, want)
		if err != nil {
			return v, fmt.Errorf("element %d: %w", i, err)
		}
		els[i] = c
	}
	if ty.IsSetType() {
		return cty.SetVal(els), nil
	}
	return cty.ListVal(els), nil
}

// safely calls into cty, which panics on a few inputs that no honest
// configuration has (an infinite number, an odd mixture of unknown types).
func safely(f func() (cty.Value, error)) (v cty.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = cty.DynamicVal, fmt.Errorf("it cannot be evaluated: %v", r)
		}
	}()
	return f()
}

// mixHoleOf is the hole that an unknown value is marked with.
func (e *evaluator) mixHoleOf(v cty.Value) *hole {
	if h := e.wholeHole(v); h != nil {
		return h
	}
	return e.mixHole(e.holesIn(v).list)
}

// adapt prepares what cty cannot convert itself: a placeholder where a type
// asks for a number or a bool, a resource where it asks for an object.
func (e *evaluator) adapt(v cty.Value, ty cty.Type) cty.Value {
	if ty == cty.DynamicPseudoType {
		return v
	}
	if vague(v) {
		if u, _ := v.Unmark(); ty == cty.String && !u.IsKnown() {
			return e.mixHoleOf(v).value(cty.String)
		}
		return v
	}
	if v.IsNull() {
		return v
	}
	if u := asUnsure(v); u != nil {
		return e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType)
	}
	if h := e.wholeHole(v); h != nil && ty != cty.String {
		if ty.IsPrimitiveType() {
			return cty.UnknownVal(ty).Mark(h)
		}
		return cty.DynamicVal.Mark(h)
	}
	if ty.IsPrimitiveType() {
		if ty != cty.String && v.Type() == cty.String && e.tainted(v) {
			return e.mixed(ty, v)
		}
		return v
	}
	if isCapsule(v) {
		if !ty.IsObjectType() {
			return v
		}
		vals := map[string]cty.Value{}
		for name, at := range ty.AttributeTypes() {
			p, f := e.member(place{v: v}, name, &position{})
			if f == nil {
				vals[name] = e.adapt(p.v, at)
			}
		}
		return cty.ObjectVal(vals)
	}
	return e.adaptElements(v, ty)
}

func (e *evaluator) adaptElements(v cty.Value, ty cty.Type) cty.Value {
	vt := v.Type()
	of := func(cty.Value, int) cty.Type { return cty.DynamicPseudoType }
	switch {
	case ty.IsCollectionType():
		of = func(cty.Value, int) cty.Type { return ty.ElementType() }
	case ty.IsObjectType():
		of = func(k cty.Value, _ int) cty.Type {
			if k.Type() == cty.String && ty.HasAttribute(k.AsString()) {
				return ty.AttributeType(k.AsString())
			}
			return cty.DynamicPseudoType
		}
	case ty.IsTupleType():
		of = func(_ cty.Value, i int) cty.Type {
			if i < ty.Length() {
				return ty.TupleElementType(i)
			}
			return cty.DynamicPseudoType
		}
	}
	switch {
	case vt.IsTupleType() || vt.IsListType():
		var vals []cty.Value
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			vals = append(vals, e.adapt(el, of(k, len(vals))))
		}
		out := cty.TupleVal(vals)
		if ty.IsCollectionType() && ty.ElementType().IsPrimitiveType() {
			if c, err := e.convertValue(out, ty); err == nil {
				return c
			}
		}
		return out
	case vt.IsObjectType() || vt.IsMapType():
		vals := map[string]cty.Value{}
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			vals[k.AsString()] = e.adapt(el, of(k, 0))
		}
		return cty.ObjectVal(vals)
	}
	return v
}
