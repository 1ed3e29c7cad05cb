package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// principal is a principal pattern, taken apart as package iam does.
type principal struct {
	form    principalForm
	typ     string
	value   string
	account string
	name    string // of a session's role
	session string
}

type principalForm uint8

const (
	nobody principalForm = iota
	anyone
	anyOfType
	ofAccount
	aUser
	aRole
	aSession
	aFederatedUser
	byName
)

func readPrincipal(pp iam.PrincipalPattern) principal {
	p := principal{typ: pp.Type, value: pp.Value}
	if pp.Value == "*" {
		p.form = anyone
		if pp.Type == "Service" || pp.Type == "Federated" {
			p.form = anyOfType
		}
		return p
	}
	if pp.Type != "AWS" {
		p.form = byName
		return p
	}
	seg := strings.SplitN(pp.Value, ":", 6)
	if len(seg) < 6 {
		if len(pp.Value) == 12 && strings.Trim(pp.Value, "0123456789") == "" {
			p.form, p.account = ofAccount, pp.Value
		}
		return p // otherwise the id of a principal that is gone
	}
	p.account = seg[4]
	kind, rest, _ := strings.Cut(seg[5], "/")
	switch {
	case seg[5] == "root":
		p.form = ofAccount
	case kind == "user":
		p.form = aUser
	case kind == "role":
		p.form = aRole
	case kind == "assumed-role":
		p.form = aSession
		p.name, p.session, _ = strings.Cut(rest, "/")
	case kind == "federated-user":
		p.form = aFederatedUser
	}
	return p
}

// matched is what principal patterns match in one case: everything, or the
// patterns of the case's text.
type matched struct {
	all  bool
	pats []pattern
}

func (m *matched) add(ps ...pattern) { m.pats = append(m.pats, ps...) }

// match adds what a pattern matches in a case.
func (p *principal) match(k *kase, m *matched) {
	exact := func(kind iam.PrincipalKind) {
		if k.kind == kind {
			m.add(literal(p.value, false))
		}
	}
	switch p.form {
	case anyone:
		m.all = true
	case anyOfType:
		m.all = m.all || p.typ == "Service" && k.kind == iam.Service || p.typ == "Federated" && k.kind == iam.Federated
	case ofAccount:
		if k.identity() {
			m.add(inAccount(0).wrap([]pattern{literal(p.account, false)})...)
		}
	case aUser:
		m.all = m.all || k.kind == iam.FederatedUser && k.user == p.value
		exact(iam.User)
	case aRole:
		exact(iam.Session)
	case aSession:
		if k.kind == iam.Session && k.session == p.session {
			m.add(p.roles()...)
		}
	case aFederatedUser:
		exact(iam.FederatedUser)
	case byName:
		exact(map[string]iam.PrincipalKind{"Service": iam.Service, "Federated": iam.Federated, "CanonicalUser": iam.Canonical}[p.typ])
	}
}

// roles are the roles that a session's ARN may be of: it does not tell the
// path.
func (p *principal) roles() []pattern {
	seg := strings.SplitN(p.value, ":", 6)
	head := "arn:" + seg[1] + ":iam::" + seg[4] + ":role/"
	return []pattern{literal(head+p.name, false), join(literal(head, false), something(0), literal("/"+p.name, false))}
}

// listed makes the literal of Principal, or of NotPrincipal with Allow, which
// is its negation.
func (b *builder) listed(ps []principal) int {
	id := "principal"
	for _, p := range ps {
		id += "\x00" + p.typ + "\x01" + p.value
	}
	return b.who.literal(id, func(k *kase) caseLit {
		var m matched
		for i := range ps {
			ps[i].match(k, &m)
		}
		return k.literal(id, m)
	})
}

// literal is a literal that what is matched makes true.
func (k *kase) literal(id string, m matched) caseLit {
	if m.all || len(m.pats) == 0 {
		return always(m.all)
	}
	x := test{id: id, pats: m.pats}
	return caseLit{pred: k.parts[0].pred(&x, "principal", same, nil)}
}

// exempt makes the literal of those whom NotPrincipal with Deny spares: the
// callers all of whose identities are listed, the account and themselves and,
// for a session, the session too. All of them are listed by their name, so
// that they can be counted.
func (b *builder) exempt(ps []principal) int {
	id := "exempt"
	for _, p := range ps {
		id += "\x00" + p.typ + "\x01" + p.value
	}
	return b.who.literal(id, func(k *kase) caseLit { return k.literal(id, exemptIn(k, ps)) })
}

func exemptIn(k *kase, ps []principal) (m matched) {
	accounts := map[string]bool{}
	for _, p := range ps {
		if p.form == anyone {
			return matched{all: true}
		}
		if p.form == ofAccount {
			accounts[p.account] = true
		}
	}
	switch k.kind {
	case iam.Anonymous, iam.Service, iam.Federated, iam.Canonical:
		for i := range ps {
			ps[i].match(k, &m)
		}
		return m
	case iam.Root:
		for i := range ps {
			if ps[i].form == ofAccount {
				ps[i].match(k, &m)
			}
		}
		return m
	}
	for i := range ps {
		p := &ps[i]
		if p.form == ofAccount || p.form == aSession || !accounts[p.account] {
			continue
		}
		switch {
		case p.form == aUser && k.kind == iam.FederatedUser && k.user == p.value:
			// The account of the user is that of the session.
			return matched{all: true}
		case k.kind != iam.Session:
			p.match(k, &m)
		case p.form == aRole && slices.ContainsFunc(ps, func(s principal) bool { return s.sessionOf(k, p.value) }):
			m.add(literal(p.value, false))
		}
	}
	return m
}

// sessionOf says whether a pattern names the case's session of a role.
func (p *principal) sessionOf(k *kase, role string) bool {
	if p.form != aSession || p.session != k.session {
		return false
	}
	seg, of := strings.SplitN(p.value, ":", 6), strings.SplitN(role, ":", 6)
	return seg[1] == of[1] && seg[4] == of[4] && p.name == lastName(role)
}
