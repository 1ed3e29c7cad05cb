package eval

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"fathom/estate/tree"
)

// node is a resource of a module instance with its instances.
type node struct {
	def   *resource
	m     *modInst
	state uint8
	ex    expansion
	insts []*instance
	whole cty.Value
}

// instance is one instance of a resource. Its attributes are evaluated when
// something refers to them.
type instance struct {
	def   *resource
	addr  string
	s     *scope
	attrs map[string]*thunk
}

// node returns the resource of that address in a module, expanded, or nil.
func (e *evaluator) node(m *modInst, addr string) *node {
	n := m.resources[addr]
	if n == nil {
		def := m.module.resources[addr]
		if def == nil {
			return nil
		}
		n = &node{def: def, m: m}
		m.resources[addr] = n
	}
	full := m.prefixed(addr)
	if !e.guarded(full, n.def.body.pos, &n.state, func() { e.expandNode(n, full) }) {
		h := e.gapHole(full, full+" depends on itself")
		return &node{def: n.def, m: m, whole: h.value(cty.DynamicPseudoType)}
	}
	return n
}

func (e *evaluator) expandNode(n *node, full string) {
	s := &scope{m: n.m, addr: full}
	if e.made <= maxAllInstances { // else its instances would only fill the memory
		n.ex = e.expand(n.def.body, s)
	}
	if e.made += max(1, len(n.ex.keys)); e.made > maxAllInstances {
		e.problem(n.def.body.pos, "make fewer with count or for_each", "there are more than %d instances; the rest is not read", maxAllInstances)
		e.gap(full, n.def.body.pos, "there are too many instances to read", true)
		n.ex, n.whole = expansion{}, e.gapHole(full, "there are too many instances to read").value(cty.DynamicPseudoType)
		return
	}
	for _, ea := range n.ex.keys {
		in := &instance{def: n.def, addr: full + ea.suffix}
		in.s = n.ex.scopeFor(s, ea)
		in.s.addr = in.addr
		n.insts = append(n.insts, in)
	}
}

// byKey finds an instance by a literal index in a reference.
func (n *node) byKey(k cty.Value) *instance {
	if k.IsNull() || !k.IsKnown() || k.IsMarked() {
		return nil
	}
	if n.ex.kind != counted || k.Type() != cty.Number {
		return nil
	}
	if i, acc := k.AsBigFloat().Int64(); acc == 0 && i >= 0 && i < int64(len(n.insts)) {
		return n.insts[i]
	}
	return nil
}

// value is what a reference to the whole resource gives: an instance, a list,
// an object, or one that stands for an unknown number.
func (n *node) value() cty.Value {
	if n.whole != cty.NilVal {
		return n.whole
	}
	switch n.ex.kind {
	case unknown:
		n.whole = cty.CapsuleVal(unsureType, &unsure{n.ex.why, capsuleOf(n.insts[0])})
	case counted:
		vals := make([]cty.Value, len(n.insts))
		for i, in := range n.insts {
			vals[i] = capsuleOf(in)
		}
		n.whole = cty.TupleVal(vals)
	case named:
		vals := make(map[string]cty.Value, len(n.insts))
		for i, in := range n.insts {
			vals[n.ex.keys[i].key.AsString()] = capsuleOf(in)
		}
		n.whole = cty.ObjectVal(vals)
	default:
		n.whole = capsuleOf(n.insts[0])
	}
	return n.whole
}

// hasBlock reports whether a path into the resource begins with a block, whose
// attributes may be computed although it is written.
func (r *resource) hasBlock(path string) bool {
	name, _, _ := strings.Cut(path, "[")
	name, _, _ = strings.Cut(name, ".")
	return r.written[name] && r.args.get(name) == nil
}

// attribute evaluates an attribute of an instance that something refers to:
// what is written, or what takes its place until apply.
func (e *evaluator) attribute(in *instance, name string) cty.Value {
	t := in.attrs[name]
	if t == nil {
		if in.attrs == nil {
			in.attrs = map[string]*thunk{}
		}
		t = &thunk{}
		in.attrs[name] = t
	}
	return e.force(t, in.addr, in.def.body.pos, func() cty.Value {
		if in.def.written[name] {
			if a := in.def.args.get(name); a == nil {
				return e.blockList(in.def.args, name, in.s)
			} else if v := e.value(a.expr, in.s); !v.IsNull() || v.IsMarked() {
				return e.traced(v, tree.Ref{Addr: in.addr, Attr: name})
			}
		}
		if in.def.data {
			if v := e.dataAttribute(in, name); v != cty.NilVal {
				return v
			}
		}
		if name == "tags" && !in.def.data && !in.def.ephemeral {
			return cty.MapValEmpty(cty.String)
		}
		return e.computed(in, name)
	})
}

// traced adds to the unknown parts of a value that have no name the attribute
// that they were reached through: aws_s3_bucket.b.bucket names the bucket also
// where that is lower(var.name) and the variable has no value.
func (e *evaluator) traced(v cty.Value, by tree.Ref) cty.Value {
	if h := e.wholeHole(v); h != nil {
		if t := e.tracedHole(h, by); t != h {
			return t.value(v.Type())
		}
		return v
	}
	if v.IsMarked() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String || !strings.Contains(v.AsString(), holeLead) {
		return v
	}
	var b strings.Builder
	if !e.splitText(v.AsString(), func(t string) { b.WriteString(t) }, func(h *hole) { b.WriteString(e.tracedHole(h, by).placeholder()) }) {
		return v
	}
	return cty.StringVal(b.String())
}

func (e *evaluator) tracedHole(h *hole, by tree.Ref) *hole {
	if h.attr || h.expr != "" || len(h.refs) >= maxHoleRefs || slices.Contains(h.refs, by) {
		return h
	}
	return e.intern("t\x00"+strconv.Itoa(h.id)+"\x00"+by.String(), func() *hole {
		return &hole{why: h.why, refs: append([]tree.Ref{by}, h.refs...)}
	})
}

// computed is the hole for an attribute that the provider will set.
func (e *evaluator) computed(in *instance, name string) cty.Value {
	return e.attrHole(in.addr, name, shapeOf(in.def.data, in.def.typ, name)).shaped()
}
