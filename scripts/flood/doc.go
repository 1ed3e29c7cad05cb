// Command flood measures what edge.overload promises: that checkouts live
// through twenty times the load, of which 95 % is junk.
//
// It starts a shop whose capacity is bounded, a gateway in front of it with TLS,
// a web ACL with rate rules and overload control, and a crowd, each a process of
// its own on loopback. Customers buy: home page, two products, cart, login,
// checkout, one request after another over a TLS connection of their own from an
// address of their own, without a single retry. First they are alone; then the
// junk comes. A checkout counts when every answer was good and the order stands
// in the shop's book, once. The time of a checkout is that of its six requests,
// the handshake included.
//
//	make flood             # about a minute; exit 3 when the aim is missed
//	go run ./scripts/flood -bare   # the same without the guard, for comparison
//
// The crowd has the lowest priority of the processor, so that what it takes to
// make junk is not what is measured; a run whose junk came at less than 90 % of
// the rate asked for has shown nothing, and exits 1.
package main
