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
// # Choices
//
// Where the guides leave a reading open, or files cannot tell:
//
//   - A prefix list that AWS keeps holds servers of AWS. A rule for CloudFront's
//     lets in Service("com.amazonaws.global.cloudfront.origin-facing") and not
//     "the internet"; of a named range of public addresses it is a Maybe.
//   - The client's port is any of 1024-65535. A stateless filter that admits a
//     part of them makes a Maybe.
//   - An address of a subnet is any of its range; the five that AWS keeps for
//     itself are not left out.
//   - A security group, route table or ACL that is named and not in the files is
//     unknown, but the same expression or id means the same thing everywhere in
//     one configuration. Rules that name such a group count.
//   - A table or an ACL that nobody associates with a subnet is the VPC's own,
//     unless a part of the files could not be read. Rules and routes of what is
//     declared are taken to be all there are.
//   - Two interfaces in one VPC also meet by their public addresses, if they
//     have any: out by a gateway and in again, where no group can be named.
//   - A VPN or Direct Connect is taken to work; what is behind it is not judged.
//
// # What it is not
//
// It knows no Kubernetes, no listeners and target groups, and no names that
// people give to places: that is engine/reach. It does not judge what stands
// outside: a packet from an address is taken to be sent, one to an address
// outside to be received. Rules of network firewalls and appliances on the way
// are not judged; a way through one is a Maybe that says so.
package vpc
