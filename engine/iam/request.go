package iam

import "strings"

// Request is one authorisation that IAM is asked for.
type Request struct {
	Principal Principal
	// Action is "service:Name"; its case does not matter.
	Action string
	// Resource is an ARN, or "*" for an action that has no resource.
	Resource string
	// ResourceAccount is the account that owns the resource. Where it is
	// empty, the account in the ARN counts, and for an ARN without one (S3)
	// the principal's.
	ResourceAccount string
	// Context holds the condition keys that are present, in lower case. Keys
	// that follow from the principal (aws:PrincipalArn, aws:PrincipalAccount,
	// aws:username …) are added where they are not given.
	Context Context
}

// Context holds the condition keys of a request, by their name in lower case.
// A key that is not in it is absent, which is not the same as empty.
type Context map[string]Value

// Set puts a key in, in lower case.
func (c Context) Set(key string, v Value) { c[strings.ToLower(key)] = v }

// Value is what a condition key holds. A single-valued key has one value, a
// multivalued key has any number, none included. Set operators
// (ForAllValues:, ForAnyValue:) are meant for the latter.
type Value struct {
	Multi  bool
	Values []string
}

// One makes the value of a single-valued key, Many that of a multivalued key.
func One(v string) Value { return Value{Values: []string{v}} }

// Many makes the value of a multivalued key.
func Many(vs ...string) Value { return Value{Multi: true, Values: vs} }

// Policies are the documents that apply to a request.
type Policies struct {
	// Identity are those of the user, its groups, or the role.
	Identity []*Document
	// Boundary is the permissions boundary; no document means that there is none.
	Boundary []*Document
	// Session are the policies passed with AssumeRole or GetFederationToken; no
	// document means that none was passed.
	Session []*Document
	// Resource is the policy of the resource: a bucket policy, key policy,
	// trust policy. A request through an S3 access point has to be allowed by
	// the access point's policy and by the bucket's: that is two evaluations.
	Resource []*Document
	// Endpoint is the policy of the VPC endpoint on the way; no document means
	// that the request takes none.
	Endpoint []*Document
	// SCPs are the service control policies of the caller's account by level,
	// the root of the organisation first. No level means that none apply, as in
	// the management account; a level without documents allows nothing.
	SCPs [][]*Document
	// RCPs are the resource control policies of the resource's account, of the
	// caller's for an action without a resource. That the full-access policy is
	// among them is taken for granted.
	RCPs [][]*Document
	// Grants are the grants of a KMS key.
	Grants []Grant
	// PublicAccess is S3 Block Public Access, the settings of organisation,
	// account, bucket and access point united.
	PublicAccess PublicAccess
}

// Grant is a KMS grant: it allows, beside the key policy.
type Grant struct {
	// Grantee is the ARN of the principal, or the name of a service.
	Grantee string
	// Operations are the names of KMS operations: Decrypt, GenerateDataKey.
	Operations []string
	// EncryptionContext has to be in the request: all of it (Equals) or at
	// least these pairs (Subset); both nil is no constraint.
	Equals, Subset map[string]string
}

// PublicAccess is S3 Block Public Access as it bears on a request. The
// settings that only refuse to store a policy or ACL are not here.
type PublicAccess struct {
	// RestrictBuckets leaves a bucket whose policy is public to AWS services
	// and to principals of its own account (RestrictPublicBuckets).
	RestrictBuckets bool
}

// Decision is the answer to a request. Its zero value is an implicit denial.
type Decision struct {
	Allowed bool
	// Explicit says that a statement denies the request; otherwise a denial
	// comes from there being no statement that allows.
	Explicit bool
	// Because are the statements that made the decision: those that deny, or
	// those that allow. An implicit denial has those that allow on the way to
	// what is missing.
	Because []Because
	// Missing says for a denial, in a sentence, what would have to be there.
	Missing string
}

// Because is one statement that made a decision.
type Because struct {
	// Policy is its document: "identity[0]", "scps[1][0]", "grants[0]"; "root"
	// for what the account's root user may do without any, and
	// "sts:GetCallerIdentity", which everybody may call.
	Policy string
	// Statement is its index in the document, -1 where that has none.
	Statement int
	Effect    Effect
	// Document is the document itself, nil for a grant.
	Document *Document
}

// Effect is what a statement does.
type Effect uint8

// The effects. The zero Effect is Deny.
const (
	Deny Effect = iota
	Allow
)

// String is the word of the policy language.
func (e Effect) String() string {
	if e == Allow {
		return "Allow"
	}
	return "Deny"
}
