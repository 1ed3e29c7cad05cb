package eval

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"fathom/estate/terraform/config"
)

func itoa(n int) string { return strconv.Itoa(n) }

// localProvider is the provider that a resource names, or the default one of
// its type: aws, aws.backup.
func localProvider(r *resource) string {
	if a := r.body.get("provider"); a != nil {
		if kw := keyword(a.expr); kw != "" {
			return kw
		}
	}
	name, _, _ := strings.Cut(r.typ, "_")
	return name
}

// rootProvider is what the root module calls a provider of this module. A
// provider that nobody passes on is the root's own of that name.
func (m *modInst) rootProvider(name string) string {
	if root, ok := m.names[name]; ok {
		return root
	}
	return name
}

// providerNames maps the provider names within a called module to those of the
// root.
func (e *evaluator) providerNames(m *modInst, c *call) map[string]string {
	out := map[string]string{}
	for name, root := range m.names {
		if !strings.Contains(name, ".") { // aliases are not inherited
			out[name] = root
		}
	}
	a := c.body.get("providers")
	if a == nil {
		return out
	}
	obj, ok := a.expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return out
	}
	for _, it := range obj.Items {
		k := it.KeyExpr
		if ke, ok := k.(*hclsyntax.ObjectConsKeyExpr); ok {
			k = ke.Wrapped
		}
		inner, outer := keyword(k), keyword(it.ValueExpr)
		if inner != "" && outer != "" {
			out[inner] = m.rootProvider(outer)
		}
	}
	return out
}

// rootProviders evaluates the provider configurations of the root module.
func (e *evaluator) rootProviders(m *modInst) []config.Provider {
	var out []config.Provider
	for _, p := range m.providers {
		name := p.name
		if p.alias != "" {
			name += "." + p.alias
		}
		s := &scope{m: m, addr: "provider." + name}
		ex := e.expand(p.body, s)
		for _, ea := range ex.keys {
			b := without(p.body, providerMeta)
			out = append(out, config.Provider{Name: name, Pos: p.body.pos, Args: e.args(b, ex.scopeFor(s, ea))})
		}
	}
	slices.SortStableFunc(out, func(a, b config.Provider) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// region is the region that an instance's provider is configured for, or Nil.
func (e *evaluator) region(in *instance) cty.Value {
	if a := in.def.args.get("region"); a != nil {
		if v := e.value(a.expr, in.s); !v.IsNull() || v.IsMarked() {
			return v
		}
	}
	root := in.s.m.root
	name := in.s.m.rootProvider(localProvider(in.def))
	if in.def.body.get("provider") == nil && !strings.HasPrefix(in.def.typ, "aws_") {
		return cty.NilVal
	}
	for _, p := range root.providers {
		full := p.name
		if p.alias != "" {
			full += "." + p.alias
		}
		if full != name {
			continue
		}
		if a := p.body.get("region"); a != nil {
			return e.value(a.expr, &scope{m: root, addr: "provider." + full})
		}
	}
	return cty.NilVal
}
