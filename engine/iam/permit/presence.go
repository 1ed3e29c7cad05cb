package permit

import (
	"maps"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// Some condition keys are there for some callers only, and a request that has
// them for others cannot be. Each such rule is a statement that must not match:
// the key is there, and the caller is not one of those.

// identityOnly says whether a key is only there for principals of an account:
// anonymous callers, services and tokens have none ("AWS global condition
// context keys" on aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:PrincipalTag
// and aws:MultiFactorAuthPresent).
func identityOnly(key string) bool {
	switch key {
	case "aws:principalorgid", "aws:principalorgpaths", "aws:multifactorauthpresent", "aws:multifactorauthage":
		return true
	}
	return strings.HasPrefix(key, "aws:principaltag/")
}

// issuer is the identity provider whose tokens fill a condition key: what is
// before the last colon, where that is the name of a host ("IAM and AWS STS
// condition context keys", keys for AWS OIDC federation).
func issuer(key string) (string, bool) {
	i := strings.LastIndexByte(key, ':')
	if i < 0 {
		return "", false
	}
	host, _, _ := strings.Cut(key[:i], "/")
	return key[:i], strings.Contains(host, ".")
}

// impossible are the statements that no request matches.
func (b *builder) impossible(q *question) (out []*statement) {
	for _, key := range slices.Sorted(maps.Keys(q.asked)) {
		who := -1
		from, token := issuer(key)
		switch {
		case identityOnly(key):
			who = b.who.literal("identity", func(k *kase) caseLit { return always(k.identity()) })
		case q.kind == iam.Trust && token:
			who = b.who.literal("token of "+from, func(k *kase) caseLit { return k.tokenOf(from) })
		case q.kind == iam.Trust && strings.HasPrefix(key, "saml:"):
			who = b.who.literal("saml", func(k *kase) caseLit { return always(k.saml) })
		}
		if who >= 0 {
			c := condition("Null", key, "false")
			out = append(out, &statement{lits: []literalOf{{dimWho, who, true}, b.conditionLit(&c, false, exact)}})
		}
	}
	return out
}

// identity says whether a case is of principals of an account.
func (w *who) identity() bool {
	return w.kind == iam.Root || w.kind == iam.User || w.kind == iam.Session || w.kind == iam.FederatedUser
}

// tokenOf is the literal that a caller shows a token of an issuer. Keys are
// read without regard to case, and so is the issuer.
func (k *kase) tokenOf(issuer string) caseLit {
	if k.kind != iam.Federated || k.saml {
		return always(false)
	}
	arn := join(literal("arn:", false), anything(':'), literal(":iam::", false), anything(':'), literal(":oidc-provider/", false), literal(issuer, true))
	return k.literal("token of "+issuer, matched{pats: []pattern{literal(issuer, true), arn}})
}
