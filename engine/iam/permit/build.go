package permit

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// builder makes the dimensions and literals of a question.
type builder struct {
	vars     *variables
	assigned assignment
	open     *openGrant // nil where the variables have values
	budget   *budget
	regime   regime
	kinds    []iam.PrincipalKind

	// What the documents name, for cases and for readable answers.
	named    map[iam.PrincipalKind][]string
	sessions []string
	accounts []string
	asked    map[string]bool // condition keys
	sets     map[string]bool // condition keys with set operators

	action, resource, who *caseDim
	keys                  map[string]*keyDim
	dims                  []dimension
	ops                   operators
	sampling              map[*texts]map[family][]string
	reason                string // why a part could not be built
}

func (b *builder) give(format string, args ...any) {
	if b.reason == "" {
		b.reason = fmt.Sprintf(format, args...)
	}
}

// The first dimensions; those of the condition keys follow.
const (
	dimAction = iota
	dimResource
	dimWho
)

func newBuilder(q *question, r regime, a assignment) *builder {
	b := &builder{
		vars: q.vars, assigned: a, budget: &q.budget, regime: r, kinds: r.kinds,
		named: q.named, sessions: q.sessions, accounts: q.accounts, asked: q.asked, sets: q.sets,
		keys: map[string]*keyDim{}, ops: q.ops, sampling: map[*texts]map[family][]string{},
	}
	return b
}

// start makes the first dimensions.
func (b *builder) start(q *question) {
	b.action, b.resource, b.who = b.actions(q), b.resources(q), b.callers()
	b.dims = []dimension{b.action, b.resource, b.who}
}

// statement makes the literals of a statement; asked says that it is the one
// that has to match.
func (b *builder) statement(d *iam.Document, i int, asked bool) *statement {
	s := &d.Statements[i]
	st := &statement{index: i}
	vars := d.Version == "2012-10-17"
	if s.NotActions != nil {
		b.actionLit(st, s.NotActions, true)
	} else {
		b.actionLit(st, s.Actions, false)
	}
	switch {
	case s.NotResources != nil:
		b.resourceLit(st, d, s.NotResources, true, asked)
	case s.Resources != nil:
		b.resourceLit(st, d, s.Resources, false, asked)
	}
	if d.Kind != iam.Identity && d.Kind != iam.SCP {
		b.principalLit(st, s)
	}
	for j := range s.Conditions {
		c := &s.Conditions[j]
		lit := func(m mode) (literalOf, bool) { return b.conditionLit(c, vars, m), true }
		if b.open == nil || !b.open.keys[c.Key] && !b.opens(c, vars) {
			b.add(st, lit)
			continue
		}
		b.flag(st, spellCondition(c), lit)
		if asked {
			l, _ := lit(b.open.mode(j))
			st.lits = append(st.lits, l)
		}
	}
	return st
}

// add adds a literal; false for one that is never true.
func (b *builder) add(st *statement, lit func(mode) (literalOf, bool)) {
	if l, ok := lit(exact); ok {
		st.lits = append(st.lits, l)
	} else {
		st.never = true
	}
}

func (b *builder) actionLit(st *statement, list []iam.Action, not bool) {
	var texts []string
	for _, a := range list {
		if a.Text == "*" {
			st.never = st.never || not
			return
		}
		texts = append(texts, strings.ToLower(a.Text))
	}
	st.lits = append(st.lits, literalOf{dimAction, b.actionsIn(texts), not})
}

// actionsIn makes the literal that the action is one of a list.
func (b *builder) actionsIn(list []string) int {
	slices.Sort(list)
	id := strings.Join(slices.Compact(list), "\x00")
	return b.action.literal(id, func(k *kase) caseLit {
		x := test{id: id}
		for _, text := range list {
			service, name, _ := strings.Cut(text, ":")
			if strings.ContainsAny(name, " \t\r\n") {
				continue // no action has white space
			}
			x.pats = append(x.pats, join(literal(service, false), literal(":", false), glob(name, 0)))
		}
		return caseLit{pred: k.parts[0].pred(&x, "action", same, nil)}
	})
}

func (b *builder) resourceLit(st *statement, d *iam.Document, list []iam.ARN, not, asked bool) {
	var texts []string
	vars := d.Version == "2012-10-17"
	opened, unresolved, mayLack := false, false, false
	for _, a := range list {
		if a.Text == "*" {
			st.never = st.never || not
			return
		}
		text, ok := b.resourceText(a.Text, d.Kind, vars)
		if ok {
			texts = append(texts, text)
		}
		unresolved = unresolved || !ok
		opened = opened || open(text)
		mayLack = mayLack || b.mayLack(text)
	}
	// An entry without a value makes a NotResource match nothing.
	lit := func(m mode) (literalOf, bool) {
		return literalOf{dimResource, b.resourcesIn(texts, b.open != nil && m.may(not)), not}, !not || !unresolved && (m != sure || !mayLack)
	}
	if b.open == nil || !opened && !b.open.resource {
		b.add(st, lit)
		return
	}
	b.flag(st, fmt.Sprintf("resource %v %q", not, texts), lit)
	if asked {
		b.add(st, lit)
	}
}

// resourceText reads an entry of Resource: its wildcards and variables stand
// in the last segment as in a text that read wrote.
func (b *builder) resourceText(text string, kind iam.Kind, vars bool) (string, bool) {
	if rest, ok := strings.CutPrefix(text, "execute-api:/"); ok && kind == iam.Resource {
		text = "arn:*:execute-api:*:*:*/" + rest
	}
	seg := strings.SplitN(text, ":", 6)
	for len(seg) < 6 { // where a short ARN is allowed, the rest is open
		seg = append(seg, "*")
	}
	last, ok := b.resolve(seg[5], vars)
	seg[5] = last
	return strings.Join(seg, ":"), ok
}

// resourcesIn makes the literal that the resource is one of a list.
func (b *builder) resourcesIn(list []string, may bool) int {
	slices.Sort(list)
	id := fmt.Sprint(may, "\x00", strings.Join(slices.Compact(list), "\x00"))
	return b.resource.literal(id, func(k *kase) caseLit {
		x := test{id: id, may: may}
		for _, text := range list {
			p, ok := arn(text)
			if !ok {
				continue
			}
			if may {
				p = p.loosen()
			}
			x.pats = append(x.pats, p)
			k.parts[0].suggest(fillARN(text)...)
		}
		return caseLit{pred: k.parts[0].pred(&x, "resource", same, nil)}
	})
}

func (b *builder) principalLit(st *statement, s *iam.Statement) {
	read := func(list []iam.PrincipalPattern) []principal {
		var out []principal
		for _, p := range list {
			out = append(out, readPrincipal(p))
		}
		return out
	}
	everyone := func(ps []principal) bool {
		return slices.ContainsFunc(ps, func(p principal) bool { return p.form == anyone })
	}
	switch {
	case s.NotPrincipals == nil:
		if ps := read(s.Principals); !everyone(ps) {
			st.lits = append(st.lits, literalOf{dimWho, b.listed(ps), false})
		}
	case s.Effect == iam.Allow:
		st.lits = append(st.lits, literalOf{dimWho, b.listed(read(s.NotPrincipals)), true})
	default:
		st.lits = append(st.lits, literalOf{dimWho, b.exempt(read(s.NotPrincipals)), true})
	}
}
