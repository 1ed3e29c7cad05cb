package depth

import (
	"slices"
	"strings"
)

// Sets are all minimal sets of at most size units that reach one of the goals,
// in the reading of Least: no unit of a set can be left standing. The smaller
// come first, then those whose names do.
func (m *Model) Sets(start, goals []Capability, size int) [][]Unit {
	p := m.least().pose(start, goals)
	switch {
	case p.never || size < 0:
		return nil
	case p.free:
		return [][]Unit{{}}
	}
	s := &setSearch{search: p.search(), size: size}
	s.from(nil)
	var out [][]Unit
	for _, set := range s.out {
		out = append(out, p.unitsOf(p.real(set)))
	}
	slices.SortFunc(out, func(a, b []Unit) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return slices.CompareFunc(a, b, func(a, b Unit) int { return strings.Compare(a.Name, b.Name) })
	})
	return out
}

// setSearch goes through all sets that meet every cut, each once: with a cut
// that the set so far does not meet, one branch for each of its units, without
// those of the branches before (Reiter's tree of hitting sets).
type setSearch struct {
	*search
	size int
	out  [][]int32
}

func (s *setSearch) from(set []int32) {
	cut, apart := s.missed(set)
	if cut == nil {
		if s.reaches(set) {
			if s.minimal(set) {
				s.out = append(s.out, slices.Sorted(slices.Values(set)))
			}
			return
		}
		cut, apart = s.cut(s.c, s.h), 1
		s.h.add(cut)
	}
	if len(set)+apart > s.size {
		return
	}
	var tried []int32
	for _, u := range cut {
		if s.h.banned.has(u) {
			continue
		}
		s.from(append(set[:len(set):len(set)], u))
		s.h.banned.set(u)
		tried = append(tried, u)
	}
	for _, u := range tried {
		s.h.banned.clear(u)
	}
}

// missed is a shortest known cut that the set does not meet, nil for none, and
// how many such cuts have nothing in common that may be taken.
func (s *setSearch) missed(set []int32) (cut []int32, apart int) {
	seen, has := newBits(len(s.units)), newBits(len(s.units))
	for _, u := range set {
		has.set(u)
	}
	for i, of := range s.h.of {
		if of.common(has) > 0 {
			continue
		}
		if cut == nil || len(s.h.cuts[i]) < len(cut) {
			cut = s.h.cuts[i]
		}
		if of.apart(seen, s.h.banned) {
			apart++
			for w := range seen {
				seen[w] |= of[w]
			}
		}
	}
	return cut, apart
}

func (s *setSearch) minimal(set []int32) bool {
	for i := range set {
		if s.reaches(slices.Concat(set[:i], set[i+1:])) {
			return false
		}
	}
	return true
}
