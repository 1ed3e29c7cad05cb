package vpc

import (
	"strings"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// attach makes the interface of a resource, or returns nil.
func (n *Network) attach(r estate.Resource) *Interface {
	switch r := r.(type) {
	case *estate.Instance:
		return n.instance(r)
	case *estate.NetworkInterface:
		return n.networkInterface(r)
	case *estate.NodeGroup:
		return n.nodeGroup(r)
	case *estate.AutoScalingGroup:
		return n.autoScalingGroup(r)
	case *estate.FargateProfile:
		return n.fargate(r)
	case *estate.EKSCluster:
		return n.controlPlane(r)
	case *estate.Lambda:
		if v := r.Network.One(); v != nil && !v.Subnets.Absent() {
			i := n.plain(r, v.Subnets, v.SecurityGroups)
			i.deaf = i.Name + " takes no connections: a Lambda function is invoked by its API, and its interfaces only send"
			return i
		}
	case *estate.ECSService:
		return n.ecsService(r)
	case *estate.LoadBalancer:
		return n.loadBalancer(r)
	case *estate.ClassicLB:
		return n.classic(r)
	case *estate.VPCEndpoint:
		return n.endpoint(r)
	default:
		return n.store(r)
	}
	return nil
}

// plain is the interface of something that has no public address.
func (n *Network) plain(r estate.Resource, subnets estate.Refs[*estate.Subnet], groups estate.Refs[*estate.SecurityGroup]) *Interface {
	b := n.build(r)
	b.in(subnets)
	b.filter(groups)
	return b.done()
}

// onLaunch is what a subnet gives an instance that is started there: an IPv6
// address, a public address.
func onLaunch(s *subnet) estate.Truth {
	if s.of == nil {
		return estate.Maybe
	}
	return s.of.IPv6OnLaunch.Is(true)
}

// launched is the publicity of an instance: its own argument decides, otherwise
// its subnet's (VPC User Guide, "Public IPv4 addresses"). Where neither is
// written, at is where the argument would be: what the change edits.
func launched(own estate.Bool, argument string, at diag.Pos) func(*subnet) publicity {
	return func(s *subnet) publicity {
		switch {
		case own.Is(true) == estate.Yes:
			return publicity{estate.Yes, "a public address: " + argument + " is true", own.Pos(), ""}
		case own.Unknown():
			return publicity{estate.Maybe, argument + " is not known: " + own.Why(), own.Pos(), ""}
		case !own.Absent():
			return publicity{estate.No, "no public address: " + argument + " is false", own.Pos(), "set " + argument + " = true"}
		case s.of == nil:
			return publicity{is: estate.Maybe, says: "whether it gets a public address is not known: " + s.unknown}
		}
		on := s.of.PublicIPs
		switch on.Is(true) {
		case estate.Yes:
			return publicity{estate.Yes, "a public address: " + s.name + " gives one (map_public_ip_on_launch)", on.Pos(), ""}
		case estate.Maybe:
			return publicity{estate.Maybe, "whether " + s.name + " gives public addresses is not known: " + on.Why(), on.Pos(), ""}
		}
		if strings.HasPrefix(s.of.Type, "aws_default_subnet") && on.Absent() {
			return publicity{estate.Yes, "a public address: a default subnet gives one", s.of.Pos, ""}
		}
		return publicity{estate.No, "no public address: neither " + argument + " nor map_public_ip_on_launch of " + s.name + " is set", at, "set " + argument + " = true, or give it an Elastic IP"}
	}
}

func (n *Network) instance(r *estate.Instance) *Interface {
	b := n.build(r)
	t := n.templateOf(r.Template.Items)
	var own []*estate.NetworkInterface
	for _, ni := range append(append([]estate.InstanceInterface{}, r.Primary.Items...), r.Interfaces.Items...) {
		own = append(own, estate.To(n.e, ni.Interface)...)
	}
	b.six = sixOf(r.IPv6, r.IPv6Count)
	b.public = launched(eitherOf(r.PublicIP, t.public), "associate_public_ip_address", r.Pos)
	switch {
	case len(own) > 0: // its addresses and groups are those of its interfaces
		for _, ni := range own {
			b.interfaceOf(ni)
		}
	case r.Subnet.Absent() && len(t.subnets) > 0:
		for _, s := range t.subnets {
			b.at(s, flow.Addrs{})
		}
	default:
		b.at(r.Subnet, literals(append([]estate.Str{r.PrivateIP}, r.IPv6.Items...)))
	}
	for _, refs := range []estate.Refs[*estate.SecurityGroup]{r.SecurityGroups, r.Groups} {
		b.filter(refs)
	}
	if len(b.groups) == 0 && b.i.GroupsWhy == "" && len(own) == 0 {
		b.template(t)
	}
	for _, a := range estate.Of[*estate.NetworkInterfaceAttachment](n.e, r.ID) {
		for _, ni := range estate.To(n.e, a.NetworkInterface) {
			b.interfaceOf(ni)
		}
	}
	b.elastic(n.addressesOf(r.ID))
	return b.done()
}

func (n *Network) networkInterface(r *estate.NetworkInterface) *Interface {
	b := n.build(r)
	b.interfaceOf(r)
	b.public = launched(estate.Bool{}, "associate_public_ip_address", r.Pos)
	if b.i.PublicAddrs.Empty() {
		b.public = func(*subnet) publicity {
			return publicity{says: "no public address: it has no Elastic IP", at: r.Pos, open: "give it an Elastic IP"}
		}
	}
	b.elastic(n.addressesOf(r.ID))
	return b.done()
}

// interfaceOf adds the subnet, the addresses and the groups of an interface
// that was made on its own.
func (b *builder) interfaceOf(ni *estate.NetworkInterface) {
	b.six = sixOf(ni.IPv6, ni.IPv6Count)
	b.at(ni.Subnet, literals(append(append([]estate.Str{ni.PrivateIP}, ni.PrivateIPs.Items...), ni.IPv6.Items...)))
	b.filter(ni.SecurityGroups)
	for _, a := range estate.Of[*estate.NetworkInterfaceGroup](b.n.e, ni.ID) {
		b.group(a.Group)
	}
	b.elastic(b.n.addressesOf(ni.ID))
}

// sixOf says whether something has an IPv6 address: its own arguments say so,
// otherwise its subnet gives one.
func sixOf(addrs estate.List, count estate.Int) func(*subnet) estate.Truth {
	return func(s *subnet) estate.Truth {
		if len(addrs.Items) > 0 {
			return estate.Yes
		}
		asked := count.Test(func(k int) bool { return k > 0 })
		if count.Absent() {
			return onLaunch(s)
		}
		return asked
	}
}

// literals are the addresses among texts that are known.
func literals(texts []estate.Str) flow.Addrs {
	var out flow.Addrs
	for _, t := range texts {
		if s, ok := t.Known(); ok {
			if a, err := flow.ParseAddrs(s); err == nil {
				out = out.Union(a)
			}
		}
	}
	return out
}

// addressesOf are the Elastic IPs of an instance or interface.
func (n *Network) addressesOf(id estate.ID) []*estate.ElasticIP {
	var out []*estate.ElasticIP
	for _, a := range estate.Of[*estate.ElasticIP](n.e, id) {
		if a.Instance.Is(id) || a.NetworkInterface.Is(id) {
			out = append(out, a)
		}
	}
	for _, a := range estate.Of[*estate.ElasticIPAssociation](n.e, id) {
		if a.Instance.Is(id) || a.NetworkInterface.Is(id) {
			to := estate.To(n.e, a.ElasticIP)
			if len(to) == 0 {
				to = []*estate.ElasticIP{{Base: a.Base}}
			}
			out = append(out, to...)
		}
	}
	return out
}

// elastic gives the interface its Elastic IPs.
func (b *builder) elastic(ips []*estate.ElasticIP) {
	for _, ip := range ips {
		b.i.PublicAddrs = b.i.PublicAddrs.Union(literals([]estate.Str{ip.PublicIP}))
		says := publicity{estate.Yes, "a public address: Elastic IP " + nameOf(ip), ip.Pos, ""}
		if ip.Maybe != "" {
			says = publicity{estate.Maybe, "it is not known whether Elastic IP " + nameOf(ip) + " exists: " + ip.Maybe, ip.Pos, ""}
		}
		old := b.public
		b.public = func(s *subnet) publicity {
			if p := old(s); p.is >= says.is {
				return p
			}
			return says
		}
	}
}

// eitherOf returns the first argument that was written.
func eitherOf(a, b estate.Bool) estate.Bool {
	if a.Absent() {
		return b
	}
	return a
}
