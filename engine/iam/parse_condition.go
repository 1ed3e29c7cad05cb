package iam

import "strings"

// conditions reads a Condition element: operator → key → one or many values.
func (p *parser) conditions(m *member, effect Effect) []Condition {
	if m.val.kind != object {
		p.bad(m.val.at, "", "Condition is an object, not %s", m.val.kind)
		return nil
	}
	var out []Condition
	for i := range m.val.members {
		om := &m.val.members[i]
		op, why, fix := ParseOperator(om.key)
		if why != "" {
			p.bad(om.at, fix, "%s", why)
			continue
		}
		if om.val.kind != object {
			p.bad(om.val.at, "", "%s is an object of keys, not %s", om.key, om.val.kind)
			continue
		}
		seen := map[string]bool{}
		for j := range om.val.members {
			km := &om.val.members[j]
			c := Condition{Pos: p.r.lines.pos(km.at), Operator: op, Key: strings.ToLower(km.key)}
			if prefix, name, ok := strings.Cut(km.key, ":"); !ok || prefix == "" || name == "" {
				p.bad(km.at, `write "service:Name"`, "the condition key %q has no service", km.key)
			} else if seen[c.Key] {
				p.bad(km.at, "keep one of them", "the condition key %q is there twice", km.key)
			}
			seen[c.Key] = true
			for _, v := range p.values(km) {
				c.Values = append(c.Values, v.text)
				o := newOperand(op.Test, v.text, p.vars)
				p.checkOperand(&op, v, o)
				c.operands = append(c.operands, o)
			}
			p.checkCondition(km, &c, effect)
			out = append(out, c)
		}
	}
	return out
}

// values reads one or many strings, numbers or booleans.
func (p *parser) values(m *member) []node {
	list := []node{m.val}
	if m.val.kind == array {
		list = m.val.items
	}
	var out []node
	for _, n := range list {
		switch n.kind {
		case str, number, boolean:
			out = append(out, n)
		default:
			p.bad(n.at, "", "the value of a condition is a string, number or boolean, not %s", n.kind)
		}
	}
	return out
}

// tests are the operators without their negation.
var tests = map[string]struct {
	test    Test
	negated bool
}{
	"stringequals": {StringEquals, false}, "stringnotequals": {StringEquals, true},
	"stringequalsignorecase": {StringEqualsIgnoreCase, false}, "stringnotequalsignorecase": {StringEqualsIgnoreCase, true},
	"stringlike": {StringLike, false}, "stringnotlike": {StringLike, true},
	"numericequals": {NumericEquals, false}, "numericnotequals": {NumericEquals, true},
	"numericlessthan": {NumericLess, false}, "numericlessthanequals": {NumericLessEquals, false},
	"numericgreaterthan": {NumericGreater, false}, "numericgreaterthanequals": {NumericGreaterEquals, false},
	"dateequals": {DateEquals, false}, "datenotequals": {DateEquals, true},
	"datelessthan": {DateLess, false}, "datelessthanequals": {DateLessEquals, false},
	"dategreaterthan": {DateGreater, false}, "dategreaterthanequals": {DateGreaterEquals, false},
	"bool": {Bool, false}, "binaryequals": {BinaryEquals, false},
	"ipaddress": {IPAddress, false}, "notipaddress": {IPAddress, true},
	"arnequals": {ARNLike, false}, "arnlike": {ARNLike, false},
	"arnnotequals": {ARNLike, true}, "arnnotlike": {ARNLike, true},
	"null": {Null, false},
}

// ParseOperator takes an operator apart. Where there is none of that name, why
// says so and fix what may be meant.
func ParseOperator(text string) (op Operator, why, fix string) {
	op.Text = text
	name := strings.ToLower(text)
	if set, rest, ok := strings.Cut(name, ":"); ok {
		switch set {
		case "forallvalues":
			op.Set = ForAllValues
		case "foranyvalue":
			op.Set = ForAnyValue
		default:
			return op, "there is no set operator " + quote(text), "write ForAllValues: or ForAnyValue:"
		}
		name = rest
	}
	name, op.IfExists = strings.CutSuffix(name, "ifexists")
	t, ok := tests[name]
	switch {
	case !ok:
		return op, "there is no condition operator " + quote(text), ""
	case t.test == Null && op.IfExists:
		return op, "the operator Null takes no IfExists", "write Null"
	case t.test == Null:
		op.Set = NoSet // a key is there or not, however many values it has
	}
	op.Test, op.Negated = t.test, t.negated
	return op, "", ""
}

func quote(s string) string { return `"` + s + `"` }
