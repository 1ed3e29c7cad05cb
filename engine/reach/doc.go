// Package reach answers who can reach whom in an estate, on which ports, and
// by which rule: from the internet, a range of addresses, a workload, a node or
// a store, through security groups, network ACLs, routes, gateways, load
// balancers, NetworkPolicies and the mesh.
//
// # Words
//
//   - A Place is an end of a question: internet, 10.0.0.0/8, svc/orders,
//     store/orders-db, node/general. Find makes one of a name.
//   - An Answer is Yes, No or Maybe (unknown), with every way (flow.Way) and
//     each hop's rule. For a No it has the smallest change that would open a way.
//   - Refused means that the packets arrive and the mesh refuses the request.
//   - A relay takes a connection in and makes another of it: a load balancer's
//     listener, an origin of CloudFront, a node port. Ways lead through relays,
//     none twice.
//   - A Reach is a set of connections: those that surely get through, and those
//     that may. A Matrix has one for every pair of places.
//   - A stand is how pods are attached to the network: by their node's security
//     groups, by groups of their own, by the node's network itself.
//
// It is exhaustive: all ways are followed, IPv4 and IPv6 apart, and sets of
// addresses and ports are ranges. What the files do not tell is Maybe with its
// reason. docs/reach.md lists what is followed, and the decisions taken.
//
// Ask follows ways and says each hop in a sentence; Conns, Matrix and Workloads
// work with sets. A test holds the one to the other.
//
// # What it is not
//
// It sends no packet, and it knows no vulnerability: that a port can be reached
// does not mean that what listens there can be broken. Who may use the API of
// an AWS service is a matter of permissions: engine/iam.
//
//	n := reach.New(e)
//	from, err := n.Find("internet", reach.From)
//	to, err := n.Find("store/orders-db", reach.To)
//	n.Explain(from, to).WriteText(os.Stdout, reach.TextOptions{})
package reach
