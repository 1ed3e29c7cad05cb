package iam

import (
	"strconv"
	"strings"
)

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
			c := Condition{Pos: p.r.lines.pos(km.at), Operator: op, Key: strings.ToLower(km.key), key: km.key}
			if prefix, name, ok := strings.Cut(km.key, ":"); !ok || prefix == "" || name == "" {
				// A policy of AWS had one: AmazonEC2SpotFleetTaggingRole v1.
				p.warn(km.at, `write "service:Name"`, "the condition key %q has no service, and is in no request", km.key)
			}
			if seen[c.Key] {
				p.bad(km.at, "keep one of them", "the condition key %q is there twice", km.key)
			}
			seen[c.Key] = true
			for _, v := range p.values(km) {
				c.Values = append(c.Values, v.text)
				o := newOperand(op.Test, v.text, p.vars)
				p.checkOperand(&op, v, o)
				c.operands = append(c.operands, o)
			}
			out = append(out, c)
		}
		if op.Text != name(op) {
			p.warn(om.at, "write "+name(op), "the operator %q is not written as AWS writes it", op.Text)
		}
	}
	p.checkConditions(out, effect)
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

// tests are the operators without set operator and IfExists.
var tests = []struct {
	name    string
	test    Test
	negated bool
}{
	{"StringEquals", StringEquals, false},
	{"StringNotEquals", StringEquals, true},
	{"StringEqualsIgnoreCase", StringEqualsIgnoreCase, false},
	{"StringNotEqualsIgnoreCase", StringEqualsIgnoreCase, true},
	{"StringLike", StringLike, false},
	{"StringNotLike", StringLike, true},
	{"NumericEquals", NumericEquals, false},
	{"NumericNotEquals", NumericEquals, true},
	{"NumericLessThan", NumericLess, false},
	{"NumericLessThanEquals", NumericLessEquals, false},
	{"NumericGreaterThan", NumericGreater, false},
	{"NumericGreaterThanEquals", NumericGreaterEquals, false},
	{"DateEquals", DateEquals, false},
	{"DateNotEquals", DateEquals, true},
	{"DateLessThan", DateLess, false},
	{"DateLessThanEquals", DateLessEquals, false},
	{"DateGreaterThan", DateGreater, false},
	{"DateGreaterThanEquals", DateGreaterEquals, false},
	{"Bool", Bool, false},
	{"BinaryEquals", BinaryEquals, false},
	{"IpAddress", IPAddress, false},
	{"NotIpAddress", IPAddress, true},
	{"ArnEquals", ARNLike, false},
	{"ArnLike", ARNLike, false},
	{"ArnNotEquals", ARNLike, true},
	{"ArnNotLike", ARNLike, true},
	{"Null", Null, false},
}

// ParseOperator takes an operator apart. Where there is none of that name, why
// says so and fix what is meant. Case is not looked at: policies with "bool"
// are about, and AWS takes them.
func ParseOperator(text string) (op Operator, why, fix string) {
	op.Text = text
	rest := text
	if set, after, ok := strings.Cut(text, ":"); ok {
		switch {
		case strings.EqualFold(set, "ForAllValues"):
			op.Set = ForAllValues
		case strings.EqualFold(set, "ForAnyValue"):
			op.Set = ForAnyValue
		default:
			return op, "there is no set operator " + strconv.Quote(set), "write ForAllValues or ForAnyValue"
		}
		rest = after
	}
	const suffix = "IfExists"
	if n := len(rest) - len(suffix); n > 0 && strings.EqualFold(rest[n:], suffix) {
		op.IfExists, rest = true, rest[:n]
	}
	for _, t := range tests {
		if !strings.EqualFold(t.name, rest) {
			continue
		}
		op.Test, op.Negated = t.test, t.negated
		if t.test == Null && op.IfExists {
			return op, "the operator Null takes no IfExists", "write Null"
		}
		if t.test == Null {
			op.Set = NoSet // a key is there or not, however many values it has
		}
		return op, "", ""
	}
	return op, "there is no condition operator " + strconv.Quote(rest), nearest(rest)
}

// nearest suggests the operator that has the most letters in common at its
// beginning.
func nearest(s string) string {
	best, n := "", 3
	for _, t := range tests {
		i := 0
		for i < min(len(s), len(t.name)) && s[i]|0x20 == t.name[i]|0x20 {
			i++
		}
		if i > n {
			best, n = t.name, i
		}
	}
	if best == "" {
		return ""
	}
	return "write " + best
}

// name is an operator as AWS writes it; ArnEquals and ArnLike are both right.
func name(op Operator) string {
	_, base, set := strings.Cut(op.Text, ":")
	if !set {
		base = op.Text
	}
	if op.IfExists {
		base = base[:len(base)-len("IfExists")]
	}
	for _, t := range tests {
		if strings.EqualFold(t.name, base) {
			base = t.name
		}
	}
	if op.IfExists {
		base += "IfExists"
	}
	switch {
	case !set:
	case strings.EqualFold(op.Text[:len("ForAllValues")], "ForAllValues"):
		base = "ForAllValues:" + base
	default:
		base = "ForAnyValue:" + base
	}
	return base
}
