package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
	"fathom/estate/tree"
)

// routed is where one route of a VirtualService leads: the Service of its host.
// A short host is in the namespace of the VirtualService.
func (n *Network) routed(o *estate.Object, kind string, rule int, host, port *tree.Node) []forward {
	h, _ := host.Literal()
	p, _ := port.Literal()
	parts := strings.Split(h, ".")
	namespace := o.Namespace
	if len(parts) > 1 {
		namespace = parts[1]
	}
	s := n.serviceCalled(namespace, parts[0])
	if s == nil {
		return nil
	}
	hop := flow.Hop{Kind: flow.Mesh, Of: o, At: o.At("spec", kind, fmt.Sprint(rule)), Pass: estate.Yes}
	hop.Says = fmt.Sprintf("%s sends requests on to %s", o.ID, s.ID)
	return []forward{{rule: hop, service: s, port: p}}
}

func (n *Network) relayGateway(p *place, g *estate.Gateway) {
	pods := n.gatewayPods(g)
	for _, l := range n.gatewayListeners(g) {
		in := flow.Conn{Protocol: flow.TCP, Port: l.port}
		for _, f := range l.forwards {
			for _, t := range n.backends(f.service, f.port, false) {
				if pods != nil { // they send as any pods do, with an identity of their own
					for _, port := range n.gatewayPorts(pods, l.port) {
						n.addRelay(&relay{front: pods, in: flow.Conn{Protocol: flow.TCP, Port: port}, to: t.to, out: flow.Conn{Protocol: flow.TCP, Port: t.port}, hops: []flow.Hop{f.rule}, service: f.service})
					}
					continue
				}
				n.addRelay(&relay{front: p, in: in, to: t.to, out: flow.Conn{Protocol: flow.TCP, Port: t.port}, hops: []flow.Hop{f.rule}, leg: opened, service: f.service, gateway: g})
			}
		}
	}
}

// gatewayPorts are the ports at which the pods of a gateway take what is for one
// of its servers: the targets of that port of the Services before them, as istiod
// has the proxies listen there; without any, the server's own number.
func (n *Network) gatewayPorts(pods *place, number int) []int {
	var out []int
	for _, s := range estate.All[*estate.Service](n.e) {
		w, ok := pods.Of.(*estate.Workload)
		if !ok || s.Namespace != w.Namespace || len(s.Spec.Selector) == 0 || !has(w.PodLabels, s.Spec.Selector) {
			continue
		}
		for i := range s.Spec.Ports {
			if int(s.Spec.Ports[i].Port) != number {
				continue
			}
			for _, t := range n.backends(s, strconv.Itoa(number), false) {
				if t.to == pods && !slices.Contains(out, t.port) {
					out = append(out, t.port)
				}
			}
		}
	}
	if len(out) == 0 {
		return []int{number}
	}
	return out
}

// excuse makes Maybe of what the mesh refuses, and of what it lets in, for a
// caller that is a gateway: its pods have an identity that no file tells.
func excuse(hops []flow.Hop, g *estate.Gateway) []flow.Hop {
	hops = slices.Clone(hops)
	for i := range hops {
		if hops[i].Pass == estate.No {
			hops[i].Pass, hops[i].Refuses = estate.Maybe, false
			hops[i].Why = "the identity of the pods of gateway " + g.Name + " is not known"
		}
	}
	return hops
}
