// Package reach answers who can reach whom in an estate, on which ports, and
// by which rule: from the internet, a range of addresses, a workload, a node or
// a store, through security groups, network ACLs, routes, gateways, load
// balancers, NetworkPolicies and the mesh.
//
// # Words
//
//   - A Place is an end of a question: internet, 10.0.0.0/8, svc/orders,
//     store/orders-db, node/general.
//   - An Answer is Yes, No or Maybe (unknown), with every way (flow.Way) and
//     each hop's rule.
//   - Refused means that the packets arrive and the mesh refuses the request.
//
// It is exhaustive: all ways are followed, IPv4 and IPv6 apart, and sets of
// addresses and ports are ranges. What the files do not tell is Maybe with its
// reason.
//
// # What it is not
//
// It sends no packet, and it knows no vulnerability: that a port can be reached
// does not mean that what listens there can be broken.
package reach
