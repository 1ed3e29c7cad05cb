package iam

// PrincipalKind is what sort of caller a principal is.
type PrincipalKind uint8

// The kinds. The zero kind is Anonymous, whom no identity policy knows.
const (
	Anonymous PrincipalKind = iota
	// Root is the root user of an account.
	Root
	// User is an IAM user.
	User
	// Session is a role session. The role itself is never a caller: a role's
	// ARN as principal stands for a session of it whose name is not known.
	Session
	// FederatedUser is a session of GetFederationToken.
	FederatedUser
	// Service is an AWS service principal.
	Service
	// Federated is a caller that shows a token of an identity provider and has
	// no AWS identity yet: AssumeRoleWithWebIdentity, AssumeRoleWithSAML.
	Federated
	// Canonical is an S3 canonical user.
	Canonical
)

// Principal is who makes a request.
type Principal struct {
	Kind PrincipalKind
	// ARN is the caller's: the user, the session, the role whose session it
	// is, the root user.
	ARN string
	// Account is the caller's account; empty for services and anonymous ones.
	Account string
	// Role is the ARN of a session's role. With its path where that is known:
	// a session's ARN does not have it.
	Role string
	// SessionName is the name of a role session or federated user.
	SessionName string
	// Name is the service ("ec2.amazonaws.com"), the provider's ARN or host, or
	// the canonical id.
	Name string
}
