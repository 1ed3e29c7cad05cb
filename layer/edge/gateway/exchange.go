package gateway

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"strconv"
	"time"

	"fathom/engine/webacl"
	"fathom/engine/webacl/crs"
	"fathom/layer/edge/gateway/origin"
	"fathom/layer/edge/gateway/overload"
	"fathom/layer/edge/gateway/screen"
	"fathom/layer/edge/gateway/spool"
	"fathom/layer/edge/gateway/telemetry"
)

// exchange is a request and its answer on their way. It is used again.
type exchange struct {
	s       *Server
	live    *live
	start   time.Time
	id      string
	head    *screen.Head
	peer    screen.Peer
	route   *route
	r       *http.Request
	body    *spool.Body
	request webacl.Request
	verdict webacl.Verdict
	judged  bool
	extra   []webacl.Header // for the origin, of the gateway itself
	span    telemetry.Span
	crs     crsState
	permit  overload.Permit

	// The answer. hijacked is a connection that became something else.
	w        http.ResponseWriter
	status   int
	written  int64
	hijacked bool
	stall    stall
	// why is what the gateway itself refused the request for.
	why string
	// who is the key that signed the request.
	who string

	out       origin.Outgoing
	forwarded time.Time // to the origin
	readBody  func() ([]byte, bool, error)
}

func (s *Server) newExchange() *exchange {
	x := &exchange{s: s}
	x.readBody = x.read
	x.out.Headers, x.out.Answer, x.out.Fail = x.rewrite, x.answered, x.failed
	return x
}

// newPrefix begins the ids of a gateway's requests: a number follows.
func newPrefix() string {
	var b [8]byte
	rand.Read(b[:]) //nolint:errcheck // crypto/rand does not fail
	return hex.EncodeToString(b[:]) + "-"
}

func (x *exchange) begin(w http.ResponseWriter, r *http.Request) {
	x.w, x.r, x.start, x.live = w, r, time.Now(), x.s.live.Load()
	x.id = x.s.prefix + strconv.FormatUint(x.s.number.Add(1), 36)
	x.status, x.written, x.hijacked, x.judged, x.why = 0, 0, false, false, ""
	x.who = ""
	x.route, x.body, x.extra = nil, nil, x.extra[:0]
	x.crs.asked, x.crs.result = false, crs.Result{}
	x.out.Target, x.out.Body, x.out.Server, x.out.Attempts, x.out.Err = "", nil, "", 0, nil
	x.request = webacl.Request{}
}

func (x *exchange) end() {
	x.lastWrite()
	if x.body != nil {
		x.body.Close()
	}
	if x.head != nil {
		x.head.Release()
	}
	x.head, x.body, x.r, x.w, x.live, x.out.Body = nil, nil, nil, nil, nil, nil
	x.request = webacl.Request{}
	x.s.exchange.Put(x)
}

// Header is of the answer.
func (x *exchange) Header() http.Header { return x.w.Header() }

// WriteHeader notes the status.
func (x *exchange) WriteHeader(code int) {
	if code >= 200 && x.status == 0 {
		x.status = code
	}
	if code == http.StatusSwitchingProtocols {
		x.status = code
	}
	x.w.WriteHeader(code)
}

// Write counts what is written.
func (x *exchange) Write(p []byte) (n int, err error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	x.write(len(p), func() { n, err = x.w.Write(p) })
	x.written += int64(n)
	return n, err
}

// Flush sends what is written so far.
func (x *exchange) Flush() {
	x.write(0, func() { http.NewResponseController(x.w).Flush() }) //nolint:errcheck // a server of HTTP can flush
}

// Hijack takes the connection over. From then on nothing is checked.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	screen.PassThrough(x.r)
	x.hijacked = true
	return http.NewResponseController(x.w).Hijack()
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

// inspected is the most of a body that a web ACL sees (fact sheet §4).
const inspected = 64 << 10

// read gives the web ACL the body, as much as it can inspect.
func (x *exchange) read() ([]byte, bool, error) {
	if x.body == nil {
		return nil, false, nil
	}
	return x.body.Prefix(inspected)
}
