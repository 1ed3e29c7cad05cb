// Package traffic reads recorded requests, to ask a web ACL about them:
//
//   - request lines, Fathom's own JSON Lines: all there is to say of a request;
//   - the log of AWS WAF, JSON Lines too (package waflog): no bodies;
//   - HAR 1.2, what browsers save: no client addresses, no order of headers;
//   - .http files, what REST clients of editors write.
//
// Each of them may be compressed with gzip. Requests come one by one, however
// long the input is; one that cannot be understood is a problem, and the next
// one follows:
//
//	for item := range traffic.Read(in, traffic.Options{Name: "requests.jsonl"}) {
//		if item.Problem != nil { … }
//		program.Evaluate(&item.Request, &verdict)
//	}
//
// What a notation does not say of a request is in its Missing. It is no HTTP
// parser: what a server would make of bytes is the gateway's business.
package traffic
