// Package overload decides which requests a gateway takes on when more come
// than the origin can serve, so that checkout lives through a flood
// (edge.overload). It has six parts, each usable alone:
//
//   - Limiter finds by itself how many requests an origin serves well at once,
//     and shares that limit among three classes of routes.
//   - Queues in the Limiter hold a few requests for a short time.
//   - Room says when the waiting room opens and closes.
//   - Budget keeps retries from becoming a flood of their own.
//   - Pace makes the requests of a client cheaper the more it sends.
//   - Box remembers the clients that were refused often, so that a gateway can
//     drop them before the TLS handshake.
//
// A gateway asks for a permit before it sends a request to the origin:
//
//	permit, err := limiter.Acquire(ctx, overload.Critical)
//	if err != nil { // *overload.Refused
//		overload.Answer(w, err)
//		return
//	}
//	outcome := overload.Failed
//	defer func() { permit.Release(outcome) }()
//	…
//	outcome = overload.Success
//
// It knows no HTTP beyond the refusal, no routes, and nothing of who a client
// is: the gateway says which class a request is of, and whom it trusts. It reads
// no clock: every constructor takes one.
package overload
