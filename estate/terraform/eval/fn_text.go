package eval

import (
	"fmt"
	"math"
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

// The costs below are upper bounds of what a function would make, in elements
// or in string bytes by stringWeight. Arguments may be of any type: cty checks
// them later.

func textOf(args []cty.Value, i int) string {
	if i >= len(args) {
		return ""
	}
	v, _ := args[i].Unmark()
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

func countOf(args []cty.Value, i int) int {
	if i >= len(args) {
		return 0
	}
	v, _ := args[i].Unmark()
	if v.IsNull() || !v.IsKnown() || !iterable(v) {
		return 0
	}
	return v.LengthInt()
}

func product(ns ...int) int {
	p := 1.0
	for _, n := range ns {
		p *= float64(n)
	}
	return int(min(p, math.MaxInt32))
}

func parseintCost(args []cty.Value) int {
	if len(textOf(args, 0)) > 1000 {
		return -1
	}
	return 1
}

// formatCost refuses widths and precisions that pad beyond reason, and those
// that come from arguments.
func formatCost(args []cty.Value) int {
	f := textOf(args, 0)
	verbs, digits := 0, 0
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		verbs++
		digits = 0
		for i++; i < len(f) && strings.IndexByte("0123456789.#+- *[]", f[i]) >= 0; i++ {
			if f[i] == '*' {
				return -1
			}
			if f[i] >= '0' && f[i] <= '9' {
				digits++
			} else {
				digits = 0
			}
			if digits > 4 {
				return -1
			}
		}
	}
	n, bytes := 1, len(f)+verbs*1000
	for i := range args[1:] {
		n = max(n, countOf(args, i+1))
		bytes += weigh(args[i+1], maxValue) * stringWeight
	}
	if n == 1 {
		return bytes / stringWeight
	}
	return product(n, 1+len(f)/stringWeight) + bytes/stringWeight
}

func indentCost(args []cty.Value) int {
	n := 0.0
	if len(args) > 0 {
		if v, _ := args[0].Unmark(); v.IsKnown() && !v.IsNull() && v.Type() == cty.Number {
			n, _ = v.AsBigFloat().Float64()
		}
	}
	if n > 10_000 {
		return -1
	}
	return product(1+strings.Count(textOf(args, 1), "\n"), int(max(n, 0))) / stringWeight
}

func joinCost(args []cty.Value) int {
	n := 0
	for i := range args {
		n += countOf(args, i)
	}
	return product(n, len(textOf(args, 0))) / stringWeight
}

func regexCost(args []cty.Value) int {
	if len(textOf(args, 0)) > maxPattern {
		return -1
	}
	return len(textOf(args, 1)) / 8
}

func replaceCost(args []cty.Value) int {
	s, old, with := textOf(args, 0), textOf(args, 1), textOf(args, 2)
	n := len(s) + 1
	if len(old) < 2 || old[0] != '/' || old[len(old)-1] != '/' {
		n = strings.Count(s, old)
	} else if strings.ContainsRune(with, '$') {
		return product(n, len(with)+len(s)) / stringWeight
	}
	return product(n, len(with)) / stringWeight
}

func squareCost(args []cty.Value) int {
	n := countOf(args, 0)
	return product(n, n) / 64
}

func productCost(args []cty.Value) int {
	ns := []int{len(args)}
	for i := range args {
		ns = append(ns, countOf(args, i))
	}
	return product(ns...)
}

func cellsCost(args []cty.Value) int {
	s := textOf(args, 0)
	if _, ok := shallowJSON("", []byte(s)); !ok {
		return -1
	}
	return strings.Count(s, ",") + strings.Count(s, "\n") + strings.Count(s, "{") + strings.Count(s, "[")
}
