package iam

import "strings"

// statement reads one statement.
func (p *parser) statement(n node) Statement {
	s := Statement{Pos: p.r.lines.pos(n.at), read: true}
	has := map[string]*member{}
	known := elements(p.doc.Kind)
	for i := range n.members {
		m := &n.members[i]
		has[m.key] = m
		switch m.key {
		case "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition":
			if !contains(known, m.key) {
				p.bad(m.at, "", "%s has no %s", p.doc.Kind, m.key)
			}
		default:
			p.unknown(m, "a statement of "+p.doc.Kind.String(), known)
		}
	}
	p.sid(has["Sid"], &s)
	p.effect(has["Effect"], n.at, &s)
	p.oneOf(n.at, has, "Action", "NotAction", true)
	needsResource := p.doc.Kind != Trust && p.doc.Kind != Resource
	p.oneOf(n.at, has, "Resource", "NotResource", needsResource)
	if p.doc.Kind.hasPrincipal() {
		p.oneOf(n.at, has, "Principal", "NotPrincipal", true)
	}
	if m := has["Action"]; m != nil {
		s.Actions = p.actions(m)
	}
	if m := has["NotAction"]; m != nil {
		s.NotActions = p.actions(m)
	}
	if m := has["Resource"]; m != nil {
		s.Resources = p.resources(m)
	}
	if m := has["NotResource"]; m != nil {
		s.NotResources = p.resources(m)
	}
	if m := has["Principal"]; m != nil {
		s.Principals = p.principals(m)
	}
	if m := has["NotPrincipal"]; m != nil {
		s.NotPrincipals = p.principals(m)
	}
	if m := has["Condition"]; m != nil {
		s.Conditions = p.conditions(m, s.Effect)
	}
	if p.doc.Kind == RCP {
		p.controlsResources(n.at, &s)
	}
	return s
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// oneOf says that of an element and its complement exactly one has to be there.
func (p *parser) oneOf(at int, has map[string]*member, a, b string, need bool) {
	switch {
	case has[a] != nil && has[b] != nil:
		p.bad(has[b].at, "keep one of them", "the statement has %s and %s", a, b)
	case has[a] == nil && has[b] == nil && need:
		p.bad(at, "add "+a, "the statement has no %s", a)
	}
}

func (p *parser) sid(m *member, s *Statement) {
	if m == nil {
		return
	}
	s.Sid = p.string(m)
	if s.Sid == "" {
		return
	}
	if p.sids[s.Sid] {
		p.bad(m.val.at, "", "two statements have the Sid %q", s.Sid)
	}
	p.sids[s.Sid] = true
	if p.doc.Kind == Identity || p.doc.Kind == Trust {
		for _, c := range s.Sid {
			if !alnum(c) {
				p.bad(m.val.at, "use letters and digits only", "the Sid %q has a character that IAM does not take", s.Sid)
				return
			}
		}
	}
}

func alnum(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (p *parser) effect(m *member, at int, s *Statement) {
	if m == nil {
		p.bad(at, `add "Effect"`, "the statement has no Effect")
		return
	}
	switch p.string(m) {
	case "Allow":
		s.Effect = Allow
	case "Deny":
	default:
		if m.val.kind == str {
			p.bad(m.val.at, "write Allow or Deny", "there is no Effect %q", m.val.text)
		}
	}
}

// actions reads Action or NotAction: "*", or a service that is written out and
// a name with wildcards.
func (p *parser) actions(m *member) []Action {
	var out []Action
	for _, n := range p.strings(m) {
		if n.text == "*" {
			out = append(out, Action{Text: n.text, any: true})
			continue
		}
		service, name, ok := strings.Cut(n.text, ":")
		switch {
		case !ok || service == "" || name == "":
			p.bad(n.at, `write "service:Name"`, "the action %q has no service", n.text)
			continue
		case strings.Contains(name, ":"):
			p.bad(n.at, `write "service:Name"`, "the action %q has two colons", n.text)
			continue
		case strings.ContainsAny(service, "*?"):
			p.bad(n.at, "write the service out", "the action %q has a wildcard in its service", n.text)
			continue
		case strings.IndexFunc(service, func(c rune) bool { return c != '-' && !alnum(c) }) >= 0:
			p.bad(n.at, "", "the action %q has no service that can be", n.text)
			continue
		case p.doc.Kind == Trust && m.key == "Action" && !strings.EqualFold(service, "sts"):
			p.bad(n.at, "", "a trust policy is about actions of sts, not %q", n.text)
			continue
		case strings.ContainsAny(name, " \t\r\n"):
			p.warn(n.at, "", "the action %q has white space in it and matches nothing", n.text)
		}
		out = append(out, Action{
			Text: n.text, service: strings.ToLower(service),
			name: compile(split(strings.ToLower(name), true, false)),
		})
	}
	return out
}

// controlsResources holds a statement to what RCPs may say: those that people
// write only deny, and to everyone; Allow is for RCPFullAWSAccess.
func (p *parser) controlsResources(at int, s *Statement) {
	everyone := len(s.Principals) == 1 && s.Principals[0].form == formAnyone
	if len(s.Principals) > 0 && !everyone {
		p.bad(at, `write "Principal": "*" and a condition`, "the Principal of an RCP is *")
	}
	if s.Effect == Allow && !(len(s.Actions) == 1 && s.Actions[0].any && len(s.Resources) == 1 && s.Resources[0].any && len(s.Conditions) == 0) {
		p.bad(at, "write Deny", "an RCP only denies; Allow is for RCPFullAWSAccess")
	}
}
