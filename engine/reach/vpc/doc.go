// Package vpc answers which packets get from one end to another in Amazon's
// private networks: through security groups, network ACLs, route tables,
// gateways, peerings and transit gateways, IPv4 and IPv6 apart.
//
// # Words
//
//   - An Interface is where a resource is attached: the subnets it may stand in
//     (Spots), its security groups, and whether it has a public address.
//   - An End is one end of a question: an Interface, a range of addresses
//     outside, or an AWS service by its name.
//   - A way (flow.Way) is one path with every hop that decides on it. The
//     reply's hops are on it too: a network ACL is stateless, and a route has to
//     lead back.
//
// The rules are those of the Amazon VPC User Guide: "Control traffic to your
// AWS resources using security groups", "Control subnet traffic with network
// access control lists", "Configure route tables", "Connect to the internet",
// and of the guides to peering, transit gateways and VPNs.
//
// What the files do not tell is Maybe, with its reason. An interface's private
// address is mostly known only as some address of its subnet: a rule that
// covers the whole subnet passes, one apart from it does not, and one that
// covers a part of it is a Maybe.
//
// # What it is not
//
// It knows no Kubernetes, no listeners and target groups, and no names that
// people give to places: that is engine/reach. It does not judge what stands
// outside: a packet from an address is taken to be sent, one to an address
// outside to be received. Rules of network firewalls and appliances on the way
// are not judged; a way through one is a Maybe that says so.
package vpc
