package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/webacl"
)

// Finding is one mistake in a web ACL.
type Finding struct {
	// ID is the check's, such as dead-rule.
	ID       string
	Severity control.Severity
	// Rule is the rule's name, that of its group and a slash before it; empty for
	// the web ACL as a whole.
	Rule string
	// At is the line to change.
	At diag.Pos
	// Others are the rules with the same mistake at the same line, such as those
	// that one dynamic block makes.
	Others []string
	// Summary is a sentence without a full stop, Fix what to write instead.
	Summary, Fix string
}

// Options are what a web ACL is judged with.
type Options struct {
	// Managed finds managed rule groups; without it their rules and labels are
	// not judged.
	Managed func(webacl.ManagedRef) (*webacl.Group, error)
	Choices webacl.Choices
}

// Check is one kind of mistake.
type Check struct {
	ID  string
	Doc string
	run func(*linter)
}

// Checks lists the kinds of mistakes.
func Checks() []Check {
	return []Check{
		{"dead-rule", "a rule that never runs, because an earlier one ends the evaluation of every request that it matches", (*linter).deadRules},
		{"never-matches", "a rule whose statement no request meets", (*linter).neverMatches},
		{"label-unknown", "a label match for a label that no rule adds: a typing mistake", (*linter).labels},
		{"label-order", "a label match that runs before the rule that adds the label, or in the same rule", nil},
		{"override-unknown", "an override of a rule that the managed group does not have, which AWS ignores silently", (*linter).overrides},
		{"count", "a rule or group that only counts", (*linter).counts},
		{"exempt-unanchored", "an exemption that a path can meet anywhere in it", (*linter).exemptions},
		{"allow-forgeable", "an Allow by what any client can send, which skips every rule after it", (*linter).allows},
		{"oversize", "a body rule that looks at the first bytes of a larger body and lets the rest pass", (*linter).bodies},
		{"body-limit", "a size limit on bodies that uploads and large carts exceed", nil},
		{"rate-missing", "no rate rule of its own on login or checkout", (*linter).rates},
		{"rate-overlap", "two rate rules that count the same requests, of which the higher limit never acts", (*linter).overlaps},
		{"challenge-post", "a CAPTCHA or challenge that form posts and APIs meet, for whom it blocks", (*linter).challenges},
		{"forwarded-skip", "a rule by a forwarded address, which is not applied where the header is absent", (*linter).forwarded},
		{"not-absent", "a Not over a header, cookie or argument that matches where it is absent", (*linter).negations},
		{"quota", "more of something than AWS WAF takes", (*linter).quotas},
		{"capacity", "more capacity units than AWS WAF has, or than the base price covers", (*linter).capacity},
	}
}

// Lint finds the mistakes of a web ACL, the worst first, then by position.
func Lint(acl *webacl.ACL, o Options) []Finding {
	l := &linter{acl: acl, o: o}
	l.rules = l.placed()
	for _, c := range Checks() {
		if c.run != nil {
			c.run(l)
		}
	}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), a.At.Compare(b.At), strings.Compare(a.Rule, b.Rule), strings.Compare(a.ID, b.ID), strings.Compare(a.Summary, b.Summary))
	})
	return merged(l.found)
}

// merged makes one finding of the same mistake at the same line.
func merged(fs []Finding) []Finding {
	var out []Finding
	for _, f := range fs {
		at := slices.IndexFunc(out, func(o Finding) bool {
			return o.ID == f.ID && o.At == f.At && o.Fix == f.Fix && !f.At.IsZero() && without(o) == without(f)
		})
		switch {
		case at < 0:
			out = append(out, f)
		case out[at].Rule != f.Rule:
			out[at].Others = append(out[at].Others, f.Rule)
		}
	}
	return out
}

// without is a summary without the name of its rule.
func without(f Finding) string { return strings.Replace(f.Summary, quote(f.Rule), "", 1) }

type linter struct {
	acl   *webacl.ACL
	o     Options
	rules []placed
	found []Finding
}

// placed is a rule where it runs.
type placed struct {
	*webacl.Rule
	// outer is the rule of the web ACL that refers to its group, group that group.
	outer  *webacl.Rule
	group  *webacl.Group
	prefix string // of its labels
	// action is the one taken, after overrides.
	action webacl.ActionKind
	// scope is the scope-down statement of its group.
	scope webacl.Statement
}

func (p *placed) name() string {
	if p.outer != nil {
		return p.outer.Name + "/" + p.Rule.Name
	}
	return p.Rule.Name
}

// at is where a person can change it: rules of managed groups are nowhere.
func (p *placed) at() diag.Pos {
	if p.outer != nil && (p.Rule.At.IsZero() || p.group.Managed) {
		return p.outer.At
	}
	return p.Rule.At
}

// counted says that its group only counts.
func (p *placed) counted() bool { return p.outer != nil && p.outer.Override == webacl.OverrideCount }

// ends says that it ends the evaluation of every request that it matches: a token
// lets requests past CAPTCHA and Challenge.
func (p *placed) ends() bool { return p.action == webacl.Allow || p.action == webacl.Block }

func (l *linter) add(p *placed, id string, s control.Severity, fix, format string, args ...any) {
	l.found = append(l.found, Finding{
		ID: id, Severity: s, Rule: p.name(), At: p.at(), Fix: fix,
		Summary: fmt.Sprintf("rule %q ", p.name()) + fmt.Sprintf(format, args...),
	})
}

// placed lists the rules in the order in which they run, groups opened.
func (l *linter) placed() []placed {
	var out []placed
	for _, list := range [][]webacl.Rule{l.acl.Pre, l.acl.Rules, l.acl.Post} {
		for _, r := range inOrder(list) {
			g, overrides, scope, isGroup := l.groupOf(r.Statement)
			if !isGroup {
				out = append(out, placed{Rule: r, prefix: l.acl.LabelPrefix(), action: r.Action.Kind})
				continue
			}
			if g == nil {
				continue
			}
			for _, in := range inOrder(g.Rules) {
				p := placed{Rule: in, outer: r, group: g, prefix: g.LabelPrefixIn(l.acl.Account), action: in.Action.Kind, scope: scope}
				for _, o := range overrides {
					if o.Rule == in.Name {
						p.action = o.Action.Kind
						if o.Excluded {
							p.action = webacl.Count
						}
					}
				}
				out = append(out, p)
			}
		}
	}
	return out
}

func inOrder(rs []webacl.Rule) []*webacl.Rule {
	out := make([]*webacl.Rule, len(rs))
	for i := range rs {
		out[i] = &rs[i]
	}
	slices.SortStableFunc(out, func(a, b *webacl.Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return out
}

// groupOf is the group that a statement refers to, if it is there.
func (l *linter) groupOf(st webacl.Statement) (g *webacl.Group, overrides []webacl.RuleOverride, scope webacl.Statement, isGroup bool) {
	switch st := st.(type) {
	case webacl.GroupRef:
		return st.Group, st.Overrides, nil, true
	case webacl.ManagedRef:
		if l.o.Managed != nil {
			if g, err := l.o.Managed(st); err == nil {
				return g, st.Overrides, st.ScopeDown, true
			}
		}
		return nil, st.Overrides, st.ScopeDown, true
	}
	return nil, nil, nil, false
}
