package eval

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"fathom/diag"
)

// rootValues reads the values of the root module's variables in Terraform's
// order: terraform.tfvars, *.auto.tfvars, the files given, the values given.
func (e *evaluator) rootValues(m *module, opts Options) map[string]cty.Value {
	given := map[string]cty.Value{}
	names, err := e.list(m.dir, ".tfvars", ".tfvars.json")
	if err != nil {
		names = nil
	}
	var auto []string
	for _, base := range []string{"terraform.tfvars", "terraform.tfvars.json"} {
		if n := path.Join(m.dir, base); slices.Contains(names, n) {
			auto = append(auto, n)
		}
	}
	for _, n := range names {
		if strings.HasSuffix(n, ".auto.tfvars") || strings.HasSuffix(n, ".auto.tfvars.json") {
			auto = append(auto, n)
		}
	}
	for _, n := range append(auto, opts.VarFiles...) {
		e.valuesFile(path.Clean(n), given)
	}
	for _, name := range slices.Sorted(maps.Keys(opts.Vars)) {
		def := m.variables[name]
		if def == nil {
			e.problem(diag.Pos{}, e.nearest(name, maps.Keys(m.variables), "declare it"),
				"the value given for %q has no variable", name)
			continue
		}
		given[name] = e.rawValue(def, opts.Vars[name])
	}
	return given
}

// valuesFile reads the assignments of a .tfvars file.
func (e *evaluator) valuesFile(name string, given map[string]cty.Value) {
	b := e.parseFile(name)
	for i := range b.items {
		it := &b.items[i]
		if it.block != nil {
			e.problem(it.block.pos, "write name = value", "a file of variable values has no blocks")
			continue
		}
		given[it.name] = e.value(it.expr, &scope{sealed: true, addr: "var." + it.name})
	}
}

// rawValue reads a value given as text: as it is for a variable of a simple
// type or none, else as an expression.
func (e *evaluator) rawValue(def *variable, raw string) cty.Value {
	if !def.typed || def.typ.IsPrimitiveType() {
		return cty.StringVal(raw)
	}
	file := "the value of variable " + def.name
	bad := func(why string) cty.Value {
		e.problem(diag.Pos{}, "write it as in a .tfvars file", "the value given for variable %q is not an expression: %s", def.name, why)
		return e.gapHole("var."+def.name, "the value given for variable "+quoted(def.name)+" is not an expression").value(cty.DynamicPseudoType)
	}
	tokens, diags := hclsyntax.LexExpression([]byte(raw), file, hcl.InitialPos)
	if diags.HasErrors() {
		return bad(plain(diags[0].Summary))
	}
	if _, what := tooDeep(tokens); what != "" {
		return bad(what)
	}
	x, diags := hclsyntax.ParseExpression([]byte(raw), file, hcl.InitialPos)
	if diags.HasErrors() {
		return bad(plain(diags[0].Summary))
	}
	return e.value(x, &scope{sealed: true, addr: "var." + def.name})
}
