// Package agreetest asks the gateway and fathom waf eval the same: requests by the
// hundred thousand go to a running gateway over real connections, and each record
// in the gateway's log is compared with what eval makes of the request line that
// says what was sent.
//
//	go test ./layer/edge/gateway/agreetest
//
// The requests are made up, always the same ones: ordinary, attacks, too large,
// repeated and odd headers, encodings that are broken. All of it is test code:
// nothing imports this package.
package agreetest
