package eval

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// coalesce is the first argument that is neither null nor "". Something with a
// hole in it counts as there: an attribute that is referred to has a value.
func coalesce(c *funcCall) (cty.Value, *fault) {
	for _, v := range c.args {
		if vague(v) {
			return c.e.mixed(v.Type(), v), nil
		}
		if v.IsNull() || v.Type() == cty.String && v.AsString() == "" {
			continue
		}
		return v, nil
	}
	return cty.NullVal(cty.DynamicPseudoType), c.p.fault("coalesce has no argument that is not null or empty")
}

func compact(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	var out []cty.Value
	for _, el := range elements(v) {
		if !vague(el) {
			if el.IsNull() {
				continue
			}
			s, err := convert.Convert(el, cty.String)
			if err != nil {
				return v, c.p.fault("compact wants a list of strings")
			}
			if s.AsString() == "" {
				continue
			}
			el = s
		}
		out = append(out, el)
	}
	return cty.TupleVal(out), nil
}

func alltrue(c *funcCall) (cty.Value, *fault) { return c.bools(false) }
func anytrue(c *funcCall) (cty.Value, *fault) { return c.bools(true) }

// bools looks for an element that decides.
func (c *funcCall) bools(decides bool) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil {
		return v, f
	}
	if answer != cty.NilVal {
		return c.e.mixed(cty.Bool, answer), nil
	}
	var unsure []cty.Value
	for _, el := range elements(v) {
		if !vague(el) && el.IsNull() {
			el = cty.False
		}
		yes, known, f := c.e.truth(el, c.p)
		switch {
		case f != nil:
			return v, f
		case !known:
			unsure = append(unsure, el)
		case yes == decides:
			return cty.BoolVal(decides), nil
		}
	}
	if unsure != nil {
		return c.e.mixed(cty.Bool, unsure...), nil
	}
	return cty.BoolVal(!decides), nil
}

func sum(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil {
		return v, f
	}
	if answer != cty.NilVal {
		return c.e.mixed(cty.Number, answer), nil
	}
	total := cty.Zero
	for _, el := range elements(v) {
		if vague(el) || c.e.tainted(el) {
			return c.e.mixed(cty.Number, v), nil
		}
		n, err := convert.Convert(el, cty.Number)
		if err != nil || n.IsNull() || !sane(n) {
			return v, c.p.fault("sum wants a list of numbers")
		}
		total = total.Add(n)
	}
	return total, nil
}

func matchkeys(c *funcCall) (cty.Value, *fault) {
	var in [3][]cty.Value
	for i := range in {
		v, answer, f := c.group(i)
		if f != nil || answer != cty.NilVal {
			return answer, f
		}
		in[i] = elements(v)
	}
	if len(in[0]) != len(in[1]) {
		return cty.DynamicVal, c.p.fault("the first two lists of matchkeys have different lengths")
	}
	var out []cty.Value
	for i, k := range in[1] {
		for _, want := range in[2] {
			eq, f := c.e.equal(k, want, c.p)
			switch {
			case f != nil:
				return k, f
			case vague(eq):
				return c.e.mixed(cty.DynamicPseudoType, eq), nil
			}
			if eq.True() {
				out = append(out, in[0][i])
				break
			}
		}
	}
	return cty.TupleVal(out), nil
}

// transpose turns a map of lists of strings around.
func transpose(c *funcCall) (cty.Value, *fault) {
	v, answer, f := c.group(0)
	if f != nil || answer != cty.NilVal {
		return answer, f
	}
	out := map[string]cty.Value{}
	lists := map[string][]cty.Value{}
	for it := v.ElementIterator(); it.Next(); {
		k, l := it.Element()
		if vague(l) || vague(k) {
			return c.e.mixed(cty.DynamicPseudoType, l, k), nil
		}
		if l.IsNull() || !iterable(l) {
			return v, c.p.fault("transpose wants a map of lists of strings")
		}
		for _, el := range elements(l) {
			s, f := c.e.text(el, c.p)
			if f != nil {
				return v, f
			}
			lists[s] = append(lists[s], k)
		}
	}
	for k, l := range lists {
		out[k] = cty.TupleVal(l)
	}
	return cty.ObjectVal(out), nil
}
