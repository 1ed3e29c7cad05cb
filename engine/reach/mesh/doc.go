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
// # What it is not
//
// It does not ask whether packets arrive: engine/reach joins it to the network.
// It does not follow VirtualServices or EnvoyFilters, and of the ambient mode
// it knows the node's proxy (layer 4); a waypoint makes answers Maybe.
//
//	m := mesh.New(e)
//	v := m.Admits(mesh.Caller{Workload: orders}, payments, 8080, mesh.Detect)
package mesh
