package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"fathom/layer/edge/gateway/proof"
	"fathom/layer/edge/gateway/screen"
)

// forward sends the request to the route's origin.
func (x *exchange) forward() {
	r := x.r
	if kind := upgrade(r); kind != "" {
		if kind != "websocket" || !x.route.WebSocket || r.Method != http.MethodGet || x.body != nil {
			if kind == "websocket" {
				x.refuse(http.StatusNotImplemented, "upgrade")
				return
			}
			r.Header.Del("Upgrade") // h2c and the like: answered as if nobody had asked
		}
	}
	if x.body != nil && !x.s.config.Limits.StreamBodies {
		if err := x.body.Fill(); err != nil {
			x.bodyError(err)
			return
		}
	}
	if !x.admitted() {
		return
	}
	defer x.leave()
	if d := x.route.Timeout; d > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		r = r.WithContext(ctx)
	}
	x.out.Target = x.request.Path
	if _, _, asks := strings.Cut(x.head.Target, "?"); asks {
		x.out.Target += "?" + x.request.Query
	}
	x.out.Body = x.body
	x.forwarded = time.Now()
	x.route.pool.Forward(x, r, &x.out)
}

// upgrade is what a request wants its connection to become.
func upgrade(r *http.Request) string {
	v := r.Header.Get("Upgrade")
	if v == "" {
		return ""
	}
	return strings.ToLower(v)
}

// ours are headers that only the gateway sets, towards origins. What a client
// sends by these names, or by names that servers may take for them, is removed.
var ours = []string{"x-amzn-waf-", "x-forwarded-", "x-real-ip", "forwarded"}

// rewrite makes the headers that the origin sees.
func (x *exchange) rewrite(h http.Header) {
	secret := x.s.secretName
	for name := range h {
		if len(name) > 2 && (name[0]|0x20 == 'x' || name[0]|0x20 == 'f' || strings.IndexByte(name, '_') >= 0) || strings.EqualFold(name, secret) {
			if forged(name, secret) {
				delete(h, name)
			}
		}
	}
	for _, v := range x.verdict.Insert {
		if x.judged {
			h.Set(v.Name, v.Value)
		}
	}
	for _, v := range x.extra {
		h.Set(v.Name, v.Value)
	}
	q := &x.request
	h.Set("X-Forwarded-For", x.forwardedFor())
	h.Set("X-Forwarded-Proto", q.Scheme)
	h.Set("X-Forwarded-Host", x.head.Host)
	h.Set("X-Request-Id", x.id)
	if s := x.live.insert; s != "" {
		h.Set(secret, s)
	}
	x.span.Inject(h)
}

// forwardedFor is the chain of addresses: what trusted proxies said, and the
// connection's own.
func (x *exchange) forwardedFor() string {
	peer := x.peer.Addr.String()
	if len(x.s.config.Trusted) == 0 || !x.s.trusted(x.peer.Addr) {
		return peer
	}
	if before := strings.Join(x.r.Header.Values("X-Forwarded-For"), ", "); before != "" {
		return before + ", " + peer
	}
	return peer
}

func forged(name, secret string) bool {
	lower := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if lower == strings.ToLower(secret) {
		return true
	}
	for _, o := range ours {
		if strings.HasPrefix(lower, o) {
			return true
		}
	}
	return lower == "x-request-id"
}

// answered sees the origin's answer before the client.
func (x *exchange) answered(a *http.Response) error {
	x.route.labels.origin.Observe(time.Since(x.forwarded).Seconds())
	h := a.Header
	delete(h, "Server")
	delete(h, "X-Powered-By")
	if x.peer.TLS && x.s.hstsValue != nil {
		delete(h, "Strict-Transport-Security") // one, the gateway's, is in place
	}
	if x.s.draining.Load() && x.r.ProtoMajor == 1 {
		x.w.Header().Set("Connection", "close")
	}
	return x.inspectAnswer(a)
}

// failed answers where no origin does.
func (x *exchange) failed(_ http.ResponseWriter, r *http.Request, code int, err error) {
	switch {
	case screen.ViolationOf(err) != nil || isTooLarge(err) || errors.Is(err, proof.ErrDigest):
		x.bodyError(err)
	case x.r.Context().Err() != nil:
		x.why = "client-gone"
		x.status = 499 // as nginx logs it; nobody sees it
		panic(http.ErrAbortHandler)
	default:
		x.refuse(code, "origin-"+http.StatusText(code))
	}
}
