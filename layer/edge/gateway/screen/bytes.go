package screen

import (
	"bytes"
	"net/netip"
)

// tokens are the characters of methods and names of headers (RFC 9110, 5.6.2).
var tokens = func() (t [256]bool) {
	for c := range t {
		t[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

func isToken(c byte) bool { return tokens[c] }

func token(b []byte) bool {
	for _, c := range b {
		if !tokens[c] {
			return false
		}
	}
	return len(b) > 0
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// printable says whether a value has no control characters but tabs. Bytes from
// 0x80 are opaque to HTTP and pass (RFC 9110, 5.5).
func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// is compares with a name in lower case.
func is(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// framing says whether a name with underscores is one of those that must not be
// taken for another: many servers behind a gateway read _ as -.
func framing(name []byte) bool {
	dashed := bytes.ReplaceAll(name, []byte("_"), []byte("-"))
	return is(dashed, "content-length") || is(dashed, "transfer-encoding") || is(dashed, "host")
}

// hostOK says whether a value is a host, and perhaps a port: a name, IPv4 or
// [IPv6]. An empty one is none (RFC 9110, 4.2.1): where it says nothing the server
// behind would get another one than the web ACL saw.
func hostOK(b []byte) bool {
	if len(b) > 255 {
		return false
	}
	var port []byte
	if len(b) > 0 && b[0] == '[' {
		i := bytes.IndexByte(b, ']')
		if i < 0 {
			return false
		}
		if a, err := netip.ParseAddr(string(b[1:i])); err != nil || !a.Is6() || a.Zone() != "" {
			return false
		}
		port = b[i+1:]
	} else {
		i := 0
		for i < len(b) && hostByte(b[i]) {
			i++
		}
		if i == 0 {
			return false
		}
		port = b[i:]
	}
	if len(port) == 0 {
		return true
	}
	if port[0] != ':' || len(port) > 6 {
		return false
	}
	for _, c := range port[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func hostByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
}

// decimal reads a Content-Length: digits only, at most 18.
func decimal(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
