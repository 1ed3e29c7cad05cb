package dialect

import (
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// rules reads a list of rules. Every one that cannot be read is a problem.
func (r *reader) rules(n *tree.Node, in inACL) []webacl.Rule {
	if n == nil {
		return nil
	}
	if r.unknown(n) {
		return nil
	}
	list := n.Items
	switch {
	case n.Kind == tree.Map && r.blocks:
		list = []*tree.Node{n}
	case n.Kind != tree.List:
		r.problem(n.Pos, "write a list", "the rules are %s, not a list", kindName(n))
		return nil
	}
	out := make([]webacl.Rule, 0, len(list))
	count := len(r.problems)
	for _, it := range list {
		out = append(out, r.rule(it, in))
	}
	if len(r.problems) == count { // rules that were not read whole have no priority
		r.distinct(out)
	}
	return out
}

// rule reads one rule.
func (r *reader) rule(n *tree.Node, in inACL) webacl.Rule {
	rule := webacl.Rule{At: posOf(n)}
	mark := r.mark()
	o := r.object(n, "a rule")
	if o == nil {
		r.leftSince(mark, rule.At, "a rule")
		return rule
	}
	nameAt := o.get("Name")
	if o.must(nameAt, "Name") {
		rule.Name = r.name(nameAt, "the name of a rule")
		r.ruleName = rule.Name
		o.what = "rule " + strconv.Quote(rule.Name)
		r.checkName(o, "a rule", rule.Name)
	}
	if p := o.get("Priority"); o.must(p, "Priority") {
		v, _ := r.number(p, "the priority of "+o.what, 0, 1<<31-1)
		rule.Priority = int(v)
	}
	r.leftSince(mark, rule.At, o.what)
	ref := r.ruleStatement(o, &rule, in)
	r.ruleAction(o, &rule, ref)
	rule.Labels = r.labels(o, ref)
	rule.CaptchaImmunity = r.immunity(o.get("CaptchaConfig"), "CaptchaConfig", 60)
	rule.ChallengeImmunity = r.immunity(o.get("ChallengeConfig"), "ChallengeConfig", 300)
	r.visibility(o)
	o.ignore("Tags", "Id")
	o.done()
	r.leftSince(mark, rule.At, o.what)
	return rule
}

// mark says how many unknown values there are; leftSince makes problems of those
// that came since.
func (r *reader) mark() int { return len(r.holes) }

func (r *reader) leftSince(mark int, at diag.Pos, what string) {
	for _, h := range r.holes[mark:] {
		if h.at.IsZero() {
			h.at = at
		}
		r.problem(h.at, "give it a value", "%s has a value that is unknown: %s", what, h.why)
	}
	r.holes = r.holes[:mark]
}

// ruleStatement reads the statement, and says whether it refers to a group.
func (r *reader) ruleStatement(o *object, rule *webacl.Rule, in inACL) refers {
	name := "Statement"
	if in.manager {
		name = "FirewallManagerStatement"
	}
	n := o.get(name)
	if !o.must(n, name) {
		return unsure
	}
	rule.Statement = r.statement(n, place{top: true, group: in.group, manager: in.manager})
	switch s := rule.Statement.(type) {
	case webacl.GroupRef, webacl.ManagedRef:
		return toGroup
	case nil:
		return unsure
	case webacl.Unresolved:
		if named, ok := r.groupish(n); ok {
			return named
		}
		return unsure
	case webacl.RateBased:
		_ = s
		return toRate
	}
	return toNone
}

// groupish says what kind of statement an unresolved one is meant to be.
func (r *reader) groupish(n *tree.Node) (refers, bool) {
	if n.Is() == tree.List && len(n.Items) == 1 {
		n = n.Items[0]
	}
	if n.Is() != tree.Map {
		return unsure, false
	}
	for _, f := range n.Fields {
		if f.Node.Missing() || r.blocks && empty(f.Node) {
			continue
		}
		switch canon(f.Name) {
		case "managedrulegroupstatement", "managedrulesetstatement", "rulegroupreferencestatement":
			return toGroup, true
		case "ratebasedstatement":
			return toRate, true
		}
		return toNone, true
	}
	return unsure, false
}

// refers says what a rule's statement is, as far as its action asks.
type refers uint8

const (
	unsure  refers = iota // its statement could not be read, or is unknown
	toNone                // it compares something
	toRate                // it counts
	toGroup               // it refers to a rule group
)

// ruleAction reads Action or OverrideAction: the one of rules that refer to a
// group, the other of all others.
func (r *reader) ruleAction(o *object, rule *webacl.Rule, ref refers) {
	action, override := o.get("Action", "rule_action"), o.get("OverrideAction", "rule_group_action")
	switch {
	case action != nil && override != nil:
		r.problem(override.Pos, "leave one", "%s has both %s and %s", o.what, o.spell("Action"), o.spell("OverrideAction"))
		return
	case action == nil && override == nil:
		name := "Action"
		if ref == toGroup {
			name = "OverrideAction"
		}
		o.must(nil, name)
		return
	case override != nil && (ref == toNone || ref == toRate):
		r.problem(override.Pos, "write "+o.spell("Action"), "%s refers to no rule group, and only those have %s", o.what, o.spell("OverrideAction"))
		return
	case action != nil && ref == toGroup:
		r.problem(action.Pos, "write "+o.spell("OverrideAction"), "%s refers to a rule group, and those have no %s", o.what, o.spell("Action"))
		return
	}
	if action != nil {
		rule.Action = r.action(action, "the action of "+o.what, "Allow", "Block", "Count", "Captcha", "Challenge")
		if rule.Action.Kind == webacl.Allow && ref == toRate {
			r.problem(action.Pos, "use another", "%s is rate-based, which cannot allow", o.what)
		}
		return
	}
	rule.Override = r.override(override, o.what)
}

// override reads None or Count. Terraform's association of a group writes it as a
// text.
func (r *reader) override(n *tree.Node, what string) webacl.Override {
	if n.Kind == tree.String && r.blocks {
		return [...]webacl.Override{webacl.NoOverride, webacl.OverrideNone, webacl.OverrideCount}[r.choice(n, "override_action", "none", "count")+1]
	}
	o := r.object(n, "the override action of "+what)
	if o == nil {
		return webacl.NoOverride
	}
	defer o.done()
	switch name, n := o.one("None", "Count"); {
	case n == nil:
	case name == "None":
		r.nothing(n, "None")
		return webacl.OverrideNone
	default:
		r.handling(n, "Count")
		return webacl.OverrideCount
	}
	return webacl.NoOverride
}

// reserved are the words that no part of a label may be (AWS WAF Developer Guide,
// "Label syntax and naming requirements").
var reserved = []string{"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"}

func (r *reader) labels(o *object, ref refers) []string {
	n := o.list("RuleLabels")
	if len(n) > 0 && ref == toGroup {
		r.problem(n[0].Pos, "leave them out", "%s refers to a rule group, and AWS takes no labels there", o.what)
		return nil
	}
	var out []string
	for _, it := range n {
		l := r.object(it, "a label of "+o.what)
		if l == nil {
			continue
		}
		if name := l.get("Name"); l.must(name, "Name") {
			if s, ok := r.text(name, "the name of a label"); ok {
				r.checkLabel(name, s)
				out = append(out, s)
			}
		}
		l.done()
	}
	return out
}

func (r *reader) checkLabel(n *tree.Node, label string) {
	parts := strings.Split(label, ":")
	if len(parts) > 6 {
		r.problem(n.Pos, "use fewer", "label %q has more than five namespaces", label)
	}
	for _, p := range parts {
		switch {
		case p == "" || len(p) > 128 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "":
			r.problem(n.Pos, "use letters, digits, - and _, 128 at most", "the part %q of label %q is none that AWS takes", p, label)
		case slices.Contains(reserved, p):
			r.problem(n.Pos, "use another word", "the part %q of label %q is reserved by AWS", p, label)
		}
	}
}

// visibility knows the members of VisibilityConfig, which decide nothing.
func (r *reader) visibility(o *object) {
	n := o.get("VisibilityConfig")
	if n == nil {
		return
	}
	mark := r.mark()
	if v := r.object(n, "VisibilityConfig"); v != nil {
		v.ignore("SampledRequestsEnabled", "CloudWatchMetricsEnabled", "MetricName")
		v.done()
	}
	r.holes = r.holes[:mark]
}
