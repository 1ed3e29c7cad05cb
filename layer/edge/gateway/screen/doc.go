// Package screen stands between the network and net/http: it hands on only what
// has one meaning.
//
// Of HTTP/1 it checks each head and the framing of each body strictly by
// RFC 9112 before net/http sees a byte of it, so that no server behind the
// gateway can find another request in the same bytes. Of HTTP/2 it follows the
// frames, bounds those that cost a client nothing, and keeps the order of the
// headers. It limits connections, handshakes, heads, bodies and answers in time
// and size, and tells what crypto/tls does not: the bytes of the ClientHello.
//
//	l := screen.New(inner, screen.Options{Limits: screen.Limits{}})
//	server := &http.Server{Handler: h, ConnContext: screen.ConnContext, ConnState: screen.ConnState}
//	server.Serve(l) // h calls screen.Take(r) for the head as it arrived
//
// It is no HTTP server and decides nothing about what a request asks for.
package screen
