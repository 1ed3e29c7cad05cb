package traffic

import (
	"net/netip"
	"strings"

	"fathom/engine/webacl"
)

// target splits a request target into path, query and fragment, byte for byte. An
// absolute one gives the scheme too, and the authority.
func target(q *webacl.Request, s string) (authority string) {
	s, q.Fragment, _ = strings.Cut(s, "#")
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if low := strings.ToLower(scheme); low == "http" || low == "https" {
			q.Scheme = low
			end := strings.IndexAny(rest, "/?")
			if end < 0 {
				end = len(rest)
			}
			authority, s = rest[:end], rest[end:]
			if s == "" || s[0] == '?' {
				s = "/" + s
			}
			if at := strings.LastIndexByte(authority, '@'); at >= 0 {
				authority = authority[at+1:] // clients send it in Authorization
			}
		}
	}
	q.Path, q.Query, _ = strings.Cut(s, "?")
	return authority
}

// host puts the Host header first, as HTTP clients do, if there is none.
func host(q *webacl.Request, authority string) {
	if authority == "" {
		return
	}
	for i := range q.Headers {
		if strings.EqualFold(q.Headers[i].Name, "host") {
			return
		}
	}
	q.Headers = append([]webacl.Header{{Name: "Host", Value: authority}}, q.Headers...)
}

// version writes the version of HTTP as AWS WAF logs it.
func version(s string) string {
	switch strings.ToLower(s) {
	case "", "unknown":
		return ""
	case "h2", "2", "http/2", "2.0":
		return "HTTP/2.0"
	case "h3", "3", "http/3", "3.0":
		return "HTTP/3.0"
	case "1.0", "1.1":
		return "HTTP/" + s
	}
	return strings.ToUpper(s)
}

// tokenCookie says whether the headers carry a WAF token.
func tokenCookie(q *webacl.Request) bool {
	for i := range q.Headers {
		h := &q.Headers[i]
		if strings.EqualFold(h.Name, "x-aws-waf-token") || strings.EqualFold(h.Name, "cookie") && strings.Contains(h.Value, "aws-waf-token") {
			return true
		}
	}
	return false
}

func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Zone() == ""
}
