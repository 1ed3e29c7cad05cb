package netpol

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Options says what files of Kubernetes do not. Its zero value is what is
// true of most clusters.
type Options struct {
	// PodAddrs are the addresses that pods may have: the ranges of the VPC's
	// subnets with Amazon's VPC CNI. An ipBlock that holds them all matches
	// every pod, one apart from them none, and any other may match.
	//
	// Empty means not known: pods are then taken to have addresses for private
	// use (RFC 1918, RFC 6598), and IPv6 blocks may match.
	PodAddrs flow.Addrs
	// AsWritten leaves out of account that parts of the files could not be read
	// and may hold policies (Estate.MayHideKubernetes).
	AsWritten bool
}

// Cluster is the pods and NetworkPolicies of an estate, ready to be asked. It
// may be used by several goroutines at once.
type Cluster struct{}

// New compiles the NetworkPolicies of an estate. All Kubernetes objects of the
// estate are taken to be in one cluster.
func New(e *estate.Estate, o Options) *Cluster { return nil }

// Pod is the pods of one workload.
type Pod struct {
	// Of is the workload, never nil.
	Of *estate.Workload
}

// Pods are all pods, by the workload's ID. The slice is shared: do not change it.
func (c *Cluster) Pods() []*Pod { return nil }

// Pod is the pods of a workload, or nil for one that is not in the estate.
func (c *Cluster) Pod(w *estate.Workload) *Pod { return nil }

// Peer is an end of a connection: a Pod, or else addresses outside the cluster.
type Peer struct {
	Pod *Pod
	// Addrs are the addresses of an end that is no pod, as the other end sees
	// them.
	Addrs flow.Addrs
	// Node says that the addresses are a node's: it may be the one that the
	// other end's pods run on, which they cannot keep out.
	Node bool
}

// Conns are the connections that policies surely let through from one peer to
// another (yes), and those that they may let through (maybe); both have nothing
// in common, and what is in neither is stopped. Of several addresses it is
// enough that one gets through: Addrs tells which.
func (c *Cluster) Conns(src, dst Peer) (yes, maybe flow.Conns) { return }

// Addrs are those addresses of the end that is outside the cluster that surely
// get through with a connection, and those that may. Both are empty when both
// ends are pods.
func (c *Cluster) Addrs(src, dst Peer, conn flow.Conn) (yes, maybe flow.Addrs) { return }

// Hops are what decides about one connection: a hop for the egress of a source
// that is a pod, and one for the ingress of a destination that is a pod. A hop
// of pods that no policy isolates has no resource (Of is nil) and passes.
func (c *Cluster) Hops(src, dst Peer, conn flow.Conn) []flow.Hop { return nil }

// Isolated says whether policies restrict what the pods accept (ingress) and
// what they may call (egress).
func (c *Cluster) Isolated(p *Pod) (ingress, egress estate.Truth) { return }

// Class is a number that pods share when policies treat them all alike, as
// sources and as destinations: who asks about every pair of pods may ask about
// every pair of classes instead. Classes are numbered from 0 to Classes()-1.
func (c *Cluster) Class(p *Pod) int { return 0 }

// Classes is how many classes there are.
func (c *Cluster) Classes() int { return 0 }
