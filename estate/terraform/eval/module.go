package eval

import (
	"maps"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"fathom/diag"
)

// module is what the files of one directory declare. It is read once however
// often it is called.
type module struct {
	dir       string
	variables map[string]*variable
	locals    map[string]*attr
	outputs   map[string]*body
	resources map[string]*resource // by the address within the module
	calls     map[string]*call
	providers []*provider
	// sources maps the local names of providers to what they are.
	sources map[string]string
}

type variable struct {
	name     string
	pos      diag.Pos
	typ      cty.Type
	defaults *typeexpr.Defaults
	typed    bool // a type was written
	fallback *attr
	nullable bool
}

type resource struct {
	addr      string // aws_x.y, data.aws_x.y, ephemeral.aws_x.y
	typ, name string
	data      bool
	ephemeral bool
	body      *body
	args      *body // without Terraform's own arguments
	written   map[string]bool
}

type call struct {
	name string
	body *body
	args *body
}

type provider struct {
	name, alias string
	body        *body
}

// load reads the module in a directory; nil means that there is none.
func (e *evaluator) load(dir string) *module {
	if m, ok := e.modules[dir]; ok {
		return m
	}
	m := e.readModule(dir)
	e.modules[dir] = m
	if m != nil {
		e.check(m)
	}
	return m
}

func (e *evaluator) readModule(dir string) *module {
	names, err := e.list(dir, ".tf", ".tf.json")
	if err != nil || len(names) == 0 {
		return nil
	}
	m := &module{
		dir:       dir,
		variables: map[string]*variable{}, locals: map[string]*attr{}, outputs: map[string]*body{},
		resources: map[string]*resource{}, calls: map[string]*call{}, sources: map[string]string{},
	}
	var top, over []*block
	for _, name := range names {
		b := e.parseFile(name)
		bs := e.topBlocks(b, strings.HasSuffix(name, ".json"))
		if isOverride(path.Base(name)) {
			over = append(over, bs...)
		} else {
			top = append(top, bs...)
		}
	}
	for _, b := range override(top, over) {
		e.declare(m, b)
	}
	return m
}

// labelsOf is how many labels each block at the top of a file has.
var labelsOf = map[string]int{
	"variable": 1, "locals": 0, "output": 1, "resource": 2, "data": 2, "ephemeral": 2,
	"module": 1, "provider": 1, "terraform": 0, "moved": 0, "import": 0, "removed": 0,
	"check": 1, "action": 2, "language": 0,
}

// nestedJSON are the blocks within a block that Terraform itself knows, for
// the JSON syntax, where they look like attributes.
var nestedJSON = map[string]map[string]int{
	"resource":  {"lifecycle": 0, "provisioner": 1, "connection": 0, "dynamic": 1, "content": 0},
	"data":      {"lifecycle": 0, "dynamic": 1, "content": 0},
	"ephemeral": {"lifecycle": 0, "dynamic": 1, "content": 0},
	"variable":  {"validation": 0},
	"terraform": {"required_providers": 0, "backend": 1, "cloud": 0},
	"provider":  {"dynamic": 1, "content": 0},
}

func (e *evaluator) topBlocks(b *body, isJSON bool) []*block {
	var out []*block
	for _, it := range b.items {
		name, pos := it.name, it.pos
		if it.block != nil {
			name, pos = it.block.typ, it.block.pos
		}
		labels, known := labelsOf[name]
		switch {
		case !known && name == "//":
		case !known:
			e.problem(pos, e.nearest(name, maps.Keys(labelsOf), "remove it"),
				"blocks of type %q are not expected here", name)
		case isJSON:
			blocks := asBlocks(name, nil, it.expr, labels, nestedJSON[name])
			for _, bl := range blocks {
				if labels == 0 {
					bl.pos = pos
				}
			}
			out = append(out, blocks...)
		case it.block == nil:
			e.problem(pos, "write it as a block: "+name+" { … }", "%q is a block, not an argument", name)
		case len(it.block.labels) != labels:
			e.problem(pos, "add or remove labels", "a %q block has %d labels, not %d", name, labels, len(it.block.labels))
		default:
			out = append(out, it.block)
		}
	}
	return out
}

func (e *evaluator) declare(m *module, b *block) {
	again := func(known bool, what string) bool {
		if known {
			e.problem(b.pos, "remove or rename one of them", "%s is declared twice", what)
		}
		return known
	}
	switch b.typ {
	case "variable":
		if name := b.labels[0]; !again(m.variables[name] != nil, "variable "+quoted(name)) {
			m.variables[name] = e.variable(b)
		}
	case "locals":
		for _, it := range b.items {
			if it.block == nil && !again(m.locals[it.name] != nil, "local "+quoted(it.name)) {
				a := it.attr
				m.locals[it.name] = &a
			}
		}
	case "output":
		if name := b.labels[0]; !again(m.outputs[name] != nil, "output "+quoted(name)) {
			m.outputs[name] = b.body
		}
	case "resource", "data", "ephemeral":
		r := newResource(b)
		if !again(m.resources[r.addr] != nil, b.typ+" "+quoted(r.typ)+" "+quoted(r.name)) {
			m.resources[r.addr] = r
		}
	case "module":
		if name := b.labels[0]; !again(m.calls[name] != nil, "module "+quoted(name)) {
			m.calls[name] = &call{name: name, body: b.body, args: without(b.body, callMeta)}
		}
	case "provider":
		p := &provider{name: b.labels[0], body: b.body}
		if a := b.get("alias"); a != nil {
			p.alias = literalString(a.expr)
		}
		m.providers = append(m.providers, p)
	case "terraform":
		for _, rp := range b.blocksOf("required_providers") {
			for _, it := range rp.items {
				if it.block == nil {
					m.sources[it.name] = it.name
				}
			}
		}
	}
}

// Terraform's own arguments, which are not the provider's.
var (
	resourceMeta = map[string]bool{
		"count": true, "for_each": true, "provider": true, "depends_on": true,
		"lifecycle": true, "provisioner": true, "connection": true, "timeouts": true,
	}
	callMeta = map[string]bool{
		"count": true, "for_each": true, "providers": true, "depends_on": true,
		"source": true, "version": true, "lifecycle": true,
	}
	providerMeta = map[string]bool{"alias": true, "version": true, "for_each": true}
)

// without is a body less the attributes and blocks of some names.
func without(b *body, names map[string]bool) *body {
	out := &body{pos: b.pos}
	for _, it := range b.items {
		name := it.name
		if it.block != nil {
			name = it.block.typ
		}
		if !names[name] {
			out.items = append(out.items, it)
		}
	}
	return out
}

func newResource(b *block) *resource {
	r := &resource{
		typ: b.labels[0], name: b.labels[1], data: b.typ == "data", ephemeral: b.typ == "ephemeral",
		body: b.body, args: without(b.body, resourceMeta), written: map[string]bool{},
	}
	r.addr = r.typ + "." + r.name
	if b.typ != "resource" {
		r.addr = b.typ + "." + r.addr
	}
	for _, it := range r.args.items {
		switch {
		case it.block == nil:
			r.written[it.name] = true
		case it.block.typ == "dynamic" && len(it.block.labels) == 1:
			r.written[it.block.labels[0]] = true
		default:
			r.written[it.block.typ] = true
		}
	}
	return r
}

func (e *evaluator) variable(b *block) *variable {
	v := &variable{name: b.labels[0], pos: b.pos, typ: cty.DynamicPseudoType, nullable: true}
	v.fallback = b.get("default")
	if n := b.get("nullable"); n != nil {
		lit, ok := n.expr.(*hclsyntax.LiteralValueExpr)
		v.nullable = !ok || lit.Val.IsNull() || lit.Val.Type() != cty.Bool || lit.Val.True()
	}
	t := b.get("type")
	if t == nil {
		return v
	}
	x := t.expr
	if s := keyword(x); s != "" && s != "any" {
		// JSON syntax writes a type as a string, and so did Terraform 0.11.
		// A list without the type of its elements is one of any.
		switch s {
		case "list", "map", "set":
			s += "(any)"
		}
		rng := x.Range()
		parsed, diags := hclsyntax.ParseExpression([]byte(s), rng.Filename, rng.Start)
		if diags.HasErrors() {
			e.problem(posOf(rng), "use string, number, bool, list(…), map(…), set(…), object({…}), tuple([…]) or any", "%q is not a type", s)
			return v
		}
		x = parsed
	}
	ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(x)
	if diags.HasErrors() {
		d := diags[0]
		pos := t.pos
		if d.Subject != nil {
			pos = posOf(*d.Subject)
		}
		e.problem(pos, "correct the type", "the type of variable %q is not valid: %s", v.name, plain(d.Detail))
		return v
	}
	v.typ, v.defaults, v.typed = ty, defaults, true
	return v
}

// literalString returns the string that an expression is without evaluation,
// or "".
func literalString(x hclsyntax.Expression) string {
	switch x := x.(type) {
	case *hclsyntax.TemplateExpr:
		if len(x.Parts) == 1 {
			return literalString(x.Parts[0])
		}
	case *hclsyntax.LiteralValueExpr:
		if !x.Val.IsNull() && x.Val.Type() == cty.String {
			return x.Val.AsString()
		}
	case *hclsyntax.ScopeTraversalExpr:
		return ""
	}
	return ""
}

// keyword reads an expression that is a name and attributes without
// evaluating it, as in provider = aws.backup; an index is left out.
func keyword(x hclsyntax.Expression) string {
	if s := literalString(x); s != "" {
		return s
	}
	if ix, ok := x.(*hclsyntax.IndexExpr); ok {
		return keyword(ix.Collection)
	}
	tr, diags := hcl.AbsTraversalForExpr(x)
	if diags.HasErrors() {
		return ""
	}
	return traversalText(tr)
}

func traversalText(tr hcl.Traversal) string {
	var b strings.Builder
	for _, st := range tr {
		switch st := st.(type) {
		case hcl.TraverseRoot:
			b.WriteString(st.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + st.Name)
		case hcl.TraverseIndex:
			b.WriteString(indexText(st.Key))
		}
	}
	return b.String()
}
