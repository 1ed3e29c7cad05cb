// Package shared is what several gateways know together, through Redis: how often
// each instance of a rate-based rule has sent, which nonces were used, and the
// places of the waiting room. Local is the same for a gateway alone.
//
//	store, err := shared.Open(shared.Options{URL: "redis://127.0.0.1:6379/0"})
//	program, problems := webacl.Compile(acl, webacl.Options{Counter: store})
//	defer store.Close()
//
// No request waits for Redis to be counted. A gateway counts by itself, and every
// 100 ms tells Redis of the instances that sent, and hears what the others
// counted of them. So one limit holds for all, but for what is sent before a
// gateway hears of it: a fleet of G gateways lets through at most
//
//	(G-1) · (what the instance sends in an exchange, about 100 ms, + 2 % of the limit)
//
// more than the limit. A gateway counts exactly for itself; of the others it
// knows 20ths of the window. The gateways' clocks may differ by a tenth of the
// window.
//
// Without Redis each gateway goes on with its own count: what the others counted
// before slides out of the window, and then each enforces the whole limit, so
// that an instance that is spread over G gateways may send G times as much.
// Options.Gateways has each enforce its part of the limit instead. Healthy and
// Stats say that it is so; it ends by itself within two seconds of Redis coming
// back, and what was counted meanwhile is told then. Nonces and places are
// different: without Redis they are refused with ErrUnavailable at once, since
// a nonce could be used again at another gateway.
//
// It holds no secret and no value of a request in Redis: keys are hashes. All
// keys expire.
package shared
