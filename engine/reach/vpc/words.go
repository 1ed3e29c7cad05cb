package vpc

import (
	"strings"

	"fathom/engine/reach/flow"
)

// connText is one connection in words: "TCP 443", "ICMP type 8".
func connText(c flow.Conn) string {
	if c.Protocol == flow.ICMP || c.Protocol == flow.ICMPv6 {
		return connsText(flow.Ports(c.Protocol, c.Port, c.Port))
	}
	return c.String()
}

// connsText is a set of connections in words, with ICMP by type and code.
func connsText(s flow.Conns) string {
	ranges := s.Ranges()
	if s.All() || len(ranges) > 8 {
		return s.String()
	}
	var parts []string
	for _, r := range ranges {
		parts = append(parts, rangeText(r))
	}
	return strings.Join(parts, ", ")
}

func rangeText(r flow.Range) string {
	whole := r.From == 0 && r.To == 65535
	if r.Protocol != flow.ICMP && r.Protocol != flow.ICMPv6 || whole {
		return flow.Ports(r.Protocol, r.From, r.To).String()
	}
	text := r.Protocol.String() + " type " + itoa(r.From>>8)
	switch {
	case r.From&255 == 0 && r.To&255 == 255 && r.From>>8 == r.To>>8:
		return text
	case r.From == r.To:
		return text + " code " + itoa(r.From&255)
	}
	return text + " code " + itoa(r.From&255) + " to type " + itoa(r.To>>8) + " code " + itoa(r.To&255)
}
