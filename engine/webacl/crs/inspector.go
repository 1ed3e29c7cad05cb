package crs

import "net/netip"

// Version is the version of the rule set, and Engine what executes it.
const (
	Version = "4.25.0"
	Engine  = "Coraza 3.8.1"
)

// Inspector is a rule set that is ready to inspect. It may be used by many
// goroutines at once.
type Inspector interface {
	// Start starts a transaction: the life of one request.
	Start(r *Request) Transaction
	// Rules are the rules that are loaded, by id.
	Rules() []Rule
}

// Transaction is one request and its response. Its methods are called in the
// order Request, Response, Finish, each at most once; those that are not needed
// are left out. Each result holds everything so far.
type Transaction interface {
	// Request inspects the request with its body, as much as is there of it.
	Request(body []byte) Result
	// Response inspects the response. Without Options.Responses it finds nothing.
	Response(r *Response) Result
	// Finish runs the rules that only report (phase 5).
	Finish() Result
	// Close gives back what the transaction holds.
	Close()
}

// Request is a request without its body.
type Request struct {
	Method string
	// URI is the target as sent: the path, and the query after a question mark.
	URI string
	// Version is HTTP/1.1, HTTP/2.0, …
	Version string
	// Headers stand in the order of arrival, Host among them.
	Headers []Header
	Client  netip.Addr
	Port    uint16
}

// Header is a header of a request or response.
type Header struct{ Name, Value string }

// Response is the answer of the origin. Body is as much as is to be inspected.
type Response struct {
	Status  int
	Version string
	Headers []Header
	Body    []byte
}

// Result is what the rules found.
type Result struct {
	// Hits are the rules that matched, by id; within a rule by variable and key.
	Hits []Hit
	// Score and ResponseScore are the anomaly scores at the paranoia level.
	Score, ResponseScore int
	// Blocked says that the rule set would block, by the rule By, with Status.
	Blocked bool
	By      int
	Status  int
	// Err is why the inspection is incomplete: whoever blocks, blocks then.
	Err error
}

// Hit is a rule that matched.
type Hit struct {
	ID      int
	Message string
	// Paranoia is the level that the rule belongs to, 0 for those of none.
	Paranoia int
	// Severity is CRITICAL, ERROR, WARNING, NOTICE, … or empty.
	Severity string
	Tags     []string
	Phase    int
	// Quiet is a rule that the rule set does not log: set-up and bookkeeping.
	Quiet bool
	Found []Found
}

// Found is one place where a rule matched.
type Found struct {
	// Variable is ARGS, REQUEST_HEADERS, …; Key the argument or header, if it has
	// any.
	Variable, Key string
	// Value is what matched, after the rule's transformations, at most MaxValue
	// bytes of it; Data the rule's own words about what it found in it.
	Value, Data string
}

// MaxValue bounds Found.Value and Found.Data, in bytes.
const MaxValue = 1024

// Rule is a rule of the set.
type Rule struct {
	ID       int
	File     string
	Paranoia int
	Phase    int
	Tags     []string
}

// Options are how the rule set is set up. The zero Options are those of its
// authors, for requests alone.
type Options struct {
	// Paranoia is 1 to 4; 0 is 1.
	Paranoia int
	// Detection runs and reports rules of a higher level than Paranoia, which do
	// not score towards blocking; 0 is Paranoia.
	Detection int
	// Threshold and ResponseThreshold are the anomaly scores that block; 0 is the
	// authors' 5 and 4.
	Threshold, ResponseThreshold int
	// Responses inspects responses too.
	Responses bool
	// BodyLimit is how many bytes of a body are inspected; 0 is 13,107,200. What
	// is beyond is not looked at.
	BodyLimit int
	// Remove are ids of rules that are not loaded.
	Remove []Range
	// SplitArguments tells arguments of the query (ARGS_GET) from those of the
	// body (ARGS_POST) in Found.Variable, where the rule set says ARGS.
	SplitArguments bool
	// Directives are SecLang, read after Coraza's recommended configuration and
	// before the rule set: SecAction and SecRule with ids below 900000, ctl.
	Directives string
	// Plain leaves the rules and operators as they are. It is for comparison.
	Plain bool

	screen string // names the screening of the rule set
}

// Range is a range of rule ids, both ends included.
type Range struct{ First, Last int }
