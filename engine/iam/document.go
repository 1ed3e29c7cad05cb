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

// Document is a policy document as IAM reads it.
type Document struct {
	Kind       Kind
	Version    string // "2012-10-17", or "2008-10-17" where none is written
	ID         string
	Statements []Statement
	// Rejected says that AWS would not take the document. It then grants
	// nothing and denies nothing; its Statements are what could be read.
	Rejected bool
}

// Statement is one statement of a document. Exactly one of Actions and
// NotActions is there, and so on for resources and principals; a trust policy
// has no resources, an identity policy no principals.
type Statement struct {
	Pos                       diag.Pos
	Sid                       string
	Effect                    Effect
	Principals, NotPrincipals []PrincipalPattern
	Actions, NotActions       []Action
	Resources, NotResources   []ARN
	Conditions                []Condition
}

// PrincipalPattern is one entry of a Principal element: exact, or a lone "*".
type PrincipalPattern struct {
	// Type is AWS, Service, Federated or CanonicalUser; "*" for Principal: "*".
	Type string
	// Value is an ARN, an account, a service, a provider, "*".
	Value string
}

// Action is one entry of an Action element: "*", or "service:pattern" with *
// and ? in the pattern only. Its case does not matter.
type Action struct {
	Text string // as it is written
}

// ARN is one entry of a Resource element: "*", or an ARN whose segments may
// have *, ? and policy variables.
type ARN struct {
	Text string // as it is written
}

// Condition is one line of a Condition element: it holds when one of Values
// does, or for a negated operator when all of them do.
type Condition struct {
	Pos      diag.Pos
	Operator Operator
	Key      string // in lower case
	Values   []string
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
