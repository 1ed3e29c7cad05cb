package reach

import (
	"sync"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// Conns are the connections by which one place reaches another: what Ask
// answers, for all ports at once.
func (n *Network) Conns(from, to Place) Reach {
	return n.directSet(from, to).or(n.relayedSet(from, to))
}

// directSet is direct for all connections at once.
func (n *Network) directSet(from, to Place) Reach {
	if same(from, to) && from.Kind != Workload && from.Kind != Node && from.Kind != Store {
		return sure(n.takes(to))
	}
	if sendsOn(from) || !begins(from) {
		return Reach{}
	}
	return n.sentSet(from, to)
}

// sentSet is sent for all connections at once.
func (n *Network) sentSet(from, to Place) Reach {
	if to.Kind == Workload {
		return n.toPods(from, to)
	}
	var out Reach
	for _, p := range n.parts(from, to) {
		out = out.or(n.partSet(&p, to))
	}
	return out.only(n.takes(to))
}

// toPods is the same with NetworkPolicies and the mesh asked only once: they
// see the same pods wherever those run.
func (n *Network) toPods(from, to Place) Reach {
	as, bs := n.ends(from, From), n.ends(to, To)
	if as[0].any || from.Kind == CIDR { // addresses that get through are put together with those that policies let in
		var out Reach
		for i := range as {
			for j := range bs {
				out = out.or(n.narrow(&as[i], &bs[j], n.meshed(&as[i], &bs[j], n.carriedSet(&as[i], &bs[j]).and(n.policySet(&as[i], &bs[j])))))
			}
		}
		return out
	}
	net := n.carriedAll(as, bs)
	if net.May.Empty() {
		return Reach{}
	}
	return n.meshed(&as[0], &bs[0], net.and(n.policySet(&as[0], &bs[0])))
}

// carriedAll is what the network carries between all the ways in which two
// places stand.
func (n *Network) carriedAll(as, bs []end) Reach {
	k := pair{as[0].id, bs[0].id}
	if as[0].w != nil && bs[0].w != nil {
		k = pair{n.standSets[as[0].w.ID], n.standSets[bs[0].w.ID]}
		if got, ok := n.cache.pods.Load(k); ok {
			return got.(Reach)
		}
	}
	var net Reach
	for i := range as {
		for j := range bs {
			net = net.or(n.carriedSet(&as[i], &bs[j]))
		}
	}
	if as[0].w != nil && bs[0].w != nil {
		n.cache.pods.Store(k, net)
	}
	return net
}

// narrow asks again, for a range of addresses, about one connection of each
// range of ports: security groups and NetworkPolicies may each let in another
// part of the addresses.
func (n *Network) narrow(a, b *end, r Reach) Reach {
	var out Reach
	for _, x := range r.May.Union(r.Refused).Ranges() {
		c := flow.Conn{Protocol: x.Protocol, Port: x.From}
		if x.Protocol == flow.AnyProtocol {
			c = flow.Conn{Protocol: flow.TCP, Port: x.From}
		}
		got := reachOf(n.between(a, b, c), c)
		set := flow.Ports(x.Protocol, x.From, x.To)
		part := r.only(set)
		switch {
		case !got.Sure.Empty():
		case !got.May.Empty():
			part.Sure = flow.Conns{}
		default:
			part.Sure, part.May = flow.Conns{}, flow.Conns{}
		}
		out = out.or(part)
	}
	return out
}

// begins says whether connections can begin at a place.
func begins(p Place) bool {
	return p.Kind != IMDS && p.Kind != Endpoint && (p.Kind != Store || awsService(p.Of) == "")
}

// reachOf is what ways say of one connection.
func reachOf(ways []way, c flow.Conn) Reach {
	one := flow.Ports(c.Protocol, c.Port, c.Port)
	best, arrives := estate.No, false
	for i := range ways {
		pass := ways[i].Pass()
		best = best.Or(pass)
		arrives = arrives || pass == estate.No && refused(&ways[i].Way)
	}
	switch {
	case best == estate.Yes:
		return sure(one)
	case best == estate.Maybe:
		return perhaps(one)
	case arrives:
		return Reach{Refused: one}
	}
	return Reach{}
}

// cache holds what many questions ask again.
type cache struct {
	own    map[ownKey]*vpc.Interface // while the network is read
	stands []*stand                  // the same
	sets   map[string]*standSet      // the same

	addrs  sync.Map // *vpc.Interface → flow.Addrs
	apis   sync.Map // pair → []flow.Way
	fronts sync.Map // arrivalKey → arrival
	legs   sync.Map // *relay → Reach
	pods   sync.Map // pair of *standSet → Reach
	stood  sync.Map // two interfaces of pods and a connection → []flow.Way
	splits sync.Map // the id of an end → []flow.Addrs

	mu  sync.RWMutex
	net map[pair]Reach
}

type pair struct{ from, to any }

func (c *cache) init() { c.net = map[pair]Reach{} }

func (c *cache) carried(k pair) (Reach, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.net[k]
	return r, ok
}

func (c *cache) keep(k pair, r Reach) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net[k] = r
}
