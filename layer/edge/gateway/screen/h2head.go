package screen

import (
	"net/http"
	"strings"

	"fathom/engine/webacl"
)

func (h *H2Conn) peer() Peer { return h.Peer }

// head is the head of a request of HTTP/2, from what the tap told. It takes the
// tap's header away.
func (h *H2Conn) head(r *http.Request) *Head {
	told := r.Header[orderKey]
	delete(r.Header, orderKey)
	if len(told) != 1 || !strings.HasPrefix(told[0], "o") {
		return h.refused(r, told)
	}
	if !token([]byte(r.Method)) || !targetOK(r.Method, r.RequestURI) {
		return nil
	}
	head := heads.Get().(*Head)
	head.Method, head.Target, head.Version, head.Host = r.Method, r.RequestURI, "HTTP/2.0", r.Host
	for rest := told[0][1:]; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest[1:], ":")
		if rest != "" {
			rest = ":" + rest
		}
		if v, ok := value(r, head.Fields, name); ok {
			head.Fields = append(head.Fields, webacl.Header{Name: name, Value: v})
		}
	}
	return head
}

// refused counts a head that the tap found wrong. The handler answers for it.
func (h *H2Conn) refused(_ *http.Request, told []string) *Head {
	v := &Violation{400, "h2-head", "the head of the request has headers that HTTP/2 does not have, or two hosts"}
	if len(told) == 1 && told[0] == "L" {
		v = longHead
	}
	h.options.refused(h.Peer, v)
	return nil
}

// value is the value of the next header of a name. net/http joins cookies, and
// takes away what it handles itself.
func value(r *http.Request, before []webacl.Header, name string) (string, bool) {
	n := 0
	for i := range before {
		if before[i].Name == name {
			n++
		}
	}
	if name == "host" {
		return r.Host, n == 0
	}
	values := r.Header[http.CanonicalHeaderKey(name)]
	if len(values) == 0 && name == "expect" && n == 0 {
		return "100-continue", true
	}
	if n >= len(values) {
		return "", false
	}
	return values[n], true
}

func targetOK(method, target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f || c == '#' {
			return false
		}
	}
	return strings.HasPrefix(target, "/") || target == "*" && method == "OPTIONS"
}
