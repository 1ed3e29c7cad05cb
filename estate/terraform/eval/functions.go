package eval

import (
	"iter"
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// funcCall is one call of a function: its arguments evaluated, and as written.
type funcCall struct {
	e     *evaluator
	name  string
	args  []cty.Value
	exprs []hclsyntax.Expression
	s     *scope
	p     *position
}

// A function is one of Terraform's. How it treats holes is what matters here.
type fn struct {
	// impl is a function of cty, for values without marks.
	impl function.Function
	// native is one written here, which sees the arguments as they are.
	native func(*funcCall) (cty.Value, *fault)
	// lazy functions get their arguments unevaluated.
	lazy bool
	// through says that placeholders in the arguments arrive in the result
	// unharmed: the function puts texts or values together. Any other function
	// of something with a hole in it is unknown.
	through bool
	// optional is the argument from which on placeholders need not arrive, or
	// 0: what replace would put in is not in the result when it finds nothing.
	optional int
	// flattens says that elements of unknown type may be lists to the function.
	flattens bool
	// cost is an upper bound of the weight of the result, or of the work.
	cost     func([]cty.Value) int
	min, max int // arguments of a native function; max < 0 is any number
}

func isFunction(name string) bool { return functions[name] != nil }

func functionNames() iter.Seq[string] { return maps.Keys(functions) }

func (e *evaluator) callFunc(x *hclsyntax.FunctionCallExpr, s *scope) (cty.Value, *fault) {
	c := &funcCall{e: e, name: strings.TrimPrefix(x.Name, "core::"), exprs: x.Args, s: s, p: at(x.Range())}
	if strings.HasPrefix(c.name, "provider::") {
		why := c.name + " is a function of a provider, which is not run here"
		return e.gapHole("", why).value(cty.DynamicPseudoType), nil
	}
	f := functions[c.name]
	if f == nil {
		ft := c.p.fault("there is no function %q", x.Name)
		ft.told = !s.sealed
		return cty.DynamicVal, ft
	}
	if f.lazy {
		return f.native(c)
	}
	for i, a := range x.Args {
		v, ft := e.part(a, s)
		if ft != nil {
			return v, ft
		}
		if !x.ExpandFinal || i < len(x.Args)-1 {
			c.args = append(c.args, v)
			continue
		}
		if u := asUnsure(v); u != nil {
			v = e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType)
		}
		if vague(v) || e.wholeHole(v) != nil {
			return e.mixed(cty.DynamicPseudoType, append(c.args, v)...), nil
		}
		if v.IsNull() || !iterable(v) || v.Type().IsObjectType() || v.Type().IsMapType() {
			return v, c.p.fault("only a list can be expanded with … into arguments")
		}
		for it := v.ElementIterator(); it.Next(); {
			_, el := it.Element()
			c.args = append(c.args, el)
		}
	}
	return c.run(f)
}

func (c *funcCall) run(f *fn) (cty.Value, *fault) {
	if !c.e.spend(4 + len(c.args)) {
		return cty.DynamicVal, c.p.fault(tooMuchWork)
	}
	if f.native != nil {
		if n := len(c.args); n < f.min || f.max >= 0 && n > f.max {
			return cty.DynamicVal, c.p.fault("%s takes %s, not %d", c.name, arity(f.min, f.max), n)
		}
		return f.native(c)
	}
	return c.apply(f)
}

func arity(least, most int) string {
	switch {
	case most < 0:
		return "at least " + itoa(least) + " arguments"
	case least == most && least == 1:
		return "one argument"
	case least == most:
		return itoa(least) + " arguments"
	}
	return itoa(least) + " to " + itoa(most) + " arguments"
}

// apply calls a function of cty.
func (c *funcCall) apply(f *fn) (cty.Value, *fault) {
	e := c.e
	weight := 0
	for i, a := range c.args {
		if u := asUnsure(a); u != nil {
			c.args[i] = e.mixHole([]*hole{u.why}).value(cty.DynamicPseudoType)
		}
		if weight += weigh(c.args[i], maxValue); weight > maxValue {
			return a, c.p.fault("the arguments of %s are too large", c.name)
		}
	}
	if f.cost != nil {
		if n := f.cost(c.args); n > maxValue || n < 0 {
			return cty.DynamicVal, c.p.fault("the result of %s would be too large", c.name)
		} else {
			weight += n
		}
	}
	// Each element is converted, passed and copied: dearer than a step.
	if !e.spend(4 * weight) {
		return cty.DynamicVal, c.p.fault(tooMuchWork)
	}
	hs := e.holesIn(c.args...)
	if ft := c.convertArgs(f.impl); ft != nil {
		if len(hs.list) > 0 || hs.damaged {
			return e.mixHole(hs.list).value(cty.DynamicPseudoType), nil
		}
		return cty.DynamicVal, ft
	}
	if len(hs.list) == 0 && !hs.damaged {
		v, err := safely(func() (cty.Value, error) { return f.impl.Call(c.args) })
		if err != nil {
			return v, c.p.fault("%s: %s", c.name, plain(err.Error()))
		}
		if tooLong(v) {
			return v, c.p.fault("the result of %s would be too large", c.name)
		}
		return e.remark(v, hs)
	}
	plainArgs := make([]cty.Value, len(c.args))
	for i, a := range c.args {
		if f.through && !f.flattens && !vague(a) {
			a = e.spellDynamic(a)
		}
		plainArgs[i], _ = a.UnmarkDeep()
	}
	unknown := func() (cty.Value, *fault) {
		return e.mixHole(hs.list).value(resultType(f.impl, plainArgs)), nil
	}
	if !f.through {
		return unknown()
	}
	v, err := safely(func() (cty.Value, error) { return f.impl.Call(plainArgs) })
	if err != nil {
		// The placeholder, not what it stands for, may be what is wrong.
		return unknown()
	}
	if tooLong(v) {
		return v, c.p.fault("the result of %s would be too large", c.name)
	}
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		got := e.holesIn(v)
		need := hs.list
		if f.optional > 0 {
			need = e.holesIn(c.args[:f.optional]...).list
		}
		for _, h := range need {
			if got.damaged || !contains(got.list, h) {
				return unknown()
			}
		}
	}
	return e.remark(v, hs)
}

// spellDynamic writes the unknown elements of a value whose type is unknown as
// well as placeholders, so that each keeps its own hole through a function.
func (e *evaluator) spellDynamic(v cty.Value) cty.Value {
	if !v.ContainsMarked() {
		return v
	}
	out, err := cty.Transform(v, func(_ cty.Path, el cty.Value) (cty.Value, error) {
		if u, _ := el.Unmark(); el.IsMarked() && u.Type() == cty.DynamicPseudoType && !u.IsKnown() {
			return cty.StringVal(e.mixHoleOf(el).placeholder()), nil
		}
		return el, nil
	})
	if err != nil {
		return v
	}
	return out
}

func contains(hs []*hole, h *hole) bool {
	for _, g := range hs {
		if g == h {
			return true
		}
	}
	return false
}

// convertArgs converts the arguments to the types of the parameters.
func (c *funcCall) convertArgs(impl function.Function) *fault {
	params, rest := impl.Params(), impl.VarParam()
	if n := len(c.args); n < len(params) || n > len(params) && rest == nil {
		most := len(params)
		if rest != nil {
			most = -1
		}
		return c.p.fault("%s takes %s, not %d", c.name, arity(len(params), most), n)
	}
	for i, a := range c.args {
		p := rest
		if i < len(params) {
			p = &params[i]
		}
		if a.IsMarked() || a.IsNull() && !p.AllowNull {
			if !a.IsMarked() {
				return c.p.fault("%s: %q must not be null", c.name, p.Name)
			}
			continue
		}
		v, err := c.e.convertValue(a, p.Type)
		if err != nil {
			return c.p.fault("%s: %q: %s", c.name, p.Name, plain(err.Error()))
		}
		c.args[i] = v
	}
	return nil
}

// remark gives the unknown parts of a result the holes of the arguments.
func (e *evaluator) remark(v cty.Value, hs *holeSet) (cty.Value, *fault) {
	if v.IsWhollyKnown() {
		return v, nil
	}
	m := e.mixHole(hs.list)
	if len(hs.list) == 1 && !hs.list[0].attr {
		m = hs.list[0]
	}
	if !v.IsKnown() {
		return m.value(v.Type()), nil
	}
	out, err := cty.Transform(v, func(_ cty.Path, el cty.Value) (cty.Value, error) {
		if !el.IsKnown() && !el.IsMarked() {
			if el.Type() == cty.String && v.Type().IsSetType() {
				return el.Mark(m), nil
			}
			return m.value(el.Type()), nil
		}
		return el, nil
	})
	if err != nil {
		return m.value(v.Type()), nil
	}
	return out, nil
}

// resultType is the type of a function's result, as far as the types of its
// arguments tell.
func resultType(f function.Function, args []cty.Value) (ty cty.Type) {
	unknown := make([]cty.Value, len(args))
	for i, a := range args {
		unknown[i] = cty.UnknownVal(a.Type())
	}
	ty = cty.DynamicPseudoType
	_, _ = safely(func() (cty.Value, error) {
		t, err := f.ReturnTypeForValues(unknown)
		if err == nil {
			ty = t
		}
		return cty.NilVal, nil
	})
	return ty
}
