// Package spool keeps the body of a request while it is inspected and sent: in
// memory as far as it is small, the rest in a file that has no name.
//
//	b := pool.New(r.Body, r.ContentLength)
//	defer b.Close()
//	prefix, more, err := b.Prefix(8192) // for the web ACL
//	err = b.Fill()                      // all of it, for an origin
//	out.Body, err = b.Reader()          // as often as it is sent
//
// It does not parse bodies.
package spool
