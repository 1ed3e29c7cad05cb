package netpol

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// The oracle decides about one packet after the other, as the documentation
// tells it in sentences. It shares no code with the engine: no sets, no
// classes, no selectors of the library.

// packetEnd is one end of one packet.
type packetEnd struct {
	pod  *estate.Workload // nil outside the cluster
	addr netip.Addr
	// selectable and home are the readings of what is not defined: whether the
	// pods of a node's network are found by selectors, and whether the end is on
	// the other's node.
	selectable, home bool
}

type oracle struct {
	policies []*estate.NetworkPolicy
	spaces   map[string]map[string]string
}

func (o *oracle) labelsMatch(s *metav1.LabelSelector, have map[string]string) bool {
	for k, v := range s.MatchLabels {
		if got, ok := have[k]; !ok || got != v {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		got, ok := have[e.Key]
		listed := false
		for _, v := range e.Values {
			if ok && v == got {
				listed = true
			}
		}
		switch e.Operator {
		case "In":
			if !listed {
				return false
			}
		case "NotIn":
			if listed {
				return false
			}
		case "Exists":
			if !ok {
				return false
			}
		case "DoesNotExist":
			if ok {
				return false
			}
		}
	}
	return true
}

func (o *oracle) peerMatches(p networkingv1.NetworkPolicyPeer, policyNamespace string, other packetEnd) bool {
	if p.IPBlock != nil {
		if !netip.MustParsePrefix(p.IPBlock.CIDR).Contains(other.addr) {
			return false
		}
		for _, e := range p.IPBlock.Except {
			if netip.MustParsePrefix(e).Contains(other.addr) {
				return false
			}
		}
		return true
	}
	if other.pod == nil || !other.selectable {
		return false
	}
	if p.NamespaceSelector == nil {
		if other.pod.Namespace != policyNamespace {
			return false
		}
	} else if !o.labelsMatch(p.NamespaceSelector, o.spaces[other.pod.Namespace]) {
		return false
	}
	return p.PodSelector == nil || o.labelsMatch(p.PodSelector, other.pod.PodLabels)
}

func (o *oracle) portMatches(p networkingv1.NetworkPolicyPort, dst packetEnd, protocol corev1.Protocol, port int) bool {
	want := corev1.ProtocolTCP
	if p.Protocol != nil {
		want = *p.Protocol
	}
	if want != protocol {
		return false
	}
	switch {
	case p.Port == nil:
		return true
	case p.Port.Type == intstr.String:
		if dst.pod == nil {
			return false
		}
		for _, c := range dst.pod.Pod.Containers {
			for _, cp := range c.Ports {
				if cp.Name == p.Port.StrVal && cp.Protocol == protocol {
					return int(cp.ContainerPort) == port
				}
			}
		}
		return false
	case p.EndPort != nil:
		return port >= int(p.Port.IntVal) && port <= int(*p.EndPort)
	}
	return port == int(p.Port.IntVal)
}

// lets says whether the policies of one end let a packet through in a direction.
func (o *oracle) lets(in bool, subject, other, dst packetEnd, protocol corev1.Protocol, port int) bool {
	if subject.pod == nil || subject.pod.Pod.HostNetwork {
		return true
	}
	if in && other.home {
		return true
	}
	isolated := false
	for _, p := range o.policies {
		if p.Namespace != subject.pod.Namespace || !o.labelsMatch(&p.Spec.PodSelector, subject.pod.PodLabels) {
			continue
		}
		applies := false
		if len(p.Spec.PolicyTypes) == 0 {
			applies = in || len(p.Spec.Egress) > 0
		}
		for _, t := range p.Spec.PolicyTypes {
			if in && t == "Ingress" || !in && t == "Egress" {
				applies = true
			}
		}
		if !applies {
			continue
		}
		isolated = true
		n := len(p.Spec.Egress)
		if in {
			n = len(p.Spec.Ingress)
		}
		for i := 0; i < n; i++ {
			var peers []networkingv1.NetworkPolicyPeer
			var ports []networkingv1.NetworkPolicyPort
			if in {
				peers, ports = p.Spec.Ingress[i].From, p.Spec.Ingress[i].Ports
			} else {
				peers, ports = p.Spec.Egress[i].To, p.Spec.Egress[i].Ports
			}
			peerOK, portOK := len(peers) == 0, len(ports) == 0
			for _, peer := range peers {
				peerOK = peerOK || o.peerMatches(peer, p.Namespace, other)
			}
			for _, pp := range ports {
				portOK = portOK || o.portMatches(pp, dst, protocol, port)
			}
			if peerOK && portOK {
				return true
			}
		}
	}
	return !isolated
}

func (o *oracle) packet(src, dst packetEnd, protocol corev1.Protocol, port int) bool {
	if src.pod != nil && src.pod == dst.pod && src.pod.Kind == "Pod" {
		return true
	}
	return o.lets(false, src, dst, dst, protocol, port) && o.lets(true, dst, src, dst, protocol, port)
}

// readings are all ends that one end of a question may be: a pod has some
// address of the pods' range, a node's pod some private one.
func readings(w *estate.Workload, outside netip.Addr) []packetEnd {
	if w == nil {
		return []packetEnd{{addr: outside}}
	}
	var out []packetEnd
	if !w.Pod.HostNetwork {
		for _, a := range podSamples {
			out = append(out, packetEnd{pod: w, addr: a, selectable: true})
		}
		return out
	}
	for _, a := range hostSamples {
		for _, selectable := range []bool{false, true} {
			for _, home := range []bool{false, true} {
				out = append(out, packetEnd{pod: w, addr: a, selectable: selectable, home: home})
			}
		}
	}
	return out
}

// all answers for all readings: Yes when every packet passes, No when none does.
func (o *oracle) all(src, dst []packetEnd, protocol corev1.Protocol, port int) estate.Truth {
	some, every := false, true
	for _, s := range src {
		for _, d := range dst {
			if o.packet(s, d, protocol, port) {
				some = true
			} else {
				every = false
			}
		}
	}
	switch {
	case every:
		return estate.Yes
	case some:
		return estate.Maybe
	}
	return estate.No
}

var (
	podRange    = flow.FromPrefix(netip.MustParsePrefix("10.1.0.0/16"))
	podSamples  = addrs("10.1.0.1", "10.1.7.9", "10.1.200.3")
	hostSamples = addrs("10.1.0.1", "10.9.0.1", "172.20.0.1", "192.168.4.4", "100.64.0.1", "10.1.7.9")
	outer       = addrs("203.0.113.7", "203.0.113.200", "198.51.100.1", "10.200.0.1", "2001:db8::1")
	// blocks that hold all pods or none, and those that hold some.
	wholeBlocks = []networkingv1.IPBlock{
		{CIDR: "0.0.0.0/0"},
		{CIDR: "203.0.113.0/24"},
		{CIDR: "203.0.113.0/24", Except: []string{"203.0.113.128/25"}},
		{CIDR: "2001:db8::/32"},
		{CIDR: "0.0.0.0/0", Except: []string{"203.0.113.0/25", "198.51.100.0/24"}},
	}
	partBlocks = []networkingv1.IPBlock{
		{CIDR: "10.0.0.0/8", Except: []string{"10.1.7.0/24"}},
		{CIDR: "10.1.0.0/17"},
		{CIDR: "0.0.0.0/0", Except: []string{"10.1.0.0/17"}},
	}
)

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, t := range texts {
		out = append(out, netip.MustParseAddr(t))
	}
	return out
}

// random makes an estate at random: two or three namespaces, four to seven
// workloads, up to six policies, some of them with blocks that hold some pods.
func random(r *rand.Rand, parts, hosts bool) (*estate.Estate, *oracle) {
	o := &oracle{spaces: map[string]map[string]string{}}
	var rs []estate.Resource
	object := func(kind, space, name string, labels map[string]string) estate.Object {
		addr := kind + "/" + space + "/" + name
		return estate.Object{Base: estate.Base{ID: estate.ID{Addr: addr}, Pos: diag.At(addr, 1, 0)}, Kind: kind, Namespace: space, Name: name, Labels: labels}
	}
	names := []string{"alpha", "beta", "gamma"}[:2+r.IntN(2)]
	for _, n := range names {
		labels := someLabels(r)
		rs = append(rs, &estate.Namespace{Object: object("Namespace", "", n, labels)})
		o.spaces[n] = map[string]string{"kubernetes.io/metadata.name": n}
		for k, v := range labels {
			o.spaces[n][k] = v
		}
	}
	for i := range 4 + r.IntN(4) {
		kind := pick(r, "Pod", "Deployment")
		w := &estate.Workload{Object: object(kind, pick(r, names...), fmt.Sprint("w", i), nil), PodLabels: someLabels(r)}
		w.Pod.HostNetwork = hosts && r.IntN(5) == 0
		for range r.IntN(3) {
			w.Pod.Containers = append(w.Pod.Containers, corev1.Container{Ports: []corev1.ContainerPort{{
				Name: pick(r, "http", "dns"), ContainerPort: int32(pick(r, 80, 81, 8080)), Protocol: pick(r, corev1.ProtocolTCP, corev1.ProtocolUDP),
			}}})
		}
		rs = append(rs, w)
	}
	for i := range r.IntN(7) {
		p := &estate.NetworkPolicy{Object: object("NetworkPolicy", pick(r, names...), fmt.Sprint("p", i), nil)}
		p.Spec.PodSelector = someSelector(r)
		p.Spec.PolicyTypes = pick(r, nil, []networkingv1.PolicyType{"Ingress"}, []networkingv1.PolicyType{"Egress"}, []networkingv1.PolicyType{"Ingress", "Egress"})
		for range r.IntN(3) {
			p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: somePeers(r, parts), Ports: somePorts(r)})
		}
		for range r.IntN(3) {
			p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: somePeers(r, parts), Ports: somePorts(r)})
		}
		o.policies = append(o.policies, p)
		rs = append(rs, p)
	}
	return estate.New(rs, nil, nil, nil), o
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func someLabels(r *rand.Rand) map[string]string {
	m := map[string]string{}
	for _, k := range []string{"a", "b", "c"} {
		if r.IntN(2) == 0 {
			m[k] = pick(r, "1", "2")
		}
	}
	return m
}

func someSelector(r *rand.Rand) metav1.LabelSelector {
	var s metav1.LabelSelector
	if r.IntN(4) == 0 {
		return s
	}
	if r.IntN(2) == 0 {
		s.MatchLabels = map[string]string{pick(r, "a", "b", "c"): pick(r, "1", "2")}
	}
	if r.IntN(2) == 0 {
		e := metav1.LabelSelectorRequirement{Key: pick(r, "a", "b", "c", "kubernetes.io/metadata.name"), Operator: pick(r, metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)}
		if e.Operator == "In" || e.Operator == "NotIn" {
			e.Values = pick(r, []string{"1"}, []string{"2", "1"}, []string{"alpha"}, []string{"gamma", "beta"})
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}

func somePeers(r *rand.Rand, parts bool) []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range r.IntN(3) {
		var p networkingv1.NetworkPolicyPeer
		a, b := someSelector(r), someSelector(r)
		switch r.IntN(4) {
		case 0:
			p.PodSelector = &a
		case 1:
			p.NamespaceSelector = &a
		case 2:
			p.PodSelector, p.NamespaceSelector = &a, &b
		case 3:
			block := pick(r, wholeBlocks...)
			if parts && r.IntN(2) == 0 {
				block = pick(r, partBlocks...)
			}
			p.IPBlock = &block
		}
		out = append(out, p)
	}
	return out
}

func somePorts(r *rand.Rand) []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range r.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if r.IntN(3) > 0 {
			proto := pick(r, corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP)
			p.Protocol = &proto
		}
		switch r.IntN(4) {
		case 0:
			port := intstr.FromInt32(int32(pick(r, 80, 81, 8080)))
			p.Port = &port
		case 1:
			port, end := intstr.FromInt32(80), int32(pick(r, 80, 81, 9000))
			p.Port, p.EndPort = &port, &end
		case 2:
			port := intstr.FromString(pick(r, "http", "dns"))
			p.Port = &port
		}
		out = append(out, p)
	}
	return out
}

var probes = []struct {
	protocol corev1.Protocol
	is       flow.Protocol
	ports    []int
}{
	{corev1.ProtocolTCP, flow.TCP, []int{1, 79, 80, 81, 82, 8080, 9000, 9001}},
	{corev1.ProtocolUDP, flow.UDP, []int{80, 81, 8080}},
	{corev1.ProtocolSCTP, flow.SCTP, []int{80, 9000}},
}

// TestAgainstTheOracle compares the engine with the oracle on every triple of
// source, destination and port of clusters made at random.
func TestAgainstTheOracle(t *testing.T) {
	clusters, compared, unknown := 0, 0, 0
	for seed := range uint64(420) {
		r := rand.New(rand.NewPCG(seed, 3))
		parts, hosts := seed%3 == 1, seed%3 == 2
		e, o := random(r, parts, hosts)
		c := New(e, Options{PodAddrs: podRange})
		clusters++
		type named struct {
			peer Peer
			ends []packetEnd
			name string
		}
		var ends []named
		for _, p := range c.Pods() {
			ends = append(ends, named{Peer{Pod: p}, readings(p.Of, netip.Addr{}), p.Of.ID.Addr})
		}
		for _, a := range outer {
			ends = append(ends, named{Peer{Addrs: flow.FromPrefix(netip.PrefixFrom(a, a.BitLen()))}, readings(nil, a), a.String()})
		}
		for _, src := range ends {
			for _, dst := range ends {
				if src.peer.Pod == nil && dst.peer.Pod == nil {
					continue
				}
				for _, probe := range probes {
					for _, port := range probe.ports {
						want := o.all(src.ends, dst.ends, probe.protocol, port)
						conn := flow.Conn{Protocol: probe.is, Port: port}
						got := answer(c, src.peer, dst.peer, conn)
						compared++
						if got == estate.Maybe {
							unknown++
						}
						// Where blocks hold some pods, or readings depend on each other, the engine
						// may know less than all packets together tell; never more, never other.
						if got != want && (!parts && !hosts || got != estate.Maybe) {
							t.Errorf("seed %d: %s -> %s %s: engine %s, oracle %s", seed, src.name, dst.name, conn, truths[got], truths[want])
						}
					}
				}
			}
		}
		if t.Failed() {
			return
		}
	}
	if clusters < 300 || compared < 100_000 || unknown > compared/4 {
		t.Errorf("%d clusters, %d comparisons, %d unknown: the cases are too few or say too little", clusters, compared, unknown)
	}
	t.Logf("%d clusters, %d comparisons, %d of them unknown", clusters, compared, unknown)
}

func answer(c *Cluster, src, dst Peer, conn flow.Conn) estate.Truth {
	yes, maybe := c.Conns(src, dst)
	switch {
	case yes.Has(conn):
		return estate.Yes
	case maybe.Has(conn):
		return estate.Maybe
	}
	return estate.No
}

// TestHopsSayWhatConnsSay holds the explanations to the sets, and Addrs to
// Conns, on clusters made at random.
func TestHopsSayWhatConnsSay(t *testing.T) {
	for seed := range uint64(120) {
		e, _ := random(rand.New(rand.NewPCG(seed, 4)), true, true)
		c := New(e, Options{})
		var ends []Peer
		for _, p := range c.Pods() {
			ends = append(ends, Peer{Pod: p})
		}
		for _, a := range outer {
			ends = append(ends, Peer{Addrs: flow.FromPrefix(netip.PrefixFrom(a, a.BitLen())), Node: seed%2 == 0 && a.Is6()})
		}
		for _, src := range ends {
			for _, dst := range ends {
				conn := flow.Conn{Protocol: flow.TCP, Port: 80}
				got := passes(t, c, src, dst, conn)
				if (src.Pod == nil) == (dst.Pod == nil) {
					continue
				}
				yes, maybe := c.Addrs(src, dst, conn)
				if (got == estate.Yes) != !yes.Empty() || (got == estate.Maybe) != !maybe.Empty() {
					t.Errorf("seed %d: Conns says %s and Addrs %s, %s", seed, truths[got], yes, maybe)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}

// TestClassesAreAlike holds the classes to their promise: pods of one class
// have the same answers.
func TestClassesAreAlike(t *testing.T) {
	for seed := range uint64(60) {
		e, _ := random(rand.New(rand.NewPCG(seed, 5)), true, true)
		c := New(e, Options{})
		for _, a := range c.Pods() {
			for _, b := range c.Pods() {
				if c.Class(a) != c.Class(b) {
					continue
				}
				for _, other := range c.Pods() {
					if other == a || other == b {
						continue
					}
					y1, m1 := c.Conns(Peer{Pod: a}, Peer{Pod: other})
					y2, m2 := c.Conns(Peer{Pod: b}, Peer{Pod: other})
					if !y1.Equal(y2) || !m1.Equal(m2) {
						t.Fatalf("seed %d: %s and %s are of one class and differ", seed, a.Of.ID, b.Of.ID)
					}
				}
			}
		}
	}
}
