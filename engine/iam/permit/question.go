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
	// inNew and inOld are the statements that both documents have.
	inNew, inOld map[int]bool
	// changed is new, where it can be without what old allows in the same way.
	changed *iam.Document
	budget  budget
	ops     operators

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
	q.changed = new
	q.inNew, q.inOld = shared(old, new)
	if old != nil && !q.takesAway() {
		var none map[int]bool
		q.changed, none = changed(old, new)
		maps.Copy(q.inNew, none)
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

// mayAdd says whether a statement of new may permit what old does not: it allows,
// it is asked about, and old does not have it too, or takes away from it.
func (q *question) mayAdd(i int) bool {
	if q.new.Statements[i].Effect == iam.Deny || q.only >= 0 && q.only != i {
		return false
	}
	return !q.inNew[i] || q.takesAway()
}

// takesAway says whether old has a Deny that new does not have.
func (q *question) takesAway() bool {
	return q.old != nil && slices.ContainsFunc(indices(q.old), func(i int) bool {
		return q.old.Statements[i].Effect == iam.Deny && !q.inOld[i]
	})
}

func indices(d *iam.Document) []int {
	out := make([]int, len(d.Statements))
	for i := range out {
		out[i] = i
	}
	return out
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
		if vars && takesVariables(c.Operator.Test) {
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

// reason says why something could not be decided.
func (q *question) reason() string {
	if q.budget.left < 0 {
		return "the documents are too intricate to decide within the budget"
	}
	if q.budget.broken != "" {
		return "what was found for " + q.budget.broken + " does not fit its conditions, which is a mistake of ours"
	}
	if q.budget.mixed != "" {
		return q.budget.mixed + " has conditions of different types (texts, numbers, dates, addresses), which are not decided together"
	}
	return "it could not be decided"
}
