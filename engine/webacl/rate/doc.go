// Package rate counts the requests of rate-based rules (fact sheet §6) within one
// process.
//
//	counter := rate.NewExact(rate.Options{})
//	program, problems := webacl.Compile(acl, webacl.Options{Counter: counter})
//
// NewExact limits an instance (an address, or a tuple of values) while it has
// sent more than the limit in the window that ends with its request. NewAWSLike
// reacts as AWS WAF says that it does: it looks every ten seconds, gives recent
// requests more weight, and acts and releases late.
//
// Both are deterministic: time is that of the requests, so that a recording gives
// the same verdicts whenever it is replayed. Requests that are over the limit
// count, as in AWS WAF, whatever becomes of them.
//
// It does not share counts between processes; layer/edge/gateway/shared does,
// with this package for its own part.
package rate
