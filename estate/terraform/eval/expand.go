package eval

import (
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"fathom/diag"
)

// expansion is what count or for_each make of a block.
type expansion struct {
	kind expansionKind
	keys []each
	// why is set when it is unknown how many there are.
	why *hole
}

type expansionKind uint8

const (
	single expansionKind = iota
	counted
	named
	unknown
)

// each is one instance of a block: its key and what for_each gives it.
type each struct {
	suffix     string // [0], ["eu"] or [?] in the address
	key, value cty.Value
}

// expand evaluates the count or for_each of a block.
func (e *evaluator) expand(b *body, s *scope) expansion {
	count, forEach := b.get("count"), b.get("for_each")
	switch {
	case count != nil && forEach != nil:
		e.problem(forEach.pos, "remove one of them", "a block has either count or for_each, not both")
		return e.expandEach(forEach, s)
	case count != nil:
		return e.expandCount(count, s)
	case forEach != nil:
		return e.expandEach(forEach, s)
	}
	return expansion{keys: []each{{}}}
}

// unsureExpansion is one instance for a number nobody knows.
func (e *evaluator) unsureExpansion(a *attr, s *scope, h *hole) expansion {
	e.gap(s.addr, posOf(a.expr.Range()), a.name+" is unknown: "+h.why, false)
	ex := expansion{kind: unknown, why: h}
	m := e.mixHole([]*hole{h})
	if a.name == "count" {
		ex.keys = []each{{suffix: "[?]", key: m.value(cty.Number)}}
	} else {
		ex.keys = []each{{suffix: "[?]", key: m.value(cty.String), value: m.value(cty.DynamicPseudoType)}}
	}
	return ex
}

func (e *evaluator) failedExpansion(a *attr, s *scope, f *fault) expansion {
	return e.unsureExpansion(a, s, e.gapHole("", f.msg))
}

func (e *evaluator) expandCount(a *attr, s *scope) expansion {
	v, f := e.limited(a.expr, s)
	if f != nil {
		return e.failedExpansion(a, s, f)
	}
	p := at(a.expr.Range())
	if u := asUnsure(v); u != nil {
		return e.unsureExpansion(a, s, u.why)
	}
	if vague(v) || e.wholeHole(v) != nil || e.tainted(v) && v.Type() == cty.String {
		return e.unsureExpansion(a, s, e.firstHole(v))
	}
	n, err := convert.Convert(v, cty.Number)
	if err != nil || n.IsNull() || !n.IsKnown() {
		e.problem(posFrom(p), "give a whole number", "count is not a number")
		return e.failedExpansion(a, s, p.fault("count is not a number"))
	}
	f64, _ := n.AsBigFloat().Float64()
	if f64 < 0 || f64 != float64(int64(f64)) && f64 <= maxInstances {
		e.problem(posFrom(p), "give a whole number", "count is %v", f64)
		return e.failedExpansion(a, s, p.fault("count is not a whole number"))
	}
	if f64 > maxInstances {
		return e.tooMany(a, s, "count")
	}
	ex := expansion{kind: counted, keys: make([]each, int(f64))}
	for i := range ex.keys {
		ex.keys[i] = each{suffix: "[" + strconv.Itoa(i) + "]", key: cty.NumberIntVal(int64(i))}
	}
	return ex
}

func (e *evaluator) tooMany(a *attr, s *scope, what string) expansion {
	e.problem(posOf(a.expr.Range()), "make fewer", "%s makes more than %d instances, which are not read one by one", what, maxInstances)
	return e.unsureExpansion(a, s, e.gapHole("", "there are too many to read one by one"))
}

func (e *evaluator) expandEach(a *attr, s *scope) expansion {
	v, f := e.limited(a.expr, s)
	if f != nil {
		return e.failedExpansion(a, s, f)
	}
	p := at(a.expr.Range())
	if u := asUnsure(v); u != nil {
		return e.unsureExpansion(a, s, u.why)
	}
	if vague(v) || e.wholeHole(v) != nil {
		return e.unsureExpansion(a, s, e.firstHole(v))
	}
	ty := v.Type()
	switch {
	case v.IsNull() || !iterable(v):
		what := "null"
		if !v.IsNull() {
			what = "a " + kindName(ty)
		}
		e.problem(posFrom(p), "give a map or a set of strings", "for_each is %s", what)
		return e.failedExpansion(a, s, p.fault("for_each is %s", what))
	case ty.IsListType() || ty.IsTupleType():
		e.problem(posFrom(p), "write toset(…) around it", "for_each wants a map or a set of strings, not a list")
	}
	if v.LengthInt() > maxInstances {
		return e.tooMany(a, s, "for_each")
	}
	ex := expansion{kind: named}
	seen := map[string]bool{}
	for it := v.ElementIterator(); it.Next(); {
		k, el := it.Element()
		if !ty.IsMapType() && !ty.IsObjectType() {
			k = el
		}
		if vague(k) || e.tainted(k) {
			return e.unsureExpansion(a, s, e.firstHole(k))
		}
		ks, err := convert.Convert(k, cty.String)
		if err != nil || ks.IsNull() || !ks.IsKnown() {
			e.problem(posFrom(p), "give a map or a set of strings", "for_each has a key that is not a string")
			continue
		}
		if seen[ks.AsString()] {
			continue
		}
		seen[ks.AsString()] = true
		ex.keys = append(ex.keys, each{suffix: indexText(ks), key: ks, value: el})
	}
	return ex
}

// firstHole is the reason to give for a value that is unknown.
func (e *evaluator) firstHole(v cty.Value) *hole {
	hs := e.holesIn(v)
	if len(hs.list) == 0 {
		return e.mixHole(nil)
	}
	return hs.list[0]
}

// limited evaluates an expression with an allowance of its own.
func (e *evaluator) limited(x hclsyntax.Expression, s *scope) (cty.Value, *fault) {
	saved := e.work.left
	e.work.left = e.work.each
	v, f := e.eval(x, s)
	if f == nil {
		v, f = e.checked(v, at(x.Range()))
	}
	e.work.left = saved
	return v, f
}

// scopeFor is the scope of one instance of a block.
func (ex *expansion) scopeFor(s *scope, ea each) *scope {
	return s.with(func(c *scope) {
		if ea.key == cty.NilVal {
			return
		}
		if ea.value == cty.NilVal {
			c.index = ea.key
		} else {
			c.eachKey, c.eachValue = ea.key, ea.value
		}
	})
}

// guarded runs an expansion that may need itself.
func (e *evaluator) guarded(name string, pos diag.Pos, state *uint8, f func()) bool {
	if *state == running {
		if !e.inCycle[pos] {
			e.tellCycle(pos, []string{name})
		}
		return false
	}
	if *state == done {
		return true
	}
	*state = running
	e.work.depth++
	f()
	e.work.depth--
	*state = done
	return true
}
