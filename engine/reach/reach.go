package reach

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// PlaceKind is what a place is.
type PlaceKind string

// The kinds of places, as they stand before the slash of a name.
const (
	Internet PlaceKind = "internet" // every public address, IPv4 and IPv6
	CIDR     PlaceKind = "cidr"     // a range of addresses, public or on-premises
	Workload PlaceKind = "svc"      // the pods of a Deployment and its like
	Node     PlaceKind = "node"     // an instance, or the instances of a group
	Store    PlaceKind = "store"    // a database, cache, stream, bucket, table
	Balancer PlaceKind = "lb"       // a load balancer
	Endpoint PlaceKind = "endpoint" // a VPC endpoint
	CDN      PlaceKind = "cdn"      // a CloudFront distribution
	Function PlaceKind = "lambda"   // a Lambda function
	Task     PlaceKind = "ecs"      // an ECS service
	API      PlaceKind = "api"      // the Kubernetes API of a cluster
	IMDS     PlaceKind = "imds"     // the instance metadata service, 169.254.169.254
)

// Place is an end of a question.
type Place struct {
	Kind PlaceKind
	// Name is what people call it: "orders-db"; empty for the internet and the
	// metadata service, the range for a range.
	Name string
	// Of is the resource, nil for the internet, ranges and the metadata service.
	// Of a database that is a cluster with instances it is the cluster.
	Of estate.Resource
	// Addrs are the addresses of the internet or a range.
	Addrs flow.Addrs
}

// String is the name by which Find finds the place: internet, 10.0.0.0/8,
// svc/orders, store/orders-db.
func (p Place) String() string {
	switch {
	case p.Kind == CIDR:
		return p.Name
	case p.Name == "":
		return string(p.Kind)
	case p.Kind == Internet:
		return p.Name
	}
	return string(p.Kind) + "/" + p.Name
}

// Answer says whether one place reaches another on a port.
type Answer struct {
	From, To Place
	Conn     flow.Conn
	// Reaches is Yes when packets get through on some way and the mesh lets a
	// request in.
	Reaches estate.Truth
	// Refused says that packets arrive, or may, and the mesh refuses every request.
	Refused bool
	// Requests says in words which requests the mesh lets in on the first way:
	// "every request", "GET /products/*"; "" where no mesh decides.
	Requests string
	// Bypass says how a caller that goes around its own proxy gets in with
	// requests that the mesh refuses through it, or "".
	Bypass string
	// Ways are all ways: first those that get through, then those that may,
	// then those that do not, each with the hop that stops it.
	Ways []flow.Way
	// Why is the reason of a Maybe.
	Why string
	// Change is, for a No, the smallest change that would open a way: that of
	// the way with the fewest hops that stop. It is empty where no change of a
	// rule would do.
	Change []Change
}

// Change is one thing to do.
type Change struct {
	// Says is the thing to do: `add an ingress rule for TCP 5432 …`.
	Says string
	// Hop is the hop that it opens.
	Hop flow.Hop
}

// Reach are the connections by which one place reaches another: Sure those
// that surely get through, May those and the ones that may. Refused arrive,
// and the mesh refuses every request; they are in neither.
type Reach struct {
	Sure, May flow.Conns
	Refused   flow.Conns
}

// Of says whether a connection reaches.
func (r *Reach) Of(c flow.Conn) estate.Truth {
	switch {
	case r.Sure.Has(c):
		return estate.Yes
	case r.May.Has(c):
		return estate.Maybe
	}
	return estate.No
}

// or is what gets through on either of two ways. What one way refuses and the
// other lets in is let in.
func (r Reach) or(o Reach) Reach {
	out := Reach{Sure: r.Sure.Union(o.Sure), May: r.May.Union(o.May)}
	if !r.Refused.Empty() || !o.Refused.Empty() {
		out.Refused = r.Refused.Union(o.Refused).Minus(out.May)
	}
	return out
}

// and is what gets through one after the other.
func (r Reach) and(o Reach) Reach {
	return Reach{Sure: r.Sure.Intersect(o.Sure), May: r.May.Intersect(o.May)}
}

// only is the part of it that is in a set.
func (r Reach) only(c flow.Conns) Reach {
	return Reach{Sure: r.Sure.Intersect(c), May: r.May.Intersect(c), Refused: r.Refused.Intersect(c)}
}

// nothing reports whether no connection gets through or arrives.
func (r *Reach) nothing() bool { return r.May.Empty() && r.Refused.Empty() }

// sure and perhaps make one of a set.
func sure(c flow.Conns) Reach    { return Reach{Sure: c, May: c} }
func perhaps(c flow.Conns) Reach { return Reach{May: c} }
