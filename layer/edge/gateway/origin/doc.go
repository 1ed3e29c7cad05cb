// Package origin sends requests to the servers behind the gateway.
//
// A Pool is one service with one or more servers. It checks their health, puts
// those that fail aside, and retries: only a request that may be repeated by
// RFC 9110 (9.2.2), whose body is whole, of which no server has answered a byte,
// and as long as the budget lasts. A request that is not idempotent is sent
// again only if no connection was made for it.
//
//	pool, err := origin.New("orders", origin.Config{URLs: …}, origin.Options{})
//	defer pool.Close()
//	pool.Forward(w, r, &origin.Outgoing{Target: "/cart?x=1", Body: body})
//
// It does not choose among services and knows no web ACL.
package origin
