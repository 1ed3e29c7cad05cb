package eval

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"fathom/diag"
)

// modInst is a module once for each time it is called.
type modInst struct {
	*module
	path   string // module.a["x"].module.b, "" for the root
	parent *modInst
	root   *modInst
	depth  int
	maybe  string   // why it may not exist
	rel    string   // path.module
	called diag.Pos // where a module that was downloaded is called, if it was

	// The call that made it: its arguments, evaluated in the parent's scope.
	// The root has none, but the values of files and flags.
	call   *call
	caller *scope
	given  map[string]cty.Value

	vars      map[string]*thunk
	local     map[string]*thunk
	out       map[string]*thunk
	resources map[string]*node
	children  map[string]*callNode
	names     map[string]string // provider names here to the root's
}

// scope is where an expression is evaluated.
type scope struct {
	m *modInst
	// addr is whose expression it is, for gaps.
	addr string
	// each, index: what for_each and count give; Nil where there is none.
	eachKey, eachValue, index cty.Value
	vars                      *binding
	anon                      *anonymous
	// strict makes faults in the parts of an expression the fault of the
	// whole, as try and can need it.
	strict bool
	// sealed leaves only vars: the scope of a default or a template.
	sealed bool
	// template says that it is a template, which must not read others.
	template bool
}

// binding is a variable of a for expression, a dynamic block or a template.
type binding struct {
	name string
	val  cty.Value
	next *binding
}

// anonymous is the element that a splat stands at.
type anonymous struct {
	sym  *hclsyntax.AnonSymbolExpr
	val  cty.Value
	next *anonymous
}

func (s *scope) bind(name string, v cty.Value) *scope {
	c := *s
	c.vars = &binding{name, v, s.vars}
	return &c
}

func (s *scope) with(f func(*scope)) *scope {
	c := *s
	f(&c)
	return &c
}

// thunk is a value that is evaluated when it is first asked for.
type thunk struct {
	state uint8
	val   cty.Value
}

const (
	waiting uint8 = iota
	running
	done
)

// frame is a thunk being evaluated, for telling cycles.
type frame struct {
	t    *thunk
	name string
	pos  diag.Pos
}

// force evaluates a thunk, once. One that needs itself is a problem and its
// value is unknown.
func (e *evaluator) force(t *thunk, name string, pos diag.Pos, f func() cty.Value) cty.Value {
	switch t.state {
	case done:
		return t.val
	case running:
		e.cycle(t)
		return e.gapHole(name, name+" depends on itself").value(cty.DynamicPseudoType)
	}
	if e.work.depth > maxDepth {
		return e.gapHole(name, "references are nested too deeply").value(cty.DynamicPseudoType)
	}
	t.state = running
	e.stack = append(e.stack, frame{t, name, pos})
	e.work.depth++
	saved := e.work.left
	e.work.left = e.work.each
	t.val = f()
	e.work.left = saved
	e.work.depth--
	e.stack = e.stack[:len(e.stack)-1]
	t.state = done
	return t.val
}

// cycle tells of the thunks from t to the top of the stack, beginning with the
// first by name so that it does not matter where it was entered.
func (e *evaluator) cycle(t *thunk) {
	i := len(e.stack) - 1
	for i > 0 && e.stack[i].t != t {
		i--
	}
	loop := slices.Clone(e.stack[i:])
	if !slices.ContainsFunc(loop, func(f frame) bool { return !e.inCycle[f.pos] }) {
		return // the check of the module told it
	}
	first := 0
	for j := range loop {
		if strings.Compare(loop[j].name, loop[first].name) < 0 {
			first = j
		}
	}
	loop = append(loop[first:len(loop):len(loop)], loop[:first]...)
	names := make([]string, len(loop))
	for j := range loop {
		names[j] = loop[j].name
	}
	e.tellCycle(loop[0].pos, names)
}

// tellCycle reports a cycle once, however it was found.
func (e *evaluator) tellCycle(pos diag.Pos, names []string) {
	sorted := slices.Sorted(slices.Values(names))
	key := strings.Join(slices.Compact(sorted), "\x00")
	if e.cycles[key] {
		return
	}
	e.cycles[key] = true
	shown := names
	if len(shown) > 8 {
		shown = append(slices.Clone(shown[:7]), "…")
	}
	e.problem(pos, "break the cycle", "%s depends on itself: %s", names[0], strings.Join(append(slices.Clone(shown), names[0]), " → "))
}

// prefixed writes the address of something in the module.
func (m *modInst) prefixed(addr string) string {
	if m.path == "" {
		return addr
	}
	return m.path + "." + addr
}

// variable evaluates a variable of the module; ok is false when it declares
// none of that name.
func (e *evaluator) variableOf(m *modInst, name string) (v cty.Value, ok bool) {
	def := m.variables[name]
	if def == nil {
		return cty.NilVal, false
	}
	t := m.vars[name]
	if t == nil {
		t = &thunk{}
		m.vars[name] = t
	}
	return e.force(t, m.prefixed("var."+name), def.pos, func() cty.Value { return e.variableValue(m, def) }), true
}

func (e *evaluator) variableValue(m *modInst, def *variable) cty.Value {
	var given cty.Value
	pos := def.pos
	if m.call != nil {
		if a := m.call.args.get(def.name); a != nil {
			given, pos = e.value(a.expr, m.caller), posOf(a.expr.Range())
		}
	} else {
		given = m.given[def.name]
	}
	if given != cty.NilVal && !(given.IsNull() && !def.nullable) {
		return e.typed(m, def, given, pos)
	}
	if def.fallback != nil {
		s := &scope{m: m, addr: m.prefixed("var." + def.name), sealed: true}
		return e.typed(m, def, e.value(def.fallback.expr, s), posOf(def.fallback.expr.Range()))
	}
	why := "variable " + quoted(def.name) + " has no value"
	if m.path != "" {
		why += " in " + m.path
	}
	return e.gapHole(m.prefixed("var."+def.name), why).value(def.typ)
}

// typed converts the value of a variable to its type.
func (e *evaluator) typed(m *modInst, def *variable, v cty.Value, pos diag.Pos) cty.Value {
	if !def.typed {
		return v
	}
	out, err := e.convertTo(v, def.typ, def.defaults)
	if err != nil {
		what := m.prefixed("var." + def.name)
		e.problem(pos, "correct the value or the type", "the value of variable %q is not what its type asks for: %s", def.name, err)
		return e.gapHole(what, what+" has a value of the wrong type").value(def.typ)
	}
	return out
}

func (e *evaluator) localOf(m *modInst, name string) (v cty.Value, ok bool) {
	def := m.locals[name]
	if def == nil {
		return cty.NilVal, false
	}
	t := m.local[name]
	if t == nil {
		t = &thunk{}
		m.local[name] = t
	}
	addr := m.prefixed("local." + name)
	return e.force(t, addr, def.pos, func() cty.Value { return e.value(def.expr, &scope{m: m, addr: addr}) }), true
}

func (e *evaluator) outputOf(m *modInst, name string) (v cty.Value, ok bool) {
	def := m.outputs[name]
	if def == nil {
		return cty.NilVal, false
	}
	t := m.out[name]
	if t == nil {
		t = &thunk{}
		m.out[name] = t
	}
	addr := m.prefixed("output." + name)
	return e.force(t, addr, def.pos, func() cty.Value {
		a := def.get("value")
		if a == nil {
			return cty.NullVal(cty.DynamicPseudoType)
		}
		return e.value(a.expr, &scope{m: m, addr: addr})
	}), true
}
