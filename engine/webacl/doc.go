// Package webacl executes AWS WAFv2 web ACLs as AWS documents them: a request
// in, a verdict out that says which rule decided, what it matched, and what
// cannot be decided from what is known of the request.
//
// An ACL is the typed form of a web ACL; package dialect reads the many notations
// into it. Compile checks it and makes a Program, which evaluates requests:
//
//	program, problems := webacl.Compile(acl, webacl.Options{})
//	var v webacl.Verdict
//	program.Evaluate(&request, &v) // v.Action, v.Rule, v.Matches, …
//
// What AWS does not publish is no part of it: managed rule groups come from
// package managed, which says of each rule whether it is documented or a
// stand-in; geo databases, counters of rate-based rules and tokens are passed
// in. Where AWS's documentation leaves something open the choice is a field of
// Choices.
//
// It does not listen, count the time or read files.
package webacl
