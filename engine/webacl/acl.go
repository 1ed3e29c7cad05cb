package webacl

import "fathom/diag"

// Scope is where a web ACL lives. It decides which fields it may inspect.
type Scope uint8

// The scopes. A web ACL without one is regional, as Terraform's default is none
// and the stricter limits apply.
const (
	Regional Scope = iota
	CloudFront
)

// Resource is what a web ACL protects. It decides how much of a body is seen
// (AWS WAF Developer Guide, "Oversize web request components").
type Resource uint8

// The kinds of resource. AnyResource is a CloudFront distribution for a web ACL
// of that scope, and an Application Load Balancer otherwise.
const (
	AnyResource Resource = iota
	Distribution
	LoadBalancer
	APIGateway
	AppSync
	Cognito
	AppRunner
	VerifiedAccess
	Amplify
)

// ACL is a web ACL. Rules stand in the order written; evaluation goes by
// priority. References to sets and groups are resolved (a nil pointer is one
// that is not there, which makes the statement undecidable).
type ACL struct {
	Name, ID, ARN string
	// Account is the 12 digits in the labels' prefix; empty where nobody says.
	Account  string
	Scope    Scope
	Resource Resource
	// Default is Allow or Block.
	Default Action
	Rules   []Rule
	// Pre and Post are the rule groups of Firewall Manager, before and after.
	Pre, Post []Rule
	Bodies    map[string]Body
	// CaptchaImmunity and ChallengeImmunity are seconds; 0 is AWS's default of 300.
	CaptchaImmunity, ChallengeImmunity int64
	TokenDomains                       []string
	// BodyLimits are the bytes of a body that are inspected, where the ACL's
	// AssociationConfig sets them.
	BodyLimits map[Resource]int
	// Capacity is what AWS said it uses (WCU), 0 where nobody says.
	Capacity int
	At       diag.Pos
}

// Group is a rule group of one's own, or a managed one.
type Group struct {
	Name, ARN string
	// ID is the name in logs: the ARN, or AWS#AWSManagedRulesCommonRuleSet.
	ID string
	// Capacity is the group's WCU, 0 where nobody says: then it is computed.
	Capacity int
	Rules    []Rule
	Bodies   map[string]Body
	// LabelPrefix ends with a colon: awswaf:managed:aws:core-rule-set:
	LabelPrefix string
	// Managed is a group whose rules AWS does not publish.
	Managed bool
	At      diag.Pos
}

// Rule is one rule of a web ACL or a group. Action is for every statement but
// references to groups, Override for those.
type Rule struct {
	Name      string
	Priority  int
	Statement Statement
	Action    Action
	Override  Override
	// Labels are as written, without the prefix of the ACL or group; those of
	// managed groups are whole.
	Labels []string
	// CaptchaImmunity and ChallengeImmunity are seconds; 0 inherits.
	CaptchaImmunity, ChallengeImmunity int64
	// Basis says what stands behind the rule of a managed group.
	Basis Basis
	At    diag.Pos
}

// ActionKind is what becomes of a request. The zero kind is Unset, which
// nothing passes on: Compile refuses rules without an action.
type ActionKind uint8

// The five actions.
const (
	Unset ActionKind = iota
	Allow
	Block
	Count
	Captcha
	Challenge
)

var actionNames = [...]string{"", "ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE"}

// String is the action's name in logs.
func (k ActionKind) String() string { return actionNames[k] }

// Action is what a rule does with the requests that it matches.
type Action struct {
	Kind ActionKind
	// Insert are the headers that the request to the resource gets, of Allow,
	// Count, Captcha and Challenge. AWS prefixes their names with x-amzn-waf-.
	Insert []Header
	// Response is what Block answers; nil is a plain 403.
	Response *Response
}

// Response is a custom response.
type Response struct {
	Code int
	// Body is the key of a body of the ACL or group; empty is no body.
	Body    string
	Headers []Header
}

// Body is a custom response's body.
type Body struct {
	// ContentType is TEXT_PLAIN, TEXT_HTML or APPLICATION_JSON.
	ContentType string
	Content     string
}

// Override is what a web ACL does with the result of a rule group.
type Override uint8

// The overrides. NoOverride is of rules that are no reference to a group.
const (
	NoOverride    Override = iota
	OverrideNone           // the group's actions are taken
	OverrideCount          // a terminating result of the group only counts
)

// RuleOverride replaces the action of one rule inside a group.
type RuleOverride struct {
	Rule   string
	Action Action
	// Excluded says it was written in the older form, ExcludedRules, which
	// counts.
	Excluded bool
	At       diag.Pos
}

// Basis says what a rule's verdict rests on.
type Basis struct {
	Kind BasisKind
	// Source names the stand-in ("OWASP CRS 4.25.0 through Coraza 3.8.1"), or
	// says why a rule is not simulated.
	Source string
}

// BasisKind is how much of a rule AWS documents.
type BasisKind uint8

// The kinds of Basis.
const (
	Documented   BasisKind = iota // AWS documents exactly this
	StandIn                       // AWS does not publish it; something else answers in its place
	NotSimulated                  // nothing answers: the rule is undecidable
)

var basisNames = [...]string{"documented", "stand-in", "not simulated"}

func (k BasisKind) String() string { return basisNames[k] }
