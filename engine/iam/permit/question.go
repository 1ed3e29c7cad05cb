package permit

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fathom/engine/iam"
)

// question asks for a request that one document permits and another does not.
type question struct {
	kind     iam.Kind
	old, new *iam.Document // old may be nil: it permits nothing
	within   *Constraint
	only     int // the statement of new that is asked about, or -1
	budget   budget
	ops      operators

	vars     *variables
	named    map[iam.PrincipalKind][]string
	sessions []string
	accounts []string // those that the documents name, and one that they do not
	owner    string   // an account that stands for the resource's
	asked    map[string]bool
	sets     map[string]bool

	actionHints, resourceHints []string
	written                    map[string]string // actions as they are written, by lower case
}

// defaultBudget is about a second of one core.
const defaultBudget = 60_000_000

func newQuestion(old, new *iam.Document, within *Constraint, o Options) *question {
	q := &question{
		kind: new.Kind, old: old, new: new, within: within, only: -1, ops: operators{},
		vars: &variables{}, named: map[iam.PrincipalKind][]string{},
		asked: map[string]bool{}, sets: map[string]bool{}, written: map[string]string{},
	}
	q.budget.left = o.Budget
	if q.budget.left <= 0 {
		q.budget.left = defaultBudget
	}
	var seen strings.Builder
	for _, d := range q.documents() {
		for i := range d.Statements {
			q.look(&d.Statements[i], d.Version == "2012-10-17", &seen)
		}
	}
	if within != nil {
		for _, c := range within.conditions() {
			q.lookCondition(&c, false, &seen)
		}
		for _, a := range within.Actions {
			q.hintAction(a)
		}
	}
	q.hintAction("*")
	q.chooseAccounts(seen.String())
	return q
}

// documents are those that count, new first.
func (q *question) documents() []*iam.Document {
	out := []*iam.Document{q.new}
	if q.old != nil {
		out = append(out, q.old)
	}
	return out
}

// look notes what a statement names.
func (q *question) look(s *iam.Statement, vars bool, seen *strings.Builder) {
	for _, p := range slices.Concat(s.Principals, s.NotPrincipals) {
		seen.WriteString(" " + p.Value)
		q.lookPrincipal(readPrincipal(p))
	}
	for _, a := range s.Actions {
		q.hintAction(a.Text)
	}
	for _, a := range s.NotActions {
		q.hintAction(a.Text)
	}
	for _, r := range slices.Concat(s.Resources, s.NotResources) {
		seen.WriteString(" " + r.Text)
		if vars {
			_, last, _ := cutARN(r.Text)
			q.lookText(last)
		}
	}
	for i := range s.Conditions {
		q.lookCondition(&s.Conditions[i], vars, seen)
	}
}

// cutARN cuts a text behind its fifth colon.
func cutARN(s string) (head, last string, ok bool) {
	seg := strings.SplitN(s, ":", 6)
	if len(seg) < 6 {
		return s, "", false
	}
	return strings.Join(seg[:5], ":") + ":", seg[5], true
}

func (q *question) lookPrincipal(p principal) {
	kind := map[principalForm]iam.PrincipalKind{aUser: iam.User, aRole: iam.Session, aFederatedUser: iam.FederatedUser}
	switch k, ok := kind[p.form]; {
	case ok:
		q.name(k, p.value)
	case p.form == aSession:
		if !slices.Contains(q.sessions, p.session) {
			q.sessions = append(q.sessions, p.session)
		}
		seg := strings.SplitN(p.value, ":", 6)
		q.name(iam.Session, "arn:"+seg[1]+":iam::"+p.account+":role/"+p.name)
	case p.form == byName:
		q.name(map[string]iam.PrincipalKind{"Service": iam.Service, "Federated": iam.Federated, "CanonicalUser": iam.Canonical}[p.typ], p.value)
	}
}

func (q *question) name(k iam.PrincipalKind, value string) {
	if !slices.Contains(q.named[k], value) {
		q.named[k] = append(q.named[k], value)
	}
}

func (q *question) lookCondition(c *iam.Condition, vars bool, seen *strings.Builder) {
	q.asked[c.Key] = true
	if c.Operator.Set != iam.NoSet {
		q.sets[c.Key] = true
	}
	for _, v := range c.Values {
		seen.WriteString(" " + v)
		if vars && familyOf(c.Operator.Test) == textual {
			if c.Operator.Test != iam.ARNLike {
				q.lookText(v)
				continue
			}
			for _, s := range strings.SplitN(v, ":", 6) {
				q.lookText(s)
			}
		}
	}
}

// lookText notes the variables of a text.
func (q *question) lookText(text string) {
	before := len(q.vars.list)
	q.vars.read(text)
	for _, v := range q.vars.list[before:] {
		q.asked[v.key] = true
	}
}

// hintAction notes an action, and for a pattern actions that it may stand for.
func (q *question) hintAction(text string) {
	add := func(s string) {
		low := strings.ToLower(s)
		if _, ok := q.written[low]; !ok {
			q.written[low] = s
			q.actionHints = append(q.actionHints, low)
		}
	}
	if !strings.ContainsAny(text, "*?") {
		add(text)
		return
	}
	for _, a := range actionsLike(text) {
		add(a)
	}
	if service, name, ok := strings.Cut(text, ":"); ok {
		add(service + ":" + strings.ReplaceAll(strings.ReplaceAll(name, "*", "Example"), "?", "x"))
		add(service + ":" + strings.ReplaceAll(strings.ReplaceAll(name, "*", ""), "?", "x"))
	}
}

var accountLike = regexp.MustCompile(`[0-9]{12}`)

// chooseAccounts lists the accounts that the documents name, and one that they
// do not name.
func (q *question) chooseAccounts(seen string) {
	var named []string
	for _, a := range accountLike.FindAllString(seen, -1) {
		if !slices.Contains(named, a) && len(named) < 64 {
			named = append(named, a)
		}
	}
	free := func(not string) string {
		for _, a := range [...]string{"222222222222", "333333333333", "444444444444"} {
			if !strings.Contains(seen, a) && a != not {
				return a
			}
		}
		for n := 500000000000; ; n++ {
			if a := fmt.Sprint(n); !strings.Contains(seen, a) && a != not {
				return a
			}
		}
	}
	stranger := free("")
	q.owner = "111111111111"
	if len(named) > 0 {
		q.owner = named[0]
	}
	// A resource's own policy is best shown by a caller from elsewhere; a
	// caller's own by one at home.
	q.accounts = append([]string{stranger}, named...)
	if q.kind == iam.Identity || q.kind == iam.SCP {
		q.accounts = append(append(named, q.owner), stranger)
	}
}

// regimes are the parts in which the requests of a kind of document are
// looked at.
func (q *question) regimes() []regime {
	identities := []iam.PrincipalKind{iam.Session, iam.User, iam.FederatedUser}
	all := []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.Anonymous, iam.FederatedUser, iam.Canonical, iam.Federated}
	var out []regime
	switch q.kind {
	case iam.Identity:
		out = []regime{{kinds: identities}}
	case iam.SCP:
		out = []regime{{kinds: append(identities, iam.Root)}}
	case iam.Trust:
		// AWS decides by the action which callers there can be ("AssumeRole",
		// "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML" of the STS reference).
		out = []regime{
			{actions: []string{"sts:assumerole"}, kinds: []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.FederatedUser}},
			{actions: []string{"sts:assumerolewithwebidentity"}, kinds: []iam.PrincipalKind{iam.Federated}, noSAML: true},
			{actions: []string{"sts:assumerolewithsaml"}, kinds: []iam.PrincipalKind{iam.Federated}, noWeb: true},
			{
				actions:    []string{"sts:*"},
				notActions: []string{"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"},
				kinds:      []iam.PrincipalKind{iam.Session, iam.User, iam.Root, iam.Service, iam.FederatedUser, iam.Federated},
			},
		}
	default:
		out = []regime{{kinds: all}}
	}
	if !q.asked["kms:calleraccount"] {
		return out
	}
	var split []regime
	for _, r := range out {
		in, rest := r, r
		in.kms, in.actions = true, append(slices.Clone(r.actions), "kms:*")
		rest.notActions = append(slices.Clone(r.notActions), "kms:*")
		if len(r.actions) == 0 {
			split = append(split, in)
		}
		split = append(split, rest)
	}
	return split
}

// outcome is what a run came to.
type outcome struct {
	verdict Verdict
	witness *iam.Request
	by      int
	why     string
}

// run decides the question for one assignment of the variables.
func (q *question) run(a assignment) outcome {
	return q.each(func(r regime) outcome {
		b := newBuilder(q, r, a)
		b.start(q)
		t := newTask(q, b, a)
		return t.decide(func(i int) bool { return q.only < 0 || q.only == i })
	})
}

// each joins the outcomes of the regimes.
func (q *question) each(in func(regime) outcome) outcome {
	out := outcome{verdict: No}
	for _, r := range q.regimes() {
		o := in(r)
		if o.verdict == Yes {
			return o
		}
		if o.verdict == Undecided && out.verdict != Undecided {
			out = o
		}
	}
	return out
}

// maxOpen is how many statements are looked at with open variables; each needs
// all others to be made anew.
const maxOpen = 200

// runOpen looks whether the question is No for all values of the variables.
func (q *question) runOpen() outcome {
	if n := len(q.new.Statements); n > maxOpen {
		return outcome{why: fmt.Sprintf("new has %d statements, and with policy variables at most %d are looked at", n, maxOpen)}
	}
	return q.each(func(r regime) outcome {
		for i := range q.new.Statements {
			if q.new.Statements[i].Effect == iam.Deny || q.only >= 0 && q.only != i {
				continue
			}
			for _, a := range q.pinned(&q.new.Statements[i]) {
				b := newBuilder(q, r, a)
				b.openFor(q.new, i)
				b.start(q)
				b.open.dim = len(b.dims)
				b.dims = append(b.dims, b.open.flags)
				if o := newTask(q, b, a).decide(func(j int) bool { return i == j }); o.verdict != No {
					return o
				}
			}
		}
		return outcome{verdict: No}
	})
}

// task is one regime of a question, ready to be searched.
type task struct {
	q      *question
	b      *builder
	s      *search
	must   []literalOf
	limits []*statement // the denials of new
}

func newTask(q *question, b *builder, a assignment) *task {
	t := &task{q: q, b: b, must: b.given(q, a)}
	for i := range q.new.Statements {
		if q.new.Statements[i].Effect == iam.Deny {
			t.limits = append(t.limits, b.statement(q.new, i, false))
		}
	}
	return t
}

// decide asks of each statement that grants whether there is a request that it
// matches and nothing denies, and that old denies or does not allow.
func (t *task) decide(asked func(int) bool) outcome {
	var grants, grantedBefore, deniedBefore []*statement
	for i := range t.q.new.Statements {
		if t.q.new.Statements[i].Effect == iam.Allow && asked(i) {
			grants = append(grants, t.b.statement(t.q.new, i, true))
		}
	}
	if t.q.old != nil {
		for i := range t.q.old.Statements {
			st := t.b.statement(t.q.old, i, false)
			if t.q.old.Statements[i].Effect == iam.Deny {
				deniedBefore = append(deniedBefore, st)
			} else {
				grantedBefore = append(grantedBefore, st)
			}
		}
	}
	t.b.finish()
	if t.b.reason != "" {
		return outcome{why: t.b.reason}
	}
	if t.b.open != nil {
		t.limits = append(t.limits, t.b.open.axioms...)
	}
	t.s = &search{dims: t.b.dims, budget: &t.q.budget}
	out := outcome{verdict: No}
	for _, g := range grants {
		if o := t.grant(g, grantedBefore, deniedBefore); o.verdict == Yes {
			return o
		} else if o.verdict == Undecided {
			out = o
		}
	}
	return out
}

// grant asks that of one statement.
func (t *task) grant(g *statement, grantedBefore, deniedBefore []*statement) outcome {
	must := slices.Concat(t.must, g.lits)
	if g.never || t.s.find(must, nil) == No {
		return outcome{verdict: No}
	}
	verdict := No
	try := func(must []literalOf, unwanted []*statement) bool {
		got := t.s.find(must, unwanted)
		if got != No {
			verdict = got
		}
		return got == Yes
	}
	found := try(must, slices.Concat(t.limits, grantedBefore))
	for i := 0; !found && i < len(deniedBefore); i++ {
		if d := deniedBefore[i]; !d.never {
			found = try(slices.Concat(must, d.lits), t.limits)
		}
	}
	switch verdict {
	case Yes:
		return outcome{verdict: Yes, witness: t.s.request(), by: g.index}
	case Undecided:
		return outcome{verdict: Undecided, why: t.q.reason()}
	}
	return outcome{verdict: No}
}

// reason says why something could not be decided.
func (q *question) reason() string {
	if q.budget.left < 0 {
		return "the documents are too intricate to decide within the budget"
	}
	if q.budget.mixed != "" {
		return q.budget.mixed + " has conditions of different types (texts, numbers, dates, addresses), which are not decided together"
	}
	return "it could not be decided"
}

// given are the literals that hold of every request that is asked for: those
// of the regime, of the constraint and of the assignment.
func (b *builder) given(q *question, a assignment) (must []literalOf) {
	for _, list := range b.regime.actions {
		must = append(must, literalOf{dimAction, b.actionsIn([]string{list}), false})
	}
	if len(b.regime.notActions) > 0 {
		must = append(must, literalOf{dimAction, b.actionsIn(b.regime.notActions), true})
	}
	if q.within != nil {
		must = append(must, b.constrain(q.within)...)
	}
	if b.open != nil {
		for _, k := range slices.Sorted(maps.Keys(b.open.present)) {
			c := condition("Null", k, "false")
			must = append(must, b.conditionLit(&c, false, exact))
		}
	}
	for _, v := range b.vars.list {
		got, ok := a[v.key]
		if !ok {
			continue
		}
		c := condition("Null", v.key, "true")
		if got.present {
			c = condition("StringEquals", v.key, escape(got.value))
		}
		must = append(must, b.conditionLit(&c, false, exact))
	}
	return must
}

// condition makes a condition.
func condition(operator, key string, values ...string) iam.Condition {
	op, why, _ := iam.ParseOperator(operator)
	if why != "" {
		panic(why)
	}
	return iam.Condition{Operator: op, Key: key, Values: values}
}
