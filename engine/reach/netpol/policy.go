package netpol

import (
	"fmt"
	"net/netip"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

// direction is a direction of traffic as a pod sees it.
type direction int

const (
	ingress direction = iota
	egress
)

func (d direction) String() string { return [...]string{"ingress", "egress"}[d] }

// policy is a NetworkPolicy, compiled.
type policy struct {
	of       *estate.NetworkPolicy
	subject  selector
	isolates [2]bool
	rules    [2][]rule
	// refused says why the API server would not take it; its rules are void.
	refused string
	// doubt says why it may be other than written, or not there.
	doubt string
}

// rule is an ingress or egress rule.
type rule struct {
	of *policy
	// index is its place in the policy's list.
	index int
	// anyone says that it has no peers: all of them match.
	anyone bool
	peers  []peer
	// conns are its ports that have numbers; all connections when it has no ports.
	conns flow.Conns
	named []int // places in Cluster.named
}

// peer is an item of from or to.
type peer struct {
	scope int // a place in Cluster.scopes; -1 for an ipBlock
	block flow.Addrs
	cidr  string // the ipBlock in words
	// pods and hosts say whether the ipBlock holds the address of a pod, and of
	// a node.
	pods, hosts estate.Truth
}

// namedPort is a port of a rule that is resolved on the destination.
type namedPort struct {
	protocol flow.Protocol
	name     string
}

type compiler struct {
	cluster *Cluster
	addrs   podAddrs
	scopes  map[string]int
	named   map[namedPort]int
}

func (k *compiler) policy(of *estate.NetworkPolicy) *policy {
	p := &policy{of: of}
	if of.Maybe != "" {
		p.doubt = fmt.Sprintf("it is not known whether NetworkPolicy %s/%s exists: %s", of.Namespace, of.Name, of.Maybe)
	}
	if err := k.compile(p); err != nil {
		p.refused = err.Error()
		p.doubt = fmt.Sprintf("the API server would refuse NetworkPolicy %s/%s: %s", of.Namespace, of.Name, p.refused)
		p.isolates, p.rules = [2]bool{true, true}, [2][]rule{}
	}
	return p
}

func (k *compiler) compile(p *policy) error {
	spec := &p.of.Spec
	var err error
	if p.subject, err = compile(&spec.PodSelector); err != nil {
		return fmt.Errorf("its podSelector is wrong: %w", err)
	}
	p.isolates, err = isolates(spec)
	if err != nil {
		return err
	}
	for i := range spec.Ingress {
		if err := k.rule(p, ingress, i, spec.Ingress[i].From, spec.Ingress[i].Ports); err != nil {
			return fmt.Errorf("ingress rule %d: %w", i+1, err)
		}
	}
	for i := range spec.Egress {
		if err := k.rule(p, egress, i, spec.Egress[i].To, spec.Egress[i].Ports); err != nil {
			return fmt.Errorf("egress rule %d: %w", i+1, err)
		}
	}
	return nil
}

// isolates says which directions a policy is for. Where it does not say,
// ingress, and egress if it has egress rules.
func isolates(spec *networkingv1.NetworkPolicySpec) (is [2]bool, err error) {
	if len(spec.PolicyTypes) == 0 {
		return [2]bool{ingress: true, egress: len(spec.Egress) > 0}, nil
	}
	for _, t := range spec.PolicyTypes {
		switch t {
		case networkingv1.PolicyTypeIngress:
			is[ingress] = true
		case networkingv1.PolicyTypeEgress:
			is[egress] = true
		default:
			return is, fmt.Errorf("%q is not a policy type", t)
		}
	}
	return is, nil
}

func (k *compiler) rule(p *policy, d direction, index int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) error {
	r := rule{of: p, index: index, anyone: len(peers) == 0}
	if len(ports) == 0 {
		r.conns = flow.AllConns()
	}
	for i := range ports {
		if err := k.port(&r, &ports[i]); err != nil {
			return err
		}
	}
	for i := range peers {
		one, err := k.peer(p, &peers[i])
		if err != nil {
			return err
		}
		r.peers = append(r.peers, one)
	}
	p.rules[d] = append(p.rules[d], r)
	return nil
}

func (k *compiler) port(r *rule, p *networkingv1.NetworkPolicyPort) error {
	protocol := flow.TCP
	if p.Protocol != nil {
		var ok bool
		if protocol, ok = protocolOf(*p.Protocol); !ok {
			return fmt.Errorf("%q is none of TCP, UDP, SCTP", *p.Protocol)
		}
	}
	switch {
	case p.Port == nil && p.EndPort != nil:
		return fmt.Errorf("endPort %d stands without a port", *p.EndPort)
	case p.Port == nil:
		r.conns = r.conns.Union(flow.Ports(protocol, 0, 65535))
	case p.Port.Type == intstr.String && p.EndPort != nil:
		return fmt.Errorf("endPort %d stands with a named port", *p.EndPort)
	case p.Port.Type == intstr.String:
		r.named = append(r.named, k.namedPort(namedPort{protocol, p.Port.StrVal}))
	default:
		from, to := int(p.Port.IntVal), int(p.Port.IntVal)
		if p.EndPort != nil {
			to = int(*p.EndPort)
		}
		if from < 1 || to > 65535 || from > to {
			return fmt.Errorf("%d-%d is no range of ports", from, to)
		}
		r.conns = r.conns.Union(flow.Ports(protocol, from, to))
	}
	return nil
}

func (k *compiler) namedPort(n namedPort) int {
	at, ok := k.named[n]
	if !ok {
		at = len(k.cluster.named)
		k.named[n] = at
		k.cluster.named = append(k.cluster.named, n)
	}
	return at
}

func (k *compiler) peer(p *policy, in *networkingv1.NetworkPolicyPeer) (peer, error) {
	if in.IPBlock != nil {
		if in.PodSelector != nil || in.NamespaceSelector != nil {
			return peer{}, fmt.Errorf("an ipBlock stands beside a selector in one item")
		}
		return k.block(in.IPBlock)
	}
	s := &scope{namespace: p.of.Namespace}
	var err error
	if in.NamespaceSelector != nil {
		s.namespace = ""
		if s.spaces, err = compile(in.NamespaceSelector); err != nil {
			return peer{}, fmt.Errorf("its namespaceSelector is wrong: %w", err)
		}
	}
	if in.PodSelector != nil {
		if s.pods, err = compile(in.PodSelector); err != nil {
			return peer{}, fmt.Errorf("its podSelector is wrong: %w", err)
		}
	}
	if in.PodSelector == nil && in.NamespaceSelector == nil {
		return peer{}, fmt.Errorf("an item says neither podSelector, namespaceSelector nor ipBlock")
	}
	at, ok := k.scopes[s.key()]
	if !ok {
		at = len(k.cluster.scopes)
		k.scopes[s.key()] = at
		k.cluster.scopes = append(k.cluster.scopes, s)
	}
	return peer{scope: at}, nil
}

func (k *compiler) block(b *networkingv1.IPBlock) (peer, error) {
	cidr, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		return peer{}, fmt.Errorf("%q is not a CIDR", b.CIDR)
	}
	block, words := flow.FromPrefix(cidr), b.CIDR
	for _, text := range b.Except {
		except, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return peer{}, fmt.Errorf("%q is not a CIDR", text)
		case !cidr.Contains(except.Masked().Addr()) || except.Bits() <= cidr.Bits():
			return peer{}, fmt.Errorf("except %s is not a part of %s", text, b.CIDR)
		}
		block = block.Minus(flow.FromPrefix(except))
	}
	if len(b.Except) > 0 {
		words += " except " + few(b.Except, "and")
	}
	return peer{scope: -1, block: block, cidr: words, pods: k.addrs.pods(block), hosts: k.addrs.hosts(block)}, nil
}

// podAddrs is what is known of the addresses of pods: they all are among may,
// and any of must may be one's.
type podAddrs struct{ must, may flow.Addrs }

// private are the addresses that pods and nodes have where nothing tells.
var private = parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")

func parse(cidrs ...string) flow.Addrs {
	var out flow.Addrs
	for _, c := range cidrs {
		out = out.Union(flow.FromPrefix(netip.MustParsePrefix(c)))
	}
	return out
}

func addressing(known flow.Addrs) podAddrs {
	if known.Empty() {
		return podAddrs{private, private.Union(flow.Everything().Family(6))}
	}
	return podAddrs{known, known}
}

// pods says whether a block holds the address of a pod.
func (a podAddrs) pods(block flow.Addrs) estate.Truth {
	switch {
	case block.Holds(a.must):
		return estate.Yes
	case block.Overlaps(a.may):
		return estate.Maybe
	}
	return estate.No
}

// hosts says whether a block holds the address of a node.
func (a podAddrs) hosts(block flow.Addrs) estate.Truth { return addressing(flow.Addrs{}).pods(block) }

// selects says whether a policy is for a pod. It is never for one that uses
// its node's network (doc.go says why).
func (p *policy) selects(pod *Pod) estate.Truth {
	if pod.HostNetwork() {
		return estate.No
	}
	return p.subject.holds(&pod.labels)
}
