package iam

import (
	"fmt"
	"strings"
)

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
	// PathUnknown says that Role was made from a session's ARN, so that a
	// role's path may be missing in it. Roles are then the same when account
	// and name are; a name is there only once in an account.
	PathUnknown bool
	// User is the ARN of the user whose federated session it is, where known.
	User string
	// SessionName is the name of a role session or federated user.
	SessionName string
	// Name is the service ("ec2.amazonaws.com"), the provider's ARN or host, or
	// the canonical id.
	Name string
}

// ParsePrincipal reads the ARN of a caller: a user, a role (for a session of it
// whose name is not known), a role session, a federated user, the root user;
// or an account's 12 digits, for its root user.
func ParsePrincipal(arn string) (Principal, error) {
	pp, why := newPrincipalPattern("AWS", arn)
	if why != "" {
		return Principal{}, fmt.Errorf("the principal %q %s", arn, why)
	}
	p := Principal{ARN: arn, Account: pp.account}
	_, rest, _ := strings.Cut(arn[strings.LastIndexByte(arn, ':')+1:], "/")
	switch pp.form {
	case formAccount:
		p.Kind = Root
		if !strings.HasPrefix(arn, "arn:") {
			p.ARN = "arn:aws:iam::" + arn + ":root"
		}
	case formUser:
		p.Kind = User
	case formRole:
		p.Kind, p.Role = Session, arn
	case formSession:
		p.Kind, p.PathUnknown = Session, true
		role, session, _ := strings.Cut(rest, "/")
		parts, _ := segments(arn)
		p.Role, p.SessionName = "arn:"+parts[1]+":iam::"+pp.account+":role/"+role, session
	case formFederatedUser:
		p.Kind, p.SessionName = FederatedUser, rest
	default:
		return Principal{}, fmt.Errorf("the principal %q is nobody who can make a request", arn)
	}
	return p, nil
}

// AnonymousPrincipal is a caller without credentials.
func AnonymousPrincipal() Principal { return Principal{} }

// ServicePrincipal is an AWS service: "ec2.amazonaws.com".
func ServicePrincipal(name string) Principal { return Principal{Kind: Service, Name: name} }

// FederatedPrincipal is a caller with a token of the identity provider: its
// ARN, or for the providers that IAM knows itself its host
// ("accounts.google.com").
func FederatedPrincipal(provider string) Principal {
	return Principal{Kind: Federated, Name: provider}
}

// CanonicalPrincipal is an S3 canonical user.
func CanonicalPrincipal(id string) Principal { return Principal{Kind: Canonical, Name: id} }

// hasIdentity says whether identity policies can be about the caller.
func (p *Principal) hasIdentity() bool {
	return p.Kind == Root || p.Kind == User || p.Kind == Session || p.Kind == FederatedUser
}

// isOriginAccess says whether the caller is an origin access identity of
// CloudFront. S3 names it like a user, but it is in no account: what a bucket's
// policy grants to it is all that it needs (CloudFront Developer Guide, "Use an
// origin access identity").
func (p *Principal) isOriginAccess() bool {
	return p.Kind == User && p.Account == "cloudfront"
}

// String names the principal in a sentence.
func (p *Principal) String() string {
	switch p.Kind {
	case Anonymous:
		return "an anonymous caller"
	case Service, Federated, Canonical:
		return p.Name
	}
	return p.ARN
}
