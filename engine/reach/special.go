package reach

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// special answers for the places that packets do not reach as they reach an
// interface: what AWS serves to everybody, and what is there for an instance
// alone. handled is false for all others.
func (n *Network) special(from, to Place, c flow.Conn) (ways []way, handled bool) {
	outside := from.Kind == Internet || from.Kind == CIDR && flow.Public().Overlaps(from.Addrs)
	switch {
	case to.Kind == IMDS:
		return n.toMetadata(from, c), true
	case to.Kind == API:
		return n.toAPI(from, to, c), true
	case to.Kind == Function:
		return []way{hops(flow.Hop{Kind: flow.Address, Of: to.Of, At: pos(to.Of), Says: to.String() + " takes no connections: it is started through the API of AWS Lambda, or by a load balancer"})}, true
	case to.Kind == Balancer && n.balancerOf(to.Of) != nil:
		return n.toKubeBalancer(from, to, n.balancerOf(to.Of), c), true
	case to.Kind == CDN && outside:
		return n.toCDN(from, to, c), true
	case to.Kind == Endpoint && outside && isGateway(to):
		return []way{hops(flow.Hop{Kind: flow.Endpoint, Of: to.Of, At: pos(to.Of), Says: to.String() + " is a gateway endpoint, which only its own VPC has routes to"})}, true
	case to.Kind == Store && awsService(to.Of) != "":
		return n.toService(from, to, c, outside), true
	}
	return nil, false
}

func isGateway(p Place) bool {
	x, ok := p.Of.(*estate.VPCEndpoint)
	return ok && x.EndpointType.Default("Gateway").Is("Gateway") == estate.Yes
}

// toCDN: a distribution takes HTTP and HTTPS from everywhere.
func (n *Network) toCDN(from, to Place, c flow.Conn) []way {
	d := to.Of.(*estate.Distribution)
	h := flow.Hop{Kind: flow.CDN, Of: d, At: d.Pos, Pass: d.Enabled.Default(true).Test(func(on bool) bool { return on })}
	h.Says = fmt.Sprintf("%s is a CloudFront distribution, which takes %s from everywhere", to, c)
	switch {
	case h.Pass == estate.No:
		h.Says, h.At, h.Open = to.String()+" is disabled", d.Enabled.Pos(), "set enabled = true"
	case h.Pass == estate.Maybe:
		h.Why = "whether it is enabled is not known: " + d.Enabled.Why()
	}
	w := hops(h)
	w.Sources = from.Addrs.Intersect(flow.Public())
	if no := n.closed(to, c); no != nil {
		w.Hops = append(w.Hops, *no)
	}
	return []way{w}
}

// toService are the ways to a store that is used through the API of an AWS
// service: S3, DynamoDB, SQS. That API answers every address; who may do what
// there is a question of permissions.
func (n *Network) toService(from, to Place, c flow.Conn, outside bool) []way {
	service := awsService(to.Of)
	api := flow.Hop{Kind: flow.Endpoint, Of: to.Of, At: pos(to.Of), Pass: estate.Yes, Says: fmt.Sprintf("the public API of %s, where %s is, answers every address: who may use it is a matter of permissions (fathom access)", serviceTitle[service], to)}
	var out []way
	if outside {
		w := hops(api)
		w.Sources = from.Addrs.Intersect(flow.Public())
		out = append(out, w)
	} else {
		for _, a := range n.ends(from, From) {
			b := n.service(to, n.serviceName(service))
			for _, w := range n.between(&a, &b, c) {
				if !through(w.Hops) {
					w.Hops = append(w.Hops, api)
				}
				out = append(out, w)
			}
			for _, x := range estate.All[*estate.VPCEndpoint](n.e) {
				if i := n.aws.Of(x); i != nil && serviceOf(x) == service {
					b := n.iface(n.of[x.ID].Place, i)
					out = append(out, n.between(&a, &b, c)...)
				}
			}
		}
	}
	if h := n.closed(to, c); h != nil {
		for i := range out {
			out[i].Hops = append(out[i].Hops, *h)
		}
	}
	return n.withPolicies(out, to)
}

var serviceTitle = map[string]string{"s3": "Amazon S3", "dynamodb": "Amazon DynamoDB", "sqs": "Amazon SQS"}

// through says whether a way leads through a VPC endpoint.
func through(hops []flow.Hop) bool {
	return slices.ContainsFunc(hops, func(h flow.Hop) bool { _, ok := h.Of.(*estate.VPCEndpoint); return ok })
}

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
func (n *Network) toMetadata(from Place, c flow.Conn) []way {
	var out []way
	switch x := from.Of.(type) {
	case *estate.Workload:
		for _, a := range n.ends(from, From) {
			b := end{place: imds, peer: netpol.Peer{Addrs: metadataAddrs}}
			before, after := n.policyHops(&a, &b, c)
			all := slices.Concat(before, after, a.runsOn())
			if a.known && a.stand.fargate == nil {
				for _, on := range a.stand.on {
					out = append(out, hops(slices.Concat(all, []flow.Hop{n.metadata(on.Of, on.String(), !x.Pod.HostNetwork)})...))
				}
				continue
			}
			h := flow.Hop{Kind: flow.Address, Pass: estate.Maybe, Says: "the nodes that would answer are not known", Why: "the nodes' metadata options are not in what was read"}
			if a.stand != nil && a.stand.fargate != nil {
				h = flow.Hop{Kind: flow.Address, Of: a.stand.fargate, At: a.stand.fargate.Pos, Says: "pods on Fargate have no instance metadata service"}
			}
			out = append(out, hops(slices.Concat(all, []flow.Hop{h})...))
		}
	case *estate.Instance, *estate.NodeGroup, *estate.AutoScalingGroup:
		out = append(out, hops(n.metadata(from.Of, from.String(), false)))
	default:
		out = append(out, hops(flow.Hop{Kind: flow.Address, Says: "the instance metadata service answers the instance that it is about, and nobody else"}))
	}
	for i := range out {
		if !n.takes(imds).Has(c) {
			out[i].Hops = append(out[i].Hops, flow.Hop{Kind: flow.Address, Says: "the instance metadata service takes TCP 80 alone"})
		}
	}
	return out
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
func (n *Network) toAPI(from, to Place, c flow.Conn) []way {
	cluster := to.Of.(*estate.EKSCluster)
	var net estate.ClusterNetwork
	if b := cluster.Network.One(); b != nil {
		net = *b
	}
	var out []way
	for _, a := range n.ends(from, From) {
		if a.place.Kind != Internet && a.place.Kind != CIDR || !flow.Public().Holds(a.place.Addrs) {
			out = append(out, n.toPrivateAPI(&a, to, cluster, net, c)...)
		}
		out = append(out, n.toPublicAPI(&a, to, cluster, net, c)...)
	}
	for i := range out {
		if h := n.closed(to, c); h != nil {
			out[i].Hops = append(out[i].Hops, *h)
		}
	}
	return out
}

func (n *Network) toPrivateAPI(a *end, to Place, cluster *estate.EKSCluster, net estate.ClusterNetwork, c flow.Conn) []way {
	at := net.At
	if net.PrivateAccess.Pos().Line != 0 {
		at = net.PrivateAccess.Pos()
	}
	h := flow.Hop{Kind: flow.Endpoint, Of: cluster, At: at, Pass: net.PrivateAccess.Is(true)}
	h.Says = to.String() + " has a private endpoint in its VPC"
	switch h.Pass {
	case estate.No:
		h.Says, h.Open = to.String()+" has no private endpoint: endpoint_private_access is not true", "set endpoint_private_access = true"
	case estate.Maybe:
		h.Why = "whether it has a private endpoint is not known: " + net.PrivateAccess.Why()
	}
	i := n.aws.Of(cluster)
	if i == nil {
		h.Pass, h.Why = h.Pass.And(estate.Maybe), "where its private endpoint stands is not in what was read"
		return []way{hops(h)}
	}
	b := n.iface(to, i)
	ways := n.between(a, &b, c)
	for j := range ways {
		ways[j].Hops = append(ways[j].Hops, h)
	}
	return ways
}

func (n *Network) toPublicAPI(a *end, to Place, cluster *estate.EKSCluster, net estate.ClusterNetwork, c flow.Conn) []way {
	at := net.At
	for _, p := range []estate.Bool{net.PublicAccess} {
		if p.Pos().Line != 0 {
			at = p.Pos()
		}
	}
	h := flow.Hop{Kind: flow.Endpoint, Of: cluster, At: at, Pass: net.PublicAccess.Default(true).Is(true)}
	switch h.Pass {
	case estate.No:
		h.Says, h.Open = to.String()+" has no public endpoint: endpoint_public_access is false", "set endpoint_public_access = true"
		return []way{hops(h)}
	case estate.Maybe:
		h.Why = "whether it has a public endpoint is not known: " + net.PublicAccess.Why()
	}
	open := everywhere4and6
	words := "everybody"
	if !net.PublicCIDRs.Absent() {
		open, words = flow.Addrs{}, strings.Join(net.PublicCIDRs.Known(), ", ")
		if net.PublicCIDRs.Pos().Line != 0 {
			h.At = net.PublicCIDRs.Pos()
		}
		for _, cidr := range net.PublicCIDRs.Known() {
			if x, err := flow.ParseAddrs(cidr); err == nil {
				open = open.Union(x)
			}
		}
		if open.Holds(flow.Public().Family(4)) {
			open = open.Union(everywhere4and6)
		}
	}
	h.Says = fmt.Sprintf("the public endpoint of %s answers %s", to, words)
	if net.PublicCIDRs.Unknown() {
		h.Pass, h.Why = estate.Maybe, "not all of public_access_cidrs is known: "+net.PublicCIDRs.Why()
	}
	if a.place.Kind == Internet || a.place.Kind == CIDR {
		w := way{Way: flow.Way{Hops: []flow.Hop{h}, Sources: a.place.Addrs.Intersect(open)}}
		if w.Sources.Empty() && h.Pass != estate.Maybe {
			w.Hops[0].Pass = estate.No
			w.Hops[0].Says = fmt.Sprintf("the public endpoint of %s answers %s, and not %s", to, words, a.place.label())
			w.Hops[0].Open = fmt.Sprintf("add %s to public_access_cidrs", a.place.Addrs)
		}
		return []way{w}
	}
	if h.Pass == estate.Yes && !open.Holds(flow.Public().Family(4)) {
		h.Pass, h.Why = estate.Maybe, "whether the address that "+a.place.String()+" leaves with is among them is not known"
	}
	b := end{place: to, at: vpc.Outside("the public endpoint of "+to.String(), flow.Public()), known: true, peer: netpol.Peer{Addrs: flow.Public()}, any: true, id: "public " + to.String()}
	ways := n.between(a, &b, c)
	for j := range ways {
		ways[j].Hops = append(ways[j].Hops, h)
	}
	return ways
}

var everywhere4and6 = flow.Everything()
