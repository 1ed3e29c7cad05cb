package permit

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// regime is a part of all requests that is looked at by itself, because two
// dimensions depend on each other: in trust policies the action and the sort
// of caller, for kms:CallerAccount the service and the account.
type regime struct {
	actions, notActions []string
	kinds               []iam.PrincipalKind
	noSAML, noWeb       bool // which identity providers are left out of Federated
	kms                 bool // the action is one of KMS
}

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

// texts makes texts of a universe, but for some.
func (b *builder) texts(name string, universe []pattern, hints []string, outside ...pattern) *texts {
	t := newTexts(b.budget)
	t.name = name
	t.universe = newLanguage(t.alpha, universe, false)
	if len(outside) > 0 {
		t.outside = newLanguage(t.alpha, outside, false)
	}
	t.suggest(hints...)
	return t
}

// actions makes the dimension of actions, in lower case.
func (b *builder) actions(q *question) *caseDim {
	d := newCaseDim()
	d.cases = []*kase{{
		make: func(k *kase) {
			universe := []pattern{join(something(':'), literal(":", false), something(':'))}
			k.parts = []*texts{b.texts("the action", universe, q.actionHints)}
		},
		write: func(s []string, r *iam.Request) { r.Action = s[0] },
	}}
	return d
}

// resources makes the dimension of resources: those with ARNs, and "*" for
// the actions that have none. Where a document asks for the account that owns
// the resource, ARNs that tell it are a case of their own.
func (b *builder) resources(q *question) *caseDim {
	d := newCaseDim()
	if q.kind == iam.Trust {
		d.cases = []*kase{b.ownRole(q)}
		return d
	}
	colon, segment := literal(":", false), anything(':')
	head := join(literal("arn:", false), something(':'), colon, something(':'), colon, segment, colon)
	arns := join(head, segment, colon, something(0))
	told := join(head, digits(12), colon, something(0))
	one := func(p pattern, outside ...pattern) *texts {
		if b.open != nil && !b.open.resource {
			outside = append(outside, b.vars.symbolic()...)
		}
		return b.texts("the resource", []pattern{p}, q.resourceHints, outside...)
	}
	if !b.asked["aws:resourceaccount"] {
		d.cases = []*kase{
			{
				make:  func(k *kase) { k.parts = []*texts{one(arns)} },
				write: func(s []string, r *iam.Request) { r.Resource = s[0] },
			},
			{
				make:  func(k *kase) { k.parts = []*texts{one(literal("*", false))} },
				write: func(_ []string, r *iam.Request) { r.Resource = "*" },
			},
		}
		return d
	}
	owner := func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], s[1] }
	d.cases = []*kase{
		{
			make:  func(k *kase) { k.parts = []*texts{one(told)} },
			write: func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], account(s[0]) },
			views: map[string]view{"aws:resourceaccount": inAccount(0)},
		},
		{
			make: func(k *kase) {
				k.parts = []*texts{one(arns, told), b.owners()}
			},
			write: owner, views: map[string]view{"aws:resourceaccount": whole(1)},
		},
		{
			make:  func(k *kase) { k.parts = []*texts{one(literal("*", false)), b.owners()} },
			write: owner, views: map[string]view{"aws:resourceaccount": whole(1)},
		},
	}
	return d
}

// owners are the accounts that a resource may be of.
func (b *builder) owners() *texts {
	return b.texts("the resource's account", []pattern{digits(12)}, b.accounts)
}

// ownRole is the role that a trust policy belongs to, whatever its account.
func (b *builder) ownRole(q *question) *kase {
	return &kase{
		make: func(k *kase) {
			var hints []string
			for _, a := range append([]string{q.owner}, b.accounts...) {
				hints = append(hints, "arn:aws:iam::"+a+":role/Example")
			}
			universe := join(literal("arn:aws:iam::", false), digits(12), literal(":role/Example", false))
			k.parts = []*texts{b.texts("the role", []pattern{universe}, hints)}
		},
		write: func(s []string, r *iam.Request) { r.Resource, r.ResourceAccount = s[0], account(s[0]) },
		views: map[string]view{"aws:resourceaccount": inAccount(0)},
	}
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

func (d *caseDim) viewed(key string) bool {
	return slices.ContainsFunc(d.cases, func(k *kase) bool { _, ok := k.views[key]; return ok })
}

// conditionLit makes the literal of a condition.
func (b *builder) conditionLit(c *iam.Condition, vars bool, m mode) literalOf {
	x := b.test(c, vars, m)
	switch {
	case b.who.viewed(c.Key):
		return literalOf{dimWho, b.viewLit(b.who, c, &x), false}
	case b.resource.viewed(c.Key):
		return literalOf{dimResource, b.viewLit(b.resource, c, &x), false}
	}
	d, k := b.keyOf(c.Key)
	return literalOf{d, b.keyLit(k, c, &x), false}
}

// viewLit makes the literal of a condition on a key that follows from a value.
func (b *builder) viewLit(d *caseDim, c *iam.Condition, x *test) int {
	id := c.Key + "\x00" + strings.ToLower(c.Operator.Text) + "\x00" + x.id
	f := b.ops.of(c.Operator)
	return d.literal(id, func(k *kase) caseLit {
		v := k.views[c.Key]
		switch {
		case x.family == presence:
			p := probe("Null", c.Values)
			if v.absent {
				return always(p.given(iam.Context{}))
			}
			return always(p.takes("present"))
		case v.absent:
			return always(f.absent)
		case v.fixed:
			return always(x.of(v.text) != c.Operator.Negated)
		}
		t := k.parts[v.part]
		if v.name == "whole" {
			t.suggest(x.hints...)
		}
		b.sample(t, x, v.name == "whole")
		var wrap func([]pattern) []pattern
		if x.family == textual {
			wrap = v.wrap
		}
		return caseLit{part: v.part, pred: t.pred(x, v.name, wrap, v.get), not: c.Operator.Negated}
	})
}

// of asks a test of one text.
func (x *test) of(s string) bool {
	if x.family == textual {
		return newLanguage(newAlphabet(), x.pats, x.may).has(s)
	}
	return x.eval(s)
}

// keyOf returns the dimension of a condition key.
func (b *builder) keyOf(key string) (int, *keyDim) {
	if k, ok := b.keys[key]; ok {
		for i, d := range b.dims {
			if d == dimension(k) {
				return i, k
			}
		}
	}
	k := newKeyDim(key, b.budget)
	k.texts.name = "the key " + key
	if b.open != nil && !b.open.keys[key] {
		k.texts.outside = newLanguage(k.texts.alpha, b.vars.symbolic(), false)
	}
	list := slices.Contains(multivalued, key)
	k.single, k.multi = !list, list || b.sets[key]
	b.keys[key] = k
	b.dims = append(b.dims, k)
	return len(b.dims) - 1, k
}

func (b *builder) keyLit(k *keyDim, c *iam.Condition, x *test) int {
	id := strings.ToLower(c.Operator.Text) + "\x00" + x.id
	if i, ok := k.ids[id]; ok {
		return i
	}
	l := keyLit{op: c.Operator, pred: -1}
	if x.family == presence {
		p := probe("Null", c.Values)
		l.absent, l.present = p.given(iam.Context{}), p.takes("present")
		l.listed = l.present
	} else {
		l.fixed = b.ops.of(c.Operator)
		k.texts.suggest(x.hints...)
		b.sample(k.texts, x, true)
		l.pred = k.texts.pred(x, "", same, func(s string) string { return s })
	}
	k.lits = append(k.lits, l)
	k.ids[id] = len(k.lits) - 1
	return len(k.lits) - 1
}

// sample notes the values of a test that is not of texts.
func (b *builder) sample(t *texts, x *test, whole bool) {
	if x.family == textual || x.family == presence {
		return
	}
	if b.sampling[t] == nil {
		b.sampling[t] = map[family][]string{}
	}
	if whole && t.universe == nil {
		b.sampling[t][x.family] = append(b.sampling[t][x.family], x.values...)
	}
}

// finish puts what the texts have to be tried with into their pools, when all
// literals are made.
func (b *builder) finish() {
	for t, of := range b.sampling {
		for f := numeric; f <= binary; f++ {
			values, ok := of[f]
			if !ok {
				continue
			}
			slices.Sort(values)
			s, complete := samples(f, slices.Compact(values))
			t.suggest(s...)
			t.sampled[f] = complete
		}
	}
	for _, k := range b.keys {
		k.texts.suggest(hintsFor(k.key)...)
	}
}
