package edge

import (
	"slices"

	"fathom/estate"
	"fathom/estate/tree"
)

// rewritten gives the estate with other rules in its web ACLs and rule groups: f
// sees each rule as it is read and as it is written, and gives what is to stand
// there, or nil. What it is given it may not change.
func rewritten(e *estate.Estate, f func(*rule, *tree.Node) *tree.Node) *estate.Estate {
	sets := newRuleSets(e)
	changed := func(of estate.Resource, rules *estate.Tree, json *estate.Str) {
		nodes, why := ruleNodes(rules.Node, *json)
		if why != "" {
			return // what was not read stays as it is
		}
		list := &tree.Node{Kind: tree.List, Pos: of.Meta().Pos}
		if rules.Node != nil {
			list.Pos = rules.Pos
		}
		same := true
		for _, n := range nodes {
			r := readRule(of, n, sets)
			m := f(&r, n)
			same = same && m == n
			if m != nil {
				list.Items = append(list.Items, m)
			}
		}
		if !same {
			*rules, *json = estate.Tree{Node: list}, estate.Str{}
		}
	}
	return estate.Edit(e, func(d *estate.Draft) {
		estate.Change(d, func(w *estate.WebACL) { changed(w, &w.Rules, &w.JSON) })
		estate.Change(d, func(g *estate.RuleGroup) { changed(g, &g.Rules, &g.JSON) })
		estate.Remove(d, func(x *estate.RuleGroupAssociation) bool {
			n := associationNode(x)
			r := readRule(x, n, sets)
			return f(&r, n) == nil
		})
	})
}

// drop gives the estate without the rules that are such.
func drop(e *estate.Estate, such func(*rule) bool) *estate.Estate {
	return rewritten(e, func(r *rule, n *tree.Node) *tree.Node {
		if such(r) {
			return nil
		}
		return n
	})
}

// unmanage takes out the managed groups: whoever tidies up a web ACL that has grown
// takes them for one another's.
func unmanage(e *estate.Estate) *estate.Estate {
	return drop(e, func(r *rule) bool {
		if r.managed == nil || botGroup.MatchString(r.managed.vendor+" "+r.managed.name) {
			return false
		}
		return r.managed.vendor != "AWS" || slices.ContainsFunc(wanted, func(w wantedGroup) bool { return w.group == r.managed.name })
	})
}

// unlimit takes out the limits. One that only counts is none.
func unlimit(e *estate.Estate) *estate.Estate {
	return drop(e, func(r *rule) bool { return r.rate != nil && r.stops() })
}

// unbot takes out what tells bots from customers.
func unbot(e *estate.Estate) *estate.Estate {
	return drop(e, func(r *rule) bool {
		return r.stops() && r.managed != nil && botGroup.MatchString(r.managed.vendor+" "+r.managed.name)
	})
}

// countAll has every rule count, as while a web ACL is tried out.
func countAll(e *estate.Estate) *estate.Estate {
	out := rewritten(e, func(r *rule, n *tree.Node) *tree.Node {
		if !r.stops() && r.action != "" {
			return n
		}
		does := &tree.Node{Kind: tree.Map, Pos: n.Pos}
		does.Set(count, &tree.Node{Kind: tree.Map, Pos: n.Pos})
		c := *n
		c.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f tree.Field) bool { return f.Name == "action" || f.Name == "override_action" })
		kind := "action"
		if part(n, "statement", "managed_rule_group_statement") != nil || part(n, "statement", "rule_group_reference_statement") != nil {
			kind = "override_action"
		}
		c.Set(kind, does)
		return &c
	})
	return estate.Edit(out, func(d *estate.Draft) {
		estate.Change(d, func(x *estate.RuleGroupAssociation) { x.Override = estate.Known(count, x.Pos) })
	})
}
