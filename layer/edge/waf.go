package edge

import (
	"slices"
	"strconv"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// acl is a web ACL with its rules as far as the controls ask: those of its own,
// those of the team's rule groups it names, and those added from outside.
type acl struct {
	*estate.WebACL
	rules []rule
	// why says why there may be more rules, or others; "".
	why string
	// assets says that it stands before nothing but buckets: there is no login
	// and no checkout behind it.
	assets bool
}

// The actions of a rule. A reference to a managed group has the action group
// while the group's own rules decide.
const (
	allow   = "allow"
	block   = "block"
	count   = "count"
	captcha = "captcha"
	defy    = "challenge"
	group   = "group"
)

// rule is one rule.
type rule struct {
	of       estate.Resource // the web ACL, rule group or association that holds it
	name     string
	at       diag.Pos
	action   string // "" when it is not known
	actionAt diag.Pos
	labels   []string
	managed  *managedGroup
	rate     *rateLimiter
	looks    looks
	why      string // why what it does is not known; ""
}

// managedGroup is a reference to a managed rule group.
type managedGroup struct {
	vendor, name string
	inspection   string // Bot Control's COMMON or TARGETED
	overrides    []override
}

// override replaces the action of one rule of a group.
type override struct {
	rule, action string
	at           diag.Pos
}

// rateLimiter is a rate-based statement.
type rateLimiter struct {
	limit  int // per five minutes; 0 when it is not known
	text   string
	key    string
	scoped bool
	at     diag.Pos
}

// stops says whether a rule can stop a request.
func (r *rule) stops() bool {
	return r.action == block || r.action == captcha || r.action == defy || r.action == group
}

// asks says whether a rule demands a CAPTCHA or a challenge.
func (r *rule) asks() bool { return r.action == captcha || r.action == defy }

// readACL reads a web ACL from either form it may be written in.
func readACL(e *estate.Estate, w *estate.WebACL, sets ruleSets) acl {
	a := acl{WebACL: w}
	nodes, why := ruleNodes(w.Rules.Node, w.JSON)
	a.unread(why)
	for _, n := range nodes {
		a.add(e, w, n, sets)
	}
	for _, x := range estate.Of[*estate.RuleGroupAssociation](e, w.ID) {
		a.add(e, x, associationNode(x), sets)
	}
	for _, x := range estate.Of[*estate.WebACLRule](e, w.ID) {
		a.add(e, x, aloneNode(x), sets)
	}
	return a
}

// aloneNode shapes a rule that is a resource of its own as one of its web ACL's.
func aloneNode(x *estate.WebACLRule) *tree.Node {
	n := &tree.Node{Kind: tree.Map, Pos: x.Pos}
	n.Set("name", &tree.Node{Kind: tree.String, Text: x.RuleName.String(), Pos: x.Pos})
	for _, f := range []tree.Field{
		{Name: "action", Node: x.Action.Node},
		{Name: "override_action", Node: x.Override.Node},
		{Name: "statement", Node: x.Statement.Node},
		{Name: "rule_label", Node: x.Labels.Node},
	} {
		if f.Node != nil {
			n.Set(f.Name, f.Node)
		}
	}
	return n
}

func (a *acl) unread(why string) {
	if a.why == "" {
		a.why = why
	}
}

// ruleNodes gives the rules as Terraform shapes them, and why some are missing.
func ruleNodes(rules *tree.Node, json estate.Str) ([]*tree.Node, string) {
	var out []*tree.Node
	why := ""
	switch rules.Is() {
	case tree.Unknown:
		why = rules.Why
	case tree.Map:
		out = append(out, rules)
	case tree.List:
		for _, n := range rules.Items {
			if n.Is() == tree.Map {
				out = append(out, n)
			} else if n.Is() == tree.Unknown {
				why = n.Why
			}
		}
	}
	if json.Absent() {
		return out, why
	}
	nodes, err := rulesFromJSON(json.String(), json.Pos())
	switch {
	case err != nil && json.Unknown():
		return out, json.Why()
	case err != nil:
		return out, "the rules are not valid JSON: " + err.Error()
	}
	return append(out, nodes...), why
}

// associationNode shapes a rule group that is added from outside as a rule.
func associationNode(x *estate.RuleGroupAssociation) *tree.Node {
	n := &tree.Node{Kind: tree.Map, Pos: x.Pos}
	n.Set("name", &tree.Node{Kind: tree.String, Text: x.RuleName.String(), Pos: x.Pos})
	action, pos := "none", x.Pos
	if o, ok := x.Override.Known(); ok {
		action, pos = o, x.Override.Pos()
	}
	empty := &tree.Node{Kind: tree.Map, Pos: pos}
	over := &tree.Node{Kind: tree.Map, Pos: pos}
	over.Set(action, empty)
	n.Set("override_action", over)
	statement := &tree.Node{Kind: tree.Map, Pos: x.Pos}
	statement.Set("managed_rule_group_statement", x.Managed.Node)
	statement.Set("rule_group_reference_statement", x.Own.Node)
	n.Set("statement", statement)
	return n
}

// add reads one rule; a reference to a rule group that was read is replaced by
// the group's rules.
func (a *acl) add(e *estate.Estate, of estate.Resource, n *tree.Node, sets ruleSets) {
	r := readRule(of, n, sets)
	ref := part(n, "statement", "rule_group_reference_statement")
	if ref == nil {
		a.rules = append(a.rules, r)
		return
	}
	g := sets.group(of, ref.Get("arn"))
	if g == nil {
		a.unread("rule group " + text(ref.Get("arn")) + " is not in what was read")
		a.rules = append(a.rules, r)
		return
	}
	overrides := readOverrides(ref)
	inner, why := ruleNodes(g.Rules.Node, g.JSON)
	a.unread(why)
	for _, n := range inner {
		in := readRule(g, n, sets)
		if i := slices.IndexFunc(overrides, func(o override) bool { return o.rule == in.name }); i >= 0 {
			in.of, in.action, in.actionAt = of, overrides[i].action, overrides[i].at
		}
		if r.action == count {
			in.of, in.action, in.actionAt = of, count, r.actionAt
		}
		a.rules = append(a.rules, in)
	}
}

func readRule(of estate.Resource, n *tree.Node, sets ruleSets) rule {
	r := rule{of: of, at: n.Pos, name: text(n.Get("name"))}
	for _, l := range items(n.Get("rule_label")) {
		r.labels = append(r.labels, text(l.Get("name")))
	}
	statement := n.Get("statement")
	if m := part(n, "statement", "managed_rule_group_statement"); m != nil {
		r.managed = &managedGroup{
			vendor: text(m.Get("vendor_name")), name: text(m.Get("name")), overrides: readOverrides(m),
		}
		for _, c := range items(m.Get("managed_rule_group_configs")) {
			if b := part(c, "aws_managed_rules_bot_control_rule_set"); b != nil {
				r.managed.inspection = text(b.Get("inspection_level"))
			}
		}
		if m.Get("name").Is() == tree.Unknown {
			r.why = m.Get("name").Why
		}
	}
	if m := part(n, "statement", "rate_based_statement"); m != nil {
		r.rate = readRate(m)
	}
	r.looks.at(of, statement, sets)
	r.readAction(n)
	if statement.Is() == tree.Unknown {
		r.why = statement.Why
	}
	return r
}

// readAction reads action, or override_action for a reference to a group:
// exactly one of them is there (WAF API, Rule).
func (r *rule) readAction(n *tree.Node) {
	for _, kind := range []string{allow, block, count, captcha, defy} {
		if p, there := blockOf(n.Get("action"), kind); there {
			r.action, r.actionAt = kind, p
			return
		}
	}
	if p, there := blockOf(n.Get("override_action"), count); there {
		r.action, r.actionAt = count, p
		return
	}
	for _, arg := range []string{"action", "override_action"} {
		if why := n.Get(arg).Hole(); why != "" {
			r.why, r.actionAt = why, n.Get(arg).Pos
			return
		}
	}
	r.action, r.actionAt = group, n.Pos
}

// readOverrides reads the actions that replace those of a group's rules;
// excluded_rule is the older way to say count.
func readOverrides(n *tree.Node) []override {
	var out []override
	for _, o := range items(n.Get("rule_action_override")) {
		for _, kind := range []string{allow, block, count, captcha, defy} {
			if at, there := blockOf(o.Get("action_to_use"), kind); there {
				if at.Line == 0 {
					at = o.Pos
				}
				out = append(out, override{text(o.Get("name")), kind, o.Pos})
			}
		}
	}
	for _, o := range items(n.Get("excluded_rule")) {
		out = append(out, override{text(o.Get("name")), count, o.Pos})
	}
	return out
}

// readRate reads a rate-based statement. The window defaults to 300 seconds;
// limits are compared per five minutes.
func readRate(n *tree.Node) *rateLimiter {
	r := &rateLimiter{key: text(n.Get("aggregate_key_type")), at: n.Nearest("limit"), scoped: part(n, "scope_down_statement") != nil}
	window := 300
	if w, ok := n.Get("evaluation_window_sec").Literal(); ok {
		if v, err := strconv.Atoi(w); err == nil && v > 0 {
			window = v
		}
	}
	if l, ok := n.Get("limit").Literal(); ok {
		if v, err := strconv.Atoi(l); err == nil {
			r.limit = v * 300 / window
			r.text = l + " in " + strconv.Itoa(window) + " s"
		}
	}
	return r
}
