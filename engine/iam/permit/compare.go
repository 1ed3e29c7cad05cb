package permit

import (
	"slices"
	"strings"

	"fathom/engine/iam"
)

// Options bound the work. The zero Options are the defaults.
type Options struct {
	// Budget is how much work a question may cost, in words of automaton states
	// and branches of the search; 0 is about a second. A question that costs
	// more is Undecided.
	Budget int
}

// Answer is the answer to a question about all requests.
type Answer struct {
	// Grants says whether there is a request that is permitted.
	Grants Verdict
	// Witness is such a request, for a Yes: package iam permits it, by the new
	// document and not by the old.
	Witness *iam.Request
	// By is the statement of the new document that permits it; for RCPs, which
	// only deny, -1 where it is RCPFullAWSAccess.
	By int
	// Summary says in words what is granted, or that nothing is.
	Summary string
	// Why says why the question is Undecided.
	Why string
}

// Compare says whether new permits a request that old does not. The kind is
// that of new. A document that AWS would refuse permits nothing.
//
// Actions and resources are open sets, because AWS adds to them: a new Action
// "s3:*" grants more than a list of all actions that S3 has today.
func Compare(old, new *iam.Document, o Options) Answer {
	if old.Kind != new.Kind {
		return undecided("the documents are of different kinds: old is " + old.Kind.String() + ", new is " + new.Kind.String())
	}
	if new.Rejected {
		return Answer{Grants: No, Summary: "new grants nothing: AWS would refuse it"}
	}
	if old.Rejected {
		return newQuestion(nil, new, nil, o).answer("new grants nothing")
	}
	const nothing = "new grants nothing that old does not"
	if new.Kind != iam.RCP {
		return newQuestion(old, new, nil, o).answer(nothing)
	}
	a := newQuestion(withFullAccess(old), withFullAccess(new), nil, o).answer(nothing)
	if a.By >= len(new.Statements) {
		a.By = -1
	}
	return a
}

// withFullAccess is an RCP beside RCPFullAWSAccess, which is attached wherever
// one is and cannot be detached: what the RCP does not deny passes.
func withFullAccess(d *iam.Document) *iam.Document {
	full, _ := iam.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`), "", iam.RCP)
	out := *d
	out.Statements = slices.Concat(d.Statements, full.Statements)
	return &out
}

// CompareEach is Compare for each statement of new by itself, and returns the
// answers that are not No, by statement: all that new grants and old does not.
func CompareEach(old, new *iam.Document, o Options) (out []Answer) {
	if old.Kind != new.Kind || new.Rejected {
		if a := Compare(old, new, o); a.Grants != No {
			out = append(out, a)
		}
		return out
	}
	if old.Rejected {
		old = nil
	}
	return each(old, new, nil, o)
}

func each(old, new *iam.Document, within *Constraint, o Options) (out []Answer) {
	for i := range new.Statements {
		if new.Statements[i].Effect == iam.Deny {
			continue
		}
		q := newQuestion(old, new, within, o)
		q.only = i
		if a := q.answer(""); a.Grants != No {
			a.By = i
			out = append(out, a)
		}
	}
	return out
}

func undecided(why string) Answer {
	return Answer{Grants: Undecided, Summary: "undecided: " + why, Why: why}
}

// answer decides the question; nothing says what a No means.
func (q *question) answer(nothing string) Answer {
	for _, d := range q.documents() {
		if strange(d) {
			return undecided("a document has private characters, which stand for other things here")
		}
	}
	o := q.decide()
	switch o.verdict {
	case No:
		return Answer{Grants: No, Summary: nothing}
	case Undecided:
		return undecided(o.why)
	}
	if !q.replays(o.witness) {
		return undecided("the request that was found is decided otherwise by the evaluator, which is a mistake of ours: " + show(o.witness))
	}
	q.polish(o.witness)
	return Answer{Grants: Yes, Witness: o.witness, By: o.by, Summary: q.summary(o)}
}

// replays says whether the concrete engine agrees that a request is one that
// is asked for.
func (q *question) replays(r *iam.Request) bool {
	return q.new.Permits(r) && (q.old == nil || !q.old.Permits(r))
}

// decide decides a question with variables: with values for them first, which
// can show a grant, and then for all values at once, which can rule one out.
func (q *question) decide() outcome {
	if !slices.ContainsFunc(indices(q.new), q.mayAdd) {
		return outcome{verdict: No}
	}
	if len(q.vars.list) == 0 {
		return q.run(nil)
	}
	if len(q.vars.list) == maxVariables {
		return outcome{why: "the documents have too many policy variables"}
	}
	unsure := false
	for _, a := range q.assignments() {
		o := q.run(a)
		if o.verdict == Yes {
			return o
		}
		unsure = unsure || o.verdict == Undecided
	}
	o := q.runOpen()
	if o.verdict == Yes {
		o = outcome{why: "no value that was tried for " + q.variableNames() + " shows a grant, and not all values rule one out"}
	}
	if o.verdict == Undecided && unsure && q.budget.left < 0 {
		o.why = q.reason()
	}
	return o
}

func (q *question) variableNames() string {
	var out []string
	for _, v := range q.vars.list {
		if name := "${" + v.key + "}"; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

// strange says whether a document has characters that stand for variables and
// escapes here.
func strange(d *iam.Document) bool {
	private := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return isSymbol(r) || r == escapedStar || r == escapedMark })
	}
	return slices.ContainsFunc(d.Statements, func(s iam.Statement) bool {
		if slices.ContainsFunc(slices.Concat(s.Principals, s.NotPrincipals), func(p iam.PrincipalPattern) bool { return private(p.Value) }) {
			return true
		}
		return slices.ContainsFunc(slices.Concat(s.Actions, s.NotActions), func(a iam.Action) bool { return private(a.Text) }) ||
			slices.ContainsFunc(slices.Concat(s.Resources, s.NotResources), func(a iam.ARN) bool { return private(a.Text) }) ||
			slices.ContainsFunc(s.Conditions, func(c iam.Condition) bool { return private(c.Key) || slices.ContainsFunc(c.Values, private) })
	})
}
