package webacl_test

import (
	"net/netip"

	"fathom/diag"
	. "fathom/engine/webacl"
)

type problem = diag.Problem

func netipAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func from(r *Request, a netip.Addr) *Request {
	r.Client = a
	return r
}

func ja(r *Request, ja3, ja4 string) *Request {
	r.JA3, r.JA4 = ja3, ja4
	return r
}

// xff is a request with a forwarded address.
func xff(uri string, headers ...string) *Request {
	return get(uri, append(headers, "X-Forwarded-For", "10.0.0.1")...)
}
