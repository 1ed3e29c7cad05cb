package depth

import "slices"

// Losses are the units that are in some smallest set, and so cost a unit of
// depth when they are lost: the depth before and after, in the reading of Least.
// The loss of any other unit costs nothing. None for a depth of nought, for one
// over the limit and for a goal out of reach.
func (m *Model) Losses(start, goals []Capability) []Loss {
	p := m.least().pose(start, goals)
	if p.never || p.free {
		return nil
	}
	s := p.search()
	f := s.least(0, m.limit())
	if f.over {
		return nil
	}
	before := p.proven(f, s.h.cuts)
	var out []Loss
	for u := range int32(len(p.units)) {
		// A cut without the unit is a cut when it has gone, so what has been found
		// for one serves the next.
		after := s.least(f.n-1, f.n-1, u)
		if after.over {
			continue
		}
		cuts := slices.DeleteFunc(slices.Clone(s.h.cuts), func(cut []int32) bool { return slices.Contains(cut, u) })
		out = append(out, Loss{
			Unit:   m.units[p.units[u]].name,
			Before: before,
			After:  p.losing(p.units[u]).proven(after, cuts),
		})
	}
	return out
}

// losing is the problem for a proof when one unit has gone.
func (p *problem) losing(u int32) *problem {
	lost, r := *p, *p.reading
	r.stands = slices.Clone(p.stands)
	for _, g := range p.Model.units[u].guards {
		r.stands[g] = false
	}
	lost.reading = &r
	return &lost
}
