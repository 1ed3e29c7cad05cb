package dialect

import "fathom/engine/webacl"

// Join puts the documents of several files together, and finds the sets and groups
// that rules name by ARN among all of them: get-web-acl answers ARNs, get-ip-set
// the addresses. The documents share their rules with what is returned.
func Join(docs ...Document) Document {
	var out Document
	for i, d := range docs {
		if i == 0 {
			out.Dialect = d.Dialect
		}
		out.ACLs = append(out.ACLs, d.ACLs...)
		out.Groups = append(out.Groups, d.Groups...)
		out.IPSets = append(out.IPSets, d.IPSets...)
		out.RegexSets = append(out.RegexSets, d.RegexSets...)
		out.Notes = append(out.Notes, d.Notes...)
	}
	l := linker{map[string]*webacl.IPSet{}, map[string]*webacl.RegexSet{}, map[string]*webacl.Group{}}
	for _, s := range out.IPSets {
		l.ipSets[s.ARN] = s
	}
	for _, s := range out.RegexSets {
		l.regexSets[s.ARN] = s
	}
	for _, g := range out.Groups {
		l.groups[g.ARN] = g
	}
	for _, g := range out.Groups {
		l.rules(g.Rules)
	}
	for _, acl := range out.ACLs {
		l.rules(acl.Rules)
		l.rules(acl.Pre)
		l.rules(acl.Post)
	}
	return out
}

// linker finds sets and groups by ARN.
type linker struct {
	ipSets    map[string]*webacl.IPSet
	regexSets map[string]*webacl.RegexSet
	groups    map[string]*webacl.Group
}

func (l *linker) rules(rules []webacl.Rule) {
	for i := range rules {
		rules[i].Statement = l.statement(rules[i].Statement)
	}
}

func (l *linker) statement(s webacl.Statement) webacl.Statement {
	switch s := s.(type) {
	case webacl.And:
		l.statements(s.Of)
	case webacl.Or:
		l.statements(s.Of)
	case webacl.Not:
		s.Of = l.statement(s.Of)
		return s
	case webacl.RateBased:
		s.ScopeDown = l.statement(s.ScopeDown)
		return s
	case webacl.ManagedRef:
		s.ScopeDown = l.statement(s.ScopeDown)
		return s
	case webacl.IPSetMatch:
		if s.Set == nil && s.ARN != "" {
			s.Set = l.ipSets[s.ARN]
		}
		return s
	case webacl.RegexSetMatch:
		if s.Set == nil && s.ARN != "" {
			s.Set = l.regexSets[s.ARN]
		}
		return s
	case webacl.GroupRef:
		if s.Group == nil && s.ARN != "" {
			s.Group = l.groups[s.ARN]
		}
		return s
	}
	return s
}

func (l *linker) statements(list []webacl.Statement) {
	for i := range list {
		list[i] = l.statement(list[i])
	}
}
