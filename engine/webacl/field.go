package webacl

// Field is the part of a request that a statement inspects (FieldToMatch).
type Field struct {
	Kind FieldKind
	// Name is of a single header, query argument or cookie.
	Name string
	// Pattern and Scope are of headers, cookies and JSON bodies.
	Pattern Pattern
	Scope   MatchScope
	// Oversize is of bodies, headers, cookies and the header order.
	Oversize Oversize
	// Match is the FallbackBehavior of fingerprints and fragments: what a
	// request without one does.
	Match bool
	// Invalid is what a JSON body that does not parse does.
	Invalid InvalidJSON
}

// FieldKind is which part that is.
type FieldKind uint8

// The fields. The zero FieldKind is none, and refused.
const (
	NoField FieldKind = iota
	URIPath
	QueryString
	Method
	BodyText
	JSONBody
	SingleHeader
	Headers
	Cookies
	SingleQueryArgument
	AllQueryArguments
	HeaderOrder
	JA3Fingerprint
	JA4Fingerprint
	URIFragment
)

// Pattern says which of the headers, cookies or JSON elements are inspected:
// all, those included, or all but those excluded.
type Pattern struct {
	Kind PatternKind
	// Names are header or cookie names, or JSON pointers.
	Names []string
}

// PatternKind is which.
type PatternKind uint8

// The kinds. The zero PatternKind is none, and refused where one is needed.
const (
	NoPattern PatternKind = iota
	All
	Included
	Excluded
)

// MatchScope is whether names, values or both are inspected.
type MatchScope uint8

// The scopes. The zero MatchScope is none, and refused where one is needed.
const (
	NoScope MatchScope = iota
	KeysAndValues
	Keys
	Values
)

// Oversize is what a statement does with a part of a request that is longer than
// what WAF sees.
type Oversize uint8

// The behaviours. The zero one is AWS's default where it has one.
const (
	Continue    Oversize = iota // inspect what is seen
	OversizeHit                 // match without looking
	OversizeNo                  // do not match, without looking
)

// InvalidJSON is what a statement does with a body that is no valid JSON.
type InvalidJSON uint8

// The behaviours.
const (
	UpToError InvalidJSON = iota // inspect what was parsed up to the first error
	AsString                     // inspect the body as plain text
	InvalidHit
	InvalidNo
)
