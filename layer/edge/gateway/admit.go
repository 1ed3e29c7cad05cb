package gateway

import (
	"net/http"
	"net/netip"
	"time"

	"fathom/engine/webacl"
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

// penalised refuses a client that went into the penalty box with its connection
// open, before its body is read.
func (x *exchange) penalised() bool {
	if x.s.box == nil || !x.s.box.Holds(x.peer.Addr) && !x.s.box.HoldsFingerprint(x.peer.Addr, ja4(x.peer)) {
		return false
	}
	x.why = "penalty-box"
	x.s.metrics.Refused.WithLabelValues(x.why).Inc()
	overload.Answer(x, true, overload.InBox)
	return true
}

// vouch keeps the address of a client with a valid token out of the penalty box,
// and its requests as dear as their routes.
func (x *exchange) vouch() {
	if x.request.Token.State != webacl.TokenValid || x.peer.Addr != x.request.Client {
		return
	}
	x.s.box.Vouch(x.peer.Addr, x.request.JA4)
	x.s.pace.Vouch(x.peer.Addr, vouched)
}

// vouched is how long a token keeps the pace of its address from counting.
const vouched = 10 * time.Minute

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
		overload.Answer(x, x.r.ProtoMajor == 1, err)
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
