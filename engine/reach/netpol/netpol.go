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
type Cluster struct {
	pods    []*Pod
	byID    map[estate.ID]*Pod
	classes []*class
	scopes  []*scope            // what the peers of rules select pods by
	named   []namedPort         // the named ports of all rules
	space   map[string]labelSet // the labels of namespaces
	spaces  map[string]*doubts  // what is doubtful in a namespace
	all     doubts              // what is doubtful everywhere
}

// New compiles the NetworkPolicies of an estate. All Kubernetes objects of the
// estate are taken to be in one cluster.
func New(e *estate.Estate, o Options) *Cluster {
	c := &Cluster{byID: map[estate.ID]*Pod{}, space: map[string]labelSet{}, spaces: map[string]*doubts{}}
	k := compiler{cluster: c, addrs: addressing(o.PodAddrs), scopes: map[string]int{}, named: map[namedPort]int{}}
	policies := map[string][]*policy{}
	for _, p := range estate.All[*estate.NetworkPolicy](e) {
		policies[p.Namespace] = append(policies[p.Namespace], k.policy(p))
	}
	c.findDoubts(e, o)
	for _, w := range estate.All[*estate.Workload](e) {
		p := newPod(w)
		c.pods = append(c.pods, p)
		c.byID[w.ID] = p
	}
	c.classify(e, policies)
	return c
}

// Pods are all pods, by the workload's ID. The slice is shared: do not change it.
func (c *Cluster) Pods() []*Pod { return c.pods }

// Pod is the pods of a workload, or nil for one that is not in the estate.
func (c *Cluster) Pod(w *estate.Workload) *Pod {
	if w == nil {
		return nil
	}
	return c.byID[w.ID]
}

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
func (c *Cluster) Conns(src, dst Peer) (yes, maybe flow.Conns) {
	if itself(src, dst) {
		return flow.AllConns(), flow.Conns{}
	}
	low, high := flow.AllConns(), flow.AllConns()
	if src.Pod != nil {
		low, high = src.Pod.class.conns(egress, dst)
	}
	if dst.Pod != nil && !high.Empty() {
		l, h := dst.Pod.class.conns(ingress, src)
		low, high = low.Intersect(l), high.Intersect(h)
	}
	if low.Equal(high) {
		return low, flow.Conns{}
	}
	return low, high.Minus(low)
}

// Addrs are those addresses of the end that is outside the cluster that surely
// get through with a connection, and those that may. Both are empty when both
// ends are pods.
func (c *Cluster) Addrs(src, dst Peer, conn flow.Conn) (yes, maybe flow.Addrs) {
	switch {
	case src.Pod == nil && dst.Pod == nil, src.Pod != nil && dst.Pod != nil:
		return flow.Addrs{}, flow.Addrs{}
	case src.Pod != nil:
		return src.Pod.class.addrs(egress, dst, conn)
	}
	return dst.Pod.class.addrs(ingress, src, conn)
}

// Isolated says whether policies restrict what the pods accept (ingress) and
// what they may call (egress).
func (c *Cluster) Isolated(p *Pod) (in, out estate.Truth) {
	return p.class.isolated(ingress), p.class.isolated(egress)
}

// Class is a number that pods share when policies treat them all alike, as
// sources and as destinations: who asks about every pair of pods may ask about
// every pair of classes instead. Classes are numbered from 0 to Classes()-1.
// What a pod may send to itself is not a matter of its class.
func (c *Cluster) Class(p *Pod) int { return p.class.number }

// Classes is how many classes there are.
func (c *Cluster) Classes() int { return len(c.classes) }

// itself says that both ends are one single pod, which no policy keeps from
// itself. The replicas of a workload are several.
func itself(src, dst Peer) bool {
	return src.Pod != nil && src.Pod == dst.Pod && src.Pod.Of.Kind == "Pod"
}
