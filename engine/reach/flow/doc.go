// Package flow is the vocabulary of reachability: which packets (addresses,
// protocols and ports, as sets), and what decides about them on the way.
//
// # Words
//
//   - Addrs is a set of IPv4 and IPv6 addresses, kept as ranges.
//   - Conns is a set of connections: protocols with their ports, as ranges.
//   - A Hop is one thing on the way that lets packets pass or stops them.
//   - A Way is a list of hops, from the source to the destination.
//
// It knows no AWS and no Kubernetes: engine/reach/vpc, netpol and mesh decide
// in these words, and engine/reach joins them.
package flow
