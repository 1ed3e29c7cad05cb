package eval

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"fathom/diag"
)

// callNode is a module call with the instances it makes.
type callNode struct {
	call  *call
	state uint8
	ex    expansion
	insts []*modInst
	gone  *hole // why there is nothing to call
	whole cty.Value
}

// child returns a module call of a module instance, expanded, or nil.
func (e *evaluator) child(m *modInst, name string) *callNode {
	n := m.children[name]
	if n == nil {
		def := m.calls[name]
		if def == nil {
			return nil
		}
		n = &callNode{call: def}
		m.children[name] = n
	}
	full := m.prefixed("module." + name)
	if !e.guarded(full, n.call.body.pos, &n.state, func() { e.expandCall(m, n, full) }) {
		return &callNode{call: n.call, gone: e.gapHole(full, full+" depends on itself")}
	}
	return n
}

func (e *evaluator) moduleValue(m *modInst, name string) (cty.Value, bool) {
	n := e.child(m, name)
	if n == nil {
		return cty.NilVal, false
	}
	if n.whole != cty.NilVal {
		return n.whole, true
	}
	one := func(in *modInst) cty.Value { return cty.CapsuleVal(moduleType, in) }
	switch {
	case n.gone != nil:
		n.whole = n.gone.value(cty.DynamicPseudoType)
	case n.ex.kind == unknown:
		n.whole = cty.CapsuleVal(unsureType, &unsure{n.ex.why, one(n.insts[0])})
	case n.ex.kind == counted:
		vals := make([]cty.Value, len(n.insts))
		for i, in := range n.insts {
			vals[i] = one(in)
		}
		n.whole = cty.TupleVal(vals)
	case n.ex.kind == named:
		vals := map[string]cty.Value{}
		for i, in := range n.insts {
			vals[n.ex.keys[i].key.AsString()] = one(in)
		}
		n.whole = cty.ObjectVal(vals)
	default:
		n.whole = one(n.insts[0])
	}
	return n.whole, true
}

func (e *evaluator) expandCall(m *modInst, n *callNode, full string) {
	s := &scope{m: m, addr: full}
	def := e.find(m, n, s, full)
	if def == nil {
		return
	}
	if e.modsMade <= maxModules { // else its instances would only fill the memory
		n.ex = e.expand(n.call.body, s)
	}
	if e.modsMade += max(1, len(n.ex.keys)); e.modsMade > maxModules {
		e.problem(n.call.body.pos, "make fewer with count or for_each", "there are more than %d module instances; the rest is not read", maxModules)
		e.gap(full, n.call.body.pos, "there are too many modules to read", true)
		n.ex, n.gone = expansion{}, e.gapHole(full, "there are too many modules to read")
		return
	}
	for _, ea := range n.ex.keys {
		in := newModInst(def)
		in.path = full + ea.suffix
		in.parent, in.root, in.depth = m, m.root, m.depth+1
		in.call, in.caller = n.call, n.ex.scopeFor(s, ea)
		in.caller.addr = in.path
		in.rel = relative(m.root.dir, def.dir)
		in.called = m.called
		if in.called.Line == 0 && strings.Contains("/"+def.dir, "/.terraform/") {
			in.called = n.call.body.pos
		}
		in.maybe = m.maybe
		if in.maybe == "" && n.ex.kind == unknown {
			in.maybe = n.ex.why.why
		}
		in.names = e.providerNames(m, n.call)
		n.insts = append(n.insts, in)
	}
}

func newModInst(m *module) *modInst {
	return &modInst{
		module: m, vars: map[string]*thunk{}, local: map[string]*thunk{}, out: map[string]*thunk{},
		resources: map[string]*node{}, children: map[string]*callNode{},
	}
}

// relative writes a module's directory as path.module has it.
func relative(root, dir string) string {
	if dir == root {
		return "."
	}
	if root == "." || root == "" {
		return dir
	}
	if rest, ok := strings.CutPrefix(dir, root+"/"); ok {
		return rest
	}
	up := ""
	for root != "." && root != "/" && root != ".." && !strings.HasSuffix(root, "/..") {
		root = path.Dir(root)
		up += "../"
		if rest, ok := strings.CutPrefix(dir, root+"/"); ok {
			return up + rest
		}
		if root == "." && !path.IsAbs(dir) {
			return up + dir
		}
		if root == dir {
			return strings.TrimSuffix(up, "/")
		}
	}
	return dir
}

// find reads the module that a call names. When it is not there, the call has
// a problem, a gap and no instances.
func (e *evaluator) find(m *modInst, n *callNode, s *scope, full string) *module {
	name := n.call.name
	src := n.call.body.get("source")
	missing := func(pos diag.Pos, fix, why string) *module {
		e.problem(pos, fix, "%s", why)
		e.gap(full, pos, why, true)
		n.gone = e.gapHole(full, why)
		return nil
	}
	if src == nil {
		return missing(n.call.body.pos, `add source = "./…"`, "module "+quoted(name)+" has no source")
	}
	pos := posOf(src.expr.Range())
	v := e.value(src.expr, s)
	source, f := e.text(v, at(src.expr.Range()))
	if f != nil || vague(v) || e.tainted(v) {
		return missing(pos, "write the source as a plain string", "the source of module "+quoted(name)+" is not known")
	}
	local := strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") || source == "." || source == ".."
	dir := path.Join(m.dir, source)
	if !local {
		dir = e.installed(m, name)
	}
	switch {
	case local && !e.isDir(dir):
		return missing(pos, "create it or correct the source", "module "+quoted(name)+" comes from "+quoted(source)+", a directory that does not exist")
	case dir == "" || !e.isDir(dir):
		return missing(pos, "run terraform init (or terraform get) so that it is under .terraform/modules",
			"module "+quoted(name)+" comes from "+quoted(source)+", which is not here")
	}
	for up := m; up != nil; up = up.parent {
		if up.dir == dir {
			return missing(pos, "remove the call", "module "+quoted(name)+" calls itself")
		}
	}
	if m.depth+1 > maxModuleDepth {
		return missing(pos, "call it from a module further out", "modules are nested more than "+itoa(maxModuleDepth)+" deep")
	}
	def := e.load(dir)
	if def == nil {
		return missing(pos, "correct the source", "module "+quoted(name)+" comes from "+quoted(source)+", where there are no .tf files")
	}
	e.checkCall(def, n.call)
	return def
}

func (e *evaluator) isDir(dir string) bool {
	st, err := fs.Stat(e.fsys, dir)
	return err == nil && st.IsDir()
}

// installed returns the directory where terraform init put the module that a
// call names, or "".
func (e *evaluator) installed(m *modInst, name string) string {
	if e.manifest == nil {
		e.manifest = map[string]string{}
		src, err := e.readFile(path.Join(m.root.dir, ".terraform/modules/modules.json"), maxReadBytes)
		var doc struct {
			Modules []struct{ Key, Dir string }
		}
		if err == nil && json.Unmarshal(src, &doc) == nil {
			for _, mod := range doc.Modules {
				e.manifest[mod.Key] = mod.Dir
			}
		}
	}
	key := name
	for up := m; up.call != nil; up = up.parent {
		key = up.call.name + "." + key
	}
	dir, ok := e.manifest[key]
	if !ok {
		return ""
	}
	return join(m.root.dir, dir)
}

// join resolves a name that is relative to dir.
func join(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// checkCall compares the arguments of a call with the variables of its module.
func (e *evaluator) checkCall(def *module, c *call) {
	names := slices.Sorted(maps.Keys(def.variables))
	for _, it := range c.args.items {
		if it.block == nil && def.variables[it.name] == nil {
			e.problem(it.pos, e.nearest(it.name, slices.Values(names), "remove it or declare the variable"),
				"module %q has no variable %q", c.name, it.name)
		}
	}
	for _, name := range names {
		if def.variables[name].fallback == nil && c.args.get(name) == nil {
			e.problem(c.body.pos, "add "+name+" = …", "module %q is called without the variable %q", c.name, name)
		}
	}
}
