package vpc

import (
	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// template is what a launch template says about the network.
type template struct {
	groups  []estate.Refs[*estate.SecurityGroup]
	subnets []estate.Ref[*estate.Subnet]
	public  estate.Bool
	at      diag.Pos // where it is written, when it is in the files
	six     estate.Int
	root    string
	why     string // why it says nothing
}

// or is where the template is written, otherwise where its user is.
func (t *template) or(user diag.Pos) diag.Pos {
	if t.at.Line != 0 {
		return t.at
	}
	return user
}

// templateOf reads the launch template of an instance or a node group.
func (n *Network) templateOf(refs []estate.TemplateRef) template {
	if len(refs) == 0 {
		return template{}
	}
	ref := &refs[0]
	if found := append(estate.To(n.e, ref.ID), estate.To(n.e, ref.Name)...); len(found) > 0 {
		return templateFrom(found[0])
	}
	return template{why: "launch template " + or(notAbsent(ref.ID.Str), ref.Name.String()) + " is not in the files"}
}

func notAbsent(s estate.Str) string {
	if s.Absent() {
		return ""
	}
	return s.String()
}

func templateFrom(lt *estate.LaunchTemplate) template {
	t := template{groups: []estate.Refs[*estate.SecurityGroup]{lt.SecurityGroups}, root: lt.ID.Root, at: lt.Pos, why: lt.Interfaces.Why}
	for _, ni := range lt.Interfaces.Items {
		t.groups = append(t.groups, ni.SecurityGroups)
		if !ni.Subnet.Absent() {
			t.subnets = append(t.subnets, ni.Subnet)
		}
		if !ni.PublicIP.Absent() {
			t.public = ni.PublicIP
		}
		if !ni.IPv6Count.Absent() {
			t.six = ni.IPv6Count
		}
	}
	return t
}

// template adds the groups of a launch template.
func (b *builder) template(t template) {
	for _, refs := range t.groups {
		b.filter(refs)
	}
	b.i.GroupsWhy = or(b.i.GroupsWhy, t.why)
}

// nodeGroup is where the instances of an EKS node group stand. They have the
// groups of their launch template, and the cluster's group only where that
// names none (EKS User Guide, "Customize managed nodes with launch templates").
func (n *Network) nodeGroup(r *estate.NodeGroup) *Interface {
	b := n.build(r)
	t := n.templateOf(r.Template.Items)
	b.six = b.n.clusterSix(r.Cluster, t.six)
	b.public = launched(t.public, "associate_public_ip_address", t.or(r.Pos))
	b.in(r.Subnets)
	b.template(t)
	if len(b.groups) == 0 && b.i.GroupsWhy == "" {
		b.clusterGroup(r.Cluster)
		for _, ra := range r.Remote.Items {
			b.join(n.remoteAccess(r, &ra))
		}
	}
	return b.done()
}

// clusterSix says whether a node has IPv6 addresses: those of an IPv6 cluster
// do, the others where their subnet gives them.
func (n *Network) clusterSix(ref estate.Ref[*estate.EKSCluster], count estate.Int) func(*subnet) estate.Truth {
	six := sixOf(estate.List{}, count)
	for _, c := range estate.To(n.e, ref) {
		if a := c.Addresses.One(); a != nil && a.Family.Is("ipv6") == estate.Yes {
			return func(*subnet) estate.Truth { return estate.Yes }
		}
	}
	return six
}

// clusterGroup adds the group that EKS makes for a cluster.
func (b *builder) clusterGroup(ref estate.Ref[*estate.EKSCluster]) {
	found := false
	for _, c := range estate.To(b.n.e, ref) {
		found = true
		b.join(b.n.group(keyOf(c.ID), c))
	}
	if !found {
		b.i.GroupsWhy = or(b.i.GroupsWhy, ref.Why(), "EKS cluster "+ref.String()+" is not in the files")
	}
}

// remoteAccess is the group that EKS makes for SSH to the nodes of a group:
// from the groups named, or from everywhere where none are (EKS API,
// RemoteAccessConfig).
func (n *Network) remoteAccess(r *estate.NodeGroup, ra *estate.NodeRemoteAccess) *group {
	key := "remote access " + keyOf(r.ID)
	if g := n.groups[key]; g != nil {
		return g
	}
	ssh := flow.Ports(flow.TCP, 22, 22)
	g := &group{Group: Group{Of: r, Name: "the remote access group of " + called("node group", r), id: key}}
	c := &rule{of: r, at: ra.At, sure: ssh, may: ssh}
	switch {
	case ra.From.Absent():
		c.addrs, c.from = flow.Everything().Family(4), []string{"0.0.0.0/0"}
	default:
		for _, ref := range ra.From.Items {
			n.refer(c, ref, r.ID.Root)
		}
		if why := ra.From.Why(); why != "" {
			c.doubts = append(c.doubts, why)
		}
	}
	g.rules[in] = []*rule{c}
	g.rules[out] = []*rule{{of: r, sure: flow.AllConns(), may: flow.AllConns(), addrs: flow.Everything(), from: []string{"everywhere"}}}
	g.index()
	n.groups[key] = g
	return g
}

func (n *Network) autoScalingGroup(r *estate.AutoScalingGroup) *Interface {
	b := n.build(r)
	t := n.templateOf(r.Template.Items)
	for _, m := range r.Mixed.Items {
		for _, x := range m.Template.Items {
			for _, s := range x.Spec.Items {
				t = n.templateOf([]estate.TemplateRef{{ID: s.ID, Name: s.Name}})
			}
		}
	}
	if !r.Config.Absent() {
		t = template{why: "launch configuration " + r.Config.String() + " is not in the files"}
		for _, c := range estate.To(n.e, r.Config) {
			t = template{groups: []estate.Refs[*estate.SecurityGroup]{c.SecurityGroups}, public: c.PublicIP, root: c.ID.Root, at: c.Pos}
		}
	}
	b.six = sixOf(estate.List{}, t.six)
	b.public = launched(t.public, "associate_public_ip_address", t.or(r.Pos))
	if r.Subnets.Absent() && len(t.subnets) > 0 {
		for _, s := range t.subnets {
			b.at(s, flow.Addrs{})
		}
	} else {
		b.in(r.Subnets)
	}
	b.template(t)
	return b.done()
}

// fargate is where the pods of a Fargate profile stand: in private subnets,
// with the cluster's group (EKS User Guide, "Define which Pods use AWS
// Fargate").
func (n *Network) fargate(r *estate.FargateProfile) *Interface {
	b := n.build(r)
	b.in(r.Subnets)
	b.clusterGroup(r.Cluster)
	return b.done()
}

// controlPlane are the interfaces that EKS puts into the cluster's subnets: by
// them nodes reach the private endpoint, and the control plane reaches nodes.
// The public endpoint is elsewhere.
func (n *Network) controlPlane(r *estate.EKSCluster) *Interface {
	v := r.Network.One()
	if v == nil {
		return nil
	}
	b := n.build(r)
	b.six = n.clusterSix(estate.Ref[*estate.EKSCluster]{To: []estate.ID{r.ID}}, estate.Int{})
	b.in(v.Subnets)
	b.filter(v.SecurityGroups)
	b.join(n.group(keyOf(r.ID), r))
	b.outer6 = estate.No
	return b.done()
}

func (n *Network) ecsService(r *estate.ECSService) *Interface {
	v := r.Network.One()
	if v == nil { // bridge or host mode: on the instances of the cluster
		return nil
	}
	b := n.build(r)
	b.six = sixOf(estate.List{}, estate.Int{})
	b.public = func(*subnet) publicity {
		return argument(v.PublicIP, "assign_public_ip", r)
	}
	b.in(v.Subnets)
	b.filter(v.SecurityGroups)
	return b.done()
}
