package depth

import "slices"

// found is what a search found, in the problem's own units.
type found struct {
	n    int
	over bool
	set  []int32
}

// search is a problem with the cuts that are known of it.
type search struct {
	*problem
	c *closure
	h *hitter
}

// search starts without a cut. The problem must be neither free nor never.
func (p *problem) search() *search {
	return &search{problem: p, c: p.horn.closure(0, nil), h: newHitter(len(p.units))}
}

// least finds a smallest set of from to limit units that reaches the goal
// together with those that are felled for nothing. The caller knows that fewer
// than from do not.
func (s *search) least(from, limit int, have ...int32) found {
	for {
		set, ok := s.h.least(from, limit, have...)
		if !ok {
			return found{n: limit, over: true}
		}
		from = len(set)
		if s.reaches(set, have...) {
			return found{n: len(set), set: set}
		}
		// Cuts that have nothing in common with one another cost no search: take
		// all of each until the goal is reached.
		for !s.c.reached() {
			cut := s.cut(s.c, s.h)
			s.h.add(cut)
			for _, u := range cut {
				s.fell(s.c, u)
			}
			s.c.close()
		}
	}
}

// reaches leaves the closure as it is when these units have fallen.
func (s *search) reaches(set []int32, more ...int32) bool {
	s.c.back(0)
	for _, u := range set {
		s.fell(s.c, u)
	}
	for _, u := range more {
		s.fell(s.c, u)
	}
	s.c.close()
	return s.c.reached()
}

func (p *problem) fell(c *closure, u int32) {
	for _, node := range p.fells.row(u) {
		c.set(node)
	}
}

// cut is what is left out of a largest set of units that does not reach the
// goal and holds all of what has fallen in c. What has been in most cuts is
// added first, so that the new cut is about something else. A unit that reaches
// the goal is taken back, and no more has to be undone than it did.
func (p *problem) cut(c *closure, h *hitter) []int32 {
	order := p.everything()
	slices.SortStableFunc(order, func(a, b int32) int { return h.in[b].len() - h.in[a].len() })
	start := len(c.trail)
	var cut []int32
	for _, u := range order {
		mark := len(c.trail)
		p.fell(c, u)
		c.close()
		if c.reached() {
			c.back(mark)
			cut = append(cut, u)
		}
	}
	c.back(start)
	slices.Sort(cut)
	return cut
}

// everything are all the problem's units.
func (p *problem) everything() []int32 {
	all := make([]int32, len(p.units))
	for u := range all {
		all[u] = int32(u)
	}
	return all
}
