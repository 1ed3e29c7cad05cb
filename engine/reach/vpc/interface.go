package vpc

import (
	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Interface is where a resource is attached to a network. A resource with
// several servers, such as a cluster in three zones, is one Interface with
// several Spots and one set of groups.
//
// Get one from Network.Of; do not make or change one.
type Interface struct {
	// Of is the resource.
	Of estate.Resource
	// Name is what people call it, quoted: `"shopnow-production-orders"`; the
	// resource's address without quotes where it has no name.
	Name string
	// Spots are the subnets it may stand in, by the address of the subnet.
	Spots []Spot
	// SpotsWhy says why it may stand in other subnets than Spots too, or "".
	SpotsWhy string
	// Groups are its security groups. NoGroups says that none filter it: a
	// Network Load Balancer without groups.
	Groups   []Group
	NoGroups bool
	// GroupsWhy says why it may have other groups than Groups, or "".
	GroupsWhy string
	// Public4 and Public6 say whether packets from the internet can be
	// addressed to it: by a public IPv4 address, by an IPv6 address.
	Public4, Public6 estate.Truth
	// PublicSays is a sentence about Public4: `no public address:
	// publicly_accessible is not set`. PublicAt is the line that decides, and
	// PublicOpen the change that would give it an address.
	PublicSays string
	PublicAt   diag.Pos
	PublicOpen string
	// PublicAddrs are its public IPv4 addresses where they are known.
	PublicAddrs flow.Addrs

	// deaf says why it takes no connections at all, or is "".
	deaf   string
	set    *groupSet
	public []publicity  // by spot
	outer6 estate.Truth // whether the internet can send to its IPv6 addresses
	halves halves
	spots  []*spot
}

// Spot is a subnet in which an interface stands, or may stand.
type Spot struct {
	// Subnet is nil where the subnet is not in the estate; Why says why.
	Subnet *estate.Subnet
	Why    string
	// Addrs are its private addresses there where they are known: otherwise it
	// has some address of the subnet.
	Addrs flow.Addrs
	// IPv6 says whether it has an IPv6 address there.
	IPv6 estate.Truth
}

// Group is a security group.
type Group struct {
	// Of is the security group, the VPC whose default group it is or the EKS
	// cluster whose cluster group it is where no file declares it, and nil
	// where it is not in the estate.
	Of estate.Resource
	// Name is what people call it: `security group "db"`.
	Name string

	id string // the same for two groups if and only if they are one
}

// End is one end of a question. Make one with At, Outside or Service.
type End struct {
	iface *Interface
	addrs flow.Addrs // outside
	name  string     // of the outside or the service
	// service is the name of an AWS-managed prefix list whose addresses these
	// are; addrs are then every public address.
	service string
}

// At is the end at an interface.
func At(i *Interface) End { return End{iface: i, name: i.Name} }

// Outside is every address of a set, wherever packets from it come in: the
// internet (flow.Public), a network on-premises, a range of the VPC itself. A
// question about it is answered Yes when a part of it gets through; the Way's
// Sources say which part.
//
// name is what people call it: "the internet", "203.0.113.0/28".
func Outside(name string, addrs flow.Addrs) End { return End{addrs: addrs, name: name} }

// Service is the servers of an AWS service in the estate's region, by the name
// of the service's endpoint or prefix list: "com.amazonaws.eu-west-1.s3",
// "com.amazonaws.global.cloudfront.origin-facing". Ways to it lead through
// gateway endpoints, internet and NAT gateways; those through interface
// endpoints are ways to the endpoint's own Interface.
func Service(name string) End {
	return End{addrs: flow.Public(), name: name, service: name}
}

// Interface returns the end's interface, or nil.
func (x End) Interface() *Interface { return x.iface }
