package dialect

import (
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// place is where a statement stands, which decides what it may be.
type place struct {
	// top is the statement of a rule itself, not one nested in it.
	top bool
	// group is inside a rule group; manager what Firewall Manager adds.
	group, manager bool
}

// statements are the kinds of statement, and the other names that exports give
// some of them.
var statements = []string{
	"AndStatement", "OrStatement", "NotStatement", "ByteMatchStatement", "RegexMatchStatement|regex_pattern_statement",
	"RegexPatternSetReferenceStatement", "SizeConstraintStatement", "SqliMatchStatement", "XssMatchStatement",
	"GeoMatchStatement", "AsnMatchStatement", "IPSetReferenceStatement", "LabelMatchStatement", "RateBasedStatement",
	"ManagedRuleGroupStatement|managed_rule_set_statement", "RuleGroupReferenceStatement",
}

// statement reads a statement; nil where it is none, with a problem. One that
// holds an unknown value is webacl.Unresolved, but for its own statements.
func (r *reader) statement(n *tree.Node, at place) webacl.Statement {
	mark := r.mark()
	s := r.readStatement(n, at)
	if len(r.holes) > mark {
		h := r.holes[mark]
		r.holes = r.holes[:mark]
		if h.at.IsZero() {
			h.at = posOf(n)
		}
		return webacl.Unresolved{Why: h.why, At: h.at}
	}
	return s
}

func (r *reader) readStatement(n *tree.Node, at place) webacl.Statement {
	o := r.object(n, "a statement")
	if o == nil {
		return nil
	}
	defer o.done()
	name, inner := o.one(statements...)
	if inner == nil {
		return nil
	}
	if why := misplaced(name, at); why != "" {
		r.problem(inner.Pos, "", "%s %s", o.spell(name), why)
		return nil
	}
	in := r.object(inner, name)
	if in == nil {
		return nil
	}
	defer in.done()
	nested := place{group: at.group}
	switch name {
	case "AndStatement":
		return webacl.And{Of: r.several(in, nested)}
	case "OrStatement":
		return webacl.Or{Of: r.several(in, nested)}
	case "NotStatement":
		return r.not(in, nested)
	case "RateBasedStatement":
		return r.rateBased(in, nested)
	case "ManagedRuleGroupStatement":
		return r.managed(in, nested)
	case "RuleGroupReferenceStatement":
		return r.groupRef(in)
	case "GeoMatchStatement":
		return r.geo(in)
	case "AsnMatchStatement":
		return r.asn(in)
	case "IPSetReferenceStatement":
		return r.ipSetMatch(in)
	case "LabelMatchStatement":
		return r.labelMatch(in)
	}
	return r.fieldStatement(name, in)
}

// misplaced says why a statement may not stand where it does.
func misplaced(name string, at place) string {
	group := name == "ManagedRuleGroupStatement" || name == "RuleGroupReferenceStatement"
	switch {
	case at.manager && !group:
		return "stands among the rules of Firewall Manager, which only refer to rule groups"
	case group && at.group:
		return "stands inside a rule group, and those cannot refer to groups"
	case (group || name == "RateBasedStatement") && !at.top:
		return "is nested, and can only be the whole statement of a rule"
	}
	return ""
}

func (r *reader) several(o *object, at place) []webacl.Statement {
	list := o.list("Statements")
	out := make([]webacl.Statement, 0, len(list))
	for _, n := range list {
		if s := r.statement(n, at); s != nil {
			out = append(out, s)
		}
	}
	if len(list) == 0 && len(r.holes) == 0 {
		r.problem(o.n.Pos, "write at least one", "%s has no statements", o.what)
	}
	return out
}

func (r *reader) not(o *object, at place) webacl.Statement {
	n := o.get("Statement")
	if !o.must(n, "Statement") {
		return nil
	}
	if s := r.statement(n, at); s != nil {
		return webacl.Not{Of: s}
	}
	return nil
}
