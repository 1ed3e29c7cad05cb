package gateway

import (
	"net/http"
	"net/netip"

	"fathom/layer/edge/gateway/overload"
	"fathom/layer/edge/gateway/screen"
)

// admit says before anything is read whether a client may connect.
func (s *Server) admit(a netip.Addr) bool { return s.box == nil || !s.box.Holds(a) }

// refused is told of what never becomes a request.
func (s *Server) refused(p screen.Peer, v *screen.Violation) {
	s.metrics.Refused.WithLabelValues(v.Reason).Inc()
	if s.box != nil && v.Reason != "not-admitted" {
		s.box.Refused(p.Addr, ja4(p), 1)
	}
	s.log.Debug("refused", "client", p.Addr, "reason", v.Reason)
}

func ja4(p screen.Peer) string {
	if h, ok := p.Hello.(*prints); ok {
		return h.ja4
	}
	return ""
}

// blame counts a request that the web ACL or a rule of the gateway blocked
// against its sender. Behind a trusted proxy the connection is not the client's.
func (x *exchange) blame() {
	if x.s.box != nil && x.peer.Addr == x.request.Client {
		x.s.box.Refused(x.peer.Addr, x.request.JA4, 1)
	}
}

// admitted asks for one of the places before the origin.
func (x *exchange) admitted() bool {
	if x.route.limit == nil {
		return true
	}
	class := x.s.pace.Class(x.request.Client, x.route.class)
	permit, err := x.route.limit.Acquire(x.r.Context(), class)
	if err != nil {
		x.why = "overload"
		x.s.metrics.Refused.WithLabelValues(x.why).Inc()
		overload.Answer(x, err)
		return false
	}
	x.permit = permit
	return true
}

// leave gives the place back, and tells how the origin did.
func (x *exchange) leave() {
	outcome := overload.Success
	switch {
	case x.out.Err != nil && x.r.Context().Err() != nil:
		outcome = overload.Abandoned
	case x.out.Err != nil, x.status == http.StatusTooManyRequests, x.status >= 502 && x.status <= 504:
		outcome = overload.Overloaded
	case x.status >= 500 || x.status == 0:
		outcome = overload.Failed
	}
	x.permit.Release(outcome)
}
