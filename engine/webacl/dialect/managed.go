package dialect

import (
	"strings"

	"fathom/engine/webacl"
	"fathom/estate/tree"
)

// groupRef reads a reference to a rule group of one's own.
func (r *reader) groupRef(o *object) webacl.Statement {
	var ref webacl.GroupRef
	if n := o.get("ARN", "rule_group_arn"); o.must(n, "ARN") {
		ref.Group, ref.ARN, _ = find(r, r.known.groups, n, "the rule group")
	}
	ref.Overrides = r.overrides(o)
	if ref.Group != nil {
		r.overridesThere(ref)
	}
	return ref
}

// overridesThere refuses overrides of rules that the group does not have, as AWS
// does for groups of one's own.
func (r *reader) overridesThere(ref webacl.GroupRef) {
	var names []string
	for _, rule := range ref.Group.Rules {
		names = append(names, rule.Name)
	}
	for _, over := range ref.Overrides {
		found := false
		for _, name := range names {
			found = found || name == over.Rule
		}
		if !found {
			r.problem(over.At, "the nearest is \""+nearest(over.Rule, names, same)+"\"", "rule group %q has no rule %q", ref.Group.Name, over.Rule)
		}
	}
}

// managed reads a reference to a managed rule group.
func (r *reader) managed(o *object, nested place) webacl.Statement {
	var ref webacl.ManagedRef
	vendor, name := o.get("VendorName"), o.get("Name")
	if r.style == Snake && vendor == nil && name == nil {
		ref.Vendor, ref.Name = r.exportedName(o)
	} else if o.must(vendor, "VendorName") && o.must(name, "Name") {
		ref.Vendor, _ = r.text(vendor, "VendorName")
		ref.Name, _ = r.text(name, "the name of the managed rule group")
	}
	if n := o.get("Version", "managed_rule_set_version"); n != nil {
		if ref.Version, _ = r.text(n, "Version"); ref.Version == "DEFAULT_VERSION" {
			ref.Version = ""
		}
	}
	ref.Overrides = r.overrides(o)
	if n := o.get("ScopeDownStatement"); n != nil {
		ref.ScopeDown = r.statement(n, nested)
	}
	o.internal("managed_rule_set_arn", "managed_rule_group_arn", "expiration_policy", "visible_scope_down_statement")
	r.managedConfigs(o, &ref)
	return ref
}

// exportedName finds the name of a managed group where an export gives only its
// ARN: in the ARN, which ends in vendor/name/id, or by the configuration. The
// rule's own name is asked last, as the console calls rules AWS-<name>.
func (r *reader) exportedName(o *object) (vendor, name string) {
	arn := ""
	if n := o.get("managed_rule_set_arn"); n != nil {
		arn, _ = r.text(n, "managed_rule_set_arn")
	}
	for _, p := range strings.Split(arn, "/") {
		if strings.HasPrefix(p, "AWSManagedRules") {
			return "AWS", p
		}
	}
	for _, it := range itemsOrNone(o.n.Get("managed_rule_set_configs")) {
		for _, f := range it.Fields {
			for _, c := range configs {
				if canon(c.member) == canon(f.Name) {
					return "AWS", c.member
				}
			}
		}
	}
	if vendor, name, ok := strings.Cut(r.ruleName, "-"); ok && vendor == "AWS" && strings.HasPrefix(name, "AWSManagedRules") {
		return vendor, name
	}
	r.problem(o.n.Pos, "add vendor_name and name", "the file does not name the managed rule group")
	return "", ""
}

func itemsOrNone(n *tree.Node) []*tree.Node {
	if n.Is() != tree.List {
		return nil
	}
	return n.Items
}

// overrides reads RuleActionOverrides, and ExcludedRules, its older form that
// only counts.
func (r *reader) overrides(o *object) []webacl.RuleOverride {
	var out []webacl.RuleOverride
	for _, n := range o.list("RuleActionOverrides") {
		in := r.object(n, "a rule action override")
		if in == nil {
			continue
		}
		over := webacl.RuleOverride{At: n.Pos}
		if name := in.get("Name"); in.must(name, "Name") {
			over.Rule, _ = r.text(name, "the name of a rule")
		}
		if use := in.get("ActionToUse"); in.must(use, "ActionToUse") {
			over.Action = r.action(use, "ActionToUse", "Allow", "Block", "Count", "Captcha", "Challenge")
		}
		in.done()
		out = append(out, over)
	}
	for _, n := range o.list("ExcludedRules") {
		in := r.object(n, "an excluded rule")
		if in == nil {
			continue
		}
		if name := in.get("Name"); in.must(name, "Name") {
			s, _ := r.text(name, "the name of an excluded rule")
			out = append(out, webacl.RuleOverride{Rule: s, Action: webacl.Action{Kind: webacl.Count}, Excluded: true, At: n.Pos})
		}
		in.done()
	}
	return out
}
