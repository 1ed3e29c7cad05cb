package dialect

import (
	"strconv"

	"fathom/estate/tree"
)

// choose is Fn::If.
func (t *template) choose(arg, n *tree.Node) *tree.Node {
	if arg.Is() != tree.List || len(arg.Items) != 3 || arg.Items[0].Is() != tree.String {
		return unknownAt(n, "Fn::If does not have a condition and two values")
	}
	yes, why := t.named(arg.Items[0].Text)
	switch {
	case why != "":
		return unknownAt(n, why)
	case yes:
		return t.value(arg.Items[1])
	}
	return t.value(arg.Items[2])
}

// named evaluates a condition of the template by its name.
func (t *template) named(name string) (yes bool, why string) {
	c := t.root.Get("Conditions").Get(name)
	if c == nil {
		return false, "the template has no condition " + strconv.Quote(name)
	}
	return t.condition(c)
}

func (t *template) condition(n *tree.Node) (yes bool, why string) {
	t.depth++
	defer func() { t.depth-- }()
	if t.spent++; t.spent > mostMade || t.depth > deepest {
		return false, "the template's conditions go in circles"
	}
	if n.Is() != tree.Map || len(n.Fields) != 1 {
		return false, "a condition is no call of a function"
	}
	f := n.Fields[0]
	list := f.Node.Items
	switch {
	case f.Name == "Condition" && f.Node.Is() == tree.String:
		return t.named(f.Node.Text)
	case f.Name == "Fn::Equals" && len(list) == 2:
		a, b := t.value(list[0]), t.value(list[1])
		for _, v := range []*tree.Node{a, b} {
			if hole := firstHole(v); hole != "" {
				return false, hole
			}
		}
		return a.Text == b.Text, ""
	case f.Name == "Fn::Not" && len(list) == 1:
		yes, why = t.condition(list[0])
		return !yes && why == "", why
	case f.Name == "Fn::And" && len(list) > 0:
		return t.every(list, true)
	case f.Name == "Fn::Or" && len(list) > 0:
		return t.every(list, false)
	}
	return false, f.Name + " is not evaluated"
}

// every is And for want true, and Or for want false: one that differs decides,
// whatever is unknown of the others.
func (t *template) every(list []*tree.Node, want bool) (yes bool, why string) {
	unknown := ""
	for _, c := range list {
		got, why := t.condition(c)
		switch {
		case why != "":
			unknown = why
		case got != want:
			return got, ""
		}
	}
	return want && unknown == "", unknown
}
