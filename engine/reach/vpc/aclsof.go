package vpc

import "fathom/estate"

// declareACLs reads the network ACLs and gives every subnet its own: the one it
// is associated with, otherwise the default one of its VPC (VPC User Guide,
// "Network ACL basics").
func (n *Network) declareACLs() {
	all := map[estate.ID]*acl{}
	for _, a := range estate.All[*estate.NetworkACL](n.e) {
		all[a.ID] = n.aclOf(a)
	}
	hidden := n.e.MayHideAWS()
	for _, v := range estate.All[*estate.VPC](n.e) {
		for _, a := range estate.All[*estate.NetworkACL](n.e) {
			id, ok := a.DefaultOf.Known()
			if a.DefaultOf.Is(v.ID) || ok && v.DefaultACL.Is(id) == estate.Yes {
				n.vpcs[keyOf(v.ID)].acl = all[a.ID]
			}
		}
	}
	for _, r := range estate.All[*estate.Subnet](n.e) {
		n.subnets[r.ID].acl = n.aclFor(r, all, hidden)
	}
}

func (n *Network) aclFor(r *estate.Subnet, all map[estate.ID]*acl, hidden string) *acl {
	s := n.subnets[r.ID]
	for _, a := range estate.Of[*estate.NetworkACLAssociation](n.e, r.ID) {
		if !a.Subnet.Is(r.ID) {
			continue
		}
		for _, to := range estate.To(n.e, a.ACL) {
			return all[to.ID]
		}
		return &acl{why: "network ACL " + a.ACL.String() + " of " + s.name + " is not in the files"}
	}
	for _, a := range estate.Of[*estate.NetworkACL](n.e, r.ID) {
		if a.Subnets.Has(r.ID) == estate.Yes {
			return all[a.ID]
		}
	}
	for _, a := range estate.All[*estate.NetworkACL](n.e) { // one that may be for any subnet
		if a.Subnets.Unknown() && n.vpcOf(a.VPC, a.ID.Root) == s.vpc {
			return &acl{why: "whether " + called("network ACL", a) + " is that of " + s.name + " is not known: " + or(a.Subnets.Why(), "its subnets are not in the files")}
		}
	}
	if hidden != "" && s.vpc.acl.plain() {
		return &acl{why: "no network ACL is associated with " + s.name + " in what was read; " + hidden}
	}
	return s.vpc.acl
}
