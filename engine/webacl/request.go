package webacl

import (
	"net/netip"
	"strings"
)

// Request is a request as WAF sees it. What is not known of it is said in
// Missing: a rule that depends on it is undecidable.
type Request struct {
	ID     string
	Method string
	// Path is the path as sent, neither decoded nor normalised; Query what
	// follows the question mark.
	Path, Query string
	// Fragment is the URI's fragment, which few clients send.
	Fragment string
	// Version is HTTP/1.1, HTTP/2.0, …
	Version string
	// Scheme is https or http; tokens are for https only.
	Scheme string
	// Headers stand in the order of arrival, names as sent, Host (or :authority)
	// among them.
	Headers []Header
	// Body is the body, or as much as is there; More says that there is more.
	Body []byte
	More bool
	// ReadBody, if set, is called once, when a rule first needs the body, and
	// gives Body and More. Rules before that decide without the body being read.
	ReadBody func() (body []byte, more bool, err error)
	// Client is the address of the connection.
	Client netip.Addr
	// Place is where Client is, where somebody knows it; otherwise the Locator
	// is asked.
	Place Place
	// JA3 and JA4 are the fingerprints of the TLS ClientHello, empty without TLS.
	JA3, JA4 string
	// Time is when the request came, in nanoseconds since 1970.
	Time int64
	// Token is the client's WAF token.
	Token Token
	// Missing are the parts of which nothing is known.
	Missing Part
	// Withheld are the headers that are there and whose values are not known, as in
	// a log with redacted fields. Their values in Headers mean nothing.
	Withheld []string
}

// Withholds says whether the value of a header is not known.
func (r *Request) Withholds(name string) bool {
	for _, w := range r.Withheld {
		if strings.EqualFold(w, name) {
			return true
		}
	}
	return false
}

// Header is a header of a request or response.
type Header struct{ Name, Value string }

// Place is where an address is. The zero Place is not known; a Country of "XX"
// is one that the database does not have.
type Place struct {
	Country, Region string // ISO 3166: US, CA
	ASN             uint32
	// Known says which of them somebody looked up.
	HasCountry, HasASN bool
}

// Locator finds places of addresses: a geo database.
type Locator interface{ Locate(netip.Addr) Place }

// Part is a set of parts of a request.
type Part uint16

// The parts that may be missing.
const (
	PartBody Part = 1 << iota
	PartHeaders
	PartOrder // the order of the headers
	PartJA3
	PartJA4
	PartClient
	PartTime
	PartToken
	PartFragment
	PartQuery // a log with redacted fields
	PartPath
	PartMethod
)

// Token is a WAF token, verified by whoever holds the key.
type Token struct {
	State TokenState
	// ID is the session of the token.
	ID string
	// Captcha and Challenge are when they were last solved, in seconds since
	// 1970; 0 is never.
	Captcha, Challenge int64
}

// TokenState is what verifying a token gave.
type TokenState uint8

// The states. The zero state is no token.
const (
	TokenAbsent TokenState = iota
	TokenValid
	TokenInvalid
	TokenDomainMismatch
	TokenExpired
)
