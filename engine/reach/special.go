package reach

import (
	"fmt"
	"slices"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/engine/reach/vpc"
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
		return stoppedBy(flow.Hop{Kind: flow.Address, Of: to.Of, At: pos(to.Of), Says: to.String() + " takes no connections: it is started through the API of AWS Lambda, or by a load balancer"})
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

// metadataAddrs are the addresses of the instance metadata service.
var metadataAddrs = func() flow.Addrs {
	a, _ := flow.ParseAddrs("169.254.169.254")
	b, _ := flow.ParseAddrs("fd00:ec2::254")
	return a.Union(b)
}()

// toMetadata are the ways to the instance metadata service. It is there on the
// instance's own link: no security group, network ACL or route filters it, an
// egress NetworkPolicy does (Amazon EC2 User Guide, "Configure the Instance
// Metadata Service options").
func (n *Network) toMetadata(from Place) []part {
	switch x := from.Of.(type) {
	case *estate.Workload:
		var out []part
		for _, a := range n.ends(from, From) {
			b := end{place: imds, peer: netpol.Peer{Addrs: metadataAddrs}, any: true}
			switch {
			case a.known && a.stand.fargate == nil:
				for _, on := range a.stand.on {
					out = append(out, part{a: &a, b: &b, local: true, tail: []flow.Hop{n.metadata(on.Of, on.String(), !x.Pod.HostNetwork)}})
				}
			case a.known:
				out = append(out, part{a: &a, b: &b, local: true, tail: []flow.Hop{{Kind: flow.Address, Of: a.stand.fargate, At: a.stand.fargate.Pos, Says: "pods on Fargate have no instance metadata service"}}})
			default:
				out = append(out, part{a: &a, b: &b, local: true, tail: []flow.Hop{{Kind: flow.Address, Pass: estate.Maybe, Says: "the nodes that would answer are not known", Why: "the nodes' metadata options are not in what was read"}}})
			}
		}
		return out
	case *estate.Instance, *estate.NodeGroup, *estate.AutoScalingGroup:
		return stoppedBy(n.metadata(from.Of, from.String(), false))
	}
	return stoppedBy(flow.Hop{Kind: flow.Address, Says: "the instance metadata service answers the instance that it is about, and nobody else"})
}

// metadata says whether an instance's metadata service answers: the instance
// itself, or a pod, which is one hop further away. Version 1 takes any GET;
// version 2 answers a PUT first, whose reply dies on the way to a pod where the
// hop limit is 1.
func (n *Network) metadata(of estate.Resource, name string, pod bool) flow.Hop {
	h := flow.Hop{Kind: flow.Address, Of: of, At: pos(of), Pass: estate.Yes}
	o := n.metadataOptions(of)
	if o == nil {
		h.Says = name + " says nothing of its metadata service, which answers itself"
		if pod {
			h.Pass, h.Why = estate.Maybe, "the image and the account decide its metadata options: they are not in what was read"
			h.Says = "whether the metadata service of " + name + " answers pods is not known"
		}
		return h
	}
	if !o.At.IsZero() {
		h.At = o.At
	}
	switch off := o.Endpoint.Is("disabled"); {
	case off == estate.Yes:
		return flow.Hop{Kind: flow.Address, Of: of, At: o.Endpoint.Pos(), Says: "the metadata service of " + name + " is disabled", Open: `set http_endpoint = "enabled"`}
	case off == estate.Maybe:
		h.Pass, h.Why = estate.Maybe, "whether it is enabled is not known: "+o.Endpoint.Why()
	}
	if !pod {
		h.Says = "the metadata service of " + name + " answers the instance itself"
		return h
	}
	v1 := o.Tokens.Is("optional")
	far := o.HopLimit.Test(func(hops int) bool { return hops >= 2 })
	switch {
	case v1 == estate.Yes:
		h.Says = fmt.Sprintf("the metadata service of %s answers pods: version 1 is on (http_tokens is optional)", name)
	case far == estate.Yes:
		h.Says = fmt.Sprintf("the metadata service of %s answers pods: http_put_response_hop_limit is %s", name, o.HopLimit)
	case o.Tokens.Absent(), o.HopLimit.Absent() && o.Tokens.Is("required") != estate.Yes, v1 == estate.Maybe, far == estate.Maybe:
		h.Pass, h.Why = estate.Maybe, "http_tokens or http_put_response_hop_limit is not known, so the image and the account decide"
		h.Says = "whether the metadata service of " + name + " answers pods is not known"
	default:
		h.Pass = estate.No
		h.Says = fmt.Sprintf("the metadata service of %s does not answer pods: version 2 is required, with a hop limit of 1", name)
		h.Open = "set http_put_response_hop_limit = 2"
	}
	return h
}

func (n *Network) metadataOptions(of estate.Resource) *estate.MetadataOptions {
	template := func(refs []estate.TemplateRef) *estate.MetadataOptions {
		for i := range refs {
			for _, t := range append(estate.To(n.e, refs[i].ID), estate.To(n.e, refs[i].Name)...) {
				return t.Metadata.One()
			}
		}
		return nil
	}
	switch x := of.(type) {
	case *estate.Instance:
		if o := x.Metadata.One(); o != nil {
			return o
		}
		return template(x.Template.Items)
	case *estate.NodeGroup:
		return template(x.Template.Items)
	case *estate.AutoScalingGroup:
		for _, c := range estate.To(n.e, x.Config) {
			return c.Metadata.One()
		}
		return template(x.Template.Items)
	}
	return nil
}

// toAPI are the ways to the API of an EKS cluster: its public endpoint, which
// answers the ranges of public_access_cidrs, and its interfaces in the VPC (EKS
// user guide, "Cluster API server endpoint"; the public one is on by default
// and open to everybody, the private one is off).
func (n *Network) toAPI(from, to Place) []part {
	cluster := to.Of.(*estate.EKSCluster)
	var net estate.ClusterNetwork
	if b := cluster.Network.One(); b != nil {
		net = *b
	}
	var out []part
	for _, a := range n.ends(from, From) {
		if from.Kind != Internet && (from.Kind != CIDR || !flow.Public().Holds(from.Addrs)) {
			out = append(out, n.toPrivateAPI(&a, to, cluster, &net))
		}
		out = append(out, n.toPublicAPI(&a, to, cluster, &net))
	}
	return out
}

func (n *Network) toPrivateAPI(a *end, to Place, cluster *estate.EKSCluster, net *estate.ClusterNetwork) part {
	h := flow.Hop{Kind: flow.Endpoint, Of: cluster, At: lineOf(net.PrivateAccess.Pos(), net.At), Pass: net.PrivateAccess.Is(true)}
	h.Says = to.String() + " has a private endpoint in its VPC"
	switch h.Pass {
	case estate.No:
		h.Says, h.Open = to.String()+" has no private endpoint: endpoint_private_access is not true", "set endpoint_private_access = true"
	case estate.Maybe:
		h.Why = "whether it has a private endpoint is not known: " + net.PrivateAccess.Why()
	}
	if i := n.aws.Of(cluster); i != nil {
		b := n.iface(to, i)
		return part{a: a, b: &b, tail: []flow.Hop{h}}
	}
	h.Pass, h.Why = h.Pass.And(estate.Maybe), "where its private endpoint stands is not in what was read"
	return part{tail: []flow.Hop{h}}
}

func (n *Network) toPublicAPI(a *end, to Place, cluster *estate.EKSCluster, net *estate.ClusterNetwork) part {
	h := flow.Hop{Kind: flow.Endpoint, Of: cluster, At: lineOf(net.PublicAccess.Pos(), net.At), Pass: net.PublicAccess.Default(true).Is(true)}
	if h.Pass == estate.No {
		h.Says, h.Open = to.String()+" has no public endpoint: endpoint_public_access is false", "set endpoint_public_access = true"
		return part{tail: []flow.Hop{h}}
	}
	if h.Pass == estate.Maybe {
		h.Why = "whether it has a public endpoint is not known: " + net.PublicAccess.Why()
	}
	open, words := flow.Everything(), "everybody"
	if !net.PublicCIDRs.Absent() {
		open, words = ranges(net.PublicCIDRs.Known()), list(net.PublicCIDRs.Known())
		h.At = lineOf(net.PublicCIDRs.Pos(), h.At)
	}
	h.Says = fmt.Sprintf("the public endpoint of %s answers %s", to, words)
	if net.PublicCIDRs.Unknown() {
		h.Pass, h.Why = estate.Maybe, "not all of public_access_cidrs is known: "+net.PublicCIDRs.Why()
	}
	if a.place.Kind == Internet || a.place.Kind == CIDR {
		p := part{sources: a.place.Addrs.Intersect(open)}
		if p.sources.Empty() && h.Pass != estate.Maybe {
			h.Pass = estate.No
			h.Says = fmt.Sprintf("the public endpoint of %s answers %s, and not %s", to, words, a.place.label())
			h.Open = fmt.Sprintf("add %s to public_access_cidrs", a.place.Addrs)
		}
		p.tail = []flow.Hop{h}
		return p
	}
	if h.Pass == estate.Yes && !open.Holds(flow.Public().Family(4)) {
		h.Pass, h.Why = estate.Maybe, "whether the address that "+a.place.String()+" leaves with is among them is not known"
	}
	b := outsideEnd(to, "the public endpoint of "+to.String())
	return part{a: a, b: &b, tail: []flow.Hop{h}}
}

// lineOf is the first position that is one.
func lineOf(ps ...diag.Pos) diag.Pos {
	for _, p := range ps {
		if p.Line != 0 {
			return p
		}
	}
	return diag.Pos{}
}

// ranges are the addresses of CIDRs. 0.0.0.0/0 alone is everybody: what takes a
// list of ranges has an IPv4 address alone where it names no other.
func ranges(cidrs []string) flow.Addrs {
	var out flow.Addrs
	for _, c := range cidrs {
		if a, err := flow.ParseAddrs(c); err == nil {
			out = out.Union(a)
		}
	}
	if out.Holds(flow.Public().Family(4)) {
		return flow.Everything()
	}
	return out
}

// outsideEnd is a place as it is reached by its public address.
func outsideEnd(to Place, label string) end {
	return end{place: to, at: vpc.Outside(label, flow.Public()), known: true, peer: netpol.Peer{Addrs: flow.Public()}, any: true, id: label}
}
