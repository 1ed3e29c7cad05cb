package network

import (
	"slices"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/estate"
)

// group is a security group with the rules written for it anywhere. Without
// one (the group of an EKS cluster, or of a module that is not there) only the
// rules are known.
type group struct {
	*estate.SecurityGroup
	name  string
	rules []estate.Rule
}

// groups returns every security group of the estate, and one group without a
// resource for each rule of a group that is not in it.
func groups(e *estate.Estate) []group {
	var out []group
	for _, g := range estate.All[*estate.SecurityGroup](e) {
		out = append(out, groupOf(e, g))
	}
	for _, r := range estate.LooseRules(e) {
		out = append(out, group{name: elsewhere(&r), rules: []estate.Rule{r}})
	}
	return out
}

// elsewhere names the group of a rule that is not in the estate.
func elsewhere(r *estate.Rule) string {
	of := groupOfRule(r)
	switch id, ok := of.Known(); {
	case len(of.To) > 0:
		return "the security group of " + of.To[0].Addr
	case ok:
		return "security group " + id
	}
	return "the security group that " + r.Of.Meta().ID.Addr + " is for"
}

// groupOfRule is the group that a rule written on its own is for.
func groupOfRule(rule *estate.Rule) estate.Ref[*estate.SecurityGroup] {
	switch r := rule.Of.(type) {
	case *estate.SecurityGroupRule:
		return r.Group
	case *estate.IngressRule:
		return r.Group
	case *estate.EgressRule:
		return r.Group
	}
	return estate.Ref[*estate.SecurityGroup]{}
}

func groupOf(e *estate.Estate, g *estate.SecurityGroup) group {
	return group{SecurityGroup: g, name: named("security group", g.GroupName, g.Meta()), rules: withoutCopies(estate.RulesOf(e, g))}
}

// withoutCopies leaves out inline rules that only repeat rules written on their
// own: in a state or a plan a group shows all its rules, wherever they are
// written, and each is one mistake at most.
func withoutCopies(rules []estate.Rule) []estate.Rule {
	type subject struct {
		egress          bool
		protocol, ports string
		who             string
	}
	said := map[subject]bool{}
	about := func(r *estate.Rule, who string) subject {
		return subject{r.Egress, strings.ToLower(r.Protocol.String()), r.Ports(), who}
	}
	for i := range rules {
		if _, inline := rules[i].Of.(*estate.SecurityGroup); !inline {
			for _, who := range peers(&rules[i]) {
				said[about(&rules[i], who)] = true
			}
		}
	}
	if len(said) == 0 {
		return rules
	}
	return slices.DeleteFunc(rules, func(r estate.Rule) bool {
		_, inline := r.Of.(*estate.SecurityGroup)
		who := peers(&r)
		return inline && len(who) > 0 && !slices.ContainsFunc(who, func(w string) bool { return !said[about(&r, w)] })
	})
}

// peers are the sources of a rule, each as one word.
func peers(r *estate.Rule) []string {
	var out []string
	for _, c := range r.CIDRs.Items {
		out = append(out, c.String())
	}
	for _, l := range r.PrefixLists {
		out = append(out, refName(l.Str, l.To))
	}
	for _, g := range r.Groups {
		out = append(out, refName(g.Str, g.To))
	}
	if r.Self.Is(true) == estate.Yes {
		out = append(out, "itself")
	}
	return out
}

// named shows a resource as people speak of it: security group "db"
// (aws_security_group.db).
func named(kind string, name estate.Str, b *estate.Base) string {
	s, ok := name.Known()
	if !ok {
		s, ok = b.Tags.Get("Name").Known()
	}
	if !ok {
		return kind + " " + b.ID.Addr
	}
	return kind + " " + strconv.Quote(s) + " (" + b.ID.Addr + ")"
}

// sources shows where a rule's traffic comes from, or goes to.
func sources(e *estate.Estate, r *estate.Rule) string {
	var all []string
	for _, c := range r.CIDRs.Items {
		all = append(all, c.String())
	}
	for _, l := range r.PrefixLists {
		all = append(all, "prefix list "+refName(l.Str, l.To))
	}
	for _, g := range r.Groups {
		all = append(all, "security group "+refName(g.Str, g.To))
	}
	if r.Self.Is(true) == estate.Yes {
		all = append(all, "itself")
	}
	if len(all) == 0 {
		return "an unknown source"
	}
	return control.Few(all, 3)
}

func refName(s estate.Str, to []estate.ID) string {
	if len(to) > 0 {
		return to[0].Addr
	}
	return s.String()
}

// world says whether a rule names everyone, by a CIDR or by a prefix list that
// holds one, and shows what says so.
func world(e *estate.Estate, r *estate.Rule) (t estate.Truth, saw string) {
	t = r.FromWorld()
	var all []string
	for _, c := range r.CIDRs.Items {
		if c.Test(estate.IsWorld) == estate.Yes {
			all = append(all, c.String())
		}
	}
	for _, ref := range r.PrefixLists {
		for _, l := range estate.To(e, ref) {
			if l.Entries.Why != "" {
				t = t.Or(estate.Maybe)
			}
			for _, entry := range l.Entries.Items {
				is := entry.CIDR.Test(estate.IsWorld)
				t = t.Or(is)
				if is == estate.Yes {
					all = append(all, "prefix list "+l.ID.Addr+", which holds "+entry.CIDR.String())
				}
			}
		}
	}
	return t, strings.Join(all, " and ")
}

// worldWhy says why it is not known whether a rule names everyone.
func worldWhy(e *estate.Estate, r *estate.Rule) string {
	if why := r.CIDRs.Why(); why != "" {
		return why
	}
	for _, c := range r.CIDRs.Items {
		if c.Unknown() {
			return c.Why()
		}
	}
	for _, ref := range r.PrefixLists {
		for _, l := range estate.To(e, ref) {
			if l.Entries.Why != "" {
				return l.Entries.Why
			}
			for _, entry := range l.Entries.Items {
				if entry.CIDR.Unknown() {
					return entry.CIDR.Why()
				}
			}
		}
	}
	return "its sources are not known"
}

// empty says that a rule names no source at all, such as cidr_blocks = []: the
// provider makes no rule of it.
func empty(r *estate.Rule) bool {
	return len(r.CIDRs.Items) == 0 && !r.CIDRs.Unknown() && len(r.Groups) == 0 && r.GroupsWhy == "" &&
		len(r.PrefixLists) == 0 && r.Self.Is(true) == estate.No
}

// isICMP says whether a rule is about ICMP, whose From and To are no ports.
func isICMP(r *estate.Rule) bool {
	return r.Protocol.In("icmp", "icmpv6", "1", "58") == estate.Yes
}

// sees makes a piece of evidence of a rule.
func sees(e *estate.Estate, r *estate.Rule) string {
	dir := " from "
	if r.Egress {
		dir = " to "
	}
	return r.Ports() + dir + sources(e, r)
}

// or is a position, or the one to fall back to.
func or(at, fallback diag.Pos) diag.Pos {
	if at.Line == 0 {
		return fallback
	}
	return at
}
