package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"fathom/layer/edge/gateway/spool"
)

// refuse answers what the gateway itself does not take, and says why in logs and
// metrics.
func (x *exchange) refuse(code int, why string) {
	x.why = why
	x.s.metrics.Refused.WithLabelValues(why).Inc()
	// Of HTTP/2 one stream ends, and those beside it go on.
	if x.r.ProtoMajor == 1 && (code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusRequestTimeout) {
		x.Header().Set("Connection", "close")
	}
	x.page(code)
}

// page is a plain answer: the status in words, and the id to ask about.
func (x *exchange) page(code int) {
	h := x.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", x.id)
	if bodiless(code) {
		x.WriteHeader(code)
		return
	}
	text := strconv.Itoa(code) + " " + http.StatusText(code) + "\n"
	kind := "text/plain; charset=utf-8"
	if x.r != nil && wantsHTML(x.r) {
		kind = "text/html; charset=utf-8"
		h.Set("Content-Security-Policy", "default-src 'none'")
		text = fmt.Sprintf("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%d %s</title>\n<h1>%d %s</h1>\n<p>Request %s</p>\n",
			code, http.StatusText(code), code, http.StatusText(code), x.id)
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.WriteHeader(code)
	if x.r == nil || x.r.Method != http.MethodHead {
		x.Write([]byte(text)) //nolint:errcheck // the client is gone then
	}
}

func wantsHTML(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (x *exchange) hsts() {
	if v := x.s.hstsValue; v != nil {
		x.Header()["Strict-Transport-Security"] = v
	}
}

// hstsOf is the header of the configuration (RFC 6797), nil where it is off.
func hstsOf(c HSTS) []string {
	if c.Off {
		return nil
	}
	v := "max-age=" + strconv.FormatInt(int64(c.MaxAge.Seconds()), 10)
	if c.Subdomains {
		v += "; includeSubDomains"
	}
	if c.Preload {
		v += "; preload"
	}
	return []string{v}
}

func isTooLarge(err error) bool { return errors.Is(err, spool.ErrTooLarge) }
func isFull(err error) bool     { return errors.Is(err, spool.ErrFull) }

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
