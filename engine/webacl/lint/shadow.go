package lint

import (
	"fathom/control"
	"fathom/engine/webacl"
)

// deadRules finds rules behind one that ends the evaluation of every request they
// match.
func (l *linter) deadRules() {
	for i := range l.rules {
		late := &l.rules[i]
		for j := range i {
			early := &l.rules[j]
			if !l.shadows(early, late) {
				continue
			}
			what := "every request"
			if !always(early.Statement) {
				what = "every request that it matches"
			}
			verb := map[webacl.ActionKind]string{webacl.Allow: "allows", webacl.Block: "blocks"}[early.action]
			l.add(late, "dead-rule", control.Medium, "move it before that rule, narrow that rule, or remove it", "never runs: rule %q before it %s %s", early.name(), verb, what)
			break
		}
	}
}

// shadows says that what late matches never gets past early.
func (l *linter) shadows(early, late *placed) bool {
	if !early.ends() || late.group != nil && late.group.Managed {
		return false
	}
	switch sameGroup := early.outer != nil && early.outer == late.outer; {
	case sameGroup: // also where the group only counts: it ends at its first terminating rule
	case early.counted(), early.scope != nil:
		return false
	}
	if _, rate := early.Statement.(webacl.RateBased); rate {
		return false
	}
	return implies(conditionOf(late), early.Statement)
}

// conditionOf is what a request that a rule acts on meets at least.
func conditionOf(p *placed) webacl.Statement {
	st := p.Statement
	if rate, ok := st.(webacl.RateBased); ok {
		st = rate.ScopeDown
	}
	if st == nil {
		return p.scope
	}
	if p.scope != nil {
		return webacl.And{Of: []webacl.Statement{p.scope, st}}
	}
	return st
}

func (l *linter) neverMatches() {
	for i := range l.rules {
		p := &l.rules[i]
		st := conditionOf(p)
		if st == nil || !never(st) {
			continue
		}
		why := "no request meets its statement"
		if b, ok := st.(webacl.ByteMatch); ok && neverEqual(b) {
			why = "LOWERCASE leaves no capital letters, and it looks for some"
		} else if set, ok := st.(webacl.IPSetMatch); ok {
			why = "its IP set " + quote(set.Set.Name) + " is empty"
		}
		l.add(p, "never-matches", control.High, "correct the statement, or remove the rule", "never matches: %s", why)
	}
}
