package reach

import (
	"fmt"
	"slices"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Ask says whether one place reaches another with a connection, and by which
// ways. A port that is a Service's and not the pods' own is asked about as what
// the Service makes of it.
func (n *Network) Ask(from, to Place, c flow.Conn) Answer {
	return n.ask(from, to, c, &trail{})
}

// AskInside is Ask without the ways through what faces the internet: a
// distribution, a load balancer with public addresses. Who is inside comes by
// those as everybody outside does.
func (n *Network) AskInside(from, to Place, c flow.Conn) Answer {
	return n.ask(from, to, c, &trail{inside: true})
}

func (n *Network) ask(from, to Place, c flow.Conn, by *trail) Answer {
	a := Answer{From: from, To: to, Conn: c}
	asked := c
	var first []flow.Hop
	if h, port := n.servicePort(to, c); port > 0 {
		asked.Port, first = port, []flow.Hop{h}
	}
	var ways []way
	if same(from, to) {
		ways = n.itself(from, to, asked, by)
	} else {
		ways = n.search(from, to, asked, by)
	}
	for i := range ways {
		w := &ways[i]
		if len(first) > 0 {
			w.Hops = slices.Concat(first, w.Hops)
		}
		a.Ways = append(a.Ways, w.Way)
		pass := w.Pass()
		if pass > a.Reaches {
			a.Reaches = pass
		}
		if pass == a.Reaches && a.Requests == "" && pass != estate.No {
			a.Requests = w.requests
		}
		if pass == estate.No && refused(&w.Way) {
			a.Refused = true
		}
		if a.Bypass == "" && refused(&w.Way) { // packets arrive
			a.Bypass = w.bypass
		}
	}
	switch a.Reaches {
	case estate.Maybe:
		a.Why = why(a.Ways)
		a.Refused = false
	case estate.Yes:
		a.Refused = false
	default:
		a.Change = change(a.Ways)
	}
	return a
}

func same(a, b Place) bool { return a.Of != nil && a.Of == b.Of }

// itself: the replicas of a workload reach each other as any pods do. Of
// others one place is asked about, which reaches itself.
func (n *Network) itself(from, to Place, c flow.Conn, by *trail) []way {
	if from.Kind == Workload || from.Kind == Node || from.Kind == Store {
		return n.search(from, to, c, by)
	}
	return []way{hops(flow.Hop{Kind: flow.Address, Of: to.Of, At: pos(to.Of), Pass: estate.Yes, Says: to.String() + " reaches itself"})}
}

// refused says whether packets get through a way and nothing but the mesh
// stops what they bring.
func refused(w *flow.Way) bool {
	for i := range w.Hops {
		if h := &w.Hops[i]; h.Pass == estate.No && !h.Refuses {
			return false
		}
	}
	return true
}

// why is the reason of the first way that may pass.
func why(ways []flow.Way) string {
	for i := range ways {
		if ways[i].Pass() != estate.Maybe {
			continue
		}
		for j := range ways[i].Hops {
			if h := &ways[i].Hops[j]; h.Pass == estate.Maybe {
				if h.Why != "" {
					return h.Why
				}
				return h.Says
			}
		}
	}
	return ""
}

// change is the smallest change that opens a way: of the ways whose stops can
// all be opened by a rule, that with the fewest.
func change(ways []flow.Way) []Change {
	var best []Change
	for i := range ways {
		var cs []Change
		possible := true
		for _, h := range ways[i].Hops {
			if h.Pass != estate.No {
				continue
			}
			if h.Open == "" {
				possible = false
				break
			}
			if !slices.ContainsFunc(cs, func(c Change) bool { return c.Says == h.Open }) {
				cs = append(cs, Change{h.Open, h})
			}
		}
		if possible && len(cs) > 0 && (best == nil || len(cs) < len(best)) {
			best = cs
		}
	}
	return best
}

// servicePort is what a Service makes of a port that no container declares: the
// hop and the pods' port; 0 where the port is the pods' own, or nobody's.
func (n *Network) servicePort(to Place, c flow.Conn) (flow.Hop, int) {
	w, ok := to.Of.(*estate.Workload)
	if !ok || slices.Contains(n.Ports(to), c) {
		return flow.Hop{}, 0
	}
	for _, s := range n.services(w) {
		for i := range s.Spec.Ports {
			p := &s.Spec.Ports[i]
			if int(p.Port) != c.Port || kubeProtocol(p.Protocol) != c.Protocol {
				continue
			}
			if port := targetPort(w, p); port > 0 {
				return flow.Hop{
					Kind: flow.Service, Of: s, At: s.At("spec", "ports", fmt.Sprint(i)), Pass: estate.Yes,
					Says: fmt.Sprintf("%s sends its port %d on to port %d of %s", s.ID, c.Port, port, to),
				}, port
			}
		}
	}
	return flow.Hop{}, 0
}
