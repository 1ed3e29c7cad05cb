package reach

import (
	"fmt"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/engine/reach/mesh"
	"fathom/engine/reach/netpol"
	"fathom/engine/reach/vpc"
	"fathom/estate"
)

// end is one way in which a place stands in the network: a database has one,
// pods one for each kind of node that they may run on.
type end struct {
	place Place
	at    vpc.End
	known bool   // at is known; otherwise why says why not
	why   string // why what is known may be otherwise too
	stand *stand
	w     *estate.Workload
	pod   *netpol.Pod
	peer  netpol.Peer // what NetworkPolicies see of it
	any   bool        // an address of the peer's is enough: the place is all of them
	id    any         // what stands alike has the same id
}

// ends are the ways in which a place stands, as the source of connections or
// as their destination.
func (n *Network) ends(p Place, role Role) []end {
	switch x := p.Of.(type) {
	case nil:
		return []end{{place: p, at: vpc.Outside(p.label(), p.Addrs), known: true, peer: netpol.Peer{Addrs: p.Addrs}, any: p.Kind == Internet, id: p.String()}}
	case *estate.Workload:
		return n.podEnds(p, x, role)
	case *estate.Distribution:
		return []end{n.service(p, originFacing)}
	case *estate.VPCEndpoint:
		if i := n.aws.Of(x); i != nil {
			return []end{n.iface(p, i)}
		}
		return []end{n.service(p, x.Service.String())}
	}
	if s := awsService(p.Of); s != "" {
		return []end{n.service(p, n.serviceName(s))}
	}
	if i := n.aws.Of(p.Of); i != nil {
		e := n.iface(p, i)
		for _, s := range n.nodes {
			for _, on := range s.on {
				if on.Of == p.Of {
					e.peer.Node = true
				}
			}
		}
		return append([]end{e}, n.attached(p, e.peer)...)
	}
	if _, ok := p.Of.(*estate.Lambda); ok && role == From {
		return []end{n.service(p, "the internet, from AWS Lambda")}
	}
	return []end{{place: p, why: "where " + p.String() + " is attached to a network is not in what was read", id: p.String()}}
}

// originFacing is the prefix list of the addresses that CloudFront fetches from.
const originFacing = "com.amazonaws.global.cloudfront.origin-facing"

func (n *Network) iface(p Place, i *vpc.Interface) end {
	return end{place: p, at: vpc.At(i), known: true, peer: netpol.Peer{Addrs: n.addrs(i)}, id: i}
}

// addrs is addrsOf, worked out once.
func (n *Network) addrs(i *vpc.Interface) flow.Addrs {
	if got, ok := n.cache.addrs.Load(i); ok {
		return got.(flow.Addrs)
	}
	a := addrsOf(i)
	n.cache.addrs.Store(i, a)
	return a
}

// attached are the further interfaces of an instance, which say themselves to
// what they are attached: each has its own subnet, addresses and groups.
func (n *Network) attached(p Place, peer netpol.Peer) []end {
	var out []end
	for _, ni := range estate.Of[*estate.NetworkInterface](n.e, p.Of.Meta().ID) {
		for _, a := range ni.Attachment.Items {
			if !a.Instance.Is(p.Of.Meta().ID) {
				continue
			}
			if i := n.aws.Of(ni); i != nil {
				e := n.iface(p, i)
				e.peer.Node = peer.Node
				out = append(out, e)
			}
		}
	}
	return out
}

func (n *Network) service(p Place, name string) end {
	return end{place: p, at: vpc.Service(name), known: true, peer: netpol.Peer{Addrs: flow.Public()}, any: true, id: name}
}

// serviceName is the name of a service's endpoint in the estate's region.
func (n *Network) serviceName(service string) string {
	for _, x := range estate.All[*estate.VPCEndpoint](n.e) {
		if serviceOf(x) == service {
			return x.Service.String()
		}
	}
	for _, p := range estate.All[*estate.Provider](n.e) {
		if r, ok := p.Region.Known(); ok {
			return "com.amazonaws." + r + "." + service
		}
	}
	return "com.amazonaws.region." + service
}

func (n *Network) podEnds(p Place, w *estate.Workload, role Role) []end {
	pod := n.pol.Pod(w)
	e := end{place: p, w: w, pod: pod, peer: netpol.Peer{Pod: pod}}
	stands := n.stands[w.ID]
	if len(stands) == 0 {
		e.why = n.nowhere(w, p)
		e.id = "nowhere"
		return []end{e}
	}
	var out []end
	for _, s := range stands {
		e.stand, e.known, e.why = s, true, s.maybe
		i := s.out
		if role == To {
			i = s.in
		}
		e.at, e.id = vpc.At(i), s
		out = append(out, e)
	}
	return out
}

// label is what sentences call a place.
func (p Place) label() string {
	switch {
	case p.Kind != Internet:
		return p.String()
	case p.Name == "internet4":
		return "the internet (IPv4)"
	case p.Name == "internet6":
		return "the internet (IPv6)"
	}
	return "the internet"
}

// runsOn is the sentence that says where pods run, or a hop that is Maybe
// where that is not known.
func (e *end) runsOn() []flow.Hop {
	switch {
	case e.w == nil:
		if !e.known || e.why != "" {
			return []flow.Hop{{Kind: flow.Address, Of: e.place.Of, At: pos(e.place.Of), Pass: estate.Maybe, Says: e.why, Why: e.why}}
		}
		return nil
	case !e.known, e.why != "":
		return []flow.Hop{{Kind: flow.Address, Of: e.w, At: e.w.Pos, Pass: estate.Maybe, Says: e.why, Why: e.why}}
	}
	s := e.stand
	says := fmt.Sprintf("%s runs on %s, with its %s", e.place, s, strings.TrimPrefix(groups(s.out), "the "))
	switch {
	case s.own != "":
		says = fmt.Sprintf("%s runs on %s, with %s of its own", e.place, s, groups(s.out))
	case s.host:
		says = fmt.Sprintf("%s runs on %s and uses its network", e.place, s)
	}
	return []flow.Hop{{Kind: flow.Address, Of: e.w, At: e.w.Pos, Pass: estate.Yes, Says: says}}
}

func groups(i *vpc.Interface) string {
	var names []string
	for _, g := range i.Groups {
		names = append(names, g.Name)
	}
	if len(names) == 0 {
		return "security groups"
	}
	return strings.Join(names, ", ")
}

// caller is who the mesh sees.
func (e *end) caller() mesh.Caller {
	if e.w != nil {
		return mesh.Caller{Workload: e.w}
	}
	return mesh.Caller{Addrs: e.peer.Addrs}
}
