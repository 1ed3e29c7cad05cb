package eval

import (
	"maps"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// place is a value and, when it was reached through a resource, how: a nested
// attribute that the configuration does not write is a computed one.
type place struct {
	v    cty.Value
	inst *instance
	path string
}

// traversal evaluates a reference.
func (e *evaluator) traversal(tr hcl.Traversal, s *scope) (cty.Value, *fault) {
	root, ok := tr[0].(hcl.TraverseRoot)
	if !ok {
		return cty.DynamicVal, at(tr.SourceRange()).fault("the reference has no name")
	}
	p := at(root.SrcRange)
	for b := s.vars; b != nil; b = b.next {
		if b.name == root.Name {
			return e.walk(place{v: b.val}, tr[1:])
		}
	}
	if s.sealed {
		return cty.DynamicVal, p.fault("there is no variable %q here", root.Name)
	}
	name := func(i int) string {
		if i < len(tr) {
			if a, ok := tr[i].(hcl.TraverseAttr); ok {
				return a.Name
			}
		}
		return ""
	}
	known := func(v cty.Value, ok bool, what string) (cty.Value, *fault) {
		if !ok {
			f := p.fault("%s is not declared", what)
			f.told = true // the check of the module tells it
			return cty.DynamicVal, f
		}
		return e.walk(place{v: v}, tr[2:])
	}
	switch root.Name {
	case "var", "local", "module", "path", "terraform", "tofu", "each", "count":
		if name(1) == "" {
			return cty.DynamicVal, p.fault("%q needs a name after it", root.Name)
		}
	}
	switch root.Name {
	case "var":
		v, ok := e.variableOf(s.m, name(1))
		return known(v, ok, "variable "+quoted(name(1)))
	case "local":
		v, ok := e.localOf(s.m, name(1))
		return known(v, ok, "local "+quoted(name(1)))
	case "module":
		v, ok := e.moduleValue(s.m, name(1))
		return known(v, ok, "module "+quoted(name(1)))
	case "path":
		switch name(1) {
		case "module":
			return e.walk(place{v: cty.StringVal(s.m.rel)}, tr[2:])
		case "root", "cwd":
			return e.walk(place{v: cty.StringVal(".")}, tr[2:])
		}
		return cty.DynamicVal, p.fault("path.%s is not known", name(1))
	case "terraform", "tofu":
		switch name(1) {
		case "workspace":
			return e.walk(place{v: cty.StringVal("default")}, tr[2:])
		case "applying":
			return e.gapHole("", root.Name+".applying is known only when Terraform runs").value(cty.Bool), nil
		}
		return cty.DynamicVal, p.fault("%s.%s is not known", root.Name, name(1))
	case "each":
		v := s.eachKey
		if name(1) == "value" {
			v = s.eachValue
		} else if name(1) != "key" {
			v = cty.NilVal
		}
		if v == cty.NilVal {
			return cty.DynamicVal, p.fault("each.%s is only known in a block with for_each", name(1))
		}
		return e.walk(place{v: v}, tr[2:])
	case "count":
		if s.index == cty.NilVal || name(1) != "index" {
			return cty.DynamicVal, p.fault("count.%s is only known in a block with count", name(1))
		}
		return e.walk(place{v: s.index}, tr[2:])
	case "self":
		return e.gapHole("self", "self is known only after apply").value(cty.DynamicPseudoType), nil
	}
	addr, rest := root.Name, tr[1:]
	switch root.Name {
	case "data", "ephemeral":
		addr += "." + name(1)
		rest = tr[min(2, len(tr)):]
	case "resource":
		addr = name(1)
		rest = tr[min(2, len(tr)):]
	}
	if len(rest) == 0 {
		f := p.fault("%q is not a reference", traversalText(tr))
		f.told = true
		return cty.DynamicVal, f
	}
	if a, ok := rest[0].(hcl.TraverseAttr); ok {
		addr += "." + a.Name
	}
	return e.resourceRef(addr, rest[1:], s, p)
}

// resourceRef evaluates a reference to a resource of the module and what
// follows its address.
func (e *evaluator) resourceRef(addr string, rest hcl.Traversal, s *scope, p *position) (cty.Value, *fault) {
	n := e.node(s.m, addr)
	if n == nil {
		f := p.fault("resource %q is not declared", addr)
		f.told = true
		return cty.DynamicVal, f
	}
	// The common case, one instance named outright, needs no value for all.
	if len(rest) > 0 {
		if ix, ok := rest[0].(hcl.TraverseIndex); ok {
			if in := n.byKey(ix.Key); in != nil {
				return e.walk(place{v: capsuleOf(in)}, rest[1:])
			}
		}
	}
	return e.walk(place{v: n.value()}, rest)
}

func capsuleOf(in *instance) cty.Value { return cty.CapsuleVal(instanceType, in) }

// walk follows attributes and indexes.
func (e *evaluator) walk(p place, steps hcl.Traversal) (cty.Value, *fault) {
	for _, st := range steps {
		var f *fault
		switch st := st.(type) {
		case hcl.TraverseAttr:
			p, f = e.member(p, st.Name, at(st.SrcRange))
		case hcl.TraverseIndex:
			p, f = e.index(p, st.Key, at(st.SrcRange))
		default:
			f = at(st.SourceRange()).fault("this reference is not understood")
		}
		if f != nil {
			return cty.DynamicVal, f
		}
	}
	return p.v, nil
}

// member is v.name.
func (e *evaluator) member(p place, name string, pos *position) (place, *fault) {
	v := p.v
	if h := e.wholeHole(v); h != nil {
		return place{v: e.stepValue(h, "."+name, h.of.get(name))}, nil
	}
	if vague(v) {
		return place{v: e.mixed(cty.DynamicPseudoType, v)}, nil
	}
	if v.IsNull() {
		return p, pos.fault("a null value has no attribute %q", name)
	}
	if u := asUnsure(v); u != nil {
		return e.member(place{v: u.one}, name, pos)
	}
	if in := asInstance(v); in != nil {
		return place{v: e.attribute(in, name), inst: in, path: name}, nil
	}
	if m := asModule(v); m != nil {
		out, ok := e.outputOf(m, name)
		if !ok {
			e.problem(posFrom(pos), e.nearest(name, maps.Keys(m.outputs), "declare it there"),
				"module %q has no output %q", m.call.name, name)
			f := pos.fault("module %q has no output %q", m.call.name, name)
			f.told = true
			return p, f
		}
		return place{v: out}, nil
	}
	ty := v.Type()
	switch {
	case ty.IsObjectType():
		if ty.HasAttribute(name) {
			return place{v.GetAttr(name), p.inst, p.path + "." + name}, nil
		}
		if p.inst != nil && p.inst.def.hasBlock(p.path) {
			h := e.attrHole(p.inst.addr, p.path+"."+name, nil)
			return place{v: h.shaped()}, nil
		}
		return p, pos.fault("there is no attribute %q", name)
	case ty.IsMapType():
		k := cty.StringVal(name)
		if v.HasIndex(k).True() {
			return place{v: v.Index(k)}, nil
		}
		return p, pos.fault("there is no element with the key %q", name)
	case ty.IsListType(), ty.IsSetType(), ty.IsTupleType():
		return p, pos.fault("a %s has no attribute %q; ask for it of an element", kindName(ty), name)
	}
	return p, pos.fault("a %s has no attribute %q", kindName(ty), name)
}

// index is v[k].
func (e *evaluator) index(p place, k cty.Value, pos *position) (place, *fault) {
	v := p.v
	if u := asUnsure(v); u != nil {
		return place{v: u.one}, nil
	}
	if h := e.wholeHole(v); h != nil && !vague(k) && e.wholeHole(k) == nil && !k.IsNull() {
		return place{v: e.stepValue(h, indexText(k), h.of.at())}, nil
	}
	if h := e.wholeHole(v); h != nil && vague(k) {
		return place{v: e.stepValue(h, "[?]", h.of.at())}, nil
	}
	if vague(v) || vague(k) {
		return place{v: e.mixed(cty.DynamicPseudoType, k, v)}, nil
	}
	if v.IsNull() {
		return p, pos.fault("a null value has no elements")
	}
	if k.IsNull() {
		return p, pos.fault("the index is null")
	}
	ty := v.Type()
	switch {
	case ty.IsTupleType() || ty.IsListType():
		kn, err := convert.Convert(k, cty.Number)
		if err != nil || !kn.IsKnown() {
			if e.tainted(k) {
				return place{v: e.mixed(cty.DynamicPseudoType, k)}, nil
			}
			return p, pos.fault("the index of a list is a number, not %s", indexText(k))
		}
		f := kn.AsBigFloat()
		i, acc := f.Int64()
		if n := v.LengthInt(); acc != 0 || i < 0 || i >= int64(n) {
			return p, pos.fault("there is no element [%s] in a list of %d", f.Text('g', 10), n)
		}
		return place{v.Index(cty.NumberIntVal(i)), p.inst, p.path + "[" + strconv.FormatInt(i, 10) + "]"}, nil
	case ty.IsMapType() || ty.IsObjectType():
		ks, err := convert.Convert(k, cty.String)
		if err != nil || !ks.IsKnown() || !sane(k) {
			return p, pos.fault("the key of a map is a string")
		}
		key := ks.AsString()
		if ty.IsObjectType() {
			if ty.HasAttribute(key) {
				return place{v.GetAttr(key), p.inst, p.path + indexText(ks)}, nil
			}
		} else if v.HasIndex(ks).True() {
			return place{v: v.Index(ks)}, nil
		}
		if e.tainted(k) {
			return place{v: e.mixed(cty.DynamicPseudoType, k)}, nil
		}
		return p, pos.fault("there is no element with the key %q", key)
	case ty.IsSetType():
		return p, pos.fault("the elements of a set have no index; use tolist() or one()")
	}
	return p, pos.fault("a %s has no elements", kindName(ty))
}

// stepValue is a member or an element of a hole.
func (e *evaluator) stepValue(h *hole, suffix string, of *shape) cty.Value {
	if n := e.step(h, suffix, of); n != nil {
		if !n.attr {
			return n.value(cty.DynamicPseudoType)
		}
		return n.shaped()
	}
	return e.mixHole([]*hole{h}).value(cty.DynamicPseudoType)
}

func kindName(ty cty.Type) string {
	switch {
	case ty.IsTupleType():
		return "list"
	case ty.IsCapsuleType():
		return ty.FriendlyName()
	case ty.IsCollectionType():
		name, _, _ := strings.Cut(ty.FriendlyName(), " ")
		return name
	}
	return ty.FriendlyName()
}
