package webacl

import "fathom/engine/webacl/transform"

// Verdict is what a web ACL does with a request, and why. It can be used again
// for the next request; what it holds is valid until then.
type Verdict struct {
	// Action is Allow, Block, Captcha or Challenge.
	Action ActionKind
	// Rule is the rule that ended the evaluation: its name in the web ACL, or
	// Default_Action. Where it is a group, Inner is the rule in the group.
	Rule, Inner string
	// Type is REGULAR, RATE_BASED, GROUP or MANAGED_RULE_GROUP.
	Type string
	// Response is what the client gets instead of the resource's answer: Block,
	// Captcha and Challenge. Its Body is resolved.
	Response Answered
	// Insert are the headers that the request to the resource gets, by the names
	// that it sees (x-amzn-waf-…).
	Insert []Header
	// Labels are all that were added, in order.
	Labels []string
	// Matches are the rules that matched, in order, the terminating one last.
	Matches []Match
	// Next are those that would have matched after it. Only with Explain.
	Next []Match
	// Undecidable are the rules that could not be decided, each with the reason.
	Undecidable []Undecidable
	// Certain says that no undecidable rule could have changed Action.
	Certain bool
	// Groups are the rule groups that were evaluated, for the log.
	Groups []GroupResult
	// Rates are the rate-based rules that limited the request.
	Rates []RateResult
	// Oversize are the parts that were longer than what is inspected.
	Oversize []string
	// Inspected is how many bytes of the body were there to inspect; BodySize how
	// many there were, as far as is known.
	Inspected, BodySize int
	// Err is an error of reading the body.
	Err error
}

// DefaultAction is Verdict.Rule where no rule ended the evaluation.
const DefaultAction = "Default_Action"

// Answered is an answer to the client.
type Answered struct {
	Code              int
	ContentType, Body string
	Headers           []Header
}

// Match is a rule that matched.
type Match struct {
	// Rule is its name; Group the rule of the web ACL that holds the group, or
	// empty; GroupID the group's name in logs.
	Rule, Group, GroupID string
	// Action is what was done; Own is the rule's own action where the ACL
	// overrides it, otherwise Unset.
	Action, Own ActionKind
	Terminating bool
	// Passed says that a Captcha or Challenge had a valid token, and Solved when
	// (seconds since 1970). Failure is why it had not: TOKEN_MISSING, ….
	Passed  bool
	Solved  int64
	Failure string
	// Labels are those that it added.
	Labels []string
	// Details are what it matched.
	Details []Detail
	Basis   Basis
}

// Detail is one condition of a rule that held.
type Detail struct {
	// Field is where: METHOD, URI, QUERY_STRING, HEADER, COOKIE, BODY, …; Name
	// the header, argument or JSON path.
	Field, Name string
	// What says what matched, in words: contains "x".
	What string
	// Value is what was inspected, after Transforms; the bytes from Start to End
	// matched.
	Value      string
	Start, End int
	Transforms []transform.Kind
	// Condition is SQL_INJECTION or XSS for those detectors, with Sensitivity
	// and the matched data.
	Condition, Sensitivity string
	Data                   []string
	// Source says which pattern of a stand-in matched: "CRS 942100".
	Source string
}

// Undecidable is a rule that could not be decided.
type Undecidable struct {
	Rule, Group string
	// Action is what it would have done.
	Action ActionKind
	// Why is a sentence without a full stop: "the body is not known".
	Why string
}

// GroupResult is a rule group that was evaluated.
type GroupResult struct {
	// Rule is the rule of the web ACL; ID the group's name in logs.
	Rule, ID string
	// First and Last are the indexes of its matches in Verdict.Matches, Last
	// excluded.
	First, Last int
	// Counted says that its terminating result only counted (OverrideAction).
	Counted bool
}

// RateResult is a rate-based rule that is limiting the request.
type RateResult struct {
	Rule, ID string
	Key      RateKey
	Limit    int64
	Window   int64
	// Value is the limited address of ByIP and ByForwardedIP.
	Value string
	// Custom are the values of ByCustomKeys.
	Custom []RateValue
	// Seen is how many requests were counted.
	Seen int64
}

// RateValue is one value of an instance of a rate-based rule.
type RateValue struct{ Key, Name, Value string }
