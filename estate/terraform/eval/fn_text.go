package eval

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// textFunc makes a function of strings.
func textFunc(params []string, result cty.Type, f func([]string) (cty.Value, error)) function.Function {
	spec := &function.Spec{
		Type: function.StaticReturnType(result),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			in := make([]string, len(args))
			for i, a := range args {
				in[i] = a.AsString()
			}
			return f(in)
		},
	}
	for _, name := range params {
		spec.Params = append(spec.Params, function.Parameter{Name: name, Type: cty.String})
	}
	return function.New(spec)
}

func boolFunc(f func(s, part string) bool) function.Function {
	return textFunc([]string{"str", "part"}, cty.Bool, func(in []string) (cty.Value, error) {
		return cty.BoolVal(f(in[0], in[1])), nil
	})
}

var (
	startswithFunc  = boolFunc(strings.HasPrefix)
	endswithFunc    = boolFunc(strings.HasSuffix)
	strcontainsFunc = boolFunc(strings.Contains)
)

// replaceFunc replaces a text, or a pattern written between slashes.
var replaceFunc = textFunc([]string{"str", "substr", "replace"}, cty.String, func(in []string) (cty.Value, error) {
	if p := in[1]; len(p) > 1 && p[0] == '/' && p[len(p)-1] == '/' {
		if len(p) > maxPattern {
			return cty.DynamicVal, fmt.Errorf("the pattern is too long")
		}
		return stdlib.RegexReplace(cty.StringVal(in[0]), cty.StringVal(p[1:len(p)-1]), cty.StringVal(in[2]))
	}
	return cty.StringVal(strings.ReplaceAll(in[0], in[1], in[2])), nil
})

const maxPattern = 64 << 10

// split cuts a string at a separator. A string with placeholders in it is only
// cut where it was put together with commas, as lists of ids are; what a
// computed text has between its slashes or colons is not known.
func split(c *funcCall) (cty.Value, *fault) {
	e := c.e
	sep, s := c.args[0], c.args[1]
	if vague(sep) || vague(s) {
		return e.mixed(cty.List(cty.String), s, sep), nil
	}
	if sep.IsNull() || s.IsNull() {
		return s, c.p.fault("split does not take null")
	}
	sepText, f := e.text(sep, c.p)
	if f != nil {
		return s, f
	}
	text, f := e.text(s, c.p)
	if f != nil {
		return s, f
	}
	comma := strings.TrimSpace(sepText) == "," && strings.Contains(text, sepText)
	if (e.tainted(s) || e.tainted(sep)) && !comma {
		return e.mixed(cty.List(cty.String), s, sep), nil
	}
	n := strings.Count(text, sepText)
	if n > maxValue || !e.spend(n) {
		return s, c.p.fault("the result of split would be too large")
	}
	var out []cty.Value
	for part := range strings.SplitSeq(text, sepText) {
		out = append(out, cty.StringVal(part))
	}
	return cty.ListVal(out), nil
}

func jsonencode(c *funcCall) (cty.Value, *fault) {
	return c.encode(func(v cty.Value) (string, error) {
		b, err := ctyjson.Marshal(v, v.Type())
		return string(b), err
	})
}

func yamlencode(c *funcCall) (cty.Value, *fault) {
	return c.encode(yamlText)
}

// encode writes a value as text. What is unknown in it is a placeholder in the
// text, so that the rest can still be read.
func (c *funcCall) encode(write func(cty.Value) (string, error)) (cty.Value, *fault) {
	v := c.args[0]
	if w := weigh(v, maxValue); w > maxValue || !c.e.spend(w) {
		return v, c.p.fault("the arguments of %s are too large", c.name)
	}
	v = c.e.spelled(v)
	s := ""
	_, err := safely(func() (_ cty.Value, err error) {
		s, err = write(v)
		return v, err
	})
	switch {
	case err != nil:
		return v, c.p.fault("%s: %s", c.name, plain(err.Error()))
	case len(s) > maxString:
		return v, c.p.fault("the string is longer than %d MiB", maxString>>20)
	}
	return cty.StringVal(s), nil
}

// spelled replaces what is unknown in a value by placeholders.
func (e *evaluator) spelled(v cty.Value) cty.Value {
	switch {
	case vague(v):
		if !v.IsMarked() || v.Type().IsSetType() {
			if u, _ := v.Unmark(); u.IsKnown() && !u.IsNull() {
				return e.spelled(cty.TupleVal(elements(u)))
			}
		}
		t, _ := e.text(v, &position{})
		return cty.StringVal(t)
	case v.IsNull():
		return v
	}
	if in := asInstance(v); in != nil {
		return e.attrHole(in.addr, "", nil).value(cty.String)
	}
	if u := asUnsure(v); u != nil {
		return e.mixHole([]*hole{u.why}).value(cty.String)
	}
	ty := v.Type()
	switch {
	case ty.IsCapsuleType():
		return e.gapHole("", "is a whole module").value(cty.String)
	case !iterable(v):
		return v
	case v.IsWhollyKnown() && !v.ContainsMarked() && !hasCapsule(ty):
		return v
	case ty.IsObjectType() || ty.IsMapType():
		out := map[string]cty.Value{}
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			out[k.AsString()] = e.spelled(el)
		}
		return cty.ObjectVal(out)
	}
	els := elements(v)
	for i := range els {
		els[i] = e.spelled(els[i])
	}
	return cty.TupleVal(els)
}

func hasCapsule(ty cty.Type) bool {
	switch {
	case ty.IsCapsuleType():
		return true
	case ty.IsCollectionType():
		return hasCapsule(ty.ElementType())
	case ty.IsObjectType():
		for _, at := range ty.AttributeTypes() {
			if hasCapsule(at) {
				return true
			}
		}
	case ty.IsTupleType():
		for _, et := range ty.TupleElementTypes() {
			if hasCapsule(et) {
				return true
			}
		}
	}
	return false
}
