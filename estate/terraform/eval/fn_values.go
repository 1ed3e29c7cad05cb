package eval

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// group returns an argument that is to be a collection. done is set when the
// answer is already known: the group is unknown, or there is a fault.
func (c *funcCall) group(i int) (v, answer cty.Value, f *fault) {
	v = c.args[i]
	if u := asUnsure(v); u != nil {
		return v, c.e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType), nil
	}
	if vague(v) || c.e.wholeHole(v) != nil {
		return v, c.e.mixed(cty.DynamicPseudoType, v), nil
	}
	if v.IsNull() || !iterable(v) {
		what := "null"
		if !v.IsNull() {
			what = "a " + kindName(v.Type())
		}
		return v, cty.DynamicVal, c.p.fault("%s wants a list, a set or a map, not %s", c.name, what)
	}
	return v, cty.NilVal, nil
}

func elements(v cty.Value) []cty.Value {
	out := make([]cty.Value, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, el := it.Element()
		out = append(out, el)
	}
	return out
}

// length counts what is there; holes in the elements do not matter.
func length(c *funcCall) (cty.Value, *fault) {
	v := c.args[0]
	if !vague(v) && !v.IsNull() && v.Type() == cty.String {
		if c.e.tainted(v) {
			return c.e.mixed(cty.Number, v), nil
		}
		n, err := stdlib.Strlen(v)
		if err != nil {
			return v, c.p.fault("%s", err.Error())
		}
		return n, nil
	}
	v, answer, f := c.group(0)
	if f != nil {
		return v, f
	}
	if answer != cty.NilVal {
		return c.e.mixed(cty.Number, answer), nil
	}
	return cty.NumberIntVal(int64(v.LengthInt())), nil
}

func lookup(c *funcCall) (cty.Value, *fault) {
	v, k := c.args[0], c.args[1]
	if vague(v) || c.e.wholeHole(v) != nil {
		if len(c.args) == 3 {
			return c.e.mixed(cty.DynamicPseudoType, v), nil
		}
	} else if v.IsNull() || !iterable(v) {
		return v, c.p.fault("lookup wants a map")
	} else if !vague(k) && !k.IsNull() && c.missing(v, k) {
		switch {
		case c.e.tainted(k):
			return c.e.mixed(cty.DynamicPseudoType, k), nil
		case len(c.args) == 3:
			return c.args[2], nil
		}
	}
	p, f := c.e.index(place{v: v}, k, c.p)
	return p.v, f
}

// missing reports whether a map or an object has no such key.
func (c *funcCall) missing(v, k cty.Value) bool {
	ks, err := convert.Convert(k, cty.String)
	if err != nil || !ks.IsKnown() {
		return false
	}
	switch {
	case v.Type().IsObjectType():
		return !v.Type().HasAttribute(ks.AsString())
	case v.Type().IsMapType():
		return !v.HasIndex(ks).True()
	}
	return false
}

// element is a list's element at an index that wraps around.
func element(c *funcCall) (cty.Value, *fault) {
	v, k := c.args[0], c.args[1]
	if asUnsure(v) == nil && !vague(v) && c.e.wholeHole(v) == nil && !vague(k) && !k.IsNull() && !v.IsNull() {
		ty := v.Type()
		if !ty.IsListType() && !ty.IsTupleType() && !ty.IsSetType() {
			return v, c.p.fault("element wants a list")
		}
		kn, err := convert.Convert(k, cty.Number)
		n := v.LengthInt()
		switch {
		case n == 0:
			return v, c.p.fault("element cannot choose from an empty list")
		case err != nil || !sane(kn):
			if c.e.tainted(k) {
				return c.e.mixed(cty.DynamicPseudoType, k), nil
			}
			return v, c.p.fault("the index of element is a number")
		}
		i, _ := kn.AsBigFloat().Int64()
		return elements(v)[((i%int64(n))+int64(n))%int64(n)], nil
	}
	p, f := c.e.index(place{v: v}, k, c.p)
	return p.v, f
}

// one is the only element of a list, or null.
func one(c *funcCall) (cty.Value, *fault) {
	v := c.args[0]
	if u := asUnsure(v); u != nil {
		return u.one, nil
	}
	if h := c.e.wholeHole(v); h != nil {
		return c.e.stepValue(h, "[0]", h.of.at()), nil
	}
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	switch els := elements(v); len(els) {
	case 0:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case 1:
		return els[0], nil
	default:
		return v, c.p.fault("one wants a list of at most one element, not %d", len(els))
	}
}

func keys(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	if !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return v, c.p.fault("keys wants a map")
	}
	var out []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		k, _ := it.Element()
		out = append(out, k)
	}
	return cty.TupleVal(out), nil
}

func values(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	if !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return v, c.p.fault("values wants a map")
	}
	return cty.TupleVal(elements(v)), nil
}

// containsValue is known when the value is found, or when neither it nor any
// element has a hole.
func containsValue(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil {
		return v, f
	}
	if answer != cty.NilVal {
		return c.e.mixed(cty.Bool, answer), nil
	}
	var unsure []cty.Value
	for _, el := range elements(v) {
		want := c.args[1]
		if !vague(el) && !vague(want) && el.Type() != want.Type() && el.Type().IsPrimitiveType() {
			if w, err := convert.Convert(want, el.Type()); err == nil {
				want = w
			}
		}
		eq, f := c.e.equal(el, want, c.p)
		switch {
		case f != nil:
			return v, f
		case vague(eq):
			unsure = append(unsure, eq)
		case eq.True():
			return cty.True, nil
		}
	}
	if unsure != nil {
		return c.e.mixed(cty.Bool, unsure...), nil
	}
	return cty.False, nil
}

func indexOf(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	for i, el := range elements(v) {
		eq, f := c.e.equal(el, c.args[1], c.p)
		switch {
		case f != nil:
			return v, f
		case vague(eq):
			return c.e.mixed(cty.Number, eq), nil
		case eq.True():
			return cty.NumberIntVal(int64(i)), nil
		}
	}
	return v, c.p.fault("index finds no such element")
}
