// Package edge is the outermost ring: what a request from the internet meets
// before it reaches a workload. CloudFront, the web ACLs, Shield, the public
// load balancers and the DNS in front of them.
//
// It judges files; it does not evaluate requests. What a web ACL does with a
// given request is for engine/webacl to say.
//
// It also declares: declare*.go render the edge that a platform asks for, with
// the code that runs there in the folder functions. Each of its controls is
// present in what it renders.
//
// And it says what an attacker does here: steps*.go give the ways through the front
// door and around it, defeat*.go the estate without one of its controls. A guard of
// a web ACL stands on the web ACL where it is the door's own, and takes what the
// step asks of it: an exploit meets the groups that know exploits, a flood the limit
// for all requests. Whether the web ACL is attached, and enforces at all, are guards
// that take the others with them.
//
// # Words
//
//   - Door: where requests from the internet come in: a distribution, a public
//     application load balancer, the load balancer that an Ingress or a Service
//     makes, a stage of a public REST API.
//   - Closed: a load balancer that only CloudFront's addresses reach. It is no
//     door of its own; the distribution is.
//   - Around: the way to a fronted load balancer that does not begin at the shop's
//     distribution: straight, or through a distribution of the attacker's own.
//   - Bare: a door without a web ACL. Every control that would live in the web
//     ACL is absent there, and all of them report that one mistake (cause
//     "no-waf").
package edge
