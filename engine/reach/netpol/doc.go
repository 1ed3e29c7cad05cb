// Package netpol answers what Kubernetes NetworkPolicies (networking.k8s.io/v1)
// let through: between two pods, and between a pod and addresses outside the
// cluster.
//
// The rules are those of the Kubernetes documentation, "Network Policies", and
// of the API's own comments:
//
//   - A pod that no policy selects for a direction accepts everything in that
//     direction. One that is selected is isolated, and gets what the union of
//     the rules of those policies allows.
//   - A connection needs the source's egress and the destination's ingress.
//     Replies need nothing.
//
// # Words
//
//   - A Pod is the pods of one workload: its replicas have the same labels, so
//     the same rules.
//   - A Peer is an end of a connection: a Pod, addresses outside, or a node.
//   - A class is a set of pods that no selector tells apart. Answers are worked
//     out once for each pair of classes.
//
// # What the documentation leaves open
//
// The readings taken here; what is not decided is Maybe, with its reason:
//
//   - hostNetwork: a policy's podSelector does not protect such a pod ("the most
//     common implementation"), and whether a rule's selector finds it is not
//     known. Its packets have the node's address.
//   - A node always reaches the pods that run on it; which those are, no file
//     tells. A Pod always reaches itself; the replicas of a Deployment reach
//     each other as policies say.
//   - ipBlock is meant for addresses outside the cluster. Whether one holds a
//     pod depends on Options.PodAddrs. Rewriting of addresses on the way
//     (services, load balancers) is not modelled: give the address that arrives.
//   - Protocols other than TCP, UDP and SCTP are let through by rules without
//     ports alone.
//   - Policies of other kinds (AdminNetworkPolicy, Cilium, Calico and their
//     like), policies that could not be read, that the API server would refuse,
//     or that parts of the files may hide, make the answers that they could
//     change Maybe.
//
// # What it is not
//
// It does not ask whether the cluster enforces NetworkPolicies at all: Amazon's
// VPC CNI does only with enableNetworkPolicy. It knows no services, no security
// groups and no mesh: engine/reach joins those.
//
//	c := netpol.New(e, netpol.Options{})
//	src, dst := c.Pod(orders), c.Pod(payments)
//	yes, maybe := c.Conns(netpol.Peer{Pod: src}, netpol.Peer{Pod: dst})
package netpol
