package reach

import (
	"slices"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

// legs are the ways from a relay's front to what is behind it.
func (n *Network) legs(r *relay, from Place) []way {
	switch r.leg {
	case inside:
		return []way{{}}
	case opened, kubeNode:
		return n.openedLeg(r, from)
	case client:
		return n.clientLeg(r, from)
	}
	return n.sent(r.front.Place, r.to.Place, r.out)
}

// openedLeg: the security groups let it pass because a controller, or EKS
// itself, sees to that; NetworkPolicies and the mesh decide.
func (n *Network) openedLeg(r *relay, from Place) []way {
	var first []flow.Hop
	if r.leg == opened {
		says := "the load balancer's controller opens the security groups of " + r.to.String() + " to it"
		if r.front.Kind == CDN {
			says = "CloudFront has an interface of its own in the VPC of " + r.to.String()
		}
		first = []flow.Hop{{Kind: flow.SecurityGroup, Of: r.front.Of, At: pos(r.front.Of), Pass: estate.Yes, Says: says}}
		if r.gateway != nil {
			first = nil
		}
	}
	if r.to.Kind != Workload {
		return []way{hops(first...)}
	}
	a := end{place: r.front.Place, peer: netpol.Peer{Addrs: n.nodeAddrs(), Node: true}}
	if r.service != nil && r.service.Spec.ExternalTrafficPolicy == "Local" && !from.Addrs.Empty() {
		a.peer, a.any = netpol.Peer{Addrs: from.Addrs}, true
	}
	if b := n.balancerOf(r.front.Of); b != nil && b.pods {
		a.peer.Node = false
	}
	b := n.ends(r.to.Place, To)[0]
	_, after := n.policyHops(&a, &b, r.out)
	last, what := n.meshHops(&a, &b, r.out)
	if r.gateway != nil {
		last, what.bypass = excuse(last, r.gateway), ""
	}
	return []way{{Way: flow.Way{Hops: slices.Concat(first, after, last)}, admitted: what}}
}

// nodeAddrs are the addresses that packets from nodes and from balancers have:
// those of the nodes' subnets, or where these are not known, all for private use.
func (n *Network) nodeAddrs() flow.Addrs {
	if !n.podAddrs.Empty() {
		return n.podAddrs
	}
	return flow.Everything().Minus(flow.Public()).Intersect(privateUse)
}

var privateUse = func() flow.Addrs {
	var out flow.Addrs
	for _, c := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"} {
		a, _ := flow.ParseAddrs(c)
		out = out.Union(a)
	}
	return out
}()

// clientLeg: the balancer leaves the client's address in the packets, so that
// the target's security groups and network ACLs decide about the client. How
// the packets are carried is the balancer's own affair.
func (n *Network) clientLeg(r *relay, from Place) []way {
	var out []way
	carried := n.sent(r.front.Place, r.to.Place, r.out)
	if from.Of != nil && from.Of == r.front.Of { // it sends on what anybody sends, and checks the target's health itself
		return append(carried, n.clientLeg(r, internet)...)
	}
	for _, w := range n.direct(from, r.to.Place, r.out) {
		keep := slices.DeleteFunc(slices.Clone(w.Hops), func(h flow.Hop) bool {
			return h.Kind == flow.Route || h.Kind == flow.Gateway || h.Kind == flow.Address && h.Pass != estate.Maybe
		})
		for i := range carried {
			for _, h := range carried[i].Hops {
				if h.Kind == flow.Route && !slices.ContainsFunc(keep, func(k flow.Hop) bool { return k.Says == h.Says }) {
					keep = append(keep, h)
				}
			}
			break
		}
		w.Hops, w.Sources = keep, n.letIn(r.to.Place, r.out)
		out = append(out, w)
	}
	return out
}

// letIn are the addresses that the security groups of a place may let in
// with a connection.
func (n *Network) letIn(to Place, c flow.Conn) flow.Addrs {
	i := n.aws.Of(to.Of)
	if i == nil || i.NoGroups || i.GroupsWhy != "" {
		return flow.Everything()
	}
	var out flow.Addrs
	for _, g := range i.Groups {
		sg, ok := g.Of.(*estate.SecurityGroup)
		if !ok || estate.RulesWhy(sg) != "" {
			return flow.Everything()
		}
		for _, r := range estate.RulesOf(n.e, sg) {
			if r.Egress || c.Protocol == flow.TCP && r.Covers(c.Port) == estate.No {
				continue
			}
			if r.CIDRs.Unknown() || len(r.PrefixLists) > 0 {
				return flow.Everything()
			}
			for _, cidr := range r.CIDRs.Known() {
				if a, err := flow.ParseAddrs(cidr); err == nil {
					out = out.Union(a)
				}
			}
		}
	}
	return out
}
