package iam

import "strings"

// Evaluate decides a request by AWS's documented logic, with the default
// Options.
func Evaluate(r *Request, p *Policies) Decision { return Options{}.Evaluate(r, p) }

// Evaluate decides a request (IAM User Guide, "Policy evaluation logic"):
//
//   - A Deny that applies anywhere denies.
//   - The endpoint's policy and every level of SCPs have to allow. RCPs only
//     deny: their full-access policy is always attached.
//   - Inside one account, what the resource's policy grants to the caller
//     itself is final; what it grants to a role is limited by boundary and
//     session policy; otherwise the identity policies have to allow, within
//     boundary and session policy. A role's trust policy and a key's policy
//     have to take part.
//   - Across accounts, both the caller's side and the resource's have to allow.
func (o Options) Evaluate(r *Request, p *Policies) Decision {
	if p == nil {
		p = &Policies{}
	}
	var v verdict
	v.begin(o, r)
	v.policies = p
	v.caller.bounded = len(p.Boundary) > 0
	if v.action == "sts:getcalleridentity" {
		return Decision{Allowed: true, Because: []Because{{Policy: "sts:GetCallerIdentity", Statement: -1, Effect: Allow}}}
	}
	v.read()
	if len(v.denies) > 0 {
		return v.denied()
	}
	if why := v.missing(); why != "" {
		return Decision{Because: becauseOf(v.allows), Missing: why}
	}
	return Decision{Allowed: true, Because: v.because()}
}

// place is where a document stands.
type spot uint8

const (
	inIdentity spot = iota
	inBoundary
	inSession
	inResource
	inEndpoint
	inSCP
	inRCP
	inGrant
	inRoot
	places
)

// hit is a statement that applies.
type hit struct {
	in       spot
	above    int // the level of an SCP or RCP
	document int
	index    int
	level    level
	doc      *Document
}

// verdict is an evaluation with what its policies say.
type verdict struct {
	eval
	policies *Policies
	allows   []hit
	denies   []hit
	room     [8]hit // what allows begins with
	allowed  [places]bool
	grant    level // the best that the resource's policy gives
	scpGap   int   // the first level of SCPs without an Allow, from 1; 0 for none
	signed   bool  // with credentials: the caller's own policies bear on it
}

// read applies every document that bears on the request.
func (v *verdict) read() {
	v.allows = v.room[:0]
	p := v.policies
	v.signed = v.caller.hasIdentity() && !v.caller.isOriginAccess() && !v.unsigned()
	linked := v.signed && v.caller.Kind == Session && strings.Contains(v.caller.role, ":role/aws-service-role/")
	if v.signed && v.caller.Kind != Root {
		v.documents(inIdentity, 0, p.Identity)
		v.documents(inBoundary, 0, p.Boundary)
		v.documents(inSession, 0, p.Session)
	}
	v.documents(inResource, 0, p.Resource)
	v.documents(inEndpoint, 0, p.Endpoint)
	if v.signed && !linked {
		for i, level := range p.SCPs {
			v.allowed[inSCP] = false
			v.documents(inSCP, i, level)
			if !v.allowed[inSCP] && v.scpGap == 0 {
				v.scpGap = i + 1
			}
		}
	}
	if !linked && (v.o.RCPEverywhere || rcpServices[v.service] != "") {
		for i, level := range p.RCPs {
			v.documents(inRCP, i, level)
		}
	}
	v.grants()
}

// documents applies the documents of one place.
func (v *verdict) documents(in spot, above int, docs []*Document) {
	for i, d := range docs {
		if d == nil || d.Rejected {
			continue
		}
		for j := range d.Statements {
			v.statement(in, hit{in: in, above: above, document: i, index: j, doc: d}, &d.Statements[j])
		}
	}
}

func (v *verdict) statement(in spot, h hit, s *Statement) {
	if !s.read || !v.matchAction(s) {
		return
	}
	resource := v.matchResource(s)
	h.level = levelAnyone
	if h.doc.Kind.hasPrincipal() {
		h.level = v.matchPrincipal(s)
	}
	if h.level == levelNone || !resource {
		v.missed(h, s, resource, nil)
		return
	}
	if c := v.failed(s); c != nil {
		v.missed(h, s, true, c)
		return
	}
	if s.Effect == Deny {
		if in != inResource || !v.repairs() {
			v.denies = append(v.denies, h)
		}
		return
	}
	v.allowed[in] = true
	if in == inResource {
		v.grant = max(v.grant, h.level)
	}
	v.allows = append(v.allows, h)
}

// within says whether boundary and session policy let the request pass. A
// federated user's session has nothing but what its session policy lets it have.
func (v *verdict) within() bool {
	if v.caller.Kind == FederatedUser && len(v.policies.Session) == 0 {
		return false
	}
	return (len(v.policies.Boundary) == 0 || v.allowed[inBoundary]) && (len(v.policies.Session) == 0 || v.allowed[inSession])
}

// identity says whether the caller's identity policies allow. The root user
// needs none; a federated user without a session policy has nothing of them.
func (v *verdict) identity() bool {
	switch v.caller.Kind {
	case Root:
		return true
	case FederatedUser:
		return v.allowed[inIdentity] && len(v.policies.Session) > 0
	}
	return v.allowed[inIdentity]
}

// final says whether the resource's policy grants to the caller directly, and
// its identity policies are not asked.
func (v *verdict) final() bool { return v.grant >= levelDirect }

// sameAccount says whether caller and resource are of one account.
func (v *verdict) sameAccount() bool { return v.caller.Account == v.owner }

// missing returns what a request needs that no statement denies; "" when it is
// allowed.
func (v *verdict) missing() string {
	if len(v.policies.Endpoint) > 0 && !v.allowed[inEndpoint] {
		return v.lacks(inEndpoint, "the VPC endpoint's policy does not allow %s")
	}
	if v.scpGap > 0 {
		return v.noSCP()
	}
	if why := v.blocked(); why != "" {
		return why
	}
	switch {
	case !v.signed:
		if v.grant == levelNone {
			return v.noGrant()
		}
		return ""
	case v.action == "sts:assumerole" && v.caller.Kind == Root:
		return "the root user cannot assume a role"
	case v.action == "sts:assumerole" && hasPrefix(v.resource[5], "role/aws-service-role/"):
		return "only its service can assume the service-linked role " + v.r.Resource
	case !v.sameAccount():
		return v.across()
	}
	return v.inside()
}

// inside is the rule for one account.
func (v *verdict) inside() string {
	if v.final() || v.grant == levelRole && v.within() {
		return ""
	}
	if v.grant == levelNone && v.ownPolicyDecides() {
		return v.noGrant()
	}
	if v.grant != levelRole && !v.identity() {
		return v.noIdentity()
	}
	return v.limits()
}

// across is the rule for two accounts.
func (v *verdict) across() string {
	if v.grant == levelNone {
		return v.noGrant()
	}
	if !v.identity() {
		return v.noIdentity()
	}
	return v.limits()
}

// limits says which of boundary and session policy does not let a request
// pass.
func (v *verdict) limits() string {
	if len(v.policies.Boundary) > 0 && !v.allowed[inBoundary] {
		return v.lacks(inBoundary, "the permissions boundary does not allow %s")
	}
	if v.caller.Kind == FederatedUser && len(v.policies.Session) == 0 {
		return v.noIdentity()
	}
	if len(v.policies.Session) > 0 && !v.allowed[inSession] {
		return v.lacks(inSession, "the session policy does not allow %s")
	}
	return ""
}
