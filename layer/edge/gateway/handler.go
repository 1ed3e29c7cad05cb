package gateway

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"fathom/engine/webacl"
	"fathom/layer/edge/gateway/proof"
	"fathom/layer/edge/gateway/screen"
	"fathom/layer/edge/gateway/token"
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.exchange.Get().(*exchange)
	x.begin(w, r)
	s.metrics.InFlight.Inc()
	defer func() {
		s.metrics.InFlight.Dec()
		p := recover()
		if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // it is that value
			s.log.Error("a request made the gateway panic", "id", x.id, "panic", p, "stack", string(debug.Stack()))
		}
		x.log(p != nil)
		x.end()
		if p != nil {
			panic(p) // net/http closes the connection
		}
	}()
	x.w.Header()["Server"] = nil
	if s.draining.Load() && r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
	x.serve()
}

// serve is the way of a request. Each step that answers ends it.
func (x *exchange) serve() {
	if x.head, x.peer = screen.Take(x.r); x.head == nil {
		x.refuse(http.StatusBadRequest, "head")
		return
	}
	x.look()
	if x.penalised() {
		return
	}
	if x.peer.TLS {
		x.hsts()
	}
	x.span = x.s.tracer.Start(x.r)
	if !x.pathOK() {
		return
	}
	if t := x.live.tokens; t != nil && x.request.Path == token.Path {
		t.ServeHTTP(x, x.r)
		return
	}
	if x.roomStatus() {
		return
	}
	if x.route = x.s.find(x.request.Method, x.head.Host, x.request.Path); x.route == nil {
		x.refuse(http.StatusNotFound, "no-route")
		return
	}
	if !x.secretOK() || !x.proofOK() {
		return
	}
	x.takeBody()
	if !x.judge() || !x.inside() {
		return
	}
	x.forward()
}

// look makes the request that the web ACL sees.
func (x *exchange) look() {
	q, r := &x.request, x.r
	q.ID, q.Method, q.Version, q.Time = x.id, x.head.Method, x.head.Version, x.start.UnixNano()
	q.Path, q.Query = split(x.head.Target)
	q.Headers = x.head.Fields
	q.Scheme = "http"
	if x.peer.TLS {
		q.Scheme = "https"
		if r.TLS == nil { // of HTTP/2 net/http does not know it
			r.TLS = overTLS
		}
	}
	q.Client = x.s.client(x.peer.Addr, q.Headers, &q.Scheme)
	if q.Client != x.peer.Addr { // packages that name clients by address see the one behind the proxy
		r.RemoteAddr = netip.AddrPortFrom(q.Client, 0).String()
	}
	if h, ok := x.peer.Hello.(*prints); ok {
		q.JA3, q.JA4 = h.ja3, h.ja4
	}
	if t := x.live.tokens; t != nil && x.live.needToken {
		q.Token = t.Read(r)
		x.vouch()
	}
}

// overTLS says no more than that a request came over TLS.
var overTLS = &tls.ConnectionState{HandshakeComplete: true}

// takeBody makes the body ready to be read, once somebody needs it.
func (x *exchange) takeBody() {
	if x.r.Body != nil && x.r.Body != http.NoBody {
		x.body = x.s.bodies.New(x.timedBody(), x.r.ContentLength)
		x.request.ReadBody = x.readBody
	}
}

// split takes a target apart: the path and the query as sent. Of an absolute
// target only what stands after the host, which screen compared with Host.
func split(target string) (path, query string) {
	if !strings.HasPrefix(target, "/") {
		if _, after, ok := strings.Cut(target, "://"); ok {
			i := strings.IndexAny(after, "/?")
			if i < 0 {
				return "/", ""
			}
			if target = after[i:]; target[0] == '?' {
				return "/", target[1:]
			}
		}
	}
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// pathOK refuses what servers behind a gateway read as another path than it does,
// where the routes of the gateway depend on it.
func (x *exchange) pathOK() bool {
	if !x.s.routesByPath || !climbs(x.request.Path) {
		return true
	}
	x.refuse(http.StatusBadRequest, "path")
	return false
}

// climbs says whether a path has a segment that is . or .., however it is
// written.
func climbs(path string) bool {
	if strings.IndexByte(path, '.') < 0 && strings.IndexByte(path, '%') < 0 && strings.IndexByte(path, '\\') < 0 {
		return false
	}
	plain := dots.Replace(path)
	for segment := range strings.SplitSeq(plain, "/") {
		if segment, _, _ = strings.Cut(segment, ";"); segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

var dots = strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "/", "%5C", "/", `\`, "/")

// client is the address of the client: that of the connection, or the last one
// in X-Forwarded-For that no trusted proxy has.
func (s *Server) client(peer netip.Addr, headers []webacl.Header, scheme *string) netip.Addr {
	if len(s.config.Trusted) == 0 || !s.trusted(peer) {
		return peer
	}
	client := peer
	for i := len(headers) - 1; i >= 0; i-- {
		h := headers[i]
		if strings.EqualFold(h.Name, "X-Forwarded-Proto") && (h.Value == "https" || h.Value == "http") {
			*scheme = h.Value
		}
		if !strings.EqualFold(h.Name, "X-Forwarded-For") || !s.trusted(client) {
			continue
		}
		parts := strings.Split(h.Value, ",")
		for j := len(parts) - 1; j >= 0 && s.trusted(client); j-- {
			a, err := netip.ParseAddr(strings.TrimSpace(parts[j]))
			if err != nil {
				return client // what stands before a bad address is not known
			}
			client = a.Unmap().WithZone("")
		}
	}
	return client
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.config.Trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// errBody is a body that could not be read.
func (x *exchange) bodyError(err error) {
	var tooLarge *http.MaxBytesError
	switch v := screen.ViolationOf(err); {
	case v != nil:
		x.refuse(or(v.Code, http.StatusBadRequest), v.Reason)
	case errors.Is(err, proof.ErrDigest):
		x.refuse(http.StatusBadRequest, string(proof.Digest))
	case isTooLarge(err) || errors.As(err, &tooLarge):
		x.refuse(http.StatusRequestEntityTooLarge, "body-length")
	case isFull(err):
		x.refuse(http.StatusServiceUnavailable, "body-room")
	case isTimeout(err):
		x.refuse(http.StatusRequestTimeout, "slow-body")
	default:
		x.refuse(http.StatusBadRequest, "body")
	}
}
