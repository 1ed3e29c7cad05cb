package eval

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// value evaluates an expression written in the configuration. It always has a
// value: what fails is a gap and unknown.
func (e *evaluator) value(x hclsyntax.Expression, s *scope) cty.Value {
	v, f := e.eval(x, s)
	if f == nil {
		v, f = e.checked(v, at(x.Range()))
	}
	if f != nil {
		return e.failed(f, s)
	}
	return v
}

// failed is the value of an expression that has none.
func (e *evaluator) failed(f *fault, s *scope) cty.Value {
	if !f.told {
		e.gap(s.addr, f.pos, f.msg, false)
	}
	return e.gapHole("", f.msg).value(cty.DynamicPseudoType)
}

// eval evaluates an expression. It is HCL's evaluation with three differences:
// only the chosen branch of a condition is evaluated, holes are kept where they
// are rather than spread over what contains them, and all work is counted.
func (e *evaluator) eval(x hclsyntax.Expression, s *scope) (cty.Value, *fault) {
	if !e.spend(1) {
		return cty.DynamicVal, at(x.Range()).fault(tooMuchWork)
	}
	if e.work.depth++; e.work.depth > maxDepth+maxNesting {
		e.work.depth--
		return cty.DynamicVal, at(x.Range()).fault("the expression is nested too deeply")
	}
	v, f := e.eval1(x, s)
	e.work.depth--
	return v, f
}

func (e *evaluator) eval1(x hclsyntax.Expression, s *scope) (cty.Value, *fault) {
	switch x := x.(type) {
	case *hclsyntax.LiteralValueExpr:
		if !x.Val.IsKnown() { // hcl's placeholder for what did not parse
			return cty.DynamicVal, &fault{pos: posOf(x.SrcRange), msg: "it has a syntax error", told: true}
		}
		return x.Val, nil
	case *hclsyntax.ParenthesesExpr:
		return e.eval(x.Expression, s)
	case *hclsyntax.TemplateWrapExpr:
		return e.eval(x.Wrapped, s)
	case *hclsyntax.TemplateExpr:
		return e.template(x.Parts, s, at(x.SrcRange))
	case *hclsyntax.TemplateJoinExpr:
		v, f := e.eval(x.Tuple, s)
		if f != nil {
			return v, f
		}
		return e.joined(v, at(x.Range()))
	case *hclsyntax.ScopeTraversalExpr:
		return e.traversal(x.Traversal, s)
	case *hclsyntax.RelativeTraversalExpr:
		v, f := e.eval(x.Source, s)
		if f != nil {
			return v, f
		}
		return e.walk(place{v: v}, x.Traversal)
	case *hclsyntax.IndexExpr:
		v, f := e.eval(x.Collection, s)
		if f != nil {
			return v, f
		}
		k, f := e.eval(x.Key, s)
		if f != nil {
			return v, f
		}
		p, f := e.index(place{v: v}, k, at(x.SrcRange))
		return p.v, f
	case *hclsyntax.SplatExpr:
		return e.splat(x, s)
	case *hclsyntax.AnonSymbolExpr:
		for a := s.anon; a != nil; a = a.next {
			if a.sym == x {
				return a.val, nil
			}
		}
		return cty.DynamicVal, at(x.SrcRange).fault("a splat has no element here")
	case *hclsyntax.TupleConsExpr:
		return e.tuple(x, s)
	case *hclsyntax.ObjectConsExpr:
		return e.object(x, s)
	case *hclsyntax.ObjectConsKeyExpr:
		if kw := hcl.ExprAsKeyword(x.Wrapped); kw != "" && !x.ForceNonLiteral {
			return cty.StringVal(kw), nil
		}
		return e.eval(x.Wrapped, s)
	case *hclsyntax.ForExpr:
		return e.forExpr(x, s)
	case *hclsyntax.ConditionalExpr:
		return e.conditional(x, s)
	case *hclsyntax.BinaryOpExpr:
		return e.binary(x, s)
	case *hclsyntax.UnaryOpExpr:
		v, f := e.eval(x.Val, s)
		if f != nil {
			return v, f
		}
		return e.operate(x.Op, at(x.SrcRange), v)
	case *hclsyntax.FunctionCallExpr:
		return e.callFunc(x, s)
	}
	return cty.DynamicVal, &fault{pos: posOf(x.Range()), msg: "it has a syntax error", told: true}
}

// part evaluates a part of a list, an object or an argument list. Unless the
// scope is strict, a part that fails is a hole and leaves the others alone.
func (e *evaluator) part(x hclsyntax.Expression, s *scope) (cty.Value, *fault) {
	v, f := e.eval(x, s)
	if f == nil || s.strict || f.msg == tooMuchWork {
		return v, f
	}
	return e.failed(f, s), nil
}

func (e *evaluator) tuple(x *hclsyntax.TupleConsExpr, s *scope) (cty.Value, *fault) {
	vals := make([]cty.Value, len(x.Exprs))
	for i, el := range x.Exprs {
		v, f := e.part(el, s)
		if f != nil {
			return v, f
		}
		vals[i] = v
	}
	return cty.TupleVal(vals), nil
}

func (e *evaluator) object(x *hclsyntax.ObjectConsExpr, s *scope) (cty.Value, *fault) {
	vals := make(map[string]cty.Value, len(x.Items))
	for _, it := range x.Items {
		k, f := e.objectKey(it.KeyExpr, s)
		if f != nil {
			return cty.DynamicVal, f
		}
		v, f := e.part(it.ValueExpr, s)
		if f != nil {
			return v, f
		}
		vals[k] = v
	}
	return cty.ObjectVal(vals), nil
}

// objectKey evaluates the key of an object; one that is unknown has
// placeholders in it.
func (e *evaluator) objectKey(x hclsyntax.Expression, s *scope) (string, *fault) {
	k, f := e.eval(x, s)
	if f != nil {
		return "", f
	}
	if k.IsNull() {
		return "", at(x.Range()).fault("the key of an object is null")
	}
	return e.text(k, at(x.Range()))
}

// text converts a value to a string. What is unknown is a placeholder in it.
func (e *evaluator) text(v cty.Value, p *position) (string, *fault) {
	if vague(v) {
		if h := e.wholeHole(v); h != nil {
			return h.placeholder(), nil
		}
		return e.mixHole(e.holesIn(v).list).placeholder(), nil
	}
	if v.IsNull() {
		return "", p.fault("a null value cannot be part of a string")
	}
	if in := asInstance(v); in != nil {
		return "", p.fault("%s is a whole resource, not a string", in.addr)
	}
	if v.Type() == cty.String {
		return v.AsString(), nil
	}
	if !sane(v) {
		return "", p.fault("the number is too large")
	}
	sv, err := stringOf(v)
	if err != nil || sv.IsNull() || !sv.IsKnown() {
		return "", p.fault("a %s cannot be part of a string", kindName(v.Type()))
	}
	return sv.AsString(), nil
}

func (e *evaluator) template(parts []hclsyntax.Expression, s *scope, p *position) (cty.Value, *fault) {
	var b strings.Builder
	for _, part := range parts {
		v, f := e.part(part, s)
		if f != nil {
			return v, f
		}
		t, f := e.text(v, at(part.Range()))
		if f != nil {
			if s.strict {
				return v, f
			}
			t = e.textOfFailed(f, s)
		}
		if b.Len()+len(t) > maxString {
			return v, p.fault("the string is longer than %d MiB", maxString>>20)
		}
		e.spend(len(t) / stringStep)
		b.WriteString(t)
	}
	return cty.StringVal(b.String()), nil
}

func (e *evaluator) textOfFailed(f *fault, s *scope) string {
	t, _ := e.text(e.failed(f, s), at(hcl.Range{}))
	return t
}

// joined is the text of a template's for directive.
func (e *evaluator) joined(v cty.Value, p *position) (cty.Value, *fault) {
	if vague(v) {
		return e.mixed(cty.String, v), nil
	}
	var b strings.Builder
	for it := v.ElementIterator(); it.Next(); {
		_, el := it.Element()
		t, f := e.text(el, p)
		if f != nil {
			return v, f
		}
		if b.Len()+len(t) > maxString {
			return v, p.fault("the string is longer than %d MiB", maxString>>20)
		}
		e.spend(len(t) / stringStep)
		b.WriteString(t)
	}
	return cty.StringVal(b.String()), nil
}

func (e *evaluator) conditional(x *hclsyntax.ConditionalExpr, s *scope) (cty.Value, *fault) {
	c, f := e.eval(x.Condition, s)
	if f != nil {
		return c, f
	}
	yes, known, f := e.truth(c, at(x.Condition.Range()))
	switch {
	case f != nil:
		return c, f
	case known && yes:
		return e.eval(x.TrueResult, s)
	case known:
		return e.eval(x.FalseResult, s)
	}
	a, fa := e.eval(x.TrueResult, s)
	b, fb := e.eval(x.FalseResult, s)
	if fa != nil || fb != nil {
		return e.mixed(cty.DynamicPseudoType, c), nil
	}
	if !vague(a) && !vague(b) && a.RawEquals(b) {
		return a, nil
	}
	ty := cty.DynamicPseudoType
	switch {
	case a.Type().Equals(b.Type()) && !a.IsNull() || b.IsNull():
		ty = a.Type()
	case a.IsNull():
		ty = b.Type()
	}
	return e.mixed(ty, c, a, b), nil
}

// truth reads a condition: known is false when it has holes.
func (e *evaluator) truth(c cty.Value, p *position) (yes, known bool, f *fault) {
	if vague(c) {
		return false, false, nil
	}
	if c.IsNull() {
		return false, false, p.fault("the condition is null")
	}
	if e.wholeHole(c) != nil {
		return false, false, nil
	}
	v, err := convert.Convert(c, cty.Bool)
	if err != nil || !v.IsKnown() || v.IsNull() {
		if e.tainted(c) {
			return false, false, nil
		}
		return false, false, p.fault("the condition is a %s, not true or false", kindName(c.Type()))
	}
	return v.True(), true, nil
}
