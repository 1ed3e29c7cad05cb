package iam

import "strings"

// grants applies the grants of a KMS key: they allow the grantee, beside the
// key policy (KMS Developer Guide, "Grants in AWS KMS").
func (v *verdict) grants() {
	if len(v.policies.Grants) == 0 || v.service != "kms" || !v.ownPolicyDecides() {
		return
	}
	for i := range v.policies.Grants {
		g := &v.policies.Grants[i]
		l := v.grantee(g.Grantee)
		if l == levelNone || !v.operation(g) || !v.constraint(g) {
			continue
		}
		v.grant = max(v.grant, l)
		v.allows = append(v.allows, hit{in: inGrant, document: i, level: l})
	}
}

// grantee says on which level a grant names the caller.
func (v *verdict) grantee(name string) level {
	kind := "AWS"
	if isHost(name) {
		kind = "Service"
	}
	pp, why := newPrincipalPattern(kind, name)
	if why != "" || pp.form == formAnyone || pp.form == formAnyType {
		return levelNone
	}
	return v.principalLevel(&pp)
}

func (v *verdict) operation(g *Grant) bool {
	for _, op := range g.Operations {
		if strings.EqualFold(op, v.name) {
			return true
		}
	}
	return false
}

// constraint says whether the encryption context of the request is what the
// grant wants.
func (v *verdict) constraint(g *Grant) bool {
	const prefix = "kms:encryptioncontext:"
	has := func(k, want string) bool {
		values, multi, ok := v.key(prefix + strings.ToLower(k))
		return ok && !multi && values[0] == want
	}
	for k, want := range g.Subset {
		if !has(k, want) {
			return false
		}
	}
	if g.Equals == nil {
		return true
	}
	for k, want := range g.Equals {
		if !has(k, want) {
			return false
		}
	}
	n := 0
	for k := range v.r.Context {
		if hasPrefix(k, prefix) {
			n++
		}
	}
	return n == len(g.Equals)
}
