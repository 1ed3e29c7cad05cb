package mesh

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// Protocol is what is spoken on a port, as Istio sees it.
type Protocol string

// The protocols. Detect, the zero Protocol, is what the Services that lead to
// the port declare (port name or appProtocol), and where they declare nothing
// what the caller sends, which may be HTTP or not.
const (
	Detect Protocol = ""
	HTTP   Protocol = "HTTP" // HTTP/1.1, HTTP/2 and gRPC in plaintext to the proxy
	TCP    Protocol = "TCP"  // all others, TLS of the application's own included
)

// Caller is who sends requests.
type Caller struct {
	// Workload is a workload of the estate, or nil for a caller outside the
	// cluster, which has no identity and speaks plaintext.
	Workload *estate.Workload
	// Addrs are the addresses its packets come from, where they are known.
	Addrs flow.Addrs
}

// Transport is how a request gets to the workload.
type Transport string

// The transports.
const (
	// Mutual is mutual TLS between two proxies: the caller has a principal.
	Mutual Transport = "mutual TLS"
	// Plain is anything else that a proxy takes: the caller has no principal.
	Plain Transport = "plaintext"
	// Around is a workload, or a port of it, that no proxy guards: the mesh
	// decides nothing.
	Around Transport = "no proxy"
)

// Verdict is what the mesh says of a caller's requests.
type Verdict struct {
	// Admits is Yes when some request is surely let in, No when every one is
	// refused.
	Admits estate.Truth
	// Every says that all requests are surely let in.
	Every bool
	// What says which requests are let in, or may be: "every request",
	// "GET /products/*, and /healthz", "every request, but not DELETE *", "no
	// request". A request is its method and its path; * is any.
	What string
	// Witness is a request that is surely let in, where Admits is Yes; empty for
	// bytes that are not HTTP, and where no proxy is.
	Witness Request
	// Transport is how the requests come, and Principal who the caller is to
	// the workload; "" without mutual TLS.
	Transport Transport
	Principal string
	// Requires says whether the workload takes mutual TLS alone on that port.
	Requires estate.Truth
	// Bypass says how a caller that goes around its own proxy gets in with
	// requests that are refused through it, or "": `in plaintext, which carries
	// no principal, POST /admin is let in`.
	Bypass string
	// Hops are what decides, in order: proxy, transport, policies. One that
	// refuses has Refuses set and the change that would open it.
	Hops []flow.Hop
	// Why is the reason of a Maybe.
	Why string
}

// Request is one concrete request.
type Request struct {
	// Method, Path and Host are of HTTP; all empty for bytes that are not HTTP.
	// The path is normalised, with its query cut off.
	Method, Path, Host string
	// Headers by lower-case name.
	Headers map[string]string
	// Token is the verified JSON Web Token the request carries, or nil.
	Token *Token
}

// Token is what RequestAuthentication makes of a JSON Web Token.
type Token struct {
	Issuer, Subject string
	Audiences       []string
	Presenter       string              // the azp claim
	Claims          map[string][]string // the other claims; nested ones as "a][b"
}
