package iam

import (
	"strconv"
	"strings"
)

// near is the statement of each place that came closest to allowing, for
// explanations. Closest is: all but a condition, then all but the principal,
// then all but the resource.
type near [places]miss

type miss struct {
	hit
	rank      int8 // 0 for none
	condition *Condition
}

const (
	missedResource int8 = iota + 1
	missedPrincipal
	missedCondition
)

// missed notes a statement about the action that does not apply.
func (v *verdict) missed(h hit, s *Statement, resource bool, c *Condition) {
	if s.Effect != Allow {
		return
	}
	rank := missedCondition
	switch {
	case c != nil:
	case !resource && h.level == levelNone:
		return // neither what nor who: not near
	case !resource:
		rank = missedResource
	default:
		rank = missedPrincipal
	}
	if m := &v.near[h.in]; rank > m.rank && (h.in != inSCP || v.scpGap == 0) {
		*m = miss{hit: h, rank: rank, condition: c}
	}
}

// asked is the request in a sentence: "s3:GetObject on arn:aws:s3:::b/k".
func (v *verdict) asked() string { return v.r.Action + " on " + v.r.Resource }

// lacks says that nothing in a place allows, and what nearly did.
func (v *verdict) lacks(in spot, format string) string {
	return strings.Replace(format, "%s", v.asked(), 1) + v.nearly(in)
}

func (v *verdict) noIdentity() string {
	if v.caller.Kind == FederatedUser && len(v.policies.Session) == 0 {
		return "the federated session was made without a session policy, so it has nothing of the identity policies that would allow " + v.asked()
	}
	return v.lacks(inIdentity, "no identity policy allows %s")
}

// noGrant says that the resource's policy does not allow the caller.
func (v *verdict) noGrant() string {
	what := "resource"
	switch {
	case v.service == "sts" && v.ownPolicyDecides():
		what = "trust"
	case v.service == "kms" && v.ownPolicyDecides():
		what = "key"
	}
	if len(v.policies.Resource) == 0 {
		s := "there is no " + what + " policy that would allow " + v.asked() + " to " + v.caller.String()
		if v.signed && !v.sameAccount() {
			s += ", who is of another account"
		}
		return s
	}
	return "the " + what + " policy does not allow " + v.asked() + " to " + v.caller.String() + v.nearly(inResource)
}

func (v *verdict) noSCP() string {
	return "SCP level " + strconv.Itoa(v.scpGap-1) + " does not allow " + v.asked() + v.nearly(inSCP)
}

// nearly describes the statement of a place that came closest.
func (v *verdict) nearly(in spot) string {
	m := &v.near[in]
	if m.rank == 0 {
		return v.rejected(in)
	}
	s := "; " + m.where()
	switch m.rank {
	case missedCondition:
		return s + " would allow it, but its condition " + v.describe(m.condition)
	case missedPrincipal:
		return s + " would allow it, but is for " + listPrincipals(&m.doc.Statements[m.index])
	}
	if st := &m.doc.Statements[m.index]; st.NotResources != nil {
		return s + " allows the action, but not on " + listResources(st)
	}
	return s + " allows the action, but on " + listResources(&m.doc.Statements[m.index])
}

// rejected says which document of a place AWS would not take.
func (v *verdict) rejected(in spot) string {
	p := v.policies
	docs := [...][]*Document{inIdentity: p.Identity, inBoundary: p.Boundary, inSession: p.Session, inResource: p.Resource, inEndpoint: p.Endpoint, inSCP: nil}[in]
	for i, d := range docs {
		if d != nil && d.Rejected {
			h := hit{in: in, document: i}
			return "; " + h.policy() + " is not valid and grants nothing"
		}
	}
	return ""
}

// describe says of a condition that does not hold why it does not.
func (v *verdict) describe(c *Condition) string {
	name := c.written()
	values, multi, ok := v.key(c.Key)
	switch {
	case !ok && c.Operator.Test == Null:
		return name + " does not hold: the key is not in the request"
	case c.Operator.Test == Null:
		return name + " does not hold: the key is in the request"
	case !ok:
		return name + " does not hold: the key is not in the request"
	case multi && c.Operator.Set == NoSet && !v.o.AnyOfMany:
		return name + " does not hold: the key has many values, and the operator is for one"
	}
	wants := "the statement wants "
	if c.Operator.Negated {
		wants = "the statement wants none of "
	}
	return name + " does not hold: the request has " + list(values) + ", " + wants + list(c.Values)
}

func listResources(s *Statement) string {
	var texts []string
	for _, l := range [][]ARN{s.Resources, s.NotResources} {
		for i := range l {
			texts = append(texts, l[i].Text)
		}
	}
	return list(texts)
}

func listPrincipals(s *Statement) string {
	var texts []string
	word := ""
	if s.NotPrincipals != nil {
		word = "all but "
	}
	for _, l := range [][]PrincipalPattern{s.Principals, s.NotPrincipals} {
		for i := range l {
			texts = append(texts, l[i].Value)
		}
	}
	return word + list(texts)
}

// list writes up to three texts and counts the rest.
func list(texts []string) string {
	const most = 3
	shown := texts[:min(len(texts), most)]
	s := strings.Join(shown, ", ")
	if n := len(texts) - len(shown); n > 0 {
		s += " and " + strconv.Itoa(n) + " more"
	}
	if s == "" {
		return "nothing"
	}
	return s
}

// because picks the statements that an allowed request needs: one that allows
// but without which it would be the same is left out.
func (v *verdict) because() []Because {
	var uses [places]bool
	uses[inEndpoint], uses[inSCP] = true, true
	least := levelAccount // the least level that counts of the resource's policy
	switch {
	case !v.signed:
		uses[inResource] = true
	case !v.sameAccount():
		uses[inIdentity], uses[inBoundary], uses[inSession], uses[inResource] = true, true, true, true
	default:
		within := v.within()
		byRole := within && v.grant >= levelRole && v.has(levelRole)
		byIdentity := within && v.identity() && (v.grant > levelNone || !v.ownPolicyDecides())
		uses[inResource] = v.final() || byRole || v.ownPolicyDecides()
		uses[inIdentity] = byIdentity
		uses[inBoundary], uses[inSession] = byRole || byIdentity, byRole || byIdentity
		switch {
		case byIdentity && v.ownPolicyDecides():
		case byRole:
			least = levelRole
		default:
			least = levelDirect
		}
	}
	uses[inGrant] = uses[inResource]
	kept := v.allows[:0]
	if v.caller.Kind == Root && uses[inIdentity] {
		out := []Because{{Policy: "root", Statement: -1, Effect: Allow}}
		uses[inIdentity] = false
		return append(out, v.keep(kept, &uses, least)...)
	}
	return v.keep(kept, &uses, least)
}

// has says whether the resource's policy grants on exactly this level.
func (v *verdict) has(l level) bool {
	for i := range v.allows {
		if h := &v.allows[i]; (h.in == inResource || h.in == inGrant) && h.level == l {
			return true
		}
	}
	return false
}

func (v *verdict) keep(kept []hit, uses *[places]bool, least level) []Because {
	for _, h := range v.allows {
		if uses[h.in] && ((h.in != inResource && h.in != inGrant) || h.level >= least) {
			kept = append(kept, h)
		}
	}
	return becauseOf(kept)
}

func (v *verdict) denied() Decision {
	d := Decision{Explicit: true, Because: becauseOf(v.denies)}
	h := &v.denies[0]
	d.Missing = h.where() + " denies " + v.asked() + v.byAbsence(&h.doc.Statements[h.index])
	return d
}

// byAbsence says which condition of a statement holds only because its key is
// missing: what surprises people most in a denial.
func (v *verdict) byAbsence(s *Statement) string {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if _, _, ok := v.key(c.Key); !ok && c.Operator.Test != Null {
			return "; its condition " + c.written() + " holds because the key is not in the request"
		}
	}
	return ""
}

// written is the condition without its values, as it is written.
func (c *Condition) written() string { return c.Operator.Text + " " + c.key }

// where names a statement: its document, its index, its Sid.
func (h *hit) where() string {
	s := h.policy() + " statement " + strconv.Itoa(h.index)
	if sid := h.doc.Statements[h.index].Sid; sid != "" {
		s += " (" + sid + ")"
	}
	return s
}

func becauseOf(hits []hit) []Because {
	if len(hits) == 0 {
		return nil
	}
	out := make([]Because, len(hits))
	for i := range hits {
		h := &hits[i]
		out[i] = Because{Policy: h.policy(), Statement: h.index, Effect: Allow, Document: h.doc}
		if h.doc != nil {
			out[i].Effect = h.doc.Statements[h.index].Effect
		} else {
			out[i].Statement = -1
		}
	}
	return out
}
