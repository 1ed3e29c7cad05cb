package iam

import "fathom/diag"

// Kind is the place that a document holds; each has rules of its own about
// what may be written.
type Kind uint8

// The kinds. Identity covers boundaries and session policies too, whose
// grammar is the same.
const (
	Identity Kind = iota
	Resource
	Trust
	Endpoint
	SCP
	RCP
)

// String names the kind in a sentence: "an identity policy".
func (k Kind) String() string {
	return [...]string{"an identity policy", "a resource policy", "a trust policy", "an endpoint policy", "an SCP", "an RCP"}[k]
}

// hasPrincipal says whether documents of the kind name principals.
func (k Kind) hasPrincipal() bool { return k != Identity && k != SCP }

// Document is a policy document as IAM reads it. Parse makes it: the patterns
// are compiled there, and a Document put together by hand matches nothing.
type Document struct {
	Kind       Kind
	Version    string // "2012-10-17", or "2008-10-17" where none is written
	ID         string
	Statements []Statement
	// Rejected says that AWS would not take the document. It then grants
	// nothing and denies nothing; its Statements are what could be read.
	Rejected bool
	// Warnings are about what AWS takes but what hardly does what was meant.
	Warnings diag.Problems
}

// Statement is one statement of a document. Exactly one of Actions and
// NotActions is there, and so on for resources and principals; a trust policy
// has no resources, nor need a resource policy (those of ECR): it is then about
// whatever it is attached to. An identity policy has no principals.
type Statement struct {
	Pos                       diag.Pos
	Sid                       string
	Effect                    Effect
	Principals, NotPrincipals []PrincipalPattern
	Actions, NotActions       []Action
	Resources, NotResources   []ARN
	Conditions                []Condition

	read bool // by Parse
}

// PrincipalPattern is one entry of a Principal element: exact, or a lone "*".
type PrincipalPattern struct {
	// Type is AWS, Service, Federated or CanonicalUser; "*" for Principal: "*".
	Type string
	// Value is an ARN, an account, a service, a provider, "*".
	Value string

	form    form
	kind    PrincipalKind // of formName
	account string        // of an account, user, role or session
	name    string        // of a role, without its path
}

// form is what a principal pattern names.
type form uint8

const (
	formNobody  form = iota // a principal that is gone: AIDA…, AROA…
	formAnyone              // "*"
	formAnyType             // Service: "*", Federated: "*"
	formAccount
	formUser
	formRole
	formSession
	formFederatedUser
	formName // a service, provider or canonical user: the text as it is
)

// Action is one entry of an Action element: "*", or "service:pattern" with *
// and ? in the pattern only. Its case does not matter.
type Action struct {
	Text string // as it is written

	any     bool
	service string // in lower case
	name    glob
}

// ARN is one entry of a Resource element: "*", or an ARN whose segments may
// have *, ? and policy variables.
type ARN struct {
	Text string // as it is written

	any      bool
	segments [6]pattern
}

// Condition is one line of a Condition element: it holds when one of Values
// does, or for a negated operator when all of them do. A value that is not of
// the operator's type (a number that is none) equals nothing; Parse warns of it.
type Condition struct {
	Pos      diag.Pos
	Operator Operator
	Key      string // in lower case
	Values   []string

	key      string // as it is written
	operands []operand
}

// Operator is a condition operator, taken apart.
type Operator struct {
	Text     string // as it is written: "ForAnyValue:StringLikeIfExists"
	Test     Test
	Negated  bool
	IfExists bool
	Set      Set
}

// Test is what an operator compares. Negation is kept apart: StringNotLike is
// a negated StringLike.
type Test uint8

// The tests. ArnEquals and ArnLike are one.
const (
	StringEquals Test = iota + 1
	StringEqualsIgnoreCase
	StringLike
	NumericEquals
	NumericLess
	NumericLessEquals
	NumericGreater
	NumericGreaterEquals
	DateEquals
	DateLess
	DateLessEquals
	DateGreater
	DateGreaterEquals
	Bool
	BinaryEquals
	IPAddress
	ARNLike
	Null
)

// Set is the set operator before an operator.
type Set uint8

// The set operators.
const (
	NoSet Set = iota
	ForAllValues
	ForAnyValue
)
