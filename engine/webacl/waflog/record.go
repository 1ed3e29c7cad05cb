package waflog

// Record is one log record. The names are AWS's (AWS WAF Developer Guide, "Log
// fields"); what they mean stands there.
type Record struct {
	form
	// Timestamp is in milliseconds since 1970.
	Timestamp     int64
	FormatVersion int64
	WebACLID      string
	// TerminatingRuleID is a rule's name, or Default_Action; TerminatingRuleType
	// REGULAR, RATE_BASED, GROUP or MANAGED_RULE_GROUP.
	TerminatingRuleID, TerminatingRuleType string
	// Action is ALLOW, BLOCK, CAPTCHA or CHALLENGE.
	Action                      string
	TerminatingRuleMatchDetails []MatchDetail
	// HTTPSourceName is CF, ALB, APIGW, …; HTTPSourceID names the resource.
	HTTPSourceName, HTTPSourceID string
	RuleGroupList                []RuleGroup
	RateBasedRuleList            []RateRule
	NonTerminatingMatchingRules  []Rule
	RequestHeadersInserted       []Header
	// ResponseCodeSent is the code of a custom response; 0 is none.
	ResponseCodeSent int64
	HTTPRequest      *HTTPRequest
	Labels           []Label
	CaptchaResponse  *TokenResponse
	// ChallengeResponse is that of a silent challenge.
	ChallengeResponse              *TokenResponse
	JA3Fingerprint, JA4Fingerprint string
	// OversizeFields are REQUEST_BODY, REQUEST_JSON_BODY, REQUEST_HEADERS and
	// REQUEST_COOKIES.
	OversizeFields []string
	// RequestBodySize is how long the body was, and the other how much of it was
	// inspected, in bytes.
	RequestBodySize, RequestBodySizeInspectedByWAF Size
	// ClientASN and ForwardedASN are there when a rule asked for them.
	ClientASN, ForwardedASN int64
	// Fathom is what AWS does not say; only our own gateway writes it.
	Fathom *Fathom
}

// MatchDetail is what the SQL injection or XSS detector found.
type MatchDetail struct {
	form
	ConditionType, SensitivityLevel string
	// Location is HEADER, QUERY_STRING, BODY, …; UNKNOWN for a JSON body.
	Location         string
	MatchedData      []string
	MatchedFieldName string
}

// RuleGroup is a rule group that was evaluated.
type RuleGroup struct {
	form
	// RuleGroupID is AWS#AWSManagedRulesCommonRuleSet, or an ARN.
	RuleGroupID                 string
	TerminatingRule             *Rule
	NonTerminatingMatchingRules []Rule
	ExcludedRules               []ExcludedRule
	CustomerConfig              raw
}

// Rule is a rule that matched.
type Rule struct {
	form
	RuleID, Action string
	// OverriddenAction is the rule's own action where the web ACL replaced it.
	OverriddenAction                   string
	RuleMatchDetails                   []MatchDetail
	CaptchaResponse, ChallengeResponse *TokenResponse
}

// ExcludedRule is a rule in the older ExcludedRules that matched.
type ExcludedRule struct {
	form
	ExclusionType, RuleID string
}

// RateRule is a rate-based rule that was limiting the request.
type RateRule struct {
	form
	RateBasedRuleID, RateBasedRuleName string
	// LimitKey is IP, FORWARDED_IP, CUSTOMKEYS or CONSTANT.
	LimitKey, LimitValue string
	MaxRateAllowed       int64
	EvaluationWindowSec  int64
	CustomValues         []CustomValue
}

// CustomValue is one value of the custom keys of a rate-based rule.
type CustomValue struct {
	form
	Key, Name, Value string
}

// Header is a header.
type Header struct {
	form
	Name, Value string
}

// Label is a label that the evaluation added.
type Label struct {
	form
	Name string
}

// TokenResponse is what a CAPTCHA or challenge gave.
type TokenResponse struct {
	form
	// ResponseCode is 0 where the token was valid, then SolveTimestamp says since
	// when (seconds since 1970).
	ResponseCode, SolveTimestamp int64
	FailureReason                string
}

// HTTPRequest is the request.
type HTTPRequest struct {
	form
	// Country is "-" where AWS does not know it.
	ClientIP, Country string
	Headers           []Header
	// URI is the path, Args the query.
	URI, Args, HTTPVersion, HTTPMethod, RequestID string
	Fragment, Scheme, Host                        string
}

// Size is a number of bytes that a record may not tell.
type Size struct {
	Bytes int64
	Known bool
}

// Fathom is what a verdict says and AWS's record has no place for.
type Fathom struct {
	form
	// Uncertain says that an undecidable rule could have changed the action.
	Uncertain   bool
	StandIns    []StandIn
	Undecidable []Undecidable
}

// StandIn is a rule that matched and whose conditions AWS does not publish.
type StandIn struct {
	form
	Rule, Group string
	// Source says what decided in its place; Patterns are the patterns that
	// matched ("CRS 942100").
	Source   string
	Patterns []string
}

// Undecidable is a rule that could not be decided.
type Undecidable struct {
	form
	Rule, Group, Action, Why string
}

// raw is a JSON value as it was written.
type raw []byte
