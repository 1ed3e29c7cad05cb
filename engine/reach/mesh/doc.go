// Package mesh answers what Istio's PeerAuthentication, AuthorizationPolicy and
// DestinationRule let through: whether a request that a caller can send to a
// workload is admitted, and which.
//
// The rules are those of Istio's documentation: the reference pages "Peer
// Authentication", "Authorization Policy", "Authorization Policy Conditions",
// "Destination Rule", and the task "Authorization for TCP traffic".
//
// # Words
//
//   - A Caller is who sends: a workload, or something outside the cluster.
//   - A Request is one concrete HTTP request, or TCP bytes.
//   - A Verdict says whether some request is admitted, which ones, over which
//     transport (mutual TLS or plaintext), and by which rule.
//   - A caller's principal is TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT. Plaintext
//     carries none.
//
// Paths, methods, hosts and headers are the caller's to choose, and all values
// are considered: an answer is exact over them. What the caller cannot choose
// and the files do not tell (its address, the token it holds, what an external
// authorizer says) makes a Maybe.
//
// # What the documentation leaves open
//
// The readings taken here; what is not decided is Maybe, with its reason:
//
//   - Among PeerAuthentications of one level the older holds, which no file
//     tells: where they differ, the verdict is what all of them agree on. One
//     with a selector in the root namespace is ignored, as istiod does; its
//     reference says both.
//   - A DestinationRule with a subset that has other TLS settings may be used
//     by a route to that subset. The trust domain is meshConfig.trustDomain, or
//     cluster.local, which policies may always write for it.
//   - A port that no Service leads to is dialled by its address: sidecars then
//     send plaintext, the ambient node proxy does not.
//   - On a port without a declared protocol the caller may send HTTP or not.
//   - Templates match whole paths, as Envoy does: /foo/{**}/ matches /foo/bar/
//     and not /foo/bar/x, which the reference lists as a match.
//   - Workloads have private IPv4 addresses or IPv6 ones, none that is known.
//   - A rule with a condition or template that Istio does not know may be left
//     out or refused: ALLOW rules then let in nothing for sure, and DENY rules
//     leave nothing sure.
//   - A caller's proxy is taken to be in use. Verdict.Bypass says what it gets
//     in by going around it.
//
// # What it is not
//
// It does not ask whether packets arrive: engine/reach joins it to the network.
// It does not follow VirtualServices or EnvoyFilters, and of the ambient mode
// it knows the node's proxy (layer 4); a waypoint makes answers Maybe.
//
//	m := mesh.New(e)
//	v := m.Admits(mesh.Caller{Workload: orders}, payments, 8080, mesh.Detect)
package mesh
