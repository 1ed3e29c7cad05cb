package iam

import "strings"

// MatchesAction says whether the statement is about an action ("s3:GetObject").
func (s *Statement) MatchesAction(action string) bool {
	var e eval
	e.begin(Options{}, &Request{Action: action})
	return s.read && e.matchAction(s)
}

// MatchesResource says whether the statement is about the request's resource.
// It needs the request because of policy variables.
func (s *Statement) MatchesResource(r *Request) bool {
	var e eval
	e.begin(Options{}, r)
	return s.read && e.matchResource(s)
}

// MatchesPrincipal says whether the statement is about the request's
// principal, on any level: an account names all its principals. A statement
// that has no principals (an identity policy's) is about everybody.
func (s *Statement) MatchesPrincipal(r *Request) bool {
	var e eval
	e.begin(Options{}, r)
	return s.read && e.matchPrincipal(s) != levelNone
}

// MatchesConditions says whether all conditions of the statement hold.
func (s *Statement) MatchesConditions(r *Request) bool {
	var e eval
	e.begin(Options{}, r)
	return s.read && e.failed(s) == nil
}

// Alone says which statements of the document match a request, by their
// index: those that allow and those that deny. Principals count on any level.
func (d *Document) Alone(r *Request) (allowed, denied []int) {
	var e eval
	e.begin(Options{}, r)
	if d.Rejected {
		return nil, nil
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if l, ok := e.matches(s, d.Kind); !ok || l == levelNone {
			continue
		}
		if s.Effect == Allow {
			allowed = append(allowed, i)
		} else {
			denied = append(denied, i)
		}
	}
	return allowed, denied
}

// Permits says whether the document by itself lets a request pass: a statement
// allows it and none denies it. Naming an account counts as a grant, although
// in AWS it only delegates to the account's own policies.
func (d *Document) Permits(r *Request) bool {
	allowed, denied := d.Alone(r)
	return len(allowed) > 0 && len(denied) == 0
}

// matches says whether a statement applies to the request, and on which level
// it names the caller.
func (e *eval) matches(s *Statement, k Kind) (level, bool) {
	if !s.read || !e.matchAction(s) || !e.matchResource(s) {
		return levelNone, false
	}
	l := levelAnyone
	if k.hasPrincipal() {
		if l = e.matchPrincipal(s); l == levelNone {
			return l, false
		}
	}
	return l, e.failed(s) == nil
}

func (e *eval) matchAction(s *Statement) bool {
	if s.NotActions != nil {
		return !e.anyAction(s.NotActions)
	}
	return e.anyAction(s.Actions)
}

func (e *eval) anyAction(list []Action) bool {
	for i := range list {
		a := &list[i]
		if a.any || a.service == e.service && a.service != "" && a.name.match(e.name) {
			return true
		}
	}
	return false
}

func (e *eval) matchResource(s *Statement) bool {
	if s.NotResources != nil {
		if !e.o.UnresolvedHolds && e.unresolved(s.NotResources) {
			return false
		}
		return !e.anyResource(s.NotResources)
	}
	// A trust policy, or a policy of ECR, is about what it is attached to.
	return s.Resources == nil || e.anyResource(s.Resources)
}

func (e *eval) anyResource(list []ARN) bool {
	for i := range list {
		a := &list[i]
		if a.any {
			return true
		}
		if !e.isARN {
			continue
		}
		if e.o.FoldResourceCase {
			if e.matchFolded(a) {
				return true
			}
			continue
		}
		if matchSegments(&a.segments, &e.resource, e) {
			return true
		}
	}
	return false
}

// matchFolded compares a resource without regard to case, the slow way: only
// an option asks for it.
func (e *eval) matchFolded(a *ARN) bool {
	for i := range a.segments {
		parts := a.segments[i].parts
		if parts == nil {
			parts = a.segments[i].glob.spell()
		} else {
			var ok bool
			if parts, ok = e.resolve(parts); !ok {
				return false
			}
		}
		lower := make([]part, len(parts))
		for j, p := range parts {
			p.text = strings.ToLower(p.text)
			lower[j] = p
		}
		g := compile(lower)
		if !g.match(strings.ToLower(e.resource[i])) {
			return false
		}
	}
	return true
}

// unresolved says whether an entry has a policy variable without a value.
func (e *eval) unresolved(list []ARN) bool {
	for i := range list {
		if parts := list[i].segments[5].parts; parts != nil {
			if _, ok := e.resolve(parts); !ok {
				return true
			}
		}
	}
	return false
}

// level is how a statement names the caller, which decides what can still
// limit what it grants (IAM User Guide, "Policy evaluation logic" and "Principal").
type level uint8

const (
	levelNone level = iota
	// levelAccount delegates: the caller's identity policies have to allow too.
	levelAccount
	// levelRole grants to a role: boundary and session policy still limit its
	// sessions.
	levelRole
	// levelDirect names the caller itself: nothing but a Deny limits it.
	levelDirect
	// levelAnyone grants to everyone, and so to the caller directly.
	levelAnyone
)

func (e *eval) matchPrincipal(s *Statement) level {
	if s.NotPrincipals != nil {
		return e.notPrincipal(s)
	}
	best := levelNone
	for i := range s.Principals {
		best = max(best, e.principalLevel(&s.Principals[i]))
	}
	return best
}

// principalLevel says on which level one pattern names the caller.
func (e *eval) principalLevel(pp *PrincipalPattern) level {
	c := &e.caller
	is := func(ok bool, l level) level {
		if ok {
			return l
		}
		return levelNone
	}
	switch pp.form {
	case formAnyone:
		return levelAnyone
	case formAnyType:
		return is(pp.Type == "Service" && c.Kind == Service || pp.Type == "Federated" && c.Kind == Federated, levelDirect)
	case formAccount:
		return is(c.hasIdentity() && c.Account == pp.account, levelAccount)
	case formUser:
		if c.Kind == FederatedUser && c.User == pp.Value {
			return levelRole
		}
		return is(c.Kind == User && c.ARN == pp.Value, levelDirect)
	case formRole:
		return is(e.isRole(pp), levelRole)
	case formSession:
		return is(c.Kind == Session && c.ARN == pp.Value, levelDirect)
	case formFederatedUser:
		return is(c.Kind == FederatedUser && c.ARN == pp.Value, levelDirect)
	case formName:
		return is(c.Kind == pp.kind && c.Name == pp.Value, levelDirect)
	}
	return levelNone
}

// isRole says whether the caller is a session of the role. Where the session's
// ARN does not tell the role's path, account and name decide.
func (e *eval) isRole(pp *PrincipalPattern) bool {
	c := &e.caller
	if c.Kind != Session {
		return false
	}
	if c.role == pp.Value {
		return true
	}
	return c.pathUnknown && !e.o.RolePathRoot && c.Account == pp.account && roleName(c.role) == pp.name
}

// notPrincipal is NotPrincipal. With Allow it grants to everyone who is not
// listed. With Deny it denies everyone but those all of whose identities are
// listed (the account, the role, the session), and a principal with a
// permissions boundary always (IAM User Guide, "NotPrincipal").
func (e *eval) notPrincipal(s *Statement) level {
	var account, self, session bool
	for i := range s.NotPrincipals {
		pp := &s.NotPrincipals[i]
		l := e.principalLevel(pp)
		switch {
		case l == levelAnyone:
			account, self, session = true, true, true
		case l == levelAccount:
			account = true
		case l == levelDirect && pp.form == formSession:
			session = true
		case l != levelNone:
			self = true
		}
	}
	if s.Effect == Allow {
		if account || self || session {
			return levelNone
		}
		return levelAnyone
	}
	if e.caller.bounded {
		return levelAnyone
	}
	exempt := account && self
	switch e.caller.Kind {
	case Anonymous, Service, Federated, Canonical:
		exempt = self
	case Root:
		exempt = account
	case Session:
		// A session whose name is not known is one that its role stands for.
		exempt = exempt && (session || e.caller.SessionName == "")
	}
	if e.o.NotPrincipalAccount && account || e.o.NotPrincipalAlone && (self || session) {
		exempt = true
	}
	if exempt {
		return levelNone
	}
	return levelAnyone
}
