package vpc

import (
	"fmt"
	"slices"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// builder puts an interface together.
type builder struct {
	n      *Network
	i      *Interface
	root   string
	groups []*group
	spots  []*spot
	// six says whether it takes an IPv6 address in a subnet.
	six func(*subnet) estate.Truth
	// public says whether it has a public IPv4 address in a subnet.
	public func(*subnet) publicity
	// outer6 says whether the internet can send to its IPv6 addresses.
	outer6 estate.Truth
}

// publicity says whether and why something has a public address.
type publicity struct {
	is   estate.Truth
	says string
	at   diag.Pos
	open string // the change that would give it one
}

func (n *Network) build(r estate.Resource) *builder {
	return &builder{
		n: n, root: r.Meta().ID.Root, outer6: estate.Yes, i: &Interface{Of: r, Name: nameOf(r)},
		six:    func(*subnet) estate.Truth { return estate.No },
		public: func(*subnet) publicity { return publicity{says: "no public address: this kind of resource has none"} },
	}
}

// in places the interface in subnets.
func (b *builder) in(refs estate.Refs[*estate.Subnet]) {
	for _, ref := range refs.Items {
		b.at(ref, flow.Addrs{})
	}
	if refs.Why() != "" && len(refs.To()) == 0 {
		b.i.SpotsWhy = or(b.i.SpotsWhy, refs.Why())
	}
	if refs.Absent() {
		b.i.SpotsWhy = or(b.i.SpotsWhy, "its subnets are not written")
	}
}

// at places it in one subnet, with addresses where they are known.
func (b *builder) at(ref estate.Ref[*estate.Subnet], addrs flow.Addrs) {
	found := false
	for _, s := range estate.To(b.n.e, ref) {
		found = true
		b.place(b.n.subnets[s.ID], addrs, "")
	}
	if !found {
		why := or(ref.Why(), "subnet "+ref.String()+" is not in the files")
		if ref.Absent() {
			why = "its subnet is not written"
		}
		b.i.SpotsWhy = or(b.i.SpotsWhy, why)
	}
}

func (b *builder) place(s *subnet, addrs flow.Addrs, why string) {
	if slices.ContainsFunc(b.spots, func(x *spot) bool { return x.subnet == s }) {
		return
	}
	x := b.n.spot(s, addrs, b.six(s))
	b.spots = append(b.spots, x)
	b.i.Spots = append(b.i.Spots, Spot{Subnet: s.of, Why: why, Addrs: addrs, IPv6: x.six})
}

// spot returns the spot of a subnet with these known addresses.
func (n *Network) spot(s *subnet, addrs flow.Addrs, six estate.Truth) *spot {
	key := fmt.Sprintf("%p %v %v", s, addrs.Prefixes(), six)
	if x := n.spotsOf[key]; x != nil {
		return x
	}
	x := &spot{subnet: s, addrs: s.addrs, six: six}
	class := fmt.Sprintf("%p %v", s, six)
	for f := range x.addrs {
		if known := addrs.Family(family(f)); !known.Empty() {
			x.addrs[f], x.one[f] = known, true
			class += " " + n.edges.class(known)
		}
		class += ";"
	}
	k, ok := n.classes[class]
	if !ok {
		k = len(n.classes)
		n.classes[class] = k
	}
	x.class, n.spotsOf[key] = k, x
	return x
}

// filter puts the interface into security groups.
func (b *builder) filter(refs estate.Refs[*estate.SecurityGroup]) {
	for _, ref := range refs.Items {
		b.group(ref)
	}
	if refs.Why() != "" && len(refs.To()) == 0 {
		b.i.GroupsWhy = or(b.i.GroupsWhy, refs.Why())
	}
}

func (b *builder) group(ref estate.Ref[*estate.SecurityGroup]) {
	for _, g := range b.n.groupsOf(ref, b.root) {
		b.join(g)
	}
}

func (b *builder) join(g *group) {
	if !slices.ContainsFunc(b.groups, func(x *group) bool { return x.id == g.id && g.id != "" }) {
		b.groups = append(b.groups, g)
		b.i.Groups = append(b.i.Groups, g.Group)
	}
}

// done finishes the interface. One that names no group has the default group
// of its VPC (VPC User Guide, "Default security groups").
func (b *builder) done() *Interface {
	i := b.i
	v := b.vpc()
	if i.SpotsWhy != "" {
		b.place(b.n.nowhere(v, i.Name, i.SpotsWhy), flow.Addrs{}, i.SpotsWhy)
	}
	if len(b.groups) == 0 && i.GroupsWhy == "" && !i.NoGroups {
		if v != nil && v.of != nil {
			b.join(b.n.group(keyOf(v.of.ID), v.of))
		} else {
			i.GroupsWhy = "it has the default security group of a VPC that is not in the files"
		}
	}
	i.spots, i.set = b.spots, b.n.groupSet(b.groups, i.NoGroups, i.GroupsWhy)
	for k, s := range b.spots {
		p := b.public(s.subnet)
		i.public = append(i.public, p)
		if k == 0 || p.is > i.Public4 {
			i.Public4, i.PublicSays, i.PublicAt, i.PublicOpen = p.is, p.says, p.at, p.open
		}
		i.Public6 = i.Public6.Or(s.six.And(b.outer6))
	}
	i.outer6 = b.outer6
	return i
}

// vpc is the VPC of its subnets, otherwise that of its groups, or nil.
func (b *builder) vpc() *vpc {
	for _, s := range b.spots {
		return s.subnet.vpc
	}
	for _, g := range b.groups {
		if g.vpc != nil {
			return g.vpc
		}
	}
	return nil
}

// nowhere is a subnet that is not known, of a VPC that may be.
func (n *Network) nowhere(v *vpc, name, why string) *subnet {
	why = "in which subnet " + name + " stands is not known: " + why
	if v == nil {
		v = &vpc{name: "a VPC that is not known", doubt: why, addrs: [2]flow.Addrs{flow.Everything().Family(4), globalIPv6}}
	}
	return &subnet{
		name: "a subnet that is not known", vpc: v, addrs: v.addrs, six: estate.Maybe, unknown: why,
		table: &table{why: why}, acl: n.someACL(v, why),
	}
}

// someACL is the ACL of a subnet that is not known: the default one where the
// VPC has no other.
func (n *Network) someACL(v *vpc, why string) *acl {
	if v.of == nil || n.e.MayHideAWS() != "" {
		return &acl{why: why}
	}
	for _, a := range estate.All[*estate.NetworkACL](n.e) {
		if n.vpcOf(a.VPC, a.ID.Root) == v || a.DefaultOf.Is(v.of.ID) {
			return &acl{why: why}
		}
	}
	return &acl{}
}
