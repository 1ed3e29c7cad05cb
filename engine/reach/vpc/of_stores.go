package vpc

import (
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// argument is the publicity that one argument decides; absent is private.
func argument(v estate.Bool, name string, r estate.Resource) publicity {
	at := v.Pos()
	if at.IsZero() {
		at = r.Meta().Pos
	}
	switch {
	case v.Is(true) == estate.Yes:
		return publicity{estate.Yes, "a public address: " + name + " is true", at, ""}
	case v.Unknown():
		return publicity{estate.Maybe, name + " is not known: " + v.Why(), at, ""}
	case v.Absent():
		return publicity{estate.No, "no public address: " + name + " is not set", at, "set " + name + " = true"}
	}
	return publicity{estate.No, "no public address: " + name + " is false", at, "set " + name + " = true"}
}

// store is the interface of a database and its like, or nil.
func (n *Network) store(r estate.Resource) *Interface {
	switch r := r.(type) {
	case *estate.DBInstance:
		return n.database(r, &r.Database, argument(r.Public, "publicly_accessible", r))
	case *estate.DBCluster:
		return n.database(r, &r.Database, n.clusterPublic(r))
	case *estate.DBClusterInstance:
		for _, c := range estate.To(n.e, r.Cluster) {
			return n.database(r, &c.Database, argument(r.Public, "publicly_accessible", r))
		}
	case *estate.CacheGroup:
		return n.cache(r, r.SubnetGroup, r.SecurityGroups, r.NetworkType)
	case *estate.CacheCluster:
		for _, g := range estate.To(n.e, r.Group) {
			return n.cache(r, g.SubnetGroup, g.SecurityGroups, g.NetworkType)
		}
		return n.cache(r, r.SubnetGroup, r.SecurityGroups, estate.Str{})
	case *estate.Stream:
		return n.stream(r)
	case *estate.Search:
		if v := r.Network.One(); v != nil {
			return n.plain(r, v.Subnets, v.SecurityGroups)
		}
	case *estate.Redshift:
		return n.warehouse(r)
	case *estate.FileSystem:
		return n.fileSystem(r)
	case *estate.MountTarget:
		b := n.build(r)
		b.mount(r)
		return b.done()
	}
	return nil
}

func (n *Network) database(r estate.Resource, d *estate.Database, p publicity) *Interface {
	b := n.build(r)
	dual := d.NetworkType.Is("DUAL")
	b.six = func(s *subnet) estate.Truth { return dual.And(s.six) }
	b.public = func(*subnet) publicity { return p }
	b.outer6 = p.is
	group := estate.To(n.e, d.SubnetGroup)
	for _, g := range group {
		b.in(g.Subnets)
	}
	if len(group) == 0 {
		why := "DB subnet group " + d.SubnetGroup.String() + " is not in the files"
		if d.SubnetGroup.Absent() {
			why = "db_subnet_group_name is not set, which means the default VPC"
		}
		b.i.SpotsWhy = or(d.SubnetGroup.Why(), why)
	}
	b.filter(d.SecurityGroups)
	return b.done()
}

// clusterPublic is the publicity of a cluster: that of its instances.
func (n *Network) clusterPublic(c *estate.DBCluster) publicity {
	best := publicity{says: "no public address: it has no instance that is publicly accessible", at: c.Pos, open: "set publicly_accessible = true on an instance of it"}
	for k, i := range estate.Of[*estate.DBClusterInstance](n.e, c.ID) {
		if p := argument(i.Public, "publicly_accessible", i); k == 0 || p.is > best.is {
			best = p
		}
	}
	return best
}

func (n *Network) cache(r estate.Resource, ref estate.Ref[*estate.CacheSubnetGroup], groups estate.Refs[*estate.SecurityGroup], network estate.Str) *Interface {
	b := n.build(r)
	b.six = func(s *subnet) estate.Truth { return network.In("ipv6", "dual_stack").And(s.six) }
	b.public = func(*subnet) publicity {
		return publicity{says: "no public address: ElastiCache has none", at: r.Meta().Pos}
	}
	b.outer6 = estate.No
	found := estate.To(n.e, ref)
	for _, g := range found {
		b.in(g.Subnets)
	}
	if len(found) == 0 {
		why := "cache subnet group " + ref.String() + " is not in the files"
		if ref.Absent() {
			why = "subnet_group_name is not set, which means the default VPC"
		}
		b.i.SpotsWhy = or(ref.Why(), why)
	}
	b.filter(groups)
	return b.done()
}

// stream is MSK: public only where public access is switched on.
func (n *Network) stream(r *estate.Stream) *Interface {
	v := r.Brokers.One()
	if v == nil {
		return nil
	}
	b := n.build(r)
	kind := v.Connectivity.At("public_access", "type")
	text, known := kind.Literal()
	b.public = func(*subnet) publicity {
		switch {
		case v.Connectivity.Hole() != "":
			return publicity{estate.Maybe, "whether it has public access is not known: " + v.Connectivity.Hole(), v.At, ""}
		case !known || text == "DISABLED":
			return publicity{estate.No, "no public address: public_access is off", v.At, `set connectivity_info { public_access { type = "SERVICE_PROVIDED_EIPS" } }`}
		}
		return publicity{estate.Yes, "a public address: public_access is " + text, kind.Pos, ""}
	}
	b.in(v.Subnets)
	b.filter(v.SecurityGroups)
	return b.done()
}

// warehouse is Redshift. Version 6 of the provider changed the default of
// publicly_accessible from true to false.
func (n *Network) warehouse(r *estate.Redshift) *Interface {
	b := n.build(r)
	b.public = func(*subnet) publicity {
		if r.Public.Absent() {
			return publicity{estate.Maybe, "publicly_accessible is not set, which means true before version 6 of the AWS provider", r.Pos, ""}
		}
		return argument(r.Public, "publicly_accessible", r)
	}
	found := estate.To(n.e, r.SubnetGroup)
	for _, g := range found {
		b.in(g.Subnets)
	}
	if len(found) == 0 {
		b.i.SpotsWhy = or(r.SubnetGroup.Why(), "cluster_subnet_group_name is not in the files")
	}
	b.filter(r.SecurityGroups)
	return b.done()
}

// fileSystem is where an EFS file system is mounted from.
func (n *Network) fileSystem(r *estate.FileSystem) *Interface {
	targets := estate.Of[*estate.MountTarget](n.e, r.ID)
	if len(targets) == 0 {
		return nil
	}
	b := n.build(r)
	for _, t := range targets {
		b.mount(t)
	}
	return b.done()
}

func (b *builder) mount(t *estate.MountTarget) {
	dual := t.AddressType.In("IPV6_ONLY", "DUAL_STACK")
	b.six = func(s *subnet) estate.Truth { return dual.And(s.six) }
	b.public = func(*subnet) publicity {
		return publicity{says: "no public address: a mount target has none", at: t.Pos}
	}
	b.outer6 = estate.No
	b.at(t.Subnet, literals([]estate.Str{t.Address}))
	b.filter(t.SecurityGroups)
}

// loadBalancer is an ALB or NLB. An internet-facing one has public addresses; an
// NLB that was made without security groups is filtered by none (Elastic Load
// Balancing User Guide, "Security groups for your Network Load Balancer").
func (n *Network) loadBalancer(r *estate.LoadBalancer) *Interface {
	b := n.build(r)
	network := r.Kind.Is("network") == estate.Yes
	b.six = func(s *subnet) estate.Truth {
		return r.AddressType.In("dualstack", "dualstack-without-public-ipv4").And(s.six)
	}
	b.outer6 = r.Internal.Is(true).Not()
	b.public = func(*subnet) publicity { return facing(r.Internal, r, r.AddressType) }
	b.in(r.Subnets)
	if len(r.Mappings.Items) > 0 && len(b.spots) == 0 {
		b.i.SpotsWhy = ""
	}
	for _, m := range r.Mappings.Items {
		b.at(m.Subnet, literals([]estate.Str{m.PrivateIP, m.IPv6}))
		for _, ip := range estate.To(n.e, m.ElasticIP) {
			b.i.PublicAddrs = b.i.PublicAddrs.Union(literals([]estate.Str{ip.PublicIP}))
		}
	}
	b.filter(r.SecurityGroups)
	b.i.NoGroups = (network || r.Kind.Is("gateway") == estate.Yes) && len(b.groups) == 0 && b.i.GroupsWhy == ""
	return b.done()
}

// facing is the publicity of a load balancer: internet-facing is the default.
func facing(internal estate.Bool, r estate.Resource, kind estate.Str) publicity {
	at := internal.Pos()
	if at.IsZero() {
		at = r.Meta().Pos
	}
	switch {
	case internal.Is(true) == estate.Yes:
		return publicity{estate.No, "no public address: internal is true", at, "set internal = false"}
	case internal.Unknown():
		return publicity{estate.Maybe, "whether it is internal is not known: " + internal.Why(), at, ""}
	case kind.Is("dualstack-without-public-ipv4") == estate.Yes:
		return publicity{estate.No, "no public IPv4 address: ip_address_type is dualstack-without-public-ipv4", kind.Pos(), `set ip_address_type = "dualstack"`}
	}
	return publicity{estate.Yes, "a public address: it is internet-facing", at, ""}
}

func (n *Network) classic(r *estate.ClassicLB) *Interface {
	b := n.build(r)
	b.public = func(*subnet) publicity { return facing(r.Internal, r, estate.Str{}) }
	b.in(r.Subnets)
	b.filter(r.SecurityGroups)
	return b.done()
}

// endpoint is an interface endpoint; gateway endpoints are routes.
func (n *Network) endpoint(r *estate.VPCEndpoint) *Interface {
	if r.EndpointType.Default("Gateway").Is("Interface") == estate.No {
		return nil
	}
	b := n.build(r)
	b.i.Name = "the endpoint of " + lastLabel(r.Service.String()) + " (" + r.ID.Addr + ")"
	b.outer6 = estate.No
	b.in(r.Subnets)
	for _, a := range estate.Of[*estate.VPCEndpointSubnet](n.e, r.ID) {
		b.at(a.Subnet, flow.Addrs{})
		b.i.SpotsWhy = ""
	}
	b.filter(r.SecurityGroups)
	more := estate.Of[*estate.VPCEndpointGroup](n.e, r.ID)
	replaced := len(more) == 0
	for _, a := range more {
		replaced = replaced || a.Replaces.Is(true) == estate.Yes
		b.group(a.Group)
	}
	if v := b.vpc(); r.SecurityGroups.Absent() && !replaced && v != nil && v.of != nil {
		b.join(b.n.group(keyOf(v.of.ID), v.of)) // an association adds to the default group
	}
	if len(b.spots) == 0 && b.i.SpotsWhy == "" {
		b.i.SpotsWhy = "its subnets are not written"
	}
	return b.done()
}

func lastLabel(service string) string {
	return service[strings.LastIndexByte(service, '.')+1:]
}
