package eval

import (
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
)

// try is the first argument that evaluates without a fault.
func try(c *funcCall) (cty.Value, *fault) {
	s := c.s.with(func(s *scope) { s.strict = true })
	var last *fault
	for _, x := range c.exprs {
		v, f := c.e.eval(x, s)
		if f == nil {
			return v, nil
		}
		if f.msg == tooMuchWork {
			return v, f
		}
		last = f
	}
	if last == nil {
		return cty.DynamicVal, c.p.fault("try takes at least one argument")
	}
	return cty.DynamicVal, c.p.fault("no argument of try can be evaluated: %s", last.msg)
}

// can is whether its argument evaluates without a fault.
func can(c *funcCall) (cty.Value, *fault) {
	if len(c.exprs) != 1 {
		return cty.DynamicVal, c.p.fault("can takes one argument, not %d", len(c.exprs))
	}
	v, f := c.e.eval(c.exprs[0], c.s.with(func(s *scope) { s.strict = true }))
	switch {
	case f != nil && f.msg == tooMuchWork:
		return v, f
	case f != nil:
		return cty.False, nil
	case vague(v):
		return c.e.mixed(cty.Bool, v), nil
	}
	return cty.True, nil
}

// convertFn converts its first argument to the type that the second names.
func convertFn(c *funcCall) (cty.Value, *fault) {
	if len(c.exprs) != 2 {
		return cty.DynamicVal, c.p.fault("convert takes 2 arguments, not %d", len(c.exprs))
	}
	ty, diags := typeexpr.TypeConstraint(c.exprs[1])
	if diags.HasErrors() {
		return cty.DynamicVal, c.p.fault("the second argument of convert is not a type")
	}
	v, f := c.e.eval(c.exprs[0], c.s)
	if f != nil {
		return v, f
	}
	c.args = []cty.Value{v}
	return converts(ty).native(c)
}

// same is its argument: what is sensitive is not hidden here.
func same(c *funcCall) (cty.Value, *fault) { return c.args[0], nil }

// later is a function whose result only a run of Terraform has.
func later(c *funcCall) (cty.Value, *fault) {
	return c.e.gapHole("", c.name+"() is known only when Terraform runs").value(cty.DynamicPseudoType), nil
}

// machine is a function whose result depends on the machine.
func machine(c *funcCall) (cty.Value, *fault) {
	return c.e.gapHole("", c.name+"() depends on the machine that runs Terraform").value(cty.String), nil
}

func removed(c *funcCall) (cty.Value, *fault) {
	return cty.DynamicVal, c.p.fault("%s() is not a function of Terraform any more; use to%s([…])", c.name, c.name)
}
