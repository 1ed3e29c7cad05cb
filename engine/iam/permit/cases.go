package permit

import "fathom/engine/iam"

// caseDim is a dimension whose values are of several kinds: callers, which are
// users, sessions, services …; resources, with an account in their ARN or
// without. Each kind is a case, made of one or more independent texts, and
// every literal is about at most one text of a case.
type caseDim struct {
	cases  []*kase
	lits   []func(*kase) caseLit
	ids    map[string]int
	values []caseValue
	memo   map[string]answer
	buf    []byte
}

// kase is one kind of value. Its texts and literals are made when it is first
// looked at: most questions are answered by the first case or two.
type kase struct {
	made  bool
	make  func(*kase) // makes the parts
	parts []*texts
	lits  []caseLit
	// write puts a value of the kind into a request.
	write func(parts []string, r *iam.Request)
	// views are what the condition keys are that follow from the value.
	views map[string]view

	who // of callers only
}

// caseLit is what a literal is in one case: fixed, or a predicate on a part.
type caseLit struct {
	fixed, is bool
	part      int
	pred      int
	not       bool
}

// always is a literal that is the same for all values of a case.
func always(is bool) caseLit { return caseLit{fixed: true, is: is} }

type caseValue struct {
	kase  int
	texts []int // in the pools of the parts
}

func newCaseDim() *caseDim {
	return &caseDim{ids: map[string]int{}, memo: map[string]answer{}}
}

// literal returns the number of a literal; id says what it is, so that each is
// made once. of makes it for a case.
func (d *caseDim) literal(id string, of func(*kase) caseLit) int {
	if i, ok := d.ids[id]; ok {
		return i
	}
	d.lits = append(d.lits, of)
	d.ids[id] = len(d.lits) - 1
	return len(d.lits) - 1
}

// ready makes what a case lacks.
func (d *caseDim) ready(k *kase) {
	if !k.made {
		k.made = true
		k.make(k)
	}
	for i := len(k.lits); i < len(d.lits); i++ {
		k.lits = append(k.lits, d.lits[i](k))
	}
}

func (d *caseDim) holds(lit, value int) bool {
	v := &d.values[value]
	k := d.cases[v.kase]
	l := &k.lits[lit]
	if l.fixed {
		return l.is
	}
	return k.parts[l.part].holds(l.pred, v.texts[l.part]) != l.not
}

func (d *caseDim) put(value int, r *iam.Request) {
	v := &d.values[value]
	k := d.cases[v.kase]
	parts := make([]string, len(k.parts))
	for i, t := range v.texts {
		parts[i] = k.parts[i].pool[t]
	}
	k.write(parts, r)
}

func (d *caseDim) solve(c constraint) answer {
	if c.contradicts() {
		return answer{verdict: No}
	}
	d.buf = c.key(d.buf[:0])
	if a, ok := d.memo[string(d.buf)]; ok {
		return a
	}
	memo := string(d.buf)
	a := answer{verdict: No}
	for i, k := range d.cases {
		d.ready(k)
		texts, verdict := k.solve(c)
		if verdict == Yes {
			a = answer{Yes, len(d.values)}
			d.values = append(d.values, caseValue{i, texts})
			break
		}
		a.verdict = weaker(a.verdict, verdict)
	}
	if a.verdict != Undecided {
		d.memo[memo] = a
	}
	return a
}

// solve looks for a value of one case.
func (k *kase) solve(c constraint) ([]int, Verdict) {
	on := make([]constraint, len(k.parts))
	take := func(lits []int, want bool) bool {
		for _, i := range lits {
			l := &k.lits[i]
			if !l.fixed {
				on[l.part] = on[l.part].with(l.pred, want != l.not)
			} else if l.is != want {
				return false
			}
		}
		return true
	}
	if !take(c.yes, true) || !take(c.no, false) {
		return nil, No
	}
	out, verdict := make([]int, len(k.parts)), Yes
	for i, t := range k.parts {
		a := t.solve(on[i])
		if a.verdict == No {
			return nil, No
		}
		if a.verdict == Undecided {
			verdict = Undecided
		}
		out[i] = a.value
	}
	return out, verdict
}
