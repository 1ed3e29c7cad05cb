package permit

import (
	"slices"

	"fathom/engine/iam"
)

// A dimension is one independent part of a request: its action, its resource,
// who makes it, or what one condition key holds. Its literals are the parts of
// statements that are about it, each true or false of a value.
type dimension interface {
	// solve looks for a value that satisfies a constraint on the literals.
	solve(c constraint) answer
	// holds says whether a literal is true of a value that solve returned.
	holds(literal, value int) bool
	// put writes a value into a request.
	put(value int, r *iam.Request)
}

// literal says that a literal of a dimension is true, or with not false.
type literalOf struct {
	dim, lit int
	not      bool
}

// statement is a conjunction: it matches a request when all its literals hold.
// One that is never can match none.
type statement struct {
	index int
	lits  []literalOf
	never bool
}

// search looks for a request by choosing a value in every dimension, looking
// for statements that must not match but do, and adding the negation of one of
// their literals: a depth-first search over constraints, in which each branch
// excludes the ones before it, so that no request is looked for twice.
type search struct {
	dims   []dimension
	budget *budget
	cons   []constraint
	model  []int
}

// find looks for a request that all of must are true of and that none of
// unwanted match. For a Yes the model holds it.
func (s *search) find(must []literalOf, unwanted []*statement) Verdict {
	s.cons = make([]constraint, len(s.dims))
	s.model = make([]int, len(s.dims))
	for _, l := range must {
		s.cons[l.dim] = s.cons[l.dim].with(l.lit, !l.not)
	}
	verdict := Yes
	for d := range s.dims {
		a := s.dims[d].solve(s.cons[d])
		switch a.verdict {
		case No:
			return No
		case Undecided:
			verdict = Undecided
		}
		s.model[d] = a.value
	}
	if verdict == Undecided {
		return Undecided
	}
	return s.descend(unwanted)
}

// descend makes the model avoid the unwanted statements.
func (s *search) descend(unwanted []*statement) Verdict {
	if !s.budget.spend(1 + len(unwanted)) {
		return Undecided
	}
	way, violated := s.narrowest(unwanted)
	if !violated {
		return Yes
	}
	if len(way.forced) > 1 {
		return s.force(way.forced, unwanted)
	}
	verdict := No
	if way.unsure {
		verdict = Undecided
	}
	var kept []saved
	for _, l := range way.branches {
		d := l.dim
		before := saved{d, s.cons[d], s.model[d]}
		// A branch is solved anew: those before it have added constraints.
		c := s.cons[d].with(l.lit, l.not)
		switch a := s.dims[d].solve(c); a.verdict {
		case Yes:
			s.cons[d], s.model[d] = c, a.value
			switch s.descend(unwanted) {
			case Yes:
				return Yes
			case Undecided:
				verdict = Undecided
			}
			s.cons[d], s.model[d] = before.c, before.value
		case Undecided:
			verdict = Undecided
		}
		// The model satisfies the literal itself, as the statement matches it.
		kept = append(kept, before)
		s.cons[d] = s.cons[d].with(l.lit, !l.not)
	}
	for i := len(kept) - 1; i >= 0; i-- {
		s.cons[kept[i].dim], s.model[kept[i].dim] = kept[i].c, kept[i].value
	}
	return verdict
}

// saved is what a dimension was before a branch.
type saved struct {
	dim   int
	c     constraint
	value int
}

// force takes the only ways out of several statements at once.
func (s *search) force(lits []literalOf, unwanted []*statement) Verdict {
	cons, model := slices.Clone(s.cons), slices.Clone(s.model)
	defer copy(s.cons, cons)
	touched := map[int]bool{}
	for _, l := range lits {
		s.cons[l.dim] = s.cons[l.dim].with(l.lit, l.not)
		touched[l.dim] = true
	}
	verdict := Yes
	for d := range s.dims {
		if !touched[d] {
			continue
		}
		a := s.dims[d].solve(s.cons[d])
		if a.verdict == No {
			copy(s.model, model)
			return No
		}
		verdict = min(verdict, a.verdict)
		s.model[d] = a.value
	}
	if verdict == Yes {
		verdict = s.descend(unwanted)
	}
	if verdict != Yes {
		copy(s.model, model)
	}
	return verdict
}

// ways are the ways out of an unwanted statement: literals that can be false.
type ways struct {
	branches []literalOf
	unsure   bool // there may be more
	// forced are the ways out of all statements that have one only.
	forced []literalOf
}

// narrowest returns the ways out of that statement that matches the model and
// has the fewest.
func (s *search) narrowest(unwanted []*statement) (best ways, violated bool) {
	looked := 0
	var forced []literalOf
	for _, st := range unwanted {
		if !s.matches(st) {
			continue
		}
		w := s.waysOut(st)
		if len(w.branches) == 1 && !w.unsure {
			forced = append(forced, w.branches[0])
		}
		if !violated || len(w.branches) < len(best.branches) || len(w.branches) == len(best.branches) && !w.unsure && best.unsure {
			best = w
		}
		violated = true
		if looked++; len(best.branches) == 0 && !best.unsure || looked == 64 {
			break // no better one, or enough of them
		}
	}
	if len(best.branches) == 1 && !best.unsure {
		best.forced = forced
	}
	return best, violated
}

func (s *search) waysOut(st *statement) (w ways) {
	for _, l := range st.lits {
		switch s.dims[l.dim].solve(s.cons[l.dim].with(l.lit, l.not)).verdict {
		case Yes:
			w.branches = append(w.branches, l)
		case Undecided:
			w.unsure = true
		}
	}
	return w
}

// matches says whether a statement matches the model.
func (s *search) matches(st *statement) bool {
	if st.never {
		return false
	}
	for _, l := range st.lits {
		if s.dims[l.dim].holds(l.lit, s.model[l.dim]) == l.not {
			return false
		}
	}
	return true
}

// request writes the model down.
func (s *search) request() *iam.Request {
	r := &iam.Request{Context: iam.Context{}}
	for d, v := range s.model {
		s.dims[d].put(v, r)
	}
	return r
}
