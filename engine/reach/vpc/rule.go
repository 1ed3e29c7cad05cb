package vpc

import (
	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// rule is a rule of a security group, compiled.
type rule struct {
	of   estate.Resource
	at   diag.Pos
	sure flow.Conns // the connections that it surely names
	may  flow.Conns // those it may name, sure included
	why  string     // why they differ
	// addrs are the addresses that it surely names, addrsWhy why it may name
	// others.
	addrs    flow.Addrs
	addrsWhy string
	// lists are the services of the AWS-managed prefix lists that it names.
	lists []string
	// refs are the keys of the groups that it names, maybes of those that it may
	// name, and doubts are why it may name any.
	refs      []string
	maybes    []string
	maybesWhy string
	doubts    []string
	from      []string // what it names, in words
}

// ruleOf compiles a rule of the group own.
func (n *Network) ruleOf(r *estate.Rule, own *group) *rule {
	root := r.Of.Meta().ID.Root
	c := &rule{of: r.Of, at: r.At}
	c.sure, c.may, c.why = connsOf(r.Protocol, r.From, r.To)
	if why := r.Of.Meta().Maybe; why != "" && r.Of != own.Of {
		c.sure, c.why = flow.Conns{}, "it is not known whether "+r.Of.Meta().ID.Addr+" exists: "+why
	}
	c.addrsWhy = r.CIDRs.Why()
	sets := make([]flow.Addrs, 0, len(r.CIDRs.Items))
	for _, it := range r.CIDRs.Items {
		sets = append(sets, c.cidr(it))
	}
	c.addrs = flow.UnionOf(sets)
	for _, l := range r.PrefixLists {
		c.prefixList(n, l, root)
	}
	c.addrsWhy = or(c.addrsWhy, r.ListsWhy)
	for _, g := range r.Groups {
		n.refer(c, g, root)
	}
	if r.GroupsWhy != "" {
		c.doubts = append(c.doubts, r.GroupsWhy)
	}
	switch r.Self.Is(true) {
	case estate.Yes:
		c.refs, c.from = append(c.refs, own.id), append(c.from, "itself")
	case estate.Maybe:
		c.doubts = append(c.doubts, r.Self.Why())
	}
	return c
}

// cidr reads a range that the rule names.
func (c *rule) cidr(it estate.Str) flow.Addrs {
	text, ok := it.Known()
	if !ok {
		c.addrsWhy = or(c.addrsWhy, it.Why(), "a range is not known")
		c.from = append(c.from, it.String())
		return flow.Addrs{}
	}
	a, err := flow.ParseAddrs(text)
	if err != nil {
		c.addrsWhy = or(c.addrsWhy, err.Error())
	}
	c.from = append(c.from, text)
	return a
}

// prefixList adds what a prefix list names: the entries of one that is
// declared, the service of one that AWS keeps.
func (c *rule) prefixList(n *Network, ref estate.Ref[*estate.PrefixList], root string) {
	l := n.prefixList(ref, root)
	c.from = append(c.from, l.name)
	c.addrs = c.addrs.Union(l.addrs)
	c.addrsWhy = or(c.addrsWhy, l.why)
	if l.service != "" {
		c.lists = append(c.lists, l.service)
	}
}

// refer adds the groups that a reference names.
func (n *Network) refer(c *rule, ref estate.Ref[*estate.SecurityGroup], root string) {
	for _, g := range n.groupsOf(ref, root) {
		c.from = append(c.from, g.Name)
		switch {
		case g.doubt != "" && g.Of != nil: // one of several groups of the estate
			c.maybes, c.maybesWhy = append(c.maybes, g.id), or(c.maybesWhy, g.doubt)
		case g.doubt != "": // an expression: what carries the same, perhaps others
			c.doubts = append(c.doubts, g.doubt)
			fallthrough
		default:
			if g.id != "" {
				c.refs = append(c.refs, g.id)
			}
		}
	}
}

// says shows the rule's connections and what it names: "TCP 3306 from
// 0.0.0.0/0".
func (c *rule) says(egress bool) string {
	conns := c.sure
	if conns.Empty() {
		conns = c.may
	}
	word := " from "
	if egress {
		word = " to "
	}
	return connsText(conns) + word + few(c.from)
}

// few lists at most four names.
func few(names []string) string {
	if len(names) > 4 {
		return list(append(append([]string{}, names[:3]...), "others"))
	}
	return list(names)
}
