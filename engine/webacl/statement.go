package webacl

import (
	"net/netip"

	"fathom/diag"
	"fathom/engine/webacl/transform"
)

// Statement is a condition on requests: one of the types below. The set is
// closed; a statement that AWS adds is refused by name until it is here.
type Statement interface{ statement() }

// And matches when all of its statements do.
type And struct{ Of []Statement }

// Or matches when one of its statements does.
type Or struct{ Of []Statement }

// Not matches when its statement does not.
type Not struct{ Of Statement }

// ByteMatch compares with a string, case-sensitive, at most 200 bytes.
type ByteMatch struct {
	Field      Field
	Search     []byte
	Position   Position
	Transforms []transform.Kind
}

// Position is where ByteMatch looks (PositionalConstraint).
type Position uint8

// The positions. The zero Position is none, and refused.
const (
	Nowhere Position = iota
	Exactly
	StartsWith
	EndsWith
	Contains
	ContainsWord
)

// RegexMatch compares with one regular expression.
type RegexMatch struct {
	Field      Field
	Regex      string
	Transforms []transform.Kind
}

// RegexSetMatch compares with the expressions of a set; one has to match.
type RegexSetMatch struct {
	Field Field
	ARN   string
	// Set is nil where the files do not hold it.
	Set        *RegexSet
	Transforms []transform.Kind
}

// RegexSet is a regex pattern set.
type RegexSet struct {
	Name, ARN string
	Patterns  []string
	At        diag.Pos
}

// SizeMatch compares the size in bytes, after the transformations.
type SizeMatch struct {
	Field      Field
	Op         Comparison
	Size       int64
	Transforms []transform.Kind
}

// Comparison is how SizeMatch compares.
type Comparison uint8

// The comparisons. The zero Comparison is none, and refused.
const (
	NoComparison Comparison = iota
	EQ
	NE
	LE
	LT
	GE
	GT
)

// SQLiMatch looks for SQL injection. AWS's detector is not published;
// libinjection stands in.
type SQLiMatch struct {
	Field      Field
	High       bool // SensitivityLevel HIGH
	Transforms []transform.Kind
}

// XSSMatch looks for cross-site scripting. AWS's detector is not published;
// libinjection stands in.
type XSSMatch struct {
	Field      Field
	Transforms []transform.Kind
}

// GeoMatch compares the country of an address (ISO 3166-1 alpha-2).
type GeoMatch struct {
	Countries []string
	Forwarded *Forwarded
}

// ASNMatch compares the autonomous system of an address.
type ASNMatch struct {
	ASNs      []uint32
	Forwarded *Forwarded
}

// IPSetMatch asks whether an address is in a set.
type IPSetMatch struct {
	ARN string
	// Set is nil where the files do not hold it.
	Set       *IPSet
	Forwarded *Forwarded
}

// IPSet is a set of addresses.
type IPSet struct {
	Name, ARN string
	Prefixes  []netip.Prefix
	At        diag.Pos
}

// Forwarded takes the address from a header instead of the connection
// (ForwardedIPConfig, IPSetForwardedIPConfig).
type Forwarded struct {
	Header string
	// Match is the answer where the address is malformed (FallbackBehavior).
	Match bool
	// Where is FIRST for all but IP sets.
	Where ForwardedPosition
}

// ForwardedPosition is which address of the header counts.
type ForwardedPosition uint8

// The positions.
const (
	First ForwardedPosition = iota
	Last
	Any // of the last ten
)

// LabelMatch asks for a label of an earlier rule. Inside a rule group a key
// without the prefix awswaf: is the group's, in a web ACL the ACL's.
type LabelMatch struct {
	Namespace bool // Scope NAMESPACE; LABEL otherwise
	Key       string
}

// RateBased counts the requests of each instance and matches while one is over
// the limit.
type RateBased struct {
	Limit     int64 // requests in Window
	Window    int64 // seconds: 60, 120, 300 or 600; 0 is AWS's default of 300
	Key       RateKey
	Custom    []CustomKey
	Forwarded *Forwarded
	// ScopeDown is nil where every request counts.
	ScopeDown Statement
}

// RateKey is what a rate-based rule aggregates by.
type RateKey uint8

// The keys. The zero RateKey is none, and refused.
const (
	NoRateKey RateKey = iota
	ByIP
	ByForwardedIP
	ByCustomKeys
	Constant
)

// CustomKey is one part of the key of ByCustomKeys.
type CustomKey struct {
	Kind CustomKeyKind
	// Name is of a header, cookie or query argument, or the namespace of labels.
	Name       string
	Transforms []transform.Kind
	// Match is the fallback of fingerprints: requests without one are an
	// instance of their own, instead of left out.
	Match bool
}

// CustomKeyKind is which part of a request a CustomKey is.
type CustomKeyKind uint8

// The kinds.
const (
	KeyIP CustomKeyKind = iota
	KeyForwardedIP
	KeyMethod
	KeyHeader
	KeyCookie
	KeyQueryArgument
	KeyQueryString
	KeyURIPath
	KeyLabelNamespace
	KeyJA3
	KeyJA4
	KeyASN
)

// GroupRef runs the rules of a rule group of one's own.
type GroupRef struct {
	ARN string
	// Group is nil where the files do not hold it.
	Group     *Group
	Overrides []RuleOverride
}

// ManagedRef runs the rules of a managed rule group.
type ManagedRef struct {
	Vendor, Name, Version string
	ScopeDown             Statement
	Overrides             []RuleOverride
	Config                ManagedConfig
}

// ManagedConfig is what a web ACL tells a managed group (ManagedRuleGroupConfigs),
// each part where the group takes it.
type ManagedConfig struct {
	// Targeted is Bot Control's InspectionLevel TARGETED; NoMachineLearning its
	// EnableMachineLearning false.
	Targeted, NoMachineLearning bool
	// LoginPath is of ATP, CreationPath and RegistrationPath of ACFP;
	// RegexInPath says they are regular expressions.
	LoginPath, CreationPath, RegistrationPath string
	RegexInPath                               bool
	// JSON says that the payload is JSON, otherwise it is a form.
	JSON bool
	// The fields are JSON pointers, or names of form fields.
	UsernameField, PasswordField, EmailField string
	PhoneFields, AddressFields               []string
	// Response is the ResponseInspection, which needs the answer of the origin.
	Response *ResponseInspection
	// AntiDDoS.
	ChallengeDisabled                      bool
	ChallengeSensitivity, BlockSensitivity string // LOW, MEDIUM, HIGH; empty is the default
	ExemptURIs                             []string
}

// ResponseInspection says which answers of the origin are successes and which
// failures. Exactly one of Status, Header, Body and JSON is used.
type ResponseInspection struct {
	SuccessCodes, FailureCodes     []int
	Header                         string
	SuccessValues, FailureValues   []string // of the header, or the JSON value
	SuccessStrings, FailureStrings []string // that the body contains
	Identifier                     string   // the JSON pointer
}

// Probe is a condition of a managed rule group that AWS does not publish. Only
// package managed makes them; no dialect reads one.
type Probe struct {
	// Name says in a word what is asked: "GenericLFI in the query arguments".
	Name string
	Ask  func(*Subject) Answer
}

// Unresolved is a statement that the files do not tell: it is made from a
// variable without a value, say. It is undecidable. A rule that has it may have
// an Action or, where a reference to a group is meant, an Override.
type Unresolved struct {
	// Why is a sentence without a full stop: "variable \"limit\" has no value".
	Why string
	At  diag.Pos
}

func (And) statement()           {}
func (Or) statement()            {}
func (Not) statement()           {}
func (ByteMatch) statement()     {}
func (RegexMatch) statement()    {}
func (RegexSetMatch) statement() {}
func (SizeMatch) statement()     {}
func (SQLiMatch) statement()     {}
func (XSSMatch) statement()      {}
func (GeoMatch) statement()      {}
func (ASNMatch) statement()      {}
func (IPSetMatch) statement()    {}
func (LabelMatch) statement()    {}
func (RateBased) statement()     {}
func (GroupRef) statement()      {}
func (ManagedRef) statement()    {}
func (Probe) statement()         {}
func (Unresolved) statement()    {}
