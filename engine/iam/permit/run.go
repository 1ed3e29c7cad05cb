package permit

import (
	"fmt"
	"maps"
	"slices"

	"fathom/engine/iam"
)

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
		return t.decide(q.mayAdd)
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
			if !q.mayAdd(i) {
				continue
			}
			for _, a := range q.pinned(&q.changed.Statements[i]) {
				b := newBuilder(q, r, a)
				b.openFor(q.changed, i)
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
	limits []*statement // the denials of new, and what cannot be
}

func newTask(q *question, b *builder, a assignment) *task {
	t := &task{q: q, b: b, must: b.given(q, a), limits: b.impossible(q)}
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
		if asked(i) {
			grants = append(grants, t.b.statement(t.q.changed, i, true))
		}
	}
	if t.q.old != nil {
		for i := range t.q.old.Statements {
			switch {
			case t.q.old.Statements[i].Effect == iam.Allow:
				grantedBefore = append(grantedBefore, t.b.statement(t.q.old, i, false))
			case !t.q.inOld[i]: // what new denies too is among the limits
				deniedBefore = append(deniedBefore, t.b.statement(t.q.old, i, false))
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
	found := !t.q.inNew[g.index] && try(must, slices.Concat(t.limits, grantedBefore))
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
