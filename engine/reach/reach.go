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
	Endpoint PlaceKind = "endpoint" // a VPC endpoint, or an AWS service behind one
	CDN      PlaceKind = "cdn"      // a CloudFront distribution
	Function PlaceKind = "lambda"   // a Lambda function, an ECS service
	API      PlaceKind = "api"      // the Kubernetes API of a cluster
)

// Place is an end of a question.
type Place struct {
	Kind PlaceKind
	// Name is what people call it: "orders-db"; empty for the internet.
	Name string
	// Of is the resource, nil for the internet and ranges.
	Of estate.Resource
	// Addrs are the addresses of the internet or a range.
	Addrs flow.Addrs
}

// Answer says whether one place reaches another on a port.
type Answer struct {
	From, To Place
	Conn     flow.Conn
	// Reaches is Yes when packets get through on some way and the mesh lets the
	// request in.
	Reaches estate.Truth
	// Refused says that packets arrive and the mesh refuses every request.
	Refused bool
	// Ways are all ways: first those that get through, then those that may,
	// then those that do not, each with the hop that stops it.
	Ways []flow.Way
	// Why is the reason of a Maybe.
	Why string
}
