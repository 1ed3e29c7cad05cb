package vpc

import (
	"sync"

	"fathom/estate"
)

// Network is the network of an estate. Make one with New; it may be used by
// several goroutines at once.
type Network struct {
	e *estate.Estate

	vpcs    map[string]*vpc // by key
	subnets map[estate.ID]*subnet
	tables  map[estate.ID]*table
	groups  map[string]*group
	// adopted are the default groups that a file declares, by VPC; made is
	// what AWS makes by itself, by the ids that a state knows.
	adopted map[estate.ID]*estate.SecurityGroup
	made    map[string]estate.Resource
	sets    map[string]*groupSet
	spotsOf map[string]*spot
	of      map[estate.ID]*Interface
	transit transits
	edges   edges
	classes map[string]int // of spots

	// mu guards what WithGroups adds to: groups and sets.
	mu    sync.Mutex
	paths pathCache
}

// New reads the network of an estate.
func New(e *estate.Estate) *Network {
	n := &Network{
		e: e, vpcs: map[string]*vpc{}, subnets: map[estate.ID]*subnet{}, tables: map[estate.ID]*table{}, groups: map[string]*group{},
		adopted: map[estate.ID]*estate.SecurityGroup{}, made: map[string]estate.Resource{},
		sets: map[string]*groupSet{}, spotsOf: map[string]*spot{}, classes: map[string]int{}, of: map[estate.ID]*Interface{},
	}
	n.declareVPCs()
	n.adopt()
	n.declareSubnets()
	n.declareTables()
	n.declareACLs()
	n.declareTransit()
	n.nameVPCs()
	n.compileGroups()
	n.findEdges()
	for _, r := range e.Resources {
		if i := n.attach(r); i != nil {
			n.of[r.Meta().ID] = i
		}
	}
	return n
}

// nameVPCs gives every VPC that is named and not in the estate its place, so
// that questions change nothing.
func (n *Network) nameVPCs() {
	for _, p := range estate.All[*estate.Peering](n.e) {
		n.vpcOf2(p.VPC, p.ID.Root)
		n.vpcOf2(p.Peer, p.ID.Root)
	}
	for _, g := range estate.All[*estate.VPNGateway](n.e) {
		n.vpcOf2(g.VPC, g.ID.Root)
	}
	for _, a := range estate.All[*estate.VPNGatewayAttachment](n.e) {
		n.vpcOf2(a.VPC, a.ID.Root)
	}
}

// adopt finds the default groups that files declare, and the ids of those that
// they do not.
func (n *Network) adopt() {
	for _, g := range estate.All[*estate.SecurityGroup](n.e) {
		if g.Type == "aws_default_security_group" {
			for _, v := range estate.To(n.e, g.VPC) {
				n.adopted[v.ID] = g
			}
		}
	}
	for _, v := range estate.All[*estate.VPC](n.e) {
		if id, ok := v.DefaultGroup.Known(); ok {
			n.made[id] = v
		}
	}
	for _, c := range estate.All[*estate.EKSCluster](n.e) {
		for _, v := range c.Network.Items {
			if id, ok := v.ClusterGroup.Known(); ok {
				n.made[id] = c
			}
		}
	}
}

// Of returns where a resource is attached: an instance, a network interface, a
// database (RDS, ElastiCache, MSK, OpenSearch, Redshift), a file system, a
// Lambda function in a VPC, an ECS service, a load balancer, an interface
// endpoint, an EKS cluster (its control plane's interfaces), a node group, an
// Auto Scaling group, a Fargate profile. It is nil for anything else, and for
// what stands in no VPC.
func (n *Network) Of(r estate.Resource) *Interface { return n.of[r.Meta().ID] }

// WithGroups is an interface in the same subnets with other groups and without
// a public address: pods that a SecurityGroupPolicy gives groups of their own
// on the nodes i. why says why there may be other groups too, or is "".
func (n *Network) WithGroups(i *Interface, groups []estate.Ref[*estate.SecurityGroup], why string) *Interface {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := n.build(i.Of)
	b.i.Name, b.i.Spots, b.i.SpotsWhy, b.i.GroupsWhy = i.Name, i.Spots, "", why
	b.spots, b.outer6 = i.spots, i.outer6
	b.public = func(*subnet) publicity { return publicity{says: "no public address: a pod has none"} }
	for _, g := range groups {
		b.group(g)
	}
	out := b.done()
	out.SpotsWhy = i.SpotsWhy
	return out
}
