package traffic

import (
	"net/netip"

	"fathom/diag"
	"fathom/engine/webacl"
)

// Format is a notation of requests.
type Format uint8

// The formats. Auto looks at the first bytes.
const (
	Auto   Format = iota
	Lines         // Fathom's request lines
	WAFLog        // AWS WAF's log
	HAR           // HTTP archive 1.2
	HTTP          // .http files
)

var formatNames = [...]string{"auto", "lines", "waf-log", "har", "http"}

func (f Format) String() string { return formatNames[f] }

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, bool) {
	for i, n := range formatNames {
		if n == name {
			return Format(i), true
		}
	}
	return Auto, false
}

// FormatNames lists the names of all formats.
func FormatNames() []string { return append([]string(nil), formatNames[:]...) }

// Options say how requests are read.
type Options struct {
	// Name is the file in positions.
	Name   string
	Format Format
	// Client is the address of clients that the input does not tell.
	Client netip.Addr
}

// Item is a request that was read, or a problem in its place.
type Item struct {
	Request webacl.Request
	// ID is the request's id as a JSON value; nil where it has none.
	ID []byte
	// Pos is where the request stands.
	Pos diag.Pos
	// Problem, if set, is why there is no request.
	Problem *diag.Problem
	// Warnings are what was passed over, each told once for the whole input.
	Warnings diag.Problems
}

// MaxSize is the most that one request may have, in bytes of its notation. AWS
// WAF looks at 64 KiB of a body at most.
const MaxSize = 16 << 20
