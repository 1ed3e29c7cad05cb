package ground

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// hops says which control each hop of a way belongs to, from its source to its
// destination. What a hop belongs to depends on where the packets are by then:
// still outside, inside, or on their way out.
type hops struct {
	g        *Ground
	from, to reach.Place
	inward   bool // the packets come from outside
	outward  bool // they leave the network
	doors    int  // load balancers that are still to come
}

func (g *Ground) hops(from, to reach.Place, w *flow.Way) *hops {
	x := &hops{g: g, from: from, to: to, inward: outside(from) || detached(from), outward: outside(to) || leaves(to, w)}
	for i := range w.Hops {
		if w.Hops[i].Kind == flow.LoadBalancer {
			x.doors++
		}
	}
	return x
}

// outside says whether a place is no part of the estate.
func outside(p reach.Place) bool { return p.Kind == reach.Internet || p.Kind == reach.CIDR }

// detached says whether a place runs outside every network of the estate: a
// function that AWS runs in its own.
func detached(p reach.Place) bool {
	f, ok := p.Of.(*estate.Lambda)
	return ok && f.Network.Any() == estate.No
}

// leaves says whether a way to what AWS answers for leads out of the network:
// to the public API of a service or of a cluster, rather than to an interface
// that it has inside.
func leaves(to reach.Place, w *flow.Way) bool {
	private := func(h flow.Hop) bool {
		if h.Kind != flow.Endpoint {
			return false
		}
		switch x := h.Of.(type) {
		case *estate.VPCEndpoint:
			return x.EndpointType.Default("Gateway").Is("Interface") == estate.Yes
		case *estate.EKSCluster:
			return strings.Contains(h.Says, "private endpoint")
		}
		return false
	}
	switch to.Of.(type) {
	case *estate.Bucket, *estate.Table, *estate.Queue, *estate.EKSCluster, *estate.VPCEndpoint:
		return !slices.ContainsFunc(w.Hops, private)
	}
	return false
}

// verdict is what a hop is to an attacker.
type verdict uint8

const (
	passes verdict = iota
	guarded
	never // no change of a rule opens it
)

// judge says what a hop is, and of one that a control stands at, or would, the
// guard. A hop that lets everybody pass is a guard that is missing; one that
// lets these pass by name is by design.
func (x *hops) judge(h *flow.Hop) (depth.Stop, verdict) {
	if h.Kind == flow.LoadBalancer {
		x.doors--
		x.inward = x.inward && x.doors > 0 // what the last one sends on comes from inside
	}
	if fw, ok := h.Of.(*estate.NetworkFirewall); ok && h.Pass == estate.Maybe {
		return x.g.firewall(fw, h)
	}
	if h.Pass == estate.Maybe && x.outward && detached(x.from) { // nothing of the estate is in the way
		if !outside(x.to) {
			return depth.Stop{}, passes
		}
		return depth.Stop{Guard: depth.Guard{Control: "network.egress-deny", On: "egress of " + x.from.String() + " (open)"}, At: h.At, Says: x.from.String() + " runs outside the VPC, where nothing filters what it sends"}, guarded
	}
	if h.Kind == flow.SecurityGroup && !x.inward && !x.outward && strings.Contains(h.Says, "the public address of ") {
		return depth.Stop{}, never // out, and in again from outside: as everybody there
	}
	id, on := x.control(h)
	s := depth.Stop{Guard: depth.Guard{Control: id, On: on}, State: depth.Standing, At: h.At, Says: h.Says}
	switch {
	case h.Pass == estate.Yes:
		if x.g.open(h) && id != "" && id != "edge.front-door" {
			s.State, s.On = depth.Missing, on+" (open)"
			return s, guarded
		}
		return s, passes
	case h.Pass == estate.Maybe && x.elsewhere(h):
		s.Guard = Elsewhere(x.to.String(), x.from.String())
		return s, guarded
	case h.Pass == estate.Maybe:
		s.State, s.Why = depth.Doubtful, cmp.Or(h.Why, h.Says)
		if s.Control == "" {
			s.Control = x.family()
		}
		s.On = on + " (not known, from " + x.from.String() + ")"
		return s, guarded
	case id == "", h.Open == "" && h.Kind != flow.Mesh:
		return s, never
	}
	return s, guarded
}

// Elsewhere is the guard of NetworkPolicies before pods and a node on which they
// do not run: on their own they would guard nothing.
func Elsewhere(workload, node string) depth.Guard {
	return depth.Guard{Control: "network.pod-policy", On: workload + " from " + node}
}

// elsewhere says whether a policy that may not hold on the pods' own node does,
// as none of them runs on the node that asks.
func (x *hops) elsewhere(h *flow.Hop) bool {
	if h.Kind != flow.NetworkPolicy || x.from.Kind != reach.Node || !strings.HasPrefix(h.Why, "a node reaches the pods that run on it") || x.g.Net.NodesDoubt(x.to) != "" {
		return false
	}
	on := x.g.Net.NodesOf(x.to)
	return len(on) > 0 && !slices.ContainsFunc(on, func(p reach.Place) bool { return p.Of == x.from.Of })
}

// control is the control that a hop belongs to, and on what it stands there; ""
// for a hop that no control answers for.
func (x *hops) control(h *flow.Hop) (id, on string) {
	to, out := x.to.String(), "egress of "+x.from.String()
	switch h.Kind {
	case flow.SecurityGroup:
		switch sends := strings.Contains(h.Says, " lets out ") || strings.Contains(h.Says, "what it sends"); {
		case sends && x.outward:
			return "network.egress-deny", out
		case sends && !outside(x.from):
			return "network.sg-chain", out
		case sends: // of a load balancer
			return "network.sg-chain", "egress to " + to
		case x.inward && x.doors > 0: // of a load balancer, which is there for everybody
			return "edge.front-door", addr(h, to)
		case x.inward && x.to.Kind == reach.Node && strings.Contains(h.Open, "TCP 22 "):
			return "network.no-ssh", to
		case x.inward:
			return "network.no-open-ingress", to
		}
		return "network.sg-chain", to
	case flow.NetworkACL:
		return "network.payments-isolation", addr(h, to)
	case flow.NetworkPolicy:
		if x.outward && h.Pass == estate.Yes && h.Of != nil { // by a rule: which destinations rules name is another control's
			return "network.egress-deny", out
		}
		if strings.Contains(h.Says, " lets out ") || strings.Contains(h.Says, "may call") {
			return "network.pod-policy", out
		}
		return "network.pod-policy", to
	case flow.Endpoint:
		if strings.HasPrefix(h.Says, "this way ") { // not by this endpoint, or not by another
			return "", to
		}
		if _, ok := h.Of.(*estate.EKSCluster); ok {
			if strings.Contains(h.Says, "private endpoint") {
				return "", to // without one the API is used from outside
			}
			return "network.cluster-private", addr(h, to)
		}
		return "network.endpoints", addr(h, to)
	case flow.Route, flow.Gateway, flow.Address:
		return x.path(h, to, out)
	case flow.LoadBalancer, flow.CDN:
		if strings.Contains(h.Says, "which CloudFront adds") {
			return "edge.origin-secret", addr(h, to)
		}
		return "edge.front-door", addr(h, to)
	case flow.Mesh:
		if authorizes(h) {
			return "mesh.authorization", to
		}
		return "mesh.mtls-strict", to // its policies come from several objects
	}
	return "", to
}

// firewall says what a network firewall does with what no rule of it names.
// reach follows packets to it and no further.
func (g *Ground) firewall(fw *estate.NetworkFirewall, h *flow.Hop) (depth.Stop, verdict) {
	s := depth.Stop{Guard: depth.Guard{Control: "network.egress-deny", On: fw.ID.Addr}, At: h.At, State: depth.Doubtful, Says: h.Says, Why: "the policy of " + fw.ID.Addr + " is not in what was read"}
	for _, p := range estate.To(g.Estate, fw.Policy) {
		for _, a := range p.Policy.Items {
			switch drops := a.StatefulDefault.Any(func(s string) bool { return strings.HasPrefix(s, "aws:drop") }); {
			case drops == estate.Yes:
				s.State, s.Why, s.Says = depth.Standing, "", fw.ID.Addr+" drops what its rules do not name"
				return s, guarded
			case drops == estate.No:
				return s, passes
			default:
				s.Why = "what " + p.ID.Addr + " does by default is not known: " + a.StatefulDefault.Why()
			}
		}
	}
	return s, guarded
}

// settled leaves out the guards that are missing on a way for whose control
// another stands there: a firewall behind an open group.
func settled(stops []depth.Stop) []depth.Stop {
	return slices.DeleteFunc(stops, func(s depth.Stop) bool {
		return s.State == depth.Missing && slices.ContainsFunc(stops, func(o depth.Stop) bool { return o.Control == s.Control && o.State == depth.Standing })
	})
}

// path is the control of a hop that decides where packets go. Pods and private
// nodes have no address that the outside could send to, and two networks that
// nothing joins are no rule away from each other.
func (x *hops) path(h *flow.Hop, to, out string) (id, on string) {
	if x.to.Kind == reach.Store && (x.ofStore(h) || strings.Contains(h.Open, " to an internet gateway in ")) {
		return "network.private-data", to
	}
	if x.outward && h.Kind == flow.Route {
		return "network.egress-deny", out
	}
	return "", to
}

// ofStore says whether a hop is about the address of the store itself.
func (x *hops) ofStore(h *flow.Hop) bool {
	switch h.Of.(type) {
	case *estate.DBInstance, *estate.DBCluster, *estate.DBClusterInstance, *estate.Stream, *estate.Redshift:
		return h.Kind == flow.Address
	}
	return false
}

// family is the control to name for a hop of which not even the control is
// known.
func (x *hops) family() string {
	switch {
	case x.outward:
		return "network.egress-deny"
	case x.inward && x.to.Kind == reach.Store:
		return "network.private-data"
	case x.inward:
		return "network.no-open-ingress"
	}
	return "network.sg-chain"
}

func addr(h *flow.Hop, otherwise string) string {
	if h.Of == nil {
		return otherwise
	}
	return h.Of.Meta().ID.Addr
}

// open says whether a hop passes because a rule, or none, lets everybody pass:
// the world, a whole network, any pod. What a rule names is by design.
func (g *Ground) open(h *flow.Hop) bool {
	switch h.Kind {
	case flow.SecurityGroup:
		return strings.Contains(h.Says, "nothing filters") || g.wide(h.Says)
	case flow.NetworkPolicy:
		return strings.HasPrefix(h.Says, "no NetworkPolicy restricts") || strings.HasSuffix(h.Says, " anyone") || strings.HasSuffix(h.Says, " anywhere") ||
			strings.HasSuffix(h.Says, "pods of any namespace") || g.wide(h.Says)
	}
	return false
}

var ranges = regexp.MustCompile(`[0-9a-f.:]+/[0-9]+`)

// WideV4 and WideV6 are the lengths of the prefixes that are as large as a whole
// network: a rule that names one names nobody in particular.
const (
	WideV4 = 16
	WideV6 = 48
)

// wide says whether the sentence of a hop names a range as large as a network.
func (g *Ground) wide(says string) bool {
	for _, text := range ranges.FindAllString(says, -1) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		if p.Addr().Is4() && p.Bits() <= WideV4 || p.Addr().Is6() && p.Bits() <= WideV6 {
			return true
		}
		for _, v := range estate.All[*estate.VPC](g.Estate) {
			if v.CIDR.Is(text) == estate.Yes {
				return true
			}
		}
	}
	return false
}
