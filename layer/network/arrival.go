package network

import (
	"net/netip"
	"slices"

	"fathom/control"
	"fathom/engine/reach/flow"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// A rule that names the whole internet is a mistake wherever it stands. How bad
// it is depends on whether packets from the internet get as far as the rule: on
// addresses, routes and network ACLs too, which the reach engine judges.

// arrival is what becomes of packets from the internet that a rule would let in.
type arrival struct {
	arrives estate.Truth
	// wide says that the whole internet, or a large piece of it, gets through;
	// from is what does.
	wide bool
	from string
	// says continues a sentence about the rule: ", and the internet reaches …".
	says string
	saw  []control.Evidence
}

// wearers are the interfaces that carry each security group.
type wearers map[estate.ID][]*vpc.Interface

func wearersOf(e *estate.Estate) wearers {
	n := estate.Once(e, vpc.New)
	w := wearers{}
	for _, r := range e.Resources {
		i := n.Of(r)
		if i == nil {
			continue
		}
		for _, g := range i.Groups {
			if g.Of != nil {
				id := g.Of.Meta().ID
				w[id] = append(w[id], i)
			}
		}
	}
	return w
}

// arrives follows packets from the internet through a rule to everything that
// carries its group. The zero answer, No without words, is for a group that is
// not in the estate: nothing is known of it.
func arrives(e *estate.Estate, g *group, r *estate.Rule) arrival {
	if g.SecurityGroup == nil {
		return arrival{arrives: estate.Maybe}
	}
	var stopped arrival
	open := false
	for _, i := range estate.Once(e, wearersOf)[g.ID] {
		c, ok := aConnection(r)
		if !ok {
			return arrival{arrives: estate.Maybe}
		}
		switch a := comes(e, i, c); {
		case a.arrives == estate.Yes:
			return a
		case a.arrives == estate.Maybe:
			open = true
		case stopped.says == "":
			stopped = a
		}
	}
	switch {
	case open, stopped.says == "" && e.MayHideAWS() != "":
		return arrival{arrives: estate.Maybe}
	case stopped.says == "":
		stopped.says = ", though nothing carries the group"
	}
	return stopped
}

// comes follows a connection from the internet to one interface.
func comes(e *estate.Estate, i *vpc.Interface, c flow.Conn) arrival {
	ways := estate.Once(e, vpc.New).Ways(vpc.Outside("the internet", flow.Public()), vpc.At(i), c)
	switch ways[0].Pass() {
	case estate.Maybe:
		return arrival{arrives: estate.Maybe}
	case estate.No:
		stop := ways[0].Stop()
		return arrival{
			says: ", though no packet from the internet gets to it: " + stop.Says,
			saw:  []control.Evidence{{At: stop.At, Saw: stop.Says}},
		}
	}
	var best arrival
	for k := range ways {
		w := &ways[k]
		wide := slices.ContainsFunc(w.Sources.Prefixes(), func(p netip.Prefix) bool { return estate.IsWorld(p.String()) })
		if w.Pass() != estate.Yes || best.arrives == estate.Yes && !wide || best.wide {
			continue
		}
		best = arrival{arrives: estate.Yes, wide: wide, from: "the internet"}
		if !wide {
			best.from = w.Sources.String()
		}
		for _, h := range w.Hops {
			best.saw = append(best.saw, control.Evidence{At: h.At, Saw: h.Says})
		}
	}
	best.says = ", and " + best.from + " reaches " + i.Name
	return best
}

// storeReached follows connections from the internet to the port of a store.
// The answer is Maybe without words where its port is not known.
func storeReached(e *estate.Estate, r estate.Resource, ports []int) arrival {
	i := estate.Once(e, vpc.New).Of(r)
	if i == nil || len(ports) == 0 {
		return arrival{arrives: estate.Maybe}
	}
	var a arrival
	for _, p := range ports {
		c := flow.Conn{Protocol: flow.TCP, Port: p}
		if a = comes(e, i, c); a.arrives == estate.Yes {
			a.says = ", and " + a.from + " reaches it on " + c.String()
			return a
		}
	}
	return a
}

// aConnection is one of those that a rule lets in: one to a guarded port where
// there is one. The others of the rule take the same way.
func aConnection(r *estate.Rule) (flow.Conn, bool) {
	if port, name := exposed(r); name != "" {
		return flow.Conn{Protocol: flow.TCP, Port: port}, true
	}
	from, known := r.From.Known()
	switch {
	case isICMP(r):
		return flow.Conn{Protocol: flow.ICMP, Port: 8 << 8}, true
	case !known:
		return flow.Conn{}, false
	case r.Protocol.In("udp", "UDP", "17") == estate.Yes:
		return flow.Conn{Protocol: flow.UDP, Port: from}, true
	case r.Protocol.In("tcp", "TCP", "6") == estate.Yes:
		return flow.Conn{Protocol: flow.TCP, Port: from}, true
	}
	return flow.Conn{}, false
}

// bears is how bad a rule is that would be of a severity where packets from the
// internet get to it: what none gets to is one mistake elsewhere away.
func (a *arrival) bears(s control.Severity) control.Severity {
	if a.arrives == estate.No {
		return min(s, control.High)
	}
	return s
}

// worse is the one of two that has more to tell: that packets arrive.
func (a arrival) worse(b arrival) arrival {
	if b.says == "" || a.arrives > b.arrives {
		return a
	}
	return b
}

// leaves follows packets from everything that carries a group out to the
// internet. It is No, with the hop that stops them, only where all are stopped.
func leaves(e *estate.Estate, g *group) arrival {
	if g.SecurityGroup == nil {
		return arrival{arrives: estate.Maybe}
	}
	out, c := vpc.Outside("the internet", flow.Public()), flow.Conn{Protocol: flow.TCP, Port: 443}
	var stopped arrival
	for _, i := range estate.Once(e, wearersOf)[g.ID] {
		ways := estate.Once(e, vpc.New).Ways(vpc.At(i), out, c)
		if ways[0].Pass() != estate.No {
			return arrival{arrives: ways[0].Pass()}
		}
		if stop := ways[0].Stop(); stopped.says == "" {
			stopped.says = ", though no packet gets out to the internet: " + stop.Says
			stopped.saw = []control.Evidence{{At: stop.At, Saw: stop.Says}}
		}
	}
	if stopped.says == "" {
		return arrival{arrives: estate.Maybe}
	}
	return stopped
}
