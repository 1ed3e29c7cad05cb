package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// The families, as indexes.
const (
	v4 = 0
	v6 = 1
)

// family is the number of a family's index.
func family(f int) int { return 4 + 2*f }

// globalIPv6 is what AWS gives out: global unicast addresses.
var globalIPv6 = must("2000::/3")

func must(cidr string) flow.Addrs {
	a, err := flow.ParseAddrs(cidr)
	if err != nil {
		panic(err)
	}
	return a
}

// vpc is a private network. of is nil where it is not in the estate.
type vpc struct {
	of    *estate.VPC
	name  string
	doubt string        // why it may be the same as another
	addrs [2]flow.Addrs // every address that it may have
	known [2]bool       // whether those are its addresses and no more
	main  *table
	acl   *acl // the default one
}

// vpcOf returns the VPC that a reference names.
func (n *Network) vpcOf(ref estate.Ref[*estate.VPC], root string) *vpc {
	for _, v := range estate.To(n.e, ref) {
		return n.vpcs[keyOf(v.ID)]
	}
	id := identify(ref.Str, root)
	if v := n.vpcs[id.key]; v != nil && id.key != "" {
		return v
	}
	v := &vpc{name: "VPC " + ref.String(), doubt: id.doubt, main: &table{}, acl: &acl{}}
	if id.key == "" {
		v.doubt = or(v.doubt, "its VPC is not written")
	}
	v.addrs = [2]flow.Addrs{flow.Everything().Family(4), globalIPv6}
	v.main.why = v.name + " is not in the files, so neither is its main route table"
	v.acl.why = v.name + " is not in the files, so neither is its default network ACL"
	if id.key != "" {
		n.vpcs[id.key] = v
	}
	return v
}

// declareVPCs reads the VPCs and their ranges.
func (n *Network) declareVPCs() {
	for _, r := range estate.All[*estate.VPC](n.e) {
		v := &vpc{of: r, name: called("VPC", r), known: [2]bool{true, true}, acl: &acl{}}
		v.add(v4, r.CIDR)
		if r.Type == "aws_default_vpc" && r.CIDR.Absent() {
			v.addrs[v4] = must("172.31.0.0/16") // VPC User Guide, "Default VPC components"
		} else if r.CIDR.Absent() { // an address pool hands it out
			v.known[v4] = false
		}
		v.add(v6, r.IPv6CIDR)
		if r.IPv6CIDR.Absent() && r.GenerateIPv6.Is(true) != estate.No {
			v.known[v6] = false
		}
		for _, a := range estate.Of[*estate.VPCRange](n.e, r.ID) {
			v.add(v4, a.CIDR)
			v.add(v6, a.IPv6CIDR)
			if a.CIDR.Absent() && a.IPv6CIDR.Absent() {
				v.known = [2]bool{}
			}
		}
		if !v.known[v4] {
			v.addrs[v4] = flow.Everything().Family(4)
		}
		if !v.known[v6] {
			v.addrs[v6] = globalIPv6
		}
		n.vpcs[keyOf(r.ID)] = v
	}
}

func (v *vpc) add(f int, cidr estate.Str) {
	if cidr.Absent() {
		return
	}
	text, ok := cidr.Known()
	a, err := flow.ParseAddrs(text)
	if !ok || err != nil {
		v.known[f] = false
		return
	}
	v.addrs[f] = v.addrs[f].Union(a.Family(family(f)))
}

// subnet is a range of a VPC.
type subnet struct {
	of    *estate.Subnet
	name  string
	vpc   *vpc
	addrs [2]flow.Addrs // every address that it may have
	known [2]bool
	six   estate.Truth // whether it has IPv6 addresses
	table *table
	acl   *acl
	// unknown says why nothing is known of it; "" for a subnet of the estate.
	unknown string
}

func (n *Network) declareSubnets() {
	for _, r := range estate.All[*estate.Subnet](n.e) {
		s := &subnet{of: r, name: called("subnet", r), vpc: n.vpcOfSubnet(r)}
		s.addrs = s.vpc.addrs
		s.take(v4, r.CIDR)
		if r.CIDR.Absent() && !r.IPv6CIDR.Absent() && r.Type != "aws_default_subnet" {
			s.addrs[v4] = flow.Addrs{} // an IPv6-only subnet
		}
		s.take(v6, r.IPv6CIDR)
		s.six = r.IPv6CIDR.Set()
		n.subnets[r.ID] = s
	}
}

// vpcOfSubnet is a subnet's VPC; that of a default subnet is the default VPC,
// which is not written.
func (n *Network) vpcOfSubnet(r *estate.Subnet) *vpc {
	if r.Type == "aws_default_subnet" && r.VPC.Absent() {
		for _, v := range estate.All[*estate.VPC](n.e) {
			if v.Type == "aws_default_vpc" && v.ID.Root == r.ID.Root && v.Provider == r.Provider {
				return n.vpcs[keyOf(v.ID)]
			}
		}
	}
	return n.vpcOf(r.VPC, r.ID.Root)
}

func (s *subnet) take(f int, cidr estate.Str) {
	text, ok := cidr.Known()
	if a, err := flow.ParseAddrs(text); ok && err == nil {
		s.addrs[f], s.known[f] = a.Family(family(f)), true
	} else if f == v6 && s.addrs[f].Empty() && !cidr.Absent() {
		s.addrs[f] = globalIPv6
	}
}

// spot is a subnet with the addresses that an interface may have there. Two
// interfaces that may have the same addresses of a subnet share one.
type spot struct {
	// class is the same for spots that no rule, ACL or route tells apart.
	class  int
	subnet *subnet
	addrs  [2]flow.Addrs
	one    [2]bool // whether the address is known
	six    estate.Truth
}

// shown is the spot's addresses in words: "10.0.1.7", "some address of
// 10.0.1.0/24".
func (s *spot) shown(f int) string {
	switch {
	case s.one[f]:
		return s.addrs[f].String()
	case s.subnet.known[f]:
		return "some address of " + s.addrs[f].String()
	}
	return "an address that is not known"
}

// vpcOf2 is vpcOf for a reference that may be absent.
func (n *Network) vpcOf2(ref estate.Ref[*estate.VPC], root string) *vpc {
	if ref.Absent() {
		return nil
	}
	return n.vpcOf(ref, root)
}
