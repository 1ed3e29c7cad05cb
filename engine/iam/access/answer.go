package access

import (
	"fathom/diag"
	"fathom/engine/iam"
	"fathom/estate"
)

// Answer is whether a principal may do an action on a resource. Its zero value
// is No.
type Answer struct {
	Who Principal
	// Action and Resource are what was asked for, the resource as an ARN.
	Action, Resource string
	Truth            estate.Truth
	// Decision is that of the lower reading where the answer is Yes, of the
	// upper one otherwise: a Maybe shows what would allow it.
	Decision iam.Decision
	// Because are the statements that made the decision.
	Because []Because
	// Missing says for a No, in a sentence, what would have to be there.
	Missing string
	// Doubts are for a Maybe what is not known and could turn the answer.
	Doubts []Doubt
	// Given are conditions that stand between the principal and a Yes because
	// the request lacks their keys: "ses:FromAddress like …".
	Given []string
	// Notes say what the answer takes for granted, such as that a resource
	// that no file declares has no policy of its own.
	Notes []string
	// Via is how a workload comes to the role that may; nil for others.
	Via *Identity
}

// Because is one statement that made a decision, and where it is written.
type Because struct {
	Effect iam.Effect
	// Place is where the policy stands in the evaluation: identity, boundary,
	// resource, trust, SCP, RCP, grant, root.
	Place string
	// Holder is the resource in which the policy is written; nil for what is
	// in no file, such as an AWS-managed policy's text or what root may do.
	Holder estate.Resource
	// Policy names an AWS-managed policy; "".
	Policy string
	// At is where the policy, or the attachment of an AWS-managed one, stands.
	At diag.Pos
	// Sid is the statement's name, "" without one; Statement its index.
	Sid       string
	Statement int
	// Text is the statement in words: "allows s3:* on *".
	Text string
}

// String is the statement as a report shows it: who says what, and where.
func (b Because) String() string {
	s := b.source() + " " + b.Text
	if !b.At.IsZero() {
		s += " (" + b.At.String() + ")"
	}
	return s
}

// source names the statement and the document that it is in.
func (b Because) source() string {
	doc := b.Place
	switch {
	case b.Policy != "":
		doc = "AWS's policy " + b.Policy
	case b.Holder != nil:
		doc = b.Holder.Meta().ID.Addr
	}
	if b.Place != "identity" && doc != b.Place {
		doc = "the " + b.Place + " policy of " + doc
	}
	if b.Sid != "" {
		return "statement " + b.Sid + " of " + doc
	}
	return doc
}

// Doubt is something that is not known and that an answer depends on.
type Doubt struct {
	At  diag.Pos
	Why string
}

// String is the reason and where it stands.
func (d Doubt) String() string {
	if d.At.IsZero() {
		return d.Why
	}
	return d.Why + " (" + d.At.String() + ")"
}

// Permission is one statement that lets a principal do something, and what
// takes away from it.
type Permission struct {
	Because
	// Exactly one of each pair is there, as in the statement.
	Actions, NotActions     []string
	Resources, NotResources []string
	// Conditions are in words: "ses:FromAddress like *@shop.example".
	Conditions []string
	// Truth is Maybe where holes leave open what the statement covers, No where
	// nothing of it is left.
	Truth estate.Truth
	// Limits are what takes away from it: denies, the boundary, SCPs.
	Limits []Limit
	Doubts []Doubt
	// Via is how a workload comes to the role; nil for others.
	Via *Identity
}

// Limit is a statement, or the lack of one, that takes away from a permission.
type Limit struct {
	Because
	// Whole says that nothing of the permission is left.
	Whole bool
}

// Outsider is somebody outside the account who can do something to a resource.
type Outsider struct {
	// Who is "anyone", "any AWS account", an account, a principal's ARN, a
	// service, or the tokens of an identity provider.
	Who string
	// Means are the actions that they may do, as patterns.
	Actions []string
	Truth   estate.Truth
	// Within says that they are of the account's own organisation.
	Within estate.Truth
	// Conditions are what has to hold besides, in words.
	Conditions []string
	Because    []Because
	Doubts     []Doubt
	// Witness is a request that is allowed.
	Witness *iam.Request
}
