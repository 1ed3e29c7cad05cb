package flow

import (
	"slices"
	"strconv"
	"strings"
)

// Protocol is an IP protocol by its IANA number; AnyProtocol is all of them.
type Protocol int16

// The protocols with names.
const (
	AnyProtocol Protocol = -1
	ICMP        Protocol = 1
	TCP         Protocol = 6
	UDP         Protocol = 17
	ICMPv6      Protocol = 58
	SCTP        Protocol = 132
)

var protocolNames = map[Protocol]string{AnyProtocol: "all protocols", ICMP: "ICMP", TCP: "TCP", UDP: "UDP", ICMPv6: "ICMPv6", SCTP: "SCTP"}

// String is the protocol's name, or "protocol 47".
func (p Protocol) String() string {
	if name, ok := protocolNames[p]; ok {
		return name
	}
	return "protocol " + strconv.Itoa(int(p))
}

// Conn is one connection: a protocol and a destination port (for ICMP type*256
// + code). Port is ignored for protocols without ports.
type Conn struct {
	Protocol Protocol
	Port     int
}

// String is "TCP 5432".
func (c Conn) String() string {
	return Conns{ranges: []span{{point(c.Protocol, c.Port), point(c.Protocol, c.Port)}}}.String()
}

// Conns is a set of connections. Its zero value is empty. Methods return new
// sets and change none.
//
// Protocol and port make one number of 24 bits, so that a set is a list of
// ranges, ascending and apart, and "everything" is one range.
type Conns struct{ ranges []span }

type span struct{ from, to uint32 }

const last = 256<<16 - 1

func point(p Protocol, port int) uint32 { return uint32(p)<<16 | uint32(port) }

// AllConns is every connection.
func AllConns() Conns { return Conns{[]span{{0, last}}} }

// Ports makes the set of one protocol's ports from..to, both included. Ports
// outside 0..65535 are cut off. AnyProtocol gives every connection: AWS and
// Kubernetes know no ports of all protocols.
func Ports(p Protocol, from, to int) Conns {
	from, to = max(from, 0), min(to, 65535)
	switch {
	case p == AnyProtocol:
		return AllConns()
	case from > to, p < 0, p > 255:
		return Conns{}
	}
	return Conns{[]span{{point(p, from), point(p, to)}}}
}

// Empty reports whether there is no connection in the set.
func (c Conns) Empty() bool { return len(c.ranges) == 0 }

// All reports whether every connection is in the set.
func (c Conns) All() bool { return len(c.ranges) == 1 && c.ranges[0] == span{0, last} }

// Has reports whether a connection is in the set.
func (c Conns) Has(x Conn) bool {
	if x.Protocol == AnyProtocol {
		return c.All()
	}
	at := point(x.Protocol, x.Port)
	_, found := slices.BinarySearchFunc(c.ranges, at, func(s span, at uint32) int {
		switch {
		case s.to < at:
			return -1
		case s.from > at:
			return 1
		}
		return 0
	})
	return found
}

// Equal reports whether both sets hold the same.
func (c Conns) Equal(d Conns) bool { return slices.Equal(c.ranges, d.ranges) }

// Union is what is in either.
func (c Conns) Union(d Conns) Conns {
	if c.Empty() || d.All() {
		return d
	}
	if d.Empty() || c.All() {
		return c
	}
	all := make([]span, 0, len(c.ranges)+len(d.ranges))
	i, j := 0, 0
	for i < len(c.ranges) || j < len(d.ranges) {
		var next span
		if j == len(d.ranges) || i < len(c.ranges) && c.ranges[i].from <= d.ranges[j].from {
			next, i = c.ranges[i], i+1
		} else {
			next, j = d.ranges[j], j+1
		}
		if n := len(all); n > 0 && next.from <= all[n-1].to+1 {
			all[n-1].to = max(all[n-1].to, next.to)
		} else {
			all = append(all, next)
		}
	}
	return Conns{all}
}

// Intersect is what is in both.
func (c Conns) Intersect(d Conns) Conns {
	if c.All() || d.Empty() {
		return d
	}
	if d.All() || c.Empty() {
		return c
	}
	var out []span
	for i, j := 0, 0; i < len(c.ranges) && j < len(d.ranges); {
		a, b := c.ranges[i], d.ranges[j]
		if s := (span{max(a.from, b.from), min(a.to, b.to)}); s.from <= s.to {
			out = append(out, s)
		}
		if a.to < b.to {
			i++
		} else {
			j++
		}
	}
	return Conns{out}
}

// Minus is what is in c and not in d.
func (c Conns) Minus(d Conns) Conns { return c.Intersect(d.complement()) }

func (c Conns) complement() Conns {
	var out []span
	next := uint32(0)
	for _, s := range c.ranges {
		if s.from > next {
			out = append(out, span{next, s.from - 1})
		}
		next = s.to + 1
	}
	if next <= last {
		out = append(out, span{next, last})
	}
	return Conns{out}
}

// Range is a protocol's ports from..to, both included.
type Range struct {
	Protocol Protocol
	From, To int
}

// Ranges lists the set by protocol and port. A stretch that spans protocols is
// one range for each of those with names, and of AnyProtocol when it is all.
func (c Conns) Ranges() []Range {
	if c.All() {
		return []Range{{AnyProtocol, 0, 65535}}
	}
	var out []Range
	for _, s := range c.ranges {
		for p := s.from >> 16; p <= s.to>>16; p++ {
			r := Range{Protocol(p), 0, 65535}
			if p == s.from>>16 {
				r.From = int(s.from & 0xffff)
			}
			if p == s.to>>16 {
				r.To = int(s.to & 0xffff)
			}
			out = append(out, r)
		}
	}
	return out
}

// String shows the set as a person would write it: "TCP 80, TCP 8000-8080",
// "UDP", "all traffic", "all traffic but TCP 25", "nothing".
func (c Conns) String() string {
	switch {
	case c.Empty():
		return "nothing"
	case c.All():
		return "all traffic"
	}
	if rest := c.complement(); len(c.ranges) > 1 && len(c.Ranges()) > 200 {
		return "all traffic but " + rest.String()
	}
	var parts []string
	for _, r := range c.Ranges() {
		part := r.Protocol.String()
		switch {
		case r.From == 0 && r.To == 65535:
		case r.From == r.To:
			part += " " + strconv.Itoa(r.From)
		default:
			part += " " + strconv.Itoa(r.From) + "-" + strconv.Itoa(r.To)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
