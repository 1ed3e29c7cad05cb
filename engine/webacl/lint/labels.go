package lint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"

	"fathom/control"
	"fathom/engine/webacl"
)

func quote(s string) string { return strconv.Quote(s) }

// walk visits a statement and all inside it; negated says that an odd number of
// Nots are around it.
func walk(st webacl.Statement, negated bool, visit func(st webacl.Statement, negated bool)) {
	if st == nil {
		return
	}
	visit(st, negated)
	switch st := st.(type) {
	case webacl.And:
		for _, of := range st.Of {
			walk(of, negated, visit)
		}
	case webacl.Or:
		for _, of := range st.Of {
			walk(of, negated, visit)
		}
	case webacl.Not:
		walk(st.Of, !negated, visit)
	case webacl.RateBased:
		walk(st.ScopeDown, negated, visit)
	case webacl.ManagedRef:
		walk(st.ScopeDown, negated, visit)
	}
}

// given is a label that a rule adds, by the place of the rule in the order.
type given struct {
	label string
	at    int
	by    string
}

// labels compares what label matches ask for with what rules add before them.
func (l *linter) labels() {
	all := l.givenLabels()
	for i := range l.rules {
		l.asks(&l.rules[i], i, l.rules[i].Statement, l.rules[i].prefix, all)
	}
	for _, r := range l.acl.Rules {
		_, _, scope, isGroup := l.groupOf(r.Statement)
		if !isGroup || scope == nil {
			continue
		}
		first := slices.IndexFunc(l.rules, func(p placed) bool { return p.outer != nil && p.outer.Name == r.Name })
		if first < 0 {
			continue
		}
		p := placed{Rule: &r, prefix: l.acl.LabelPrefix()}
		l.asks(&p, first, scope, p.prefix, all)
	}
}

func (l *linter) givenLabels() []given {
	var all []given
	for i := range l.rules {
		p := &l.rules[i]
		for _, label := range p.Labels {
			if !strings.HasPrefix(label, "awswaf:") {
				label = p.prefix + label
			}
			all = append(all, given{label, i, p.name()})
		}
	}
	return all
}

func (l *linter) asks(p *placed, at int, st webacl.Statement, prefix string, all []given) {
	walk(st, false, func(st webacl.Statement, _ bool) {
		m, ok := st.(webacl.LabelMatch)
		if !ok || l.fromElsewhere(m.Key) {
			return
		}
		var later *given
		for i := range all {
			if !webacl.LabelMatches(m, prefix, all[i].label) {
				continue
			}
			if all[i].at < at {
				return
			}
			if later == nil {
				later = &all[i]
			}
		}
		switch {
		case later == nil:
			fix := "correct the key, or add the label in an earlier rule"
			if near := nearest(m.Key, prefix, all); near != "" {
				fix = "did you mean " + quote(near) + "?"
			}
			l.add(p, "label-unknown", control.High, fix, "asks for the label %q, which no rule adds", m.Key)
		case later.by == p.name():
			l.add(p, "label-order", control.High, "add the label in an earlier rule: a rule does not see its own", "asks for the label %q, which only it adds itself", m.Key)
		default:
			l.add(p, "label-order", control.High, "give it a higher priority number than that rule", "asks for the label %q, which is added by rule %q after it", m.Key, later.by)
		}
	})
}

// fromElsewhere knows labels that no rule's list names: of places and tokens, and
// those that managed groups add besides their rules'.
func (l *linter) fromElsewhere(key string) bool {
	for _, prefix := range []string{"awswaf:clientip:", "awswaf:forwardedip:", "awswaf:managed:token:", "awswaf:managed:captcha:"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	for _, r := range l.acl.Rules {
		ref, ok := r.Statement.(webacl.ManagedRef)
		if !ok {
			if own, ok := r.Statement.(webacl.GroupRef); ok && own.Group == nil {
				return true // its labels are not known
			}
			continue
		}
		g, _, _, _ := l.groupOf(ref)
		if g == nil && strings.HasPrefix(key, "awswaf:managed:") {
			return true
		}
		// Bot Control, ATP, ACFP and AntiDDoS add labels of signals that belong to
		// no rule.
		if g != nil && strings.HasPrefix(key, g.LabelPrefix) && slices.Contains(signalling, ref.Name) {
			return true
		}
	}
	return false
}

var signalling = []string{
	"AWSManagedRulesBotControlRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet",
	"AWSManagedRulesAnonymousIpList", "AWSManagedRulesAmazonIpReputationList",
}

// mostDistance is how many letters a typing mistake may be away, by the length of
// the key.
func mostDistance(key string) int { return max(1, len(key)/5) }

func nearest(key, prefix string, all []given) string {
	best, at := "", mostDistance(key)+1
	for _, g := range all {
		for _, form := range []string{g.label, strings.TrimPrefix(g.label, prefix), g.label[strings.LastIndexByte(g.label, ':')+1:]} {
			if d := levenshtein.Distance(key, form, nil); d < at {
				best, at = form, d
			}
		}
	}
	return best
}

// overrides finds names that a managed group does not have.
func (l *linter) overrides() {
	for i := range l.acl.Rules {
		r := &l.acl.Rules[i]
		ref, ok := r.Statement.(webacl.ManagedRef)
		if !ok {
			continue
		}
		g, _, _, _ := l.groupOf(ref)
		if g == nil {
			continue
		}
		for _, o := range ref.Overrides {
			if slices.ContainsFunc(g.Rules, func(r webacl.Rule) bool { return r.Name == o.Rule }) {
				continue
			}
			fix, near := "remove it, or name a rule of the group", nearestRule(o.Rule, g)
			if near != "" {
				fix = "did you mean " + quote(near) + "? Names are case-sensitive"
			}
			p := placed{Rule: r}
			l.add(&p, "override-unknown", control.High, fix, "overrides %q, which %s does not have: AWS ignores it silently", o.Rule, ref.Name)
			if !o.At.IsZero() {
				l.found[len(l.found)-1].At = o.At
			}
		}
	}
}

func nearestRule(name string, g *webacl.Group) string {
	best := slices.MinFunc(g.Rules, func(a, b webacl.Rule) int {
		return cmp.Compare(distance(name, a.Name), distance(name, b.Name))
	})
	if distance(name, best.Name) > 2*mostDistance(name) {
		return ""
	}
	return best.Name
}

func distance(a, b string) int {
	return levenshtein.Distance(strings.ToLower(a), strings.ToLower(b), nil)
}
