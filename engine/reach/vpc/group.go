package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// The directions of a rule.
const (
	in  = 0
	out = 1
)

// group is a security group with its rules, compiled.
type group struct {
	Group
	// doubt says why it is not sure that this is the group meant.
	doubt string
	// rules by direction; unknown says why there may be others.
	rules   [2][]*rule
	unknown string
	vpc     *vpc
	// refs are what rules that name a group let pass, by direction and group;
	// any is what those let pass that may name any group.
	refs [2]map[string]passes
	any  [2]flow.Conns
}

// passes is what a rule lets pass surely, and perhaps.
type passes struct{ sure, may flow.Conns }

// groupsOf returns the groups that a reference names: mostly one.
func (n *Network) groupsOf(ref estate.Ref[*estate.SecurityGroup], root string) []*group {
	var out []*group
	for _, id := range ref.To {
		r, ok := estate.Get[estate.Resource](n.e, id)
		if !ok {
			continue
		}
		switch r := r.(type) {
		case *estate.SecurityGroup, *estate.VPC, *estate.EKSCluster:
			g := *n.group(keyOf(id), r)
			if len(ref.To) > 1 && ref.Unknown() {
				g.doubt = or(ref.Why(), "it may be one of several")
			}
			out = append(out, &g)
		}
	}
	if len(out) > 0 {
		return out
	}
	if text, ok := ref.Known(); ok {
		if r := n.made[text]; r != nil {
			return []*group{n.group(keyOf(r.Meta().ID), r)}
		}
	}
	id := identify(ref.Str, root)
	g := *n.stranger(id.key, ref.String())
	g.doubt = id.doubt
	return []*group{&g}
}

// stranger is a group that is not in the estate.
func (n *Network) stranger(key, shown string) *group {
	if g := n.groups[key]; g != nil {
		return g
	}
	name := "security group " + shown
	g := &group{Group: Group{Name: name, id: key}, unknown: name + " is not in the files"}
	if key != "" {
		n.groups[key] = g
	}
	return g
}

// group returns the group of a resource: the security group itself, the
// default group of a VPC, or the group that EKS makes for a cluster.
func (n *Network) group(key string, r estate.Resource) *group {
	if v, ok := r.(*estate.VPC); ok {
		if adopted := n.adopted[v.ID]; adopted != nil {
			key, r = keyOf(adopted.ID), adopted
		}
	}
	if g := n.groups[key]; g != nil {
		return g
	}
	g := &group{Group: Group{Of: r, id: key}}
	n.groups[key] = g
	return g
}

// compileGroups reads the rules of every group. It comes after all groups have
// got their identity, since rules name groups.
func (n *Network) compileGroups() {
	n.nameGroups()
	for _, sg := range estate.All[*estate.SecurityGroup](n.e) {
		g := n.group(keyOf(sg.ID), sg)
		for _, r := range estate.RulesOf(n.e, sg) {
			g.add(n.ruleOf(&r, g), &r)
		}
	}
	for _, v := range estate.All[*estate.VPC](n.e) {
		if n.adopted[v.ID] == nil {
			n.group(keyOf(v.ID), v).byDefault()
		}
	}
	for _, c := range estate.All[*estate.EKSCluster](n.e) {
		n.group(keyOf(c.ID), c).byDefault()
	}
	loose := estate.LooseRules(n.e)
	for i := range loose {
		for _, g := range n.groupsOf(holder(loose[i].Of), loose[i].Of.Meta().ID.Root) {
			if g.id != "" {
				g = n.groups[g.id]
				g.add(n.ruleOf(&loose[i], g), &loose[i])
			}
		}
	}
	for _, g := range n.groups {
		g.index()
	}
}

// nameGroups names every group and places it, before any rule is read: rules
// say which groups they name.
func (n *Network) nameGroups() {
	for _, sg := range estate.All[*estate.SecurityGroup](n.e) {
		g := n.group(keyOf(sg.ID), sg)
		g.Name, g.unknown, g.vpc = called("security group", sg), estate.RulesWhy(sg), n.vpcOf(sg.VPC, sg.ID.Root)
	}
	for _, v := range estate.All[*estate.VPC](n.e) {
		if n.adopted[v.ID] == nil {
			g := n.group(keyOf(v.ID), v)
			g.Name, g.vpc = "the default security group of "+called("VPC", v), n.vpcs[keyOf(v.ID)]
		}
	}
	for _, c := range estate.All[*estate.EKSCluster](n.e) {
		n.group(keyOf(c.ID), c).Name = "the cluster security group of " + called("EKS cluster", c)
	}
}

// byDefault gives a group the rules that AWS makes: everything in from itself,
// everything out (VPC User Guide, "Default security groups"; EKS User Guide,
// "View Amazon EKS security group requirements").
func (g *group) byDefault() {
	all := flow.AllConns()
	g.rules[in] = append(g.rules[in], &rule{of: g.Of, sure: all, may: all, refs: []string{g.id}, from: []string{"itself"}})
	g.rules[out] = append(g.rules[out], &rule{of: g.Of, sure: all, may: all, addrs: flow.Everything(), from: []string{"everywhere"}})
}

// holder is the group that a rule written on its own belongs to.
func holder(r estate.Resource) estate.Ref[*estate.SecurityGroup] {
	switch r := r.(type) {
	case *estate.SecurityGroupRule:
		return r.Group
	case *estate.IngressRule:
		return r.Group
	case *estate.EgressRule:
		return r.Group
	}
	return estate.Ref[*estate.SecurityGroup]{}
}

func (g *group) add(c *rule, r *estate.Rule) {
	dir := in
	if r.Egress {
		dir = out
	}
	if s, ok := r.Of.(*estate.SecurityGroupRule); ok && s.Direction.Unknown() {
		c.sure, c.why = flow.Conns{}, "its type is not known: "+s.Direction.Why()
		g.rules[out] = append(g.rules[out], c)
	}
	g.rules[dir] = append(g.rules[dir], c)
}

func (g *group) index() {
	for dir := range g.rules {
		g.refs[dir] = map[string]passes{}
		for _, r := range g.rules[dir] {
			for _, key := range r.refs {
				p := g.refs[dir][key]
				g.refs[dir][key] = passes{p.sure.Union(r.sure), p.may.Union(r.may)}
			}
			for _, key := range r.maybes {
				p := g.refs[dir][key]
				g.refs[dir][key] = passes{p.sure, p.may.Union(r.may)}
			}
			if len(r.doubts) > 0 {
				g.any[dir] = g.any[dir].Union(r.may)
			}
		}
	}
}
