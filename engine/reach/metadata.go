package reach

import (
	"fmt"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

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
