package reach

import (
	"fmt"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/netpol"
	"fathom/estate"
)

// toKubeBalancer are the ways to a balancer that a controller makes: it has no
// interfaces in the files, its annotations and ranges decide.
func (n *Network) toKubeBalancer(from, to Place, b *kubeBalancer) []part {
	allowed := flow.Everything()
	h := flow.Hop{Kind: flow.LoadBalancer, Of: to.Of, At: b.at(to.Of), Pass: estate.Yes, Says: b.says}
	if b.none {
		h.Pass = estate.No
		return []part{{sources: from.Addrs, tail: []flow.Hop{h}}}
	}
	if len(b.from) > 0 {
		allowed = ranges(b.from)
		h.Says += " for " + list(b.from)
	}
	for _, cidr := range b.from {
		if _, err := flow.ParseAddrs(cidr); err != nil {
			h.Pass, h.Why = estate.Maybe, fmt.Sprintf("the range %q cannot be read", cidr)
		}
	}
	if from.Kind == Internet || from.Kind == CIDR {
		return []part{n.kubeFromOutside(from, to, b, h, allowed)}
	}
	var out []part
	for _, a := range n.ends(from, From) {
		out = append(out, n.kubeFromInside(&a, to, b, h, allowed))
	}
	return out
}

func (n *Network) kubeFromOutside(from, to Place, b *kubeBalancer, h flow.Hop, allowed flow.Addrs) part {
	addrs := from.Addrs.Intersect(flow.Public())
	if from.Kind == CIDR && b.public != estate.Yes && addrs.Empty() {
		h.Pass, h.Why = estate.Maybe, "whether "+from.String()+" has routes to it is not known"
		addrs = from.Addrs
	} else {
		h.Pass = h.Pass.And(b.public)
	}
	p := part{sources: addrs.Intersect(allowed)}
	switch {
	case b.public == estate.No && h.Pass == estate.No:
		if b.key != "" {
			h.Open = fmt.Sprintf("annotate %s with %s: internet-facing", to.Of.Meta().ID, b.key)
		}
	case b.public == estate.Maybe && h.Why == "":
		h.Why = b.why
	case p.sources.Empty() && h.Pass == estate.Yes:
		h.Pass = estate.No
		h.Says += ", and not for " + from.label()
		h.Open = fmt.Sprintf("add %s to the ranges of %s", from.Addrs, to.Of.Meta().ID)
	}
	p.tail = []flow.Hop{h}
	return p
}

func (n *Network) kubeFromInside(a *end, to Place, b *kubeBalancer, h flow.Hop, allowed flow.Addrs) part {
	if !allowed.Equal(flow.Everything()) && (a.peer.Addrs.Empty() || !allowed.Holds(a.peer.Addrs)) {
		h.Pass, h.Why = h.Pass.And(estate.Maybe), "whether the address that "+a.place.String()+" comes with is among its ranges is not known"
	}
	if b.public == estate.Yes {
		outer := outsideEnd(to, "the public address of "+to.String())
		return part{a: a, b: &outer, tail: []flow.Hop{h}}
	}
	if b.public == estate.Maybe {
		h.Pass, h.Why = h.Pass.And(estate.Maybe), b.why
	}
	inner := end{place: to, peer: netpol.Peer{Addrs: n.nodeAddrs()}} // it stands in the VPC
	return part{a: a, b: &inner, local: true, tail: []flow.Hop{h}}
}

// gatewayBalancer is what stands before an Istio gateway: the Service of the
// pods that it selects, if that was read.
func (n *Network) gatewayBalancer(g *estate.Gateway) *kubeBalancer {
	for _, s := range estate.All[*estate.Service](n.e) {
		if s.Spec.Type == "LoadBalancer" && len(g.Spec.GetSelector()) > 0 && has(s.Spec.Selector, g.Spec.GetSelector()) {
			return n.serviceBalancer(s)
		}
	}
	if pods := n.gatewayPods(g); pods != nil {
		return &kubeBalancer{none: true, says: g.ID.Addr + " is served by " + pods.String() + ", for which no Service makes a load balancer"}
	}
	return &kubeBalancer{
		public: estate.Maybe, says: g.ID.Addr + " is an Istio gateway, whose pods and Service are not in what was read",
		why: "whether the gateway's Service takes requests from the internet is not known",
	}
}

// gatewayPods are the pods that a gateway selects, if they were read: they take
// requests at their own addresses, and send them on as themselves.
func (n *Network) gatewayPods(g *estate.Gateway) *place {
	if len(g.Spec.GetSelector()) == 0 {
		return nil
	}
	for i := range n.places {
		if w, ok := n.places[i].Of.(*estate.Workload); ok && has(w.PodLabels, g.Spec.GetSelector()) {
			return &n.places[i]
		}
	}
	return nil
}

// gatewayListeners are the servers of a gateway, and where the VirtualServices
// bound to it send their requests.
func (n *Network) gatewayListeners(g *estate.Gateway) []listener {
	var out []listener
	for i, s := range g.Spec.GetServers() {
		port := int(s.GetPort().GetNumber())
		out = append(out, listener{of: g, at: g.At("spec", "servers", fmt.Sprint(i)), port: port, protocol: flow.TCP, forwards: n.virtualServices(g)})
	}
	return out
}

// virtualServices reads the routes of the VirtualServices that are bound to a
// gateway (Istio reference, "Virtual Service").
func (n *Network) virtualServices(g *estate.Gateway) []forward {
	var out []forward
	for _, o := range estate.All[*estate.Object](n.e) {
		if o.Kind != "VirtualService" || !strings.HasPrefix(o.APIVersion, "networking.istio.io/") {
			continue
		}
		spec := o.Manifest.Get("spec")
		bound := false
		if list := spec.Get("gateways"); list != nil {
			for _, it := range list.Items {
				name, _ := it.Literal()
				bound = bound || name == g.Namespace+"/"+g.Name || name == g.Name && o.Namespace == g.Namespace
			}
		}
		if !bound {
			continue
		}
		for _, kind := range []string{"http", "tls", "tcp"} {
			rules := spec.Get(kind)
			if rules == nil {
				continue
			}
			for i, rule := range rules.Items {
				routes := rule.Get("route")
				if routes == nil {
					continue
				}
				for _, r := range routes.Items {
					out = append(out, n.routed(o, kind, i, r.At("destination", "host"), r.At("destination", "port", "number"))...)
				}
			}
		}
	}
	return out
}
