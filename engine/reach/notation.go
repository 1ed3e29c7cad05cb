package reach

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"fathom/engine/reach/flow"
)

// What somebody wrote who meant an address or a range, and not a name.
var (
	like4    = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)+(?:/.*|-[0-9.]+)?$`)
	like6    = regexp.MustCompile(`^[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:[/%].*|-[0-9A-Fa-f:.]+)?$`)
	likePort = regexp.MustCompile(`^(?i:tcp|udp|sctp|icmp|icmpv6)(?:/|$)`)
)

// malformed says what is wrong with a name that nothing has and that was meant
// to be an address, a range or a port; nil for any other.
func malformed(name string) error {
	four := like4.MatchString(name)
	switch {
	case likePort.MatchString(name):
		return fmt.Errorf("%q is no place but a port; write it after a place and a colon, such as store/orders:tcp/5432", name)
	case !four && !like6.MatchString(name):
		return nil
	}
	write := "write an address such as 2001:db8::1, a range such as 2001:db8::/32, or [2001:db8::1]:443 with a port"
	if four {
		write = "write an address such as 10.0.0.7 or a range such as 10.0.0.0/8"
	}
	text, bits, ranged := strings.Cut(name, "/")
	a, err := netip.ParseAddr(text)
	switch {
	case err == nil && a.Zone() != "":
		return fmt.Errorf("%q is not an address: a zone means something on one machine alone; %s", name, write)
	case err == nil && ranged:
		return fmt.Errorf("%q is not a range: the length of its prefix is %q, and that of an IPv%d range is a number from 0 to %d; %s", name, bits, version(a), a.BitLen(), write)
	case strings.Contains(text, "-"):
		return fmt.Errorf("%q is not a range: it is written from one address to another; %s", name, write)
	case four:
		return fmt.Errorf("%q is not an address: IPv4 has four numbers from 0 to 255, without leading zeros; %s", name, write)
	}
	return fmt.Errorf("%q is not an address: IPv6 has eight groups of up to four hexadecimal digits, with :: once at most for groups of zeros; %s", name, write)
}

func version(a netip.Addr) int {
	if a.Is4() {
		return 4
	}
	return 6
}

// ParsePort reads a port of a question: 5432, tcp/5432, udp/53, sctp/3868. It
// returns false, and no error, for what may be the name of a port: names of
// ports have a letter and no slash (RFC 6335, section 5.1).
func ParsePort(text string) (flow.Conn, bool, error) {
	word, number, slash := strings.Cut(text, "/")
	if !slash {
		word, number = "tcp", text
		if strings.Trim(text, "0123456789") != "" {
			return flow.Conn{}, false, nil
		}
	}
	const write = "write 5432, tcp/5432 or udp/53"
	protocol := map[string]flow.Protocol{"tcp": flow.TCP, "udp": flow.UDP, "sctp": flow.SCTP}[word]
	if protocol == 0 {
		return flow.Conn{}, false, fmt.Errorf("%q is not a port: %q is none of tcp, udp and sctp; %s", text, word, write)
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 65535 || strings.Trim(number, "0123456789") != "" {
		return flow.Conn{}, false, fmt.Errorf("%q is not a port: %q is not a number from 1 to 65535; %s", text, number, write)
	}
	return flow.Conn{Protocol: protocol, Port: n}, true, nil
}
