package eval

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

func (e *evaluator) binary(x *hclsyntax.BinaryOpExpr, s *scope) (cty.Value, *fault) {
	if x.Op == hclsyntax.OpLogicalAnd || x.Op == hclsyntax.OpLogicalOr {
		return e.logical(x, s)
	}
	a, f := e.eval(x.LHS, s)
	if f != nil {
		return a, f
	}
	b, f := e.eval(x.RHS, s)
	if f != nil {
		return b, f
	}
	switch x.Op {
	case hclsyntax.OpEqual:
		return e.equal(a, b, at(x.SrcRange))
	case hclsyntax.OpNotEqual:
		v, f := e.equal(a, b, at(x.SrcRange))
		if f == nil && v.IsKnown() {
			v = v.Not()
		}
		return v, f
	}
	return e.operate(x.Op, at(x.SrcRange), a, b)
}

// logical evaluates && and ||; the right side is left alone when the left one
// decides, and decides when the left one is unknown.
func (e *evaluator) logical(x *hclsyntax.BinaryOpExpr, s *scope) (cty.Value, *fault) {
	decides := x.Op == hclsyntax.OpLogicalOr
	a, f := e.eval(x.LHS, s)
	if f != nil {
		return a, f
	}
	av, aKnown, f := e.truth(a, at(x.LHS.Range()))
	if f != nil {
		return a, f
	}
	if aKnown && av == decides {
		return cty.BoolVal(decides), nil
	}
	b, f := e.eval(x.RHS, s)
	if f != nil {
		return b, f
	}
	bv, bKnown, f := e.truth(b, at(x.RHS.Range()))
	switch {
	case f != nil:
		return b, f
	case bKnown && bv == decides:
		return cty.BoolVal(decides), nil
	case aKnown && bKnown:
		return cty.BoolVal(!decides), nil
	case aKnown:
		return e.mixed(cty.Bool, b), nil
	case bKnown:
		return e.mixed(cty.Bool, a), nil
	}
	return e.mixed(cty.Bool, a, b), nil
}

// operate applies an operator on numbers or bools.
func (e *evaluator) operate(op *hclsyntax.Operation, p *position, args ...cty.Value) (cty.Value, *fault) {
	params := op.Impl.Params()
	in := make([]cty.Value, len(args))
	for i, a := range args {
		if vague(a) || e.wholeHole(a) != nil {
			return e.mixed(op.Type, args...), nil
		}
		v, err := convert.Convert(a, params[i].Type)
		if err != nil {
			if e.tainted(a) {
				return e.mixed(op.Type, args...), nil
			}
			return a, p.fault("the operator wants a %s, not a %s", params[i].Type.FriendlyName(), kindName(a.Type()))
		}
		if v.IsNull() {
			return a, p.fault("the operator does not take null")
		}
		in[i] = v
	}
	v, err := op.Impl.Call(in)
	if err != nil {
		return cty.DynamicVal, p.fault("%s", err.Error())
	}
	if !sane(v) {
		return v, p.fault("the number is too large")
	}
	return v, nil
}

// equal compares two values. With holes it is known only when the answer does
// not depend on them.
func (e *evaluator) equal(a, b cty.Value, p *position) (cty.Value, *fault) {
	wa, wb := weigh(a, maxValue), weigh(b, maxValue)
	if wa > maxValue || wb > maxValue || !e.spend((wa+wb)/4) {
		return a, p.fault(tooMuchWork)
	}
	if !vague(a) && !vague(b) && (isCapsule(a) || isCapsule(b)) {
		return cty.BoolVal(isCapsule(a) && isCapsule(b) && a.RawEquals(b)), nil
	}
	ta, tb := e.tainted(a), e.tainted(b)
	if !ta && !tb {
		if eq := a.Equals(b); eq.IsKnown() {
			return eq, nil
		}
		return e.mixed(cty.Bool, a, b), nil
	}
	if !vague(a) && !vague(b) {
		switch {
		case a.RawEquals(b) && !e.holesIn(a).damaged:
			return cty.True, nil
		case e.never(a, b) || e.never(b, a):
			return cty.False, nil
		}
	} else if e.never(a, b) || e.never(b, a) {
		return cty.False, nil
	}
	return e.mixed(cty.Bool, a, b), nil
}

// never reports whether a, which has holes, cannot be b: null or "". The
// attributes by which resources refer to one another are never empty once
// applied, and neither is a text with something written in it.
func (e *evaluator) never(a, b cty.Value) bool {
	if vague(b) || !b.IsNull() && !(b.Type() == cty.String && b.AsString() == "") {
		return false
	}
	if !vague(a) && a.Type() != cty.String {
		return b.IsNull() && !a.IsNull()
	}
	if !vague(a) && !a.IsNull() {
		literal := false
		all := e.splitText(a.AsString(), func(string) { literal = true }, func(*hole) {})
		if all && (literal || strings.Count(a.AsString(), string(holeStart)) > 1) {
			return true
		}
	}
	h := e.wholeHole(a)
	if h == nil || !h.attr {
		return false
	}
	name := h.refs[0].Attr
	for _, sure := range []string{"id", "arn", "name"} {
		if name == sure || strings.HasSuffix(name, "_"+sure) || strings.HasSuffix(name, "."+sure) {
			return true
		}
	}
	return false
}
