package reach

import (
	"fmt"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

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
		if a.place.Kind == Internet || a.place.Kind == CIDR {
			return part{tail: []flow.Hop{h}}
		}
		b := outsideEnd(to, "the public endpoint of "+to.String())
		return part{a: a, b: &b, tail: []flow.Hop{h}}
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
