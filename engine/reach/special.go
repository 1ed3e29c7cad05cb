package reach

import (
	"fmt"
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// parts are the ways in which packets may be carried from one place to another,
// for all connections: from each way that the source stands to each that the
// destination does, and in ways of their own to what AWS serves to everybody
// and what is there for an instance alone.
func (n *Network) parts(from, to Place) []part {
	outside := from.Kind == Internet || from.Kind == CIDR && flow.Public().Overlaps(from.Addrs)
	switch {
	case to.Kind == IMDS:
		return n.toMetadata(from)
	case to.Kind == API:
		return n.toAPI(from, to)
	case to.Kind == Function:
		return n.toFunction(to)
	case to.Kind == Balancer && n.balancerOf(to.Of) != nil:
		return n.toKubeBalancer(from, to, n.balancerOf(to.Of))
	case to.Kind == CDN && outside:
		return n.toCDN(from, to)
	case to.Kind == Endpoint:
		return n.toEndpoint(from, to, outside)
	case to.Kind == Store && awsService(to.Of) != "":
		return n.toService(from, to, outside)
	}
	return n.plainParts(from, to)
}

// toFunction: nothing connects to a function. Balancers are relays; what else
// may start one for a caller from outside is not followed.
func (n *Network) toFunction(to Place) []part {
	h := flow.Hop{Kind: flow.Address, Of: to.Of, At: pos(to.Of), Says: to.String() + " takes no connections: it is started through the API of AWS Lambda, or by a load balancer"}
	if n.e.Unmodelled["aws_lambda_function_url"] > 0 {
		h.Pass, h.Why = estate.Maybe, "there are function URLs in the files, which are not followed and may lead to "+to.String()
	}
	for _, p := range estate.Of[*estate.LambdaPermission](n.e, to.Of.Meta().ID) {
		if p.Principal.Is("apigateway.amazonaws.com") == estate.Yes {
			h.Pass, h.At, h.Why = estate.Maybe, p.Pos, p.ID.Addr+" lets API Gateway start "+to.String()+", and its integrations are not followed"
		}
	}
	return []part{{tail: []flow.Hop{h}}}
}

func (n *Network) plainParts(from, to Place, tail ...flow.Hop) []part {
	var out []part
	bs := n.ends(to, To)
	for _, a := range n.ends(from, From) {
		for i := range bs {
			out = append(out, part{a: &a, b: &bs[i], tail: tail})
		}
	}
	return out
}

func stoppedBy(h flow.Hop) []part { return []part{{tail: []flow.Hop{h}}} }

// part is one way in which packets may be carried, for all connections.
type part struct {
	a, b *end // through the network from one to the other; nil for not through it
	// local packets do not go through the network: NetworkPolicies alone decide
	// about them.
	local bool
	// tail is what decides after that.
	tail    []flow.Hop
	sources flow.Addrs
	// api says that b is the API of an AWS service, which may lead through VPC
	// endpoints, whose policies decide; only through this one where it is set.
	api  bool
	only *estate.VPCEndpoint
}

func (n *Network) partWays(p *part, to Place, c flow.Conn) []way {
	switch {
	case p.a == nil:
		w := hops(slices.Clone(p.tail)...)
		w.Sources = p.sources
		return []way{w}
	case p.local:
		before, after := n.policyHops(p.a, p.b, c)
		return []way{hops(slices.Concat(before, after, p.a.runsOn(), p.tail)...)}
	}
	out := n.between(p.a, p.b, c)
	for i := range out {
		out[i].Hops = slices.Concat(out[i].Hops, p.tail)
		if p.api {
			out[i].Hops = n.throughAPI(out[i].Hops, to, p.only)
		}
	}
	return out
}

// partSet is partWays for all connections at once.
func (n *Network) partSet(p *part, to Place) Reach {
	after := estate.Yes
	for i := range p.tail {
		after = after.And(p.tail[i].Pass)
	}
	var out Reach
	switch {
	case after == estate.No:
		return Reach{}
	case p.a == nil:
		out = sure(flow.AllConns())
	case p.local:
		out = n.policySet(p.a, p.b)
		if p.a.why != "" || !p.a.known {
			out.Sure = flow.Conns{}
		}
	case p.api:
		out = n.apiSet(p, to).and(n.policySet(p.a, p.b))
	default:
		out = n.meshed(p.a, p.b, n.carriedSet(p.a, p.b).and(n.policySet(p.a, p.b)))
	}
	if after != estate.Yes {
		out.Sure = flow.Conns{}
	}
	return out
}

func isGateway(p Place) bool {
	x, ok := p.Of.(*estate.VPCEndpoint)
	return ok && x.EndpointType.Default("Gateway").Is("Gateway") == estate.Yes
}

// toCDN: a distribution takes HTTP and HTTPS from everywhere.
func (n *Network) toCDN(from, to Place) []part {
	d := to.Of.(*estate.Distribution)
	h := flow.Hop{Kind: flow.CDN, Of: d, At: d.Pos, Pass: d.Enabled.Default(true).Test(func(on bool) bool { return on })}
	h.Says = to.String() + " is a CloudFront distribution, which takes HTTP and HTTPS from everywhere"
	switch {
	case h.Pass == estate.No:
		h.Says, h.At, h.Open = to.String()+" is disabled", d.Enabled.Pos(), "set enabled = true"
	case h.Pass == estate.Maybe:
		h.Why = "whether it is enabled is not known: " + d.Enabled.Why()
	}
	return []part{{tail: []flow.Hop{h}, sources: from.Addrs.Intersect(flow.Public())}}
}

// toService are the ways to a store that is used through the API of an AWS
// service: S3, DynamoDB, SQS. That API answers every address; who may do what
// there is a question of permissions.
func (n *Network) toService(from, to Place, outside bool) []part {
	service := awsService(to.Of)
	api := flow.Hop{Kind: flow.Endpoint, Of: to.Of, At: pos(to.Of), Pass: estate.Yes, Says: fmt.Sprintf("the public API of %s, where %s is, answers every address: who may use it is a matter of permissions (fathom access)", serviceTitle[service], to)}
	if outside {
		return []part{{tail: []flow.Hop{api}, sources: from.Addrs.Intersect(flow.Public())}}
	}
	var out []part
	for _, a := range n.ends(from, From) {
		b := n.service(to, n.serviceName(service))
		out = append(out, part{a: &a, b: &b, tail: []flow.Hop{api}, api: true})
		for _, x := range estate.All[*estate.VPCEndpoint](n.e) {
			if i := n.aws.Of(x); i != nil && serviceOf(x) == service {
				b := n.iface(n.of[x.ID].Place, i)
				out = append(out, part{a: &a, b: &b, tail: []flow.Hop{n.policyOf(x, to)}})
			}
		}
	}
	return out
}

// toEndpoint are the ways to a VPC endpoint: to the interfaces it has, or by
// the routes to a gateway endpoint, which only its own VPC has.
func (n *Network) toEndpoint(from, to Place, outside bool) []part {
	x := to.Of.(*estate.VPCEndpoint)
	switch {
	case !isGateway(to):
		return n.plainParts(from, to, n.policyOf(x, to))
	case outside:
		return stoppedBy(flow.Hop{Kind: flow.Endpoint, Of: x, At: x.Pos, Says: to.String() + " is a gateway endpoint, which only its own VPC has routes to"})
	}
	var out []part
	for _, a := range n.ends(from, From) {
		b := n.service(to, x.Service.String())
		out = append(out, part{a: &a, b: &b, api: true, only: x})
	}
	return out
}

var serviceTitle = map[string]string{"s3": "Amazon S3", "dynamodb": "Amazon DynamoDB", "sqs": "Amazon SQS"}

// closed is the hop that stops connections to a port on which a place takes
// none, or nil. What pods and instances listen on, no file tells.
func (n *Network) closed(to Place, c flow.Conn) *flow.Hop {
	open := n.takes(to)
	if open.Has(c) {
		return nil
	}
	return &flow.Hop{Kind: flow.Address, Of: to.Of, At: pos(to.Of), Says: fmt.Sprintf("%s takes %s alone", to, open)}
}

// takes are the connections that a place takes; all where it may be any.
func (n *Network) takes(to Place) flow.Conns {
	switch to.Of.(type) {
	case nil, *estate.Workload, *estate.NodeGroup, *estate.Instance, *estate.AutoScalingGroup, *estate.ECSService, *estate.Stream:
		if to.Kind == IMDS {
			return flow.Ports(flow.TCP, 80, 80)
		}
		return flow.AllConns()
	}
	ports := n.Ports(to)
	if len(ports) == 0 {
		return flow.AllConns()
	}
	var out flow.Conns
	for _, p := range ports {
		out = out.Union(flow.Ports(p.Protocol, p.Port, p.Port))
	}
	return out
}
