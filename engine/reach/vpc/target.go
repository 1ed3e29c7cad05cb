package vpc

import (
	"strings"

	"fathom/estate"
)

// targetKind is what a route leads to.
type targetKind int

const (
	toUnknown targetKind = iota
	toLocal
	toInternet
	toEgressOnly
	toNAT
	toPeering
	toTransit
	toVPN
	toEndpoint
	toAppliance // an interface, a Gateway Load Balancer or firewall endpoint
	toNothing   // a gateway that is attached to no VPC
)

// target is where a route leads.
type target struct {
	kind targetKind
	id   string // the same for one thing
	of   estate.Resource
	name string // `internet gateway "main"`
	why  string // of toUnknown and toNothing
}

// targetOf reads where a route leads.
func (n *Network) targetOf(r *estate.RouteTarget, root string) *target {
	switch {
	case !r.Gateway.Absent():
		return n.gatewayOf(r.Gateway, root)
	case !r.NAT.Absent():
		return typed(n, r.NAT, root, toNAT, "NAT gateway")
	case !r.EgressOnlyGateway.Absent():
		return typed(n, r.EgressOnlyGateway, root, toEgressOnly, "egress-only internet gateway")
	case !r.Peering.Absent():
		return typed(n, r.Peering, root, toPeering, "peering connection")
	case !r.TransitGateway.Absent():
		return typed(n, r.TransitGateway, root, toTransit, "transit gateway")
	case !r.Endpoint.Absent():
		for _, id := range r.Endpoint.To { // an endpoint out of the firewall's state
			if fw, ok := estate.Get[*estate.NetworkFirewall](n.e, id); ok {
				return &target{kind: toAppliance, id: keyOf(id), of: fw, name: called("network firewall", fw)}
			}
		}
		return typed(n, r.Endpoint, root, toAppliance, "endpoint")
	case !r.NetworkInterface.Absent():
		return typed(n, r.NetworkInterface, root, toAppliance, "network interface")
	case !r.CoreNetwork.Absent():
		return &target{kind: toUnknown, id: r.CoreNetwork.String(), name: "core network " + r.CoreNetwork.String(), why: "the rules of Cloud WAN are not judged"}
	case !r.CarrierGateway.Absent():
		return &target{kind: toUnknown, id: r.CarrierGateway.String(), name: "carrier gateway " + r.CarrierGateway.String(), why: "carrier networks are not judged"}
	case !r.LocalGateway.Absent():
		return &target{kind: toUnknown, id: r.LocalGateway.String(), name: "local gateway " + r.LocalGateway.String(), why: "Outposts networks are not judged"}
	}
	return &target{kind: toUnknown, name: "a target that is not written", why: "the route's target is not in the files"}
}

// typed is the target of a reference that can only name one kind of thing.
func typed[T estate.Resource](n *Network, ref estate.Ref[T], root string, kind targetKind, word string) *target {
	for _, r := range estate.To(n.e, ref) {
		return &target{kind: kind, id: keyOf(r.Meta().ID), of: r, name: called(word, r)}
	}
	id := identify(ref.Str, root)
	return &target{kind: kind, id: id.key, name: word + " " + ref.String()}
}

// gatewayOf reads gateway_id, which is the word "local" or names an internet
// gateway, a virtual private gateway or a gateway endpoint.
func (n *Network) gatewayOf(ref estate.Ref[estate.Resource], root string) *target {
	for _, id := range ref.To {
		r, _ := estate.Get[estate.Resource](n.e, id)
		t := &target{id: keyOf(id), of: r}
		switch r := r.(type) {
		case *estate.InternetGateway:
			t.kind, t.name = toInternet, called("internet gateway", r)
			if n.detached(r) {
				t.kind, t.why = toNothing, t.name+" is attached to no VPC"
			}
			return t
		case *estate.VPNGateway:
			t.kind, t.name = toVPN, called("virtual private gateway", r)
			return t
		case *estate.VPCEndpoint:
			t.kind, t.name = toAppliance, called("endpoint", r)
			return t
		case *estate.EgressOnlyGateway:
			t.kind, t.name = toEgressOnly, called("egress-only internet gateway", r)
			return t
		case *estate.TransitGateway:
			t.kind, t.name = toTransit, called("transit gateway", r)
			return t
		}
	}
	text, known := ref.Known()
	id := identify(ref.Str, root)
	for prefix, t := range map[string]target{
		"igw-": {kind: toInternet, name: "internet gateway "}, "vgw-": {kind: toVPN, name: "virtual private gateway "},
		"vpce-": {kind: toAppliance, name: "endpoint "}, "eigw-": {kind: toEgressOnly, name: "egress-only internet gateway "},
		"nat-": {kind: toNAT, name: "NAT gateway "}, "tgw-": {kind: toTransit, name: "transit gateway "},
	} {
		if known && strings.HasPrefix(text, prefix) {
			t.id, t.name = id.key, t.name+text
			return &t
		}
	}
	if known && text == "local" {
		return &target{kind: toLocal, id: "local", name: "the VPC itself"}
	}
	return &target{kind: toUnknown, id: id.key, name: "gateway " + ref.String(), why: or(ref.Why(), "gateway "+ref.String()+" is not in the files")}
}

// detached reports whether an internet gateway is surely attached to no VPC.
func (n *Network) detached(g *estate.InternetGateway) bool {
	return g.VPC.Absent() && len(estate.Of[*estate.InternetGatewayAttachment](n.e, g.ID)) == 0
}
