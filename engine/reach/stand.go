package reach

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// stand is where pods run and how that is attached to a network: the nodes of
// one or more groups that have the same subnets and security groups.
type stand struct {
	out, in *vpc.Interface // as the source of connections and as their destination
	on      []*place       // the node groups; none for Fargate
	fargate *estate.FargateProfile
	own     string // security groups of the pods' own, by name; "" for the node's
	host    bool   // pods that use the node's own network
	maybe   string // why it is not known that the pods run there
}

// String says where pods run: "node/batch and node/general".
func (s *stand) String() string {
	if s.fargate != nil {
		return "Fargate profile " + s.fargate.ID.Addr
	}
	var names []string
	for _, p := range s.on {
		names = append(names, p.String())
	}
	return strings.Join(names, " and ")
}

// place finds where the pods of each workload may run: on every group of nodes
// of the cluster that their node selector does not rule out, and whose taints
// they tolerate. A pod has the
// security groups of its node (EKS user guide, "Security groups for Pods"),
// unless a SecurityGroupPolicy gives it others, or a Fargate profile runs it.
func (n *Network) place() {
	n.stands, n.standSets = map[estate.ID][]*stand{}, map[estate.ID]*standSet{}
	n.cache.sets = map[string]*standSet{}
	clusters := estate.All[*estate.EKSCluster](n.e)
	several := ""
	if len(clusters) > 1 {
		several = fmt.Sprintf("the files do not tell which of %d clusters the pods run in", len(clusters))
	}
	for _, p := range n.clusterNodes() {
		if i := n.aws.Of(p.Of); i != nil {
			n.nodes = merge(n.nodes, &stand{out: i, in: n.private(i), on: []*place{p}, maybe: several})
		}
	}
	profiles := estate.All[*estate.FargateProfile](n.e)
	switch {
	case len(clusters) == 0:
		n.podWhy = "where the pods' nodes stand is not in what was read"
	case len(n.nodes) == 0 && len(profiles) == 0:
		n.podWhy = "no group of nodes of cluster " + clusters[0].ID.Addr + " is in what was read"
	}
	for _, s := range n.nodes {
		n.podAddrs = n.podAddrs.Union(addrsOf(s.out))
	}
	for _, w := range estate.All[*estate.Workload](n.e) {
		n.stands[w.ID] = n.standsOf(w, profiles)
		n.standSets[w.ID] = n.standKey(w)
	}
}

// clusterNodes are the groups whose instances are nodes of a cluster: managed
// ones, and Auto Scaling groups tagged for a cluster.
func (n *Network) clusterNodes() []*place {
	var out []*place
	for i := range n.places {
		p := &n.places[i]
		switch x := p.Of.(type) {
		case *estate.NodeGroup:
			out = append(out, p)
		case *estate.AutoScalingGroup:
			for _, t := range x.Tag.Items {
				if t.Key.Test(func(k string) bool { return strings.HasPrefix(k, "kubernetes.io/cluster/") }) == estate.Yes {
					out = append(out, p)
					break
				}
			}
		}
	}
	return out
}

// merge adds a stand to the list, or its nodes to one that is just like it.
func merge(list []*stand, s *stand) []*stand {
	for _, have := range list {
		if have.fargate == s.fargate && have.own == s.own && have.host == s.host && have.maybe == s.maybe && alike(have.out, s.out) {
			have.on = append(have.on, s.on...)
			return list
		}
	}
	return append(list, s)
}

// alike says whether two interfaces have the same subnets, groups and addresses.
func alike(a, b *vpc.Interface) bool {
	return a.NoGroups == b.NoGroups && a.GroupsWhy == b.GroupsWhy && a.SpotsWhy == b.SpotsWhy && a.Public4 == b.Public4 && a.Public6 == b.Public6 &&
		a.PublicAddrs.Equal(b.PublicAddrs) && a.PublicSays == b.PublicSays &&
		slices.EqualFunc(a.Groups, b.Groups, func(x, y vpc.Group) bool { return x == y }) &&
		slices.EqualFunc(a.Spots, b.Spots, func(x, y vpc.Spot) bool {
			return x.Subnet == y.Subnet && x.Why == y.Why && x.IPv6 == y.IPv6 && x.Addrs.Equal(y.Addrs)
		})
}

// private is an interface as pods have it: packets from the internet cannot be
// addressed to a pod. Those it sends leave with the node's public address.
func (n *Network) private(i *vpc.Interface) *vpc.Interface {
	why := i.GroupsWhy
	var groups []estate.Ref[*estate.SecurityGroup]
	for _, g := range i.Groups {
		if g.Of == nil {
			why = g.Name + " is not in the files"
			continue
		}
		ref := estate.RefTo[*estate.SecurityGroup](g.Of.Meta().ID.Addr, g.Of.Meta().Pos)
		ref.To = []estate.ID{g.Of.Meta().ID}
		groups = append(groups, ref)
	}
	return n.aws.WithGroups(i, groups, why)
}

func (n *Network) standsOf(w *estate.Workload, profiles []*estate.FargateProfile) []*stand {
	for _, f := range profiles {
		if runs(f, w) {
			if i := n.aws.Of(f); i != nil {
				return []*stand{{out: i, in: i, fargate: f}}
			}
		}
	}
	own := n.ownGroups(w)
	if w.Pod.HostNetwork {
		own = nil
	}
	var out []*stand
	for _, s := range n.nodes {
		on := slices.DeleteFunc(slices.Clone(s.on), func(p *place) bool { return !mayRunOn(w, p) })
		switch {
		case len(on) == 0:
		case w.Pod.HostNetwork:
			out = append(out, n.intern(&stand{out: s.out, in: s.out, on: on, host: true, maybe: s.maybe}))
		case own == nil:
			out = append(out, n.intern(&stand{out: s.out, in: s.in, on: on, maybe: s.maybe}))
		default:
			i := n.ownInterface(s, own)
			out = merge(out, &stand{out: i, in: i, on: on, own: own.ID.Addr, maybe: s.maybe})
		}
	}
	if own != nil {
		for i := range out {
			out[i] = n.intern(out[i])
		}
	}
	return out
}

// ownInterface is the interface of pods with groups of their own on the nodes
// of a stand, one for each policy and stand.
func (n *Network) ownInterface(s *stand, p *estate.SecurityGroupPolicy) *vpc.Interface {
	k := ownKey{s, p}
	if i := n.cache.own[k]; i != nil {
		return i
	}
	why := p.Groups.Why()
	i := n.aws.WithGroups(s.out, p.Groups.Items, why)
	if n.cache.own == nil {
		n.cache.own = map[ownKey]*vpc.Interface{}
	}
	n.cache.own[k] = i
	return i
}

type ownKey struct {
	on *stand
	by *estate.SecurityGroupPolicy
}

// intern returns the stand that is just like this one, so that pods which
// stand alike share one.
func (n *Network) intern(s *stand) *stand {
	for _, have := range n.cache.stands {
		if have.out == s.out && have.in == s.in && have.host == s.host && have.own == s.own && slices.Equal(have.on, s.on) {
			return have
		}
	}
	n.cache.stands = append(n.cache.stands, s)
	return s
}

// runs says whether a Fargate profile runs the pods (EKS user guide, "Define
// which Pods use AWS Fargate").
func runs(f *estate.FargateProfile, w *estate.Workload) bool {
	return slices.ContainsFunc(f.Selectors.Items, func(s estate.FargateSelector) bool {
		if s.Namespace.Is(w.Namespace) != estate.Yes {
			return false
		}
		for k, v := range s.Labels.Items {
			if v.Is(w.PodLabels[k]) != estate.Yes {
				return false
			}
		}
		return true
	})
}

// ownGroups is the SecurityGroupPolicy that gives the pods groups of their
// own, or nil. Pods on the node's network keep the node's.
func (n *Network) ownGroups(w *estate.Workload) *estate.SecurityGroupPolicy {
	for _, p := range estate.All[*estate.SecurityGroupPolicy](n.e) {
		if p.Namespace != w.Namespace || p.PodSelector == nil && p.ServiceAccountSelector == nil {
			continue
		}
		if p.PodSelector != nil && !estate.Selects(p.PodSelector, w.PodLabels) {
			continue
		}
		if p.ServiceAccountSelector != nil {
			if sa := estate.ServiceAccountOf(n.e, w); sa == nil || !estate.Selects(p.ServiceAccountSelector, sa.Labels) {
				continue
			}
		}
		return p
	}
	return nil
}

// standSet is where pods run and how: workloads that nothing of the network
// tells apart have the same.
type standSet struct{ key string }

func (n *Network) standKey(w *estate.Workload) *standSet {
	key := fmt.Sprintf("%t ", w.Pod.HostNetwork)
	if w.Kind == "DaemonSet" {
		key += fmt.Sprint(len(w.Pod.NodeSelector), w.Pod.Affinity != nil, w.Pod.Tolerations)
	}
	for _, s := range n.stands[w.ID] {
		key += fmt.Sprintf(" %p", s)
	}
	if n.cache.sets[key] == nil {
		n.cache.sets[key] = &standSet{key}
	}
	return n.cache.sets[key]
}

// addrsOf are the private addresses that an interface may have.
func addrsOf(i *vpc.Interface) flow.Addrs {
	var out flow.Addrs
	if i == nil {
		return out
	}
	for _, s := range i.Spots {
		out = out.Union(spotAddrs(s))
	}
	return out
}

func spotAddrs(s vpc.Spot) flow.Addrs {
	if !s.Addrs.Empty() {
		return s.Addrs
	}
	var out flow.Addrs
	if s.Subnet == nil {
		return out
	}
	if c, ok := s.Subnet.CIDR.Known(); ok {
		if a, err := flow.ParseAddrs(c); err == nil {
			out = out.Union(a)
		}
	}
	if c, ok := s.Subnet.IPv6CIDR.Known(); ok && s.IPv6 != estate.No {
		if a, err := flow.ParseAddrs(c); err == nil {
			out = out.Union(a)
		}
	}
	return out
}
