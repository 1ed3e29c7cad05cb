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
	if ports, few := n.few(from, to); few {
		var out Reach
		for _, c := range ports {
			out = out.or(reachOf(n.direct(from, to, c), c))
		}
		return out
	}
	as, bs := n.ends(from, From), n.ends(to, To)
	var net Reach
	for i := range as {
		for j := range bs {
			net = net.or(n.carriedSet(&as[i], &bs[j]))
		}
	}
	if net.May.Empty() {
		return Reach{}
	}
	a, b := &as[0], &bs[0] // policies and the mesh see the same of all
	return n.meshed(a, b, net.and(n.policySet(a, b))).only(n.takes(to))
}

// begins says whether connections can begin at a place.
func begins(p Place) bool {
	return p.Kind != IMDS && p.Kind != Endpoint && (p.Kind != Store || awsService(p.Of) == "")
}

// few says whether a place takes connections on a few known ports, so that
// each can be asked about.
func (n *Network) few(from, to Place) ([]flow.Conn, bool) {
	switch to.Kind {
	case Internet, CIDR, Workload, Node, Task:
		return nil, false
	case Function:
		return nil, true
	}
	if n.takes(to).All() {
		return nil, false
	}
	return n.Ports(to), true
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

// relayedSet is relayed for all connections: those that some relay makes.
func (n *Network) relayedSet(from, to Place) Reach {
	if to.Of == nil || same(from, to) && to.Kind != Workload {
		return Reach{}
	}
	rs := n.relays[to.Of.Meta().ID]
	if len(rs) == 0 {
		return Reach{}
	}
	var out Reach
	asked := map[flow.Conn]bool{}
	for _, r := range rs {
		if r.leg == inside && to.Kind != Store || asked[r.out] {
			continue
		}
		asked[r.out] = true
		out = out.or(reachOf(n.relayed(from, to, r.out, nil), r.out))
	}
	return out
}

// cache holds what many questions ask again.
type cache struct {
	own    map[ownKey]*vpc.Interface // while the network is read
	stands []*stand                  // the same

	mu   sync.RWMutex
	net  map[pair]Reach
	keys map[string]*string
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
