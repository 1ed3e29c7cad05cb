package eval

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"fathom/estate/tree"
)

// A hole is something whose value cannot be known here: an attribute that a
// provider computes, a variable nobody set, an expression that failed.
//
// A hole of type string lives in a known string as a placeholder, a number
// between private-use characters, so that it goes through templates, lists,
// sets and functions as any text does, and taints nothing beside it. A hole of
// any other type is an unknown value marked with the hole.
type hole struct {
	id   int
	expr string     // what Terraform would write for it: aws_s3_bucket.b.arn
	refs []tree.Ref // the attributes it was made from
	why  string     // why it is unknown, as a sentence without a full stop
	// attr says that it stands for one computed attribute, unchanged. A string
	// made of text and such holes is still of use, so it stays a String.
	attr bool
	// open says that what it holds can be named: expr.x and expr[0] are holes
	// as well.
	open bool
	of   *shape // what an attribute is known to hold, or nil
}

// Placeholders use a part of the private-use area that icon fonts leave alone.
const (
	holeStart = '\ue4e0'
	holeEnd   = '\ue4e1'
	holeDigit = '\ue4f0' // to ue4ff: sixteen digits, so that no text function of ASCII alters them
)

var holeLead = string(holeStart)[:2] // the two bytes that all of them begin with

// intern returns the hole of that key, making it on the first call.
func (e *evaluator) intern(key string, mk func() *hole) *hole {
	if h, ok := e.holesBy[key]; ok {
		return h
	}
	h := mk()
	h.id = len(e.holes)
	e.holes = append(e.holes, h)
	e.holesBy[key] = h
	return h
}

// attrHole is the computed attribute of an instance, of the given shape.
func (e *evaluator) attrHole(addr, attr string, of *shape) *hole {
	return e.intern("a\x00"+addr+"\x00"+attr, func() *hole {
		expr := tree.Ref{Addr: addr, Attr: attr}
		return &hole{
			expr: expr.String(), refs: []tree.Ref{expr},
			why:  "depends on " + expr.String() + ", which is known only after apply",
			attr: true, open: true, of: of,
		}
	})
}

// gapHole is a value that is missing for a reason, named by expr.
func (e *evaluator) gapHole(expr, why string) *hole {
	return e.intern("g\x00"+expr+"\x00"+why, func() *hole {
		return &hole{expr: expr, why: why, open: expr != ""}
	})
}

// mixHole stands for what was made of other holes.
func (e *evaluator) mixHole(hs []*hole) *hole {
	if len(hs) == 0 {
		return e.gapHole("", "its value is not known")
	}
	if len(hs) == 1 && !hs[0].attr && !hs[0].open {
		return hs[0]
	}
	var key strings.Builder
	key.WriteString("m")
	for _, h := range hs {
		key.WriteString("\x00" + strconv.Itoa(h.id))
	}
	return e.intern(key.String(), func() *hole {
		m := &hole{why: hs[0].why}
		for _, h := range hs {
			for _, r := range h.refs {
				if len(m.refs) < maxHoleRefs && !slices.Contains(m.refs, r) {
					m.refs = append(m.refs, r)
				}
			}
		}
		return m
	})
}

// value makes a value of a type from the hole.
func (h *hole) value(ty cty.Type) cty.Value {
	if ty == cty.String {
		return cty.StringVal(h.placeholder())
	}
	return cty.UnknownVal(ty).Mark(h)
}

// shaped makes the value that the hole's own shape asks for: a string where
// nothing else is known.
func (h *hole) shaped() cty.Value {
	switch h.of.kindOf() {
	case shapeString:
		return h.value(cty.String)
	case shapeNumber:
		return h.value(cty.Number)
	case shapeBool:
		return h.value(cty.Bool)
	}
	return h.value(cty.DynamicPseudoType)
}

func (h *hole) placeholder() string {
	var b strings.Builder
	b.WriteRune(holeStart)
	for _, d := range strconv.FormatInt(int64(h.id), 16) {
		n, _ := strconv.ParseInt(string(d), 16, 8)
		b.WriteRune(holeDigit + rune(n))
	}
	b.WriteRune(holeEnd)
	return b.String()
}

// step is the hole of a member (".name") or an element ("[0]") of this one, or
// nil where nothing can be named.
func (e *evaluator) step(h *hole, suffix string, of *shape) *hole {
	if !h.open || len(h.expr)+len(suffix) > 4096 {
		return nil
	}
	if h.attr {
		r := h.refs[0]
		return e.attrHole(r.Addr, r.Attr+suffix, of)
	}
	return e.gapHole(h.expr+suffix, h.why)
}

// splitText hands out the text of a string and the holes in it in order. It
// reports false when there is a damaged placeholder: part of one that a
// function cut, or characters that only looked like one.
func (e *evaluator) splitText(s string, text func(string), in func(*hole)) bool {
	whole := true
	lit := 0
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], holeLead)
		if j < 0 {
			break
		}
		i += j
		h, n := e.placeholderAt(s[i:])
		if h == nil {
			if n > 0 {
				whole = false
			}
			i += max(n, len(holeLead))
			continue
		}
		if lit < i {
			text(s[lit:i])
		}
		in(h)
		i += n
		lit = i
	}
	if lit < len(s) {
		text(s[lit:])
	}
	return whole
}

// placeholderAt reads the placeholder that s begins with and its length in
// bytes; with no hole, a length above 0 tells of a damaged one.
func (e *evaluator) placeholderAt(s string) (*hole, int) {
	id, digits := 0, 0
	for i, r := range s {
		switch {
		case i == 0 && r == holeStart:
		case i == 0:
			if r == holeEnd || r >= holeDigit && r < holeDigit+16 {
				return nil, 3
			}
			return nil, 0
		case r >= holeDigit && r < holeDigit+16 && digits < 8:
			id = id<<4 | int(r-holeDigit)
			digits++
		case r == holeEnd && digits > 0 && id < len(e.holes):
			return e.holes[id], i + 3
		default:
			return nil, i
		}
	}
	return nil, len(s)
}

// wholeHole returns the hole that a value is, if it is one and nothing else.
func (e *evaluator) wholeHole(v cty.Value) *hole {
	if v.IsMarked() {
		u, marks := v.Unmark()
		if len(marks) != 1 || u.IsKnown() {
			return nil
		}
		for m := range marks {
			h, _ := m.(*hole)
			return h
		}
	}
	if v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
		return nil
	}
	s := v.AsString()
	if h, n := e.placeholderAt(s); h != nil && n == len(s) {
		return h
	}
	return nil
}

// holeSet collects holes, each once.
type holeSet struct {
	list    []*hole
	damaged bool
}

func (s *holeSet) add(h *hole) {
	if !slices.Contains(s.list, h) && len(s.list) < 2*maxHoleRefs {
		s.list = append(s.list, h)
	}
}

// holesIn collects the holes in and below the values, in order.
func (e *evaluator) holesIn(vs ...cty.Value) *holeSet {
	out := &holeSet{}
	for _, v := range vs {
		e.addHoles(v, out)
	}
	return out
}

func (e *evaluator) addHoles(v cty.Value, out *holeSet) {
	e.addMarks(v, out)
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() {
		if !v.IsNull() && len(out.list) == 0 {
			out.add(e.mixHole(nil))
		}
		return
	}
	ty := v.Type()
	switch {
	case ty == cty.String:
		if s := v.AsString(); strings.Contains(s, holeLead) && !e.splitText(s, func(string) {}, out.add) {
			out.damaged = true
		}
	case ty.IsCollectionType() || ty.IsTupleType() || ty.IsObjectType():
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			if ty.IsMapType() || ty.IsObjectType() {
				e.addHoles(k, out)
			}
			e.addHoles(el, out)
		}
	}
}

// addMarks collects the holes that a value itself is marked with.
func (e *evaluator) addMarks(v cty.Value, out *holeSet) {
	if !v.IsMarked() {
		return
	}
	var hs []*hole
	for m := range v.Marks() {
		if h, ok := m.(*hole); ok {
			hs = append(hs, h)
		}
	}
	slices.SortFunc(hs, func(a, b *hole) int { return a.id - b.id })
	for _, h := range hs {
		out.add(h)
	}
}

// tainted reports whether a value has a hole anywhere in it.
func (e *evaluator) tainted(v cty.Value) bool {
	hs := e.holesIn(v)
	return len(hs.list) > 0 || hs.damaged
}

// vague reports whether the value itself (not something in it) is unknown.
func vague(v cty.Value) bool {
	u, _ := v.Unmark()
	return !u.IsKnown() || v.IsMarked()
}

// mixed is an unknown value of a type, made from what vs were made from.
func (e *evaluator) mixed(ty cty.Type, vs ...cty.Value) cty.Value {
	hs := e.holesIn(vs...)
	return e.mixHole(hs.list).value(ty)
}
