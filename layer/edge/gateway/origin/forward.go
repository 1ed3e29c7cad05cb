package origin

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"os"
	"sync"
	"sync/atomic"

	"fathom/layer/edge/gateway/spool"
)

// Outgoing is what a request becomes on its way to a server, and what became of
// it.
type Outgoing struct {
	// Target is the target of the request as it arrived, to be sent unchanged: the
	// server sees what the web ACL saw.
	Target string
	// Body is nil where there is none.
	Body *spool.Body
	// Headers changes the headers of the outgoing request.
	Headers func(http.Header)
	// Answer, if set, sees each answer before the client does. An error is answered
	// in its place.
	Answer func(*http.Response) error
	// Fail answers where no server does. It is required.
	Fail func(w http.ResponseWriter, r *http.Request, code int, err error)

	// Server is the one that answered or failed, Attempts how many were asked.
	Server   string
	Attempts int
	// Err is why no server answered.
	Err error
}

type outgoingKey struct{}

func outgoing(r *http.Request) *Outgoing {
	o, _ := r.Context().Value(outgoingKey{}).(*Outgoing)
	return o
}

// Forward sends a request to a server and its answer to the client.
func (p *Pool) Forward(w http.ResponseWriter, r *http.Request, o *Outgoing) {
	p.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), outgoingKey{}, o)))
}

// rewrite makes the outgoing request. The server is chosen later, for each
// attempt.
func rewrite(r *httputil.ProxyRequest) {
	o := outgoing(r.In)
	out := r.Out
	out.URL.Scheme, out.URL.Host = "http", "server"
	path, query, asks := cutQuery(o.Target)
	// An opaque path goes out byte by byte. One that begins with two slashes would
	// be taken for a host, and is written by net/url.
	if len(path) < 2 || path[1] != '/' {
		out.URL.Opaque = path
	}
	out.URL.RawQuery, out.URL.ForceQuery = query, asks && query == ""
	if o.Body == nil {
		out.Body, out.ContentLength = http.NoBody, 0
	}
	// The gateway has taken the body, so that nothing is to be waited for, and the
	// client has had its 100.
	out.Header.Del("Expect")
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // net/http would add its own
	}
	if o.Headers != nil {
		o.Headers(out.Header)
	}
}

func cutQuery(target string) (path, query string, asks bool) {
	for i := range len(target) {
		if target[i] == '?' {
			return target[:i], target[i+1:], true
		}
	}
	return target, "", false
}

// modify sees an answer on its way back.
func modify(a *http.Response) error {
	if o := outgoing(a.Request); o.Answer != nil {
		return o.Answer(a)
	}
	return nil
}

// failed answers in the place of the servers.
func failed(w http.ResponseWriter, r *http.Request, err error) {
	o := outgoing(r)
	o.Err = err
	code := http.StatusBadGateway
	var timeout net.Error
	switch {
	case errors.Is(err, spool.ErrTooLarge):
		code = http.StatusRequestEntityTooLarge
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		code = http.StatusGatewayTimeout
	}
	o.Fail(w, r, code, err)
}

// tripper sends a request to one server after another.
type tripper Pool

// idempotent are the methods that may be sent twice (RFC 9110, 9.2.2).
var idempotent = map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true, "PUT": true, "DELETE": true}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	p := (*Pool)(t)
	o := outgoing(r)
	var last *Server
	for {
		s := p.pick(last)
		last = s
		o.Server, o.Attempts = s.name, o.Attempts+1
		answer, connected, err := p.send(r, o, s)
		bad := err != nil || answer.StatusCode >= 502 && answer.StatusCode <= 504
		if r.Context().Err() == nil {
			p.done(s, bad)
		}
		if err == nil {
			if p.options.Served != nil && !bad {
				p.options.Served()
			}
			return answer, nil
		}
		if !p.again(r, o, connected) {
			return nil, err
		}
	}
}

// again says whether a request that failed is sent once more.
func (p *Pool) again(r *http.Request, o *Outgoing, connected bool) bool {
	switch {
	case o.Attempts > p.config.Retries || r.Context().Err() != nil:
		return false
	case connected && !idempotent[r.Method]:
		return false // a server may have done what was asked
	case o.Body != nil && !o.Body.Whole():
		return false // what was sent of it is gone
	}
	return p.options.Retry == nil || p.options.Retry()
}

// send sends a request to one server. connected says whether a connection was
// there, so that the server may have seen some of it.
func (p *Pool) send(r *http.Request, o *Outgoing, s *Server) (answer *http.Response, connected bool, err error) {
	var got atomic.Bool
	ctx := r.Context()
	if p.config.Retries > 0 && !idempotent[r.Method] {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }})
	}
	out := r.WithContext(ctx)
	target := *r.URL
	target.Scheme, target.Host = s.url.Scheme, s.url.Host
	out.URL = &target
	if p.config.Host != "" {
		out.Host = p.config.Host
	}
	if o.Body != nil {
		// Without GetBody, and with a body of its own type, net/http itself never
		// sends it twice, whatever Idempotency-Key the client sends.
		out.Body, out.ContentLength = o.Body.Reader(), o.Body.Declared()
		if o.Body.Whole() {
			out.ContentLength, out.TransferEncoding = o.Body.Size(), nil
		}
	} else if !idempotent[r.Method] && (out.Header["Idempotency-Key"] != nil || out.Header["X-Idempotency-Key"] != nil) {
		// These keys let net/http send a request without a body again. It is sent in
		// chunks then, of which there are none; others have Content-Length: 0.
		out.Body, out.ContentLength = io.NopCloser(nothing{}), 0
	}
	out.GetBody = nil
	s.busy.Add(1)
	defer s.busy.Add(-1)
	answer, err = p.transport.RoundTrip(out)
	return answer, got.Load(), err
}

// nothing is an empty body that net/http does not know to be empty.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// buffers are those that answers are copied through.
type buffers struct{}

var copies = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

func (buffers) Get() []byte  { return *copies.Get().(*[]byte) }
func (buffers) Put(b []byte) { copies.Put(&b) }

// silent takes what the library logs; what matters comes back as an error.
var silent = log.New(io.Discard, "", 0)
