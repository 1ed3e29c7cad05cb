package vpc

import (
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
	"fathom/estate"
)

var protocols = map[string]flow.Protocol{
	"all": flow.AnyProtocol, "-1": flow.AnyProtocol, "tcp": flow.TCP, "udp": flow.UDP,
	"icmp": flow.ICMP, "icmpv6": flow.ICMPv6, "icmp6": flow.ICMPv6, "sctp": flow.SCTP,
}

// protocolOf reads a protocol as AWS writes it: a name or an IANA number.
func protocolOf(text string) (flow.Protocol, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if p, ok := protocols[text]; ok {
		return p, true
	}
	n, err := strconv.Atoi(text)
	return flow.Protocol(n), err == nil && n >= 0 && n <= 255
}

// connsOf returns the connections that a rule's protocol and ports name: those
// it surely names, those it may, and why they differ. from and to are the ICMP
// type and code for ICMP; -1 stands for all of them.
//
// Only TCP, UDP and ICMP have ports or types in rules: for every other protocol
// AWS admits all of it (EC2 API, IpPermission and NetworkAclEntry).
func connsOf(protocol estate.Str, from, to estate.Int) (sure, may flow.Conns, why string) {
	text, ok := protocol.Known()
	if !ok {
		return flow.Conns{}, flow.AllConns(), or(protocol.Why(), "its protocol is not written")
	}
	p, ok := protocolOf(text)
	if !ok {
		return flow.Conns{}, flow.AllConns(), strconv.Quote(text) + " is no protocol that Fathom knows"
	}
	switch p {
	case flow.TCP, flow.UDP:
	case flow.ICMP, flow.ICMPv6:
		from, to = from.Default(-1), to.Default(-1)
	default:
		all := flow.Ports(p, 0, 65535)
		return all, all, ""
	}
	f, ok1 := from.Known()
	t, ok2 := to.Known()
	if !ok1 || !ok2 {
		return flow.Conns{}, flow.Ports(p, 0, 65535), or(from.Why(), to.Why(), "its ports are not written")
	}
	all := portsOf(p, f, t)
	return all, all, ""
}

func portsOf(p flow.Protocol, from, to int) flow.Conns {
	switch {
	case (p == flow.ICMP || p == flow.ICMPv6) && from >= 0 && to >= 0:
		return flow.Ports(p, from<<8|to, from<<8|to)
	case (p == flow.ICMP || p == flow.ICMPv6) && from >= 0:
		return flow.Ports(p, from<<8, from<<8|255)
	case p == flow.ICMP || p == flow.ICMPv6, from < 0 && to < 0:
		return flow.Ports(p, 0, 65535)
	}
	return flow.Ports(p, from, to)
}

// The ports from which clients begin connections, and to which replies go back
// (VPC User Guide, "Ephemeral ports").
const ephemeralFrom, ephemeralTo = 1024, 65535

// replies turns what a stateless filter admits into the connections whose
// replies it admits: to the client's ephemeral port for TCP and UDP, an echo
// reply for an echo request. Other ICMP messages need no reply. What it admits
// of the ephemeral ports only in part is a perhaps: which port a client takes
// is not known.
func replies(sure, may flow.Conns) (flow.Conns, flow.Conns) {
	if sure.All() {
		return sure, may
	}
	var s, m flow.Conns
	for p := flow.Protocol(0); p <= 255; p++ {
		whole, need := flow.Ports(p, 0, 65535), flow.Ports(p, 0, 65535)
		switch p {
		case flow.TCP, flow.UDP, flow.SCTP:
			need = flow.Ports(p, ephemeralFrom, ephemeralTo)
		case flow.ICMP:
			whole, need = echo(&s, &m, p, 8, 0)
		case flow.ICMPv6:
			whole, need = echo(&s, &m, p, 128, 129)
		}
		if need.Minus(sure).Empty() {
			s = s.Union(whole)
		}
		if !need.Intersect(may).Empty() {
			m = m.Union(whole)
		}
	}
	return s, m
}

// echo adds the messages that need no reply, and returns the requests with the
// reply that they need.
func echo(sure, may *flow.Conns, p flow.Protocol, request, reply int) (whole, need flow.Conns) {
	whole = flow.Ports(p, request<<8, request<<8|255)
	rest := flow.Ports(p, 0, 65535).Minus(whole)
	*sure, *may = sure.Union(rest), may.Union(rest)
	return whole, flow.Ports(p, reply<<8, reply<<8)
}

// or returns the first text that is not empty.
func or(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
