package vpc

import (
	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// endpointRoutes adds the routes of the gateway endpoints of a table. An
// endpoint's route has its service's prefix list for destination.
func (n *Network) endpointRoutes(t *table, id estate.ID) {
	add := func(ep *estate.VPCEndpoint, at diag.Pos) {
		t.routes = append(t.routes, &route{
			of: ep, at: at, service: ep.Service.String(), text: ep.Service.String(),
			to: &target{kind: toEndpoint, id: keyOf(ep.ID), of: ep, name: called("gateway endpoint", ep)},
		})
	}
	for _, ep := range estate.Of[*estate.VPCEndpoint](n.e, id) {
		if ep.RouteTables.Has(id) == estate.Yes {
			add(ep, ep.Pos)
		}
	}
	for _, a := range estate.Of[*estate.VPCEndpointRouteTable](n.e, id) {
		for _, ep := range estate.To(n.e, a.Endpoint) {
			if a.Table.Is(id) {
				add(ep, a.Pos)
			}
		}
	}
}

// propagated adds the routes that virtual private gateways put into a table:
// the static routes of their VPNs. What a router on the other side announces by
// BGP is not in any file.
func (n *Network) propagated(t *table, r *estate.RouteTable) {
	gateways := estate.ToAll(n.e, r.Propagating)
	for _, p := range estate.Of[*estate.VPNPropagation](n.e, r.ID) {
		gateways = append(gateways, estate.To(n.e, p.Gateway)...)
	}
	for _, g := range gateways {
		to := &target{kind: toVPN, id: keyOf(g.ID), of: g, name: called("virtual private gateway", g)}
		for _, c := range estate.Of[*estate.VPNConnection](n.e, g.ID) {
			for _, s := range estate.Of[*estate.VPNRoute](n.e, c.ID) {
				text, _ := s.CIDR.Known()
				if a, err := flow.ParseAddrs(text); err == nil {
					t.routes = append(t.routes, &route{of: s, at: s.Pos, dest: a, bits: bitsOf(a), text: text, to: to, propagated: true})
				}
			}
		}
		if n.staticOnly(g) {
			continue
		}
		// Whatever it announces is longer than a default route.
		t.routes = append(t.routes, &route{
			of: g, at: g.Pos, dest: onPremises, bits: longest, text: "the networks behind it", to: to, propagated: true,
			why: "which routes " + to.name + " learns by BGP is not in the files",
		})
	}
}

// onPremises are the addresses of networks that are not on the internet; those
// that a VPN announces are among them.
var onPremises = must("10.0.0.0/8").Union(must("172.16.0.0/12")).Union(must("192.168.0.0/16")).Union(must("100.64.0.0/10")).Union(must("fc00::/7"))

// longest is longer than every prefix of IPv4.
const longest = 100

// staticOnly reports whether a gateway has VPNs and none of them speaks BGP.
func (n *Network) staticOnly(g *estate.VPNGateway) bool {
	vpns := estate.Of[*estate.VPNConnection](n.e, g.ID)
	for _, c := range vpns {
		if c.StaticOnly.Is(true) != estate.Yes {
			return false
		}
	}
	return len(vpns) > 0
}
