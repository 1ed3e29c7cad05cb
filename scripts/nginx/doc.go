// Command nginx measures the gateway beside nginx, in one run on one machine:
// both as a reverse proxy alone, and both with a web application firewall: the
// gateway's web ACL with the managed core, SQL injection and known bad input
// groups, and its Core Rule Set as such, against nginx with ModSecurity and the
// Core Rule Set, all of Debian.
//
//	make bench-gateway     # nginx and wrk come from Debian (scripts/setup.sh)
//
// The work is the same on both sides: HTTP/1.1 over TLS 1.3 with one certificate,
// kept-alive connections on both sides, the client's address added, no logs, an
// origin that answers 1 kB (an nginx of its own). A proxy has one processor to
// itself, one worker or GOMAXPROCS=1; the origin and wrk have the other. Each is
// measured in turn, so many rounds, and the middle round is printed. Processor
// time is of the proxy alone, so that it is comparable where other work disturbs
// the rates.
//
// nginx reads its configuration from a temporary folder, listens on loopback, and
// is ended with the program. The service of Debian's package is not touched.
package main
