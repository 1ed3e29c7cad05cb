package depth

import (
	"slices"

	"fathom/diag"
)

// doubtful are guards and rules that are not known to stand, and to be possible.
type doubtful struct {
	guards, rules []int32
}

func (d *doubtful) none() bool { return len(d.guards)+len(d.rules) == 0 }

// doubts are what the path of a bound rests on that is not known; of one that is
// over the limit, what a path does with everything felled.
func (p *problem) doubts(b *Bound, goal Capability) *doubtful {
	d := &doubtful{}
	if b.Never {
		return d
	}
	path := b.Path
	if b.Over {
		path = p.witness(p.real(p.everything()))
	}
	given := map[int32]bool{}
	for _, id := range p.start {
		given[id] = true
	}
	need := func(c Capability) {
		id, known := p.id[c]
		if !known || given[id] || p.guardAt[id] < 0 {
			return
		}
		g := p.guardAt[id]
		if !p.stands[g] && !p.gone[g] && p.guards[g].stop.State == Doubtful && !slices.Contains(d.guards, g) {
			d.guards = append(d.guards, g)
		}
	}
	for _, mv := range path {
		if mv.Doubt != "" {
			d.rules = append(d.rules, p.ruleOf(mv.Step))
		}
		for i := range len(mv.Needs) + len(mv.Stops) {
			need(mv.nth(i))
		}
		given[p.id[mv.Gives]] = true
	}
	need(goal)
	return d
}

// ruleOf is the rule that a step was made.
func (m *Model) ruleOf(s *Step) int32 {
	for _, r := range m.gives.row(m.id[s.Gives]) {
		if m.steps[r] == s {
			return r
		}
	}
	return -1
}

// doubtRounds is how many paths are asked for what they rest on. It bounds the
// time where next to nothing is known.
const doubtRounds = 16

// difference are doubts that make the difference between two bounds: with them
// decided against the attacker he needs as much as with all decided so. The
// first are those that the first path rests on, then those of the path that is
// left to him, and so on.
func (p *problem) difference(d *doubtful, start, goals []Capability, most *Bound) []Doubt {
	var out []Doubt
	put := func(at diag.Pos, why string) {
		if x := (Doubt{at, why}); !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	r := *p.reading
	r.stands = slices.Clone(r.stands)
	r.out = make([]bool, len(r.steps))
	for round := 0; round < doubtRounds && !d.none(); round++ {
		for _, rule := range d.rules {
			r.out[rule] = true
			put(r.steps[rule].At, r.steps[rule].Doubt)
		}
		for _, g := range d.guards {
			r.stands[g] = true
			put(r.guards[g].stop.At, r.guards[g].stop.Why)
		}
		next := r.pose(start, goals)
		b := next.bound(r.limit())
		if b.agrees(most) {
			break
		}
		d = next.doubts(&b, next.gained(start, goals, &b))
	}
	return out
}
