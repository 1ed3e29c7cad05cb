package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// relay is something that takes a connection in and makes another of it: a
// listener with a target group, a node port, an origin of a distribution.
type relay struct {
	front   *place
	in      flow.Conn
	to      *place
	out     flow.Conn
	hops    []flow.Hop // what sends it on
	leg     leg
	secret  bool            // only what comes through CloudFront is sent on
	sources flow.Addrs      // only what comes from there is; nothing for all
	service *estate.Service // of a node port or a balancer that Kubernetes makes
	gateway *estate.Gateway
}

// leg is how packets get from the front to what is behind it.
type leg int

const (
	packets  leg = iota // as from any other place
	opened              // a controller opens the security groups to them
	kubeNode            // from a node to a pod, by the node's own rules
	client              // with the client's address as their source
	inside              // not through the network: AWS starts a function
)

// relay finds everything that sends connections on, by what it leads to.
func (n *Network) relay() {
	n.relays = map[estate.ID][]*relay{}
	for i := range n.places {
		p := &n.places[i]
		switch x := p.Of.(type) {
		case *estate.Distribution:
			n.relayCDN(p, x)
		case *estate.Gateway:
			n.relayGateway(p, x)
		case *estate.ClassicLB:
			n.relayClassic(p, x)
		default:
			if p.Kind == Balancer {
				n.relayBalancer(p)
			}
		}
	}
	n.relayNodePorts()
}

func (n *Network) addRelay(r *relay) {
	if r.to == nil || r.in.Port == 0 || r.out.Port == 0 || r.to == r.front {
		return
	}
	id := r.to.Of.Meta().ID
	n.relays[id] = append(n.relays[id], r)
}

func (n *Network) relayBalancer(p *place) {
	for _, l := range n.listeners(p.Of) {
		in := flow.Conn{Protocol: l.protocol, Port: l.port}
		for _, f := range l.forwards {
			if f.group != nil {
				n.relayGroup(p, in, f)
				continue
			}
			b := n.balancerOf(p.Of)
			for _, t := range n.backends(f.service, f.port, !b.pods) {
				n.addRelay(&relay{front: p, in: in, to: t.to, out: flow.Conn{Protocol: l.protocol, Port: t.port}, hops: []flow.Hop{f.rule}, leg: opened, service: f.service})
			}
		}
	}
}

func (n *Network) relayGroup(p *place, in flow.Conn, f forward) {
	for _, t := range n.targets(f.group) {
		r := &relay{front: p, in: in, to: t.to, out: flow.Conn{Protocol: in.Protocol, Port: t.port}, hops: []flow.Hop{f.rule, t.hop}, secret: f.secret, sources: f.sources}
		switch lb, _ := p.Of.(*estate.LoadBalancer); {
		case t.to.Kind == Function: // it has no port: what starts it is the API of AWS Lambda
			r.leg, r.out = inside, flow.Conn{Protocol: flow.TCP, Port: 443}
		case t.pods:
			r.leg = opened
		case lb != nil && lb.Kind.Default("application").Is("application") != estate.Yes && keepsAddress(f.group, in.Protocol):
			r.leg = client
		}
		n.addRelay(r)
	}
}

// keepsAddress says whether a Network Load Balancer leaves the client's address
// in the packets: by default for instances and for UDP, not for TCP to
// addresses (its user guide, "Client IP preservation").
func keepsAddress(g *estate.TargetGroup, p flow.Protocol) bool {
	switch {
	case p == flow.UDP:
		return true
	case !g.PreserveIP.Absent():
		return g.PreserveIP.Is("true") == estate.Yes
	}
	return g.TargetType.Default("instance").Is("instance") == estate.Yes
}

func (n *Network) relayClassic(p *place, lb *estate.ClassicLB) {
	var to []*place
	for _, id := range lb.Instances.To() {
		to = append(to, n.of[id])
	}
	for _, a := range estate.Of[*estate.ClassicLBAttachment](n.e, lb.ID) {
		for _, id := range a.Instance.To {
			to = append(to, n.of[id])
		}
	}
	for _, a := range estate.Of[*estate.AutoScalingAttachment](n.e, lb.ID) {
		for _, id := range a.Group.To {
			to = append(to, n.of[id])
		}
	}
	for _, a := range estate.Of[*estate.AutoScalingGroup](n.e, lb.ID) {
		to = append(to, n.of[a.ID])
	}
	for i := range lb.Listeners.Items {
		l := &lb.Listeners.Items[i]
		in, _ := l.Port.Known()
		out, _ := l.InstancePort.Known()
		for _, t := range to {
			if t == nil {
				continue
			}
			h := flow.Hop{Kind: flow.LoadBalancer, Of: lb, At: l.At, Pass: estate.Yes, Says: fmt.Sprintf("%s sends TCP %d on to TCP %d of %s", p, in, out, t)}
			n.addRelay(&relay{front: p, in: flow.Conn{Protocol: flow.TCP, Port: in}, to: t, out: flow.Conn{Protocol: flow.TCP, Port: out}, hops: []flow.Hop{h}})
		}
	}
}

// relayNodePorts: every node takes the node ports of all Services and sends
// them on to their pods, wherever those run (Kubernetes documentation,
// "Service", type NodePort).
func (n *Network) relayNodePorts() {
	groups := n.clusterNodes()
	for _, s := range estate.All[*estate.Service](n.e) {
		for i := range s.Spec.Ports {
			p := &s.Spec.Ports[i]
			if p.NodePort == 0 || s.Spec.Type == "ClusterIP" || s.Spec.Type == "" {
				continue
			}
			protocol := kubeProtocol(p.Protocol)
			for _, w := range n.selects[s.ID] {
				port := targetPort(w, p)
				for _, g := range groups {
					h := flow.Hop{Kind: flow.Service, Of: s, At: s.At("spec", "ports", strconv.Itoa(i), "nodePort"), Pass: estate.Yes}
					h.Says = fmt.Sprintf("%s sends node port %d on to port %d of %s", s.ID, p.NodePort, port, n.of[w.ID])
					n.addRelay(&relay{
						front: g, in: flow.Conn{Protocol: protocol, Port: int(p.NodePort)}, to: n.of[w.ID], out: flow.Conn{Protocol: protocol, Port: port},
						hops: []flow.Hop{h}, leg: kubeNode, service: s,
					})
				}
			}
		}
	}
}

// relayCDN sends the requests of each path on to its origin.
func (n *Network) relayCDN(p *place, d *estate.Distribution) {
	paths := map[string][]string{}
	for i := range d.Default.Items {
		paths[d.Default.Items[i].Origin.String()] = append(paths[d.Default.Items[i].Origin.String()], "requests that no other path takes")
	}
	for i := range d.Ordered.Items {
		b := &d.Ordered.Items[i]
		paths[b.Origin.String()] = append(paths[b.Origin.String()], "requests to "+b.Path.String())
	}
	for i := range d.Origins.Items {
		o := &d.Origins.Items[i]
		when := paths[o.OriginID.String()]
		if len(when) == 0 {
			when = []string{"requests that another origin does not answer"}
		}
		for _, to := range n.originPlaces(o) {
			h := flow.Hop{Kind: flow.CDN, Of: d, At: o.At, Pass: estate.Yes, Says: fmt.Sprintf("%s sends %s on to %s", p, list(when), to)}
			for _, ports := range originPorts(o, to) {
				in, out := flow.Conn{Protocol: flow.TCP, Port: ports[0]}, flow.Conn{Protocol: flow.TCP, Port: ports[1]}
				n.addRelay(&relay{front: p, in: in, to: to, out: out, hops: []flow.Hop{h}, leg: n.originLeg(o, to)})
			}
		}
	}
}

// originLeg: a bucket is fetched from inside AWS, an origin in a VPC through an
// interface that CloudFront has there and whose group it opens.
func (n *Network) originLeg(o *estate.DistributionOrigin, to *place) leg {
	switch {
	case to.Kind == Store:
		return inside
	case len(o.VPC.Items) > 0:
		return opened
	}
	return packets
}

// originPorts are the pairs of a viewer's port and the origin's.
func originPorts(o *estate.DistributionOrigin, to *place) [][2]int {
	if to.Kind == Store {
		return [][2]int{{80, 443}, {443, 443}}
	}
	protocol := "match-viewer"
	if c := o.Custom.One(); c != nil {
		protocol = c.Protocol.String()
	}
	switch protocol {
	case "http-only":
		return [][2]int{{80, 80}, {443, 80}}
	case "https-only":
		return [][2]int{{80, 443}, {443, 443}}
	}
	return [][2]int{{80, 80}, {443, 443}}
}

// originPlaces are the places that an origin's name leads to, also through a
// DNS record.
func (n *Network) originPlaces(o *estate.DistributionOrigin) []*place {
	var out []*place
	add := func(p *place) {
		if p != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	host, known := o.Domain.Known()
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, id := range o.Domain.To {
		add(n.of[id])
	}
	for _, rec := range n.dns {
		named := slices.Contains(o.Domain.To, rec.id) || known && host == strings.ToLower(rec.name)
		if !named {
			continue
		}
		for i := range n.places {
			if p := &n.places[i]; p.Of != nil && rec.pointsAt(p) {
				add(p)
			}
		}
	}
	return out
}

// Relayed are the connections that load balancers, distributions and node ports
// make to a place, whether or not it declares that it takes them.
func (n *Network) Relayed(to Place) []flow.Conn {
	if to.Of == nil {
		return nil
	}
	var out []flow.Conn
	for _, r := range n.relays[to.Of.Meta().ID] {
		if !slices.Contains(out, r.out) {
			out = append(out, r.out)
		}
	}
	return out
}
