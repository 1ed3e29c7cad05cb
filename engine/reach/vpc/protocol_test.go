package vpc

import (
	"testing"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Network ACLs, "Ephemeral ports": what has to come back for a connection.
func TestReplies(t *testing.T) {
	icmp := func(typ, code int) flow.Conns { return flow.Ports(flow.ICMP, typ<<8|code, typ<<8|code) }
	for _, c := range []struct {
		name     string
		admitted flow.Conns
		conn     flow.Conn
		want     estate.Truth
	}{
		{"all ephemeral ports", flow.Ports(flow.TCP, 1024, 65535), tcp(22), estate.Yes},
		{"some", flow.Ports(flow.TCP, 49152, 65535), tcp(22), estate.Maybe},
		{"none", flow.Ports(flow.TCP, 0, 1023), tcp(22), estate.No},
		{"of another protocol", flow.Ports(flow.UDP, 1024, 65535), tcp(22), estate.No},
		{"an echo reply", icmp(0, 0), flow.Conn{Protocol: flow.ICMP, Port: 8 << 8}, estate.Yes},
		{"no echo reply", icmp(8, 0), flow.Conn{Protocol: flow.ICMP, Port: 8 << 8}, estate.No},
		{"a message without reply", flow.Conns{}, flow.Conn{Protocol: flow.ICMP, Port: 3 << 8}, estate.Yes},
		{"an echo reply of IPv6", flow.Ports(flow.ICMPv6, 129<<8, 129<<8|255), flow.Conn{Protocol: flow.ICMPv6, Port: 128 << 8}, estate.Yes},
		{"a protocol without ports", flow.Ports(47, 0, 65535), flow.Conn{Protocol: 47}, estate.Yes},
		{"everything", flow.AllConns(), flow.Conn{Protocol: 132, Port: 9}, estate.Yes},
	} {
		if got := has2(replies(c.admitted, c.admitted)).of(c.conn); got != c.want {
			t.Errorf("%s: the replies of %s are %s, want %s", c.name, c.conn, word3(got), word3(c.want))
		}
	}
}

type answer struct{ yes, may flow.Conns }

func has2(yes, may flow.Conns) answer        { return answer{yes, may} }
func (a answer) of(c flow.Conn) estate.Truth { return has(a.yes, a.may, c) }

func TestConnectionsInWords(t *testing.T) {
	for want, c := range map[string]flow.Conns{
		"ICMP type 8":        flow.Ports(flow.ICMP, 8<<8, 8<<8|255),
		"ICMP type 3 code 4": flow.Ports(flow.ICMP, 3<<8|4, 3<<8|4),
		"TCP 443, UDP":       flow.Ports(flow.TCP, 443, 443).Union(flow.Ports(flow.UDP, 0, 65535)),
		"ICMP":               flow.Ports(flow.ICMP, 0, 65535),
		"all traffic":        flow.AllConns(),
	} {
		if got := connsText(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Whatever stands in a rule, it is read without panic, it surely names no more
// than it may, and it says why where the two differ.
func FuzzConnsOf(f *testing.F) {
	for _, p := range []string{"tcp", "-1", "all", "icmp", "58", "6", "256", "-7", "", "TCP ", "1e9"} {
		f.Add(p, 0, 65535)
		f.Add(p, -1, -1)
		f.Add(p, 443, 80)
	}
	f.Fuzz(func(t *testing.T, protocol string, from, to int) {
		at := diag.At("x.tf", 1, 1)
		sure, may, why := connsOf(estate.Known(protocol, at), estate.Known(from, at), estate.Known(to, at))
		if !sure.Minus(may).Empty() {
			t.Errorf("it surely names %s and may name %s", sure, may)
		}
		if (why == "") != sure.Equal(may) {
			t.Errorf("%q for %s and %s", why, sure, may)
		}
	})
}
