package permit

import (
	"slices"

	"fathom/engine/iam"
)

// regime is a part of all requests that is looked at by itself, because two
// dimensions depend on each other: in trust policies the action and the sort
// of caller, for kms:CallerAccount the service and the account.
type regime struct {
	actions, notActions []string
	kinds               []iam.PrincipalKind
	noSAML, noWeb       bool // which identity providers are left out of Federated
	kms                 bool // the action is one of KMS
}

// regimes are the parts in which the requests of a kind of document are
// looked at.
func (q *question) regimes() []regime {
	identities := []iam.PrincipalKind{iam.Session, iam.User, iam.FederatedUser}
	all := []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.Anonymous, iam.FederatedUser, iam.Canonical, iam.Federated}
	var out []regime
	switch q.kind {
	case iam.Identity:
		out = []regime{{kinds: identities}}
	case iam.SCP:
		out = []regime{{kinds: append(identities, iam.Root)}}
	case iam.Trust:
		// AWS decides by the action which callers there can be ("AssumeRole",
		// "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML" of the STS reference).
		out = []regime{
			{actions: []string{"sts:assumerole"}, kinds: []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.FederatedUser}},
			{actions: []string{"sts:assumerolewithwebidentity"}, kinds: []iam.PrincipalKind{iam.Federated}, noSAML: true},
			{actions: []string{"sts:assumerolewithsaml"}, kinds: []iam.PrincipalKind{iam.Federated}, noWeb: true},
			{
				actions:    []string{"sts:*"},
				notActions: []string{"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"},
				kinds:      []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.FederatedUser, iam.Federated},
			},
		}
	default:
		out = []regime{{kinds: all}}
	}
	if !q.asked["kms:calleraccount"] {
		return out
	}
	var split []regime
	for _, r := range out {
		in, rest := r, r
		in.kms, in.actions = true, append(slices.Clone(r.actions), "kms:*")
		rest.notActions = append(slices.Clone(r.notActions), "kms:*")
		if len(r.actions) == 0 {
			split = append(split, in)
		}
		split = append(split, rest)
	}
	return split
}
