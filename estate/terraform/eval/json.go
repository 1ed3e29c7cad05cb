package eval

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// fromJSON turns an expression of the JSON syntax into the one that native
// syntax would give, so that there is one evaluator. With literal, strings are
// not templates.
func (e *evaluator) fromJSON(x hcl.Expression, literal bool) hclsyntax.Expression {
	rng := x.Range()
	if pairs, diags := hcl.ExprMap(x); !diags.HasErrors() {
		obj := &hclsyntax.ObjectConsExpr{SrcRange: rng, OpenRange: rng}
		for _, kv := range pairs {
			obj.Items = append(obj.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   e.fromJSON(kv.Key, literal),
				ValueExpr: e.fromJSON(kv.Value, literal),
			})
		}
		return obj
	}
	if items, diags := hcl.ExprList(x); !diags.HasErrors() {
		list := &hclsyntax.TupleConsExpr{SrcRange: rng, OpenRange: rng}
		for _, it := range items {
			list.Exprs = append(list.Exprs, e.fromJSON(it, literal))
		}
		return list
	}
	v, _ := x.Value(nil)
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String && !literal {
		if s := v.AsString(); strings.Contains(s, "${") || strings.Contains(s, "%{") {
			start := rng.Start
			start.Column++
			start.Byte++
			return e.parseTemplate(s, rng.Filename, start)
		}
	}
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: rng}
}

// parseTemplate parses the text of a template, with what is wrong in it as
// problems.
func (e *evaluator) parseTemplate(s, file string, start hcl.Pos) hclsyntax.Expression {
	x, diags := templateOf(s, file, start)
	e.syntax(file, diags)
	return x
}

func templateOf(s, file string, start hcl.Pos) (hclsyntax.Expression, hcl.Diagnostics) {
	rng := hcl.Range{Filename: file, Start: start, End: start}
	fail := func(summary string) (hclsyntax.Expression, hcl.Diagnostics) {
		return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(s), SrcRange: rng},
			hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Subject: &rng}}
	}
	tokens, diags := hclsyntax.LexTemplate([]byte(s), file, start)
	if diags.HasErrors() {
		return fail(diags[0].Summary)
	}
	if _, what := tooDeep(tokens); what != "" {
		return fail(what)
	}
	x, diags := hclsyntax.ParseTemplate([]byte(s), file, start)
	if x == nil {
		return fail("the template cannot be parsed")
	}
	return x, diags
}

// asBody reads the object that an attribute of the JSON syntax holds as the
// content of a block. Only the names in blocks, whose meaning is Terraform's
// own, become blocks; a provider's blocks look like its attributes.
func asBody(x hclsyntax.Expression, blocks map[string]int) *body {
	out := &body{pos: posOf(x.Range())}
	for _, kv := range pairs(x) {
		labels, isBlock := blocks[kv.name]
		if !isBlock {
			out.items = append(out.items, item{attr: kv})
			continue
		}
		for _, bl := range asBlocks(kv.name, nil, kv.expr, labels, blocks) {
			out.items = append(out.items, item{block: bl})
		}
	}
	return out
}

// asBlocks reads one or more blocks: an object, or a list of objects, below as
// many levels of labels.
func asBlocks(typ string, labels []string, x hclsyntax.Expression, more int, blocks map[string]int) []*block {
	if t, ok := x.(*hclsyntax.TupleConsExpr); ok {
		var out []*block
		for _, el := range t.Exprs {
			out = append(out, asBlocks(typ, labels, el, more, blocks)...)
		}
		return out
	}
	if more == 0 {
		return []*block{{typ, labels, asBody(x, blocks)}}
	}
	var out []*block
	for _, kv := range pairs(x) {
		l := append(labels[:len(labels):len(labels)], kv.name)
		for _, bl := range asBlocks(typ, l, kv.expr, more-1, blocks) {
			if more == 1 {
				bl.pos = kv.pos
			}
			out = append(out, bl)
		}
	}
	return out
}

// pairs lists the members of an object that JSON syntax wrote.
func pairs(x hclsyntax.Expression) []attr {
	obj, ok := x.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil
	}
	var out []attr
	for _, it := range obj.Items {
		lit, ok := it.KeyExpr.(*hclsyntax.LiteralValueExpr)
		if !ok || lit.Val.IsNull() || lit.Val.Type() != cty.String || lit.Val.AsString() == "//" {
			continue
		}
		out = append(out, attr{lit.Val.AsString(), it.ValueExpr, posOf(it.KeyExpr.Range())})
	}
	return out
}
