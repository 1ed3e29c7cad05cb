package eval

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"fathom/diag"
)

// check tells the plain mistakes of a module, wherever they stand and whether
// or not anything evaluates them: names that nothing declares, functions that
// do not exist, and locals or resources that need themselves.
func (e *evaluator) check(m *module) {
	c := &checker{e: e, m: m, edges: map[string][]string{}, pos: map[string]diag.Pos{}}
	for _, name := range slices.Sorted(maps.Keys(m.locals)) {
		a := m.locals[name]
		c.from = "local." + name
		c.pos[c.from] = a.pos
		c.expr(a.expr, nil)
	}
	for _, addr := range slices.Sorted(maps.Keys(m.resources)) {
		r := m.resources[addr]
		c.from = addr
		c.pos[c.from] = r.body.pos
		c.body(r.body, nil)
	}
	c.from = ""
	for _, name := range slices.Sorted(maps.Keys(m.outputs)) {
		c.body(m.outputs[name], nil)
	}
	for _, name := range slices.Sorted(maps.Keys(m.calls)) {
		c.body(m.calls[name].body, nil)
	}
	for _, p := range m.providers {
		c.body(p.body, nil)
	}
	c.cycles()
}

type checker struct {
	e     *evaluator
	m     *module
	from  string
	edges map[string][]string
	pos   map[string]diag.Pos
}

// notValues are arguments that name things without evaluating them.
var notValues = map[string]bool{
	"provider": true, "providers": true, "depends_on": true, "ignore_changes": true,
	"replace_triggered_by": true, "iterator": true, "when": true, "on_failure": true,
}

// lateBlocks may refer to the resource they stand in.
var lateBlocks = map[string]bool{
	"provisioner": true, "connection": true, "postcondition": true, "precondition": true, "validation": true,
}

func (c *checker) body(b *body, iterators []string) {
	for i := range b.items {
		it := &b.items[i]
		switch {
		case it.block == nil:
			if !notValues[it.name] {
				c.expr(it.expr, iterators)
			}
		case it.block.typ == "action_trigger":
		case lateBlocks[it.block.typ]:
			from := c.from
			c.from = ""
			c.body(it.block.body, iterators)
			c.from = from
		case it.block.typ == "dynamic" && len(it.block.labels) == 1:
			name := it.block.labels[0]
			if a := it.block.get("iterator"); a != nil {
				name = keyword(a.expr)
			}
			c.body(it.block.body, append(iterators[:len(iterators):len(iterators)], name))
		default:
			c.body(it.block.body, iterators)
		}
	}
}

func (c *checker) expr(x hclsyntax.Expression, iterators []string) {
	for _, tr := range hclsyntax.Variables(x) {
		if !slices.Contains(iterators, tr.RootName()) {
			c.reference(tr)
		}
	}
	hclsyntax.VisitAll(x, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			c.function(call)
		}
		return nil
	})
}

func (c *checker) function(call *hclsyntax.FunctionCallExpr) {
	name := strings.TrimPrefix(call.Name, "core::")
	if strings.HasPrefix(name, "provider::") || isFunction(name) {
		return
	}
	c.e.problem(posOf(call.NameRange), c.e.nearest(name, functionNames(), "see Terraform's list of functions"),
		"there is no function %q", call.Name)
}

func (c *checker) reference(tr hcl.Traversal) {
	name := func(i int) string {
		if i < len(tr) {
			if a, ok := tr[i].(hcl.TraverseAttr); ok {
				return a.Name
			}
		}
		return ""
	}
	pos := posOf(tr.SourceRange())
	declared := func(ok bool, what, name string, names iter.Seq[string]) {
		if !ok {
			c.e.problem(pos, c.e.nearest(name, names, "declare it"), "%s %q is not declared", what, name)
		}
	}
	switch root := tr.RootName(); root {
	case "var":
		declared(c.m.variables[name(1)] != nil, "variable", name(1), maps.Keys(c.m.variables))
	case "local":
		declared(c.m.locals[name(1)] != nil, "local", name(1), maps.Keys(c.m.locals))
		c.edge("local." + name(1))
	case "module":
		declared(c.m.calls[name(1)] != nil, "module", name(1), maps.Keys(c.m.calls))
	case "each", "count", "path", "terraform", "tofu", "self":
	case "data", "ephemeral":
		c.resource(pos, root+"."+name(1)+"."+name(2))
	case "resource":
		c.resource(pos, name(1)+"."+name(2))
	default:
		if name(1) == "" {
			c.e.problem(pos, "write it in quotes, or as var."+root+" or local."+root, "%q is not a reference", root)
			return
		}
		c.resource(pos, root+"."+name(1))
	}
}

func (c *checker) resource(pos diag.Pos, addr string) {
	if c.m.resources[addr] == nil {
		c.e.problem(pos, c.e.nearest(addr, maps.Keys(c.m.resources), "declare it"), "resource %q is not declared", addr)
		return
	}
	c.edge(addr)
}

func (c *checker) edge(to string) {
	if c.from != "" {
		c.edges[c.from] = append(c.edges[c.from], to)
	}
}

// cycles tells the cycles among locals and resources, with Tarjan's algorithm.
func (c *checker) cycles() {
	type state struct{ index, low int }
	states := map[string]*state{}
	onStack := map[string]bool{}
	var stack []string
	var visit func(string) *state
	visit = func(v string) *state {
		s := &state{len(states), len(states)}
		states[v] = s
		stack = append(stack, v)
		onStack[v] = true
		self := false
		for _, w := range c.edges[v] {
			self = self || w == v
			if t := states[w]; t == nil {
				s.low = min(s.low, visit(w).low)
			} else if onStack[w] {
				s.low = min(s.low, t.index)
			}
		}
		if s.low == s.index {
			i := len(stack) - 1
			for stack[i] != v {
				i--
			}
			group := slices.Clone(stack[i:])
			stack = stack[:i]
			for _, w := range group {
				onStack[w] = false
			}
			if len(group) > 1 || self {
				c.tell(group)
			}
		}
		return s
	}
	for _, v := range slices.Sorted(maps.Keys(c.edges)) {
		if states[v] == nil {
			visit(v)
		}
	}
}

// tell reports one cycle of a group whose members all need one another: the
// shortest one through the first of them.
func (c *checker) tell(group []string) {
	in := map[string]bool{}
	for _, v := range group {
		in[v] = true
		c.e.inCycle[c.pos[v]] = true
	}
	start := slices.Min(group)
	from := map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		v := queue[0]
		for _, w := range slices.Sorted(slices.Values(c.edges[v])) {
			if w == start {
				loop := []string{v}
				for u := v; u != start; {
					u = from[u]
					loop = append(loop, u)
				}
				slices.Reverse(loop)
				c.e.tellCycle(c.pos[start], loop)
				return
			}
			if _, seen := from[w]; !seen && in[w] && w != start {
				from[w] = v
				queue = append(queue, w)
			}
		}
	}
}
