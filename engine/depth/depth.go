package depth

import "slices"

// Depth is how many units must be defeated before an attacker who starts with
// start has goal, with the proofs.
func (m *Model) Depth(start []Capability, goal Capability) Answer {
	return m.DepthAny(start, []Capability{goal})
}

// DepthAny is the depth of whichever of the goals is the least deep.
func (m *Model) DepthAny(start, goals []Capability) Answer {
	a := Answer{Start: start, Goals: goals}
	least := m.least().pose(start, goals)
	a.Least = least.bound(m.limit())
	a.Most = a.Least
	a.Goal = least.gained(start, goals, &a.Least)
	// A path that rests on nothing doubtful is one in either reading, and so is a
	// cut of the larger set of capabilities.
	if d := least.doubts(&a.Least, a.Goal); !d.none() {
		a.Most = m.most().pose(start, goals).bound(m.limit())
		if !a.Least.agrees(&a.Most) {
			a.Doubts = least.difference(d, start, goals, &a.Most)
		}
	}
	return a
}

// agrees says whether two bounds are the same depth.
func (b *Bound) agrees(other *Bound) bool {
	return b.N == other.N && b.Over == other.Over && b.Never == other.Never
}

// gained is the goal that a path ends in. A path without a move ends in one that
// is had at the start, or in a guard that is off.
func (p *problem) gained(start, goals []Capability, b *Bound) Capability {
	if len(goals) == 0 {
		return Capability{}
	}
	if n := len(b.Path); n > 0 {
		return b.Path[n-1].Gives
	}
	for _, c := range goals {
		id, known := p.id[c]
		switch {
		case b.Never || b.Over:
			return goals[0]
		case slices.Contains(start, c), !known && c.Kind == offKind:
			return c
		case known && p.guardAt[id] >= 0 && (!p.stands[p.guardAt[id]] || b.fells(c)):
			return c
		}
	}
	return goals[0]
}

func (b *Bound) fells(off Capability) bool {
	return slices.ContainsFunc(b.Felled, func(u Unit) bool {
		return slices.ContainsFunc(u.Guards, func(g Guard) bool { return Off(g) == off })
	})
}

// bound solves the problem, and proves it.
func (p *problem) bound(limit int) Bound {
	switch {
	case p.never:
		return Bound{Never: true}
	case p.free:
		return Bound{Path: p.witness(nil)}
	}
	s := p.search()
	return p.proven(s.least(0, limit), s.h.cuts)
}

// proven is what was found, and the cuts that prove it, as an answer.
func (p *problem) proven(f found, cuts [][]int32) Bound {
	b := Bound{N: f.n, Over: f.over}
	need := f.n
	if f.over {
		need++
	} else {
		felled := p.real(f.set)
		b.Felled = p.unitsOf(felled)
		b.Path = p.witness(felled)
	}
	for _, cut := range fewest(cuts, need, len(p.units)) {
		var names []string
		for _, u := range p.real(cut) {
			if p.standing(u) {
				names = append(names, p.Model.units[u].name)
			}
		}
		b.Cuts = append(b.Cuts, names)
	}
	return b
}

// standing says whether the unit counts: whether any guard of it stands.
func (r *reading) standing(u int32) bool {
	return slices.ContainsFunc(r.units[u].guards, func(g int32) bool { return r.stands[g] })
}

// real are the model's units of the problem's.
func (p *problem) real(set []int32) []int32 {
	out := make([]int32, len(set))
	for i, u := range set {
		out[i] = p.units[u]
	}
	return out
}

// unitsOf names units, with those of their guards that stand.
func (p *problem) unitsOf(set []int32) []Unit {
	var out []Unit
	for _, u := range set {
		unit := Unit{Name: p.Model.units[u].name}
		for _, g := range p.Model.units[u].guards {
			if p.stands[g] {
				unit.Guards = append(unit.Guards, p.guards[g].Guard)
			}
		}
		out = append(out, unit)
	}
	return out
}

// trimWork is how many branches of a search are spent on leaving out one cut.
const trimWork = 2000

// fewest are cuts enough to prove that fewer than need units do not meet them
// all: need of them that have nothing in common where there are such, otherwise
// none of those left can be spared (or it was too much work to say).
func fewest(cuts [][]int32, need, units int) [][]int32 {
	bySize := slices.Clone(cuts)
	slices.SortStableFunc(bySize, func(a, b []int32) int { return len(a) - len(b) })
	used := make([]bool, units)
	var apart [][]int32
	for _, cut := range bySize {
		if !slices.ContainsFunc(cut, func(u int32) bool { return used[u] }) {
			apart = append(apart, cut)
			for _, u := range cut {
				used[u] = true
			}
		}
	}
	if len(apart) >= need {
		return apart[:need]
	}
	for i := len(bySize) - 1; i >= 0; i-- {
		h := newHitter(units)
		h.most = trimWork
		for j, cut := range bySize {
			if i != j {
				h.add(cut)
			}
		}
		if _, ok := h.least(need-1, need-1); !ok && h.work <= h.most {
			bySize = slices.Delete(bySize, i, i+1)
		}
	}
	return bySize
}
