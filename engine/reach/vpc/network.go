package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Network is the network of an estate. Make one with New; it may be used by
// several goroutines at once.
type Network struct {
	e *estate.Estate
}

// New reads the network of an estate.
func New(e *estate.Estate) *Network { return &Network{e: e} }

// Of returns where a resource is attached: an instance, a network interface, a
// database (RDS, ElastiCache, MSK, OpenSearch, Redshift), a file system, a
// Lambda function in a VPC, an ECS service, a load balancer, an interface
// endpoint, an EKS cluster (its control plane's interfaces), a node group, an
// Auto Scaling group, a Fargate profile. It is nil for anything else, and for
// what stands in no VPC.
func (n *Network) Of(r estate.Resource) *Interface { return nil }

// WithGroups is an interface in the same subnets with other groups and without
// a public address: pods that a SecurityGroupPolicy gives groups of their own
// on the nodes i. why says why there may be other groups too, or is "".
func (n *Network) WithGroups(i *Interface, groups []estate.Ref[*estate.SecurityGroup], why string) *Interface {
	return nil
}

// Ways returns every way of a connection from src to dst: those that pass
// first, then those that may, then those that are stopped, each with the hop
// that stops it. There is always at least one. Of two outsides nothing is
// known: it returns one way that is a Maybe.
func (n *Network) Ways(src, dst End, c flow.Conn) []flow.Way { return nil }

// Conns returns the connections from src to dst that surely get through on
// some way, and those that may, the former included. It is Ways for all
// connections at once.
func (n *Network) Conns(src, dst End) (yes, maybe flow.Conns) { return flow.Conns{}, flow.Conns{} }
