package screen

import "time"

// Limits are how much a client may send, and how slowly. A zero field is its
// default; there is no way to have no limit.
type Limits struct {
	// Connections are those open at once: in all (10,000), and of one address
	// (200; of IPv6 the /64 is the address).
	Connections, PerClient int
	// RequestLine (16 KiB) and Head (64 KiB) are bytes, the request line being
	// part of the head; Fields are the lines of a head (256).
	RequestLine, Head, Fields int
	// Handshake is the time for a TLS handshake (10 s), Header for a head from its
	// first byte (10 s), Idle between two requests (75 s).
	Handshake, Header, Idle time.Duration
	// Grace is how long a body may stand still (10 s), and Rate how many bytes a
	// second it has to come on average after that (500).
	Grace time.Duration
	Rate  int64
	// WriteGrace and WriteRate are the same for answers (30 s, 500).
	WriteGrace time.Duration
	WriteRate  int64
	// Streams are the requests that an HTTP/2 connection may have open at once
	// (100). Resets and Controls are how many streams a second it may give up (20)
	// and how many frames that carry nothing it may send (100), both on average
	// over ten seconds.
	Streams, Resets, Controls int
}

func or[T int | int64 | time.Duration](v, d T) T {
	if v <= 0 {
		return d
	}
	return v
}

// Filled are the limits with the defaults in place.
func (l Limits) Filled() Limits {
	return Limits{
		Connections: or(l.Connections, 10_000), PerClient: or(l.PerClient, 200),
		RequestLine: or(l.RequestLine, 16<<10), Head: or(l.Head, 64<<10), Fields: or(l.Fields, 256),
		Handshake: or(l.Handshake, 10*time.Second), Header: or(l.Header, 10*time.Second), Idle: or(l.Idle, 75*time.Second),
		Grace: or(l.Grace, 10*time.Second), Rate: or(l.Rate, 500),
		WriteGrace: or(l.WriteGrace, 30*time.Second), WriteRate: or(l.WriteRate, 500),
		Streams: or(l.Streams, 100), Resets: or(l.Resets, 20), Controls: or(l.Controls, 100),
	}
}
