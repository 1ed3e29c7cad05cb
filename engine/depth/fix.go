package depth

import (
	"cmp"
	"slices"
	"strings"
)

// Fix is the cheapest set of candidates that brings the depth of every target,
// in the reading of Least, to its Min.
//
// It is found as depth is, by what has to be met: a set that does too little
// leaves a path of too few units, and every set that does enough puts so many
// more guards on that path. The least set that meets all such demands either is
// enough, and nothing cheaper is, or leaves another path.
func (m *Model) Fix(targets []Target, candidates []Candidate) Plan {
	f := m.newFixer(candidates)
	plan := Plan{Proven: true}
	all := make([]bool, len(f.candidates))
	for i := range all {
		all[i] = true
	}
	for _, t := range targets {
		w, p := f.wish(t, all)
		if f.ask(w, all).lacks == nil {
			f.wishes = append(f.wishes, w)
			continue
		}
		plan.Short = append(plan.Short, t)
		plan.Gets = append(plan.Gets, p.bound(m.limit()))
	}
	x := f.grown(make([]bool, len(f.candidates)))
	best, proven := f.cheapest(x)
	if plan.Proven = proven; !proven {
		if g := f.greedy(); f.cost(g) < f.cost(best) {
			best = g
		}
	}
	plan.Changes, plan.Effort = f.inOrder(best), f.cost(best)
	return plan
}

// fixer holds what is known of a plan to be made.
type fixer struct {
	*Model
	base       *reading
	wishes     []*wish
	candidates []Candidate // by control, each once, with something missing
	of         []int32     // of each guard, the candidate that makes it stand, or -1
	demands    []demand
	work       int
}

// demand is something that every plan has to meet: the weights of those of its
// candidates that are taken add up to need at least.
type demand struct {
	need   int
	of     []int32
	weight []int
}

func (m *Model) newFixer(candidates []Candidate) *fixer {
	f := &fixer{Model: m, base: m.least(), of: make([]int32, len(m.guards))}
	missing := map[string][]int32{}
	for g := range m.guards {
		f.of[g] = -1
		// One that nobody ever named has no place to stand.
		if d := &m.guards[g]; d.stop.State == Missing && d.named && !m.gone[g] {
			missing[d.Control] = append(missing[d.Control], int32(g))
		}
	}
	sorted := slices.Clone(candidates)
	slices.SortStableFunc(sorted, func(a, b Candidate) int {
		return cmp.Or(strings.Compare(a.Control, b.Control), a.Effort-b.Effort)
	})
	for _, c := range slices.CompactFunc(sorted, func(a, b Candidate) bool { return a.Control == b.Control }) {
		for _, g := range missing[c.Control] {
			f.of[g] = int32(len(f.candidates))
		}
		if len(missing[c.Control]) > 0 {
			f.candidates = append(f.candidates, c)
		}
	}
	return f
}

// effort is what a candidate costs, which is something.
func (f *fixer) effort(i int32) int { return max(f.candidates[i].Effort, 1) }

func (f *fixer) cost(x []bool) int {
	sum := 0
	for i, taken := range x {
		if taken {
			sum += f.effort(int32(i))
		}
	}
	return sum
}

// with is the reading with these candidates taken.
func (f *fixer) with(x []bool) *reading {
	r := *f.base
	r.stands = slices.Clone(f.base.stands)
	for g, i := range f.of {
		if i >= 0 && x[i] {
			r.stands[g] = true
		}
	}
	return &r
}

// wish is a target that can be met, with what has been asked about it.
type wish struct {
	Target
	// by are the candidates that it depends on; known is what has been asked, by
	// which of those are taken.
	by    []int32
	known map[string]*asked
}

// asked is what a set of candidates does for a target: its depth, up to Min, and
// what it leaves to be demanded, nil when it is enough.
type asked struct {
	depth int
	lacks *demand
}

// wish poses a target with all candidates taken, and notes which of them matter:
// with fewer taken no others do.
func (f *fixer) wish(t Target, all []bool) (*wish, *problem) {
	w := &wish{Target: t, known: map[string]*asked{}}
	p := f.with(all).pose(t.Start, []Capability{t.Goal})
	for _, g := range p.guarding {
		if i := f.of[g]; i >= 0 && !slices.Contains(w.by, i) {
			w.by = append(w.by, i)
		}
	}
	return w, p
}

func (f *fixer) ask(w *wish, x []bool) *asked {
	key := make([]byte, len(w.by))
	for j, i := range w.by {
		if x[i] {
			key[j] = 1
		}
	}
	a, ok := w.known[string(key)]
	if !ok {
		a = f.answer(w, x)
		w.known[string(key)] = a
	}
	return a
}

func (f *fixer) answer(t *wish, x []bool) *asked {
	p := f.with(x).pose(t.Start, []Capability{t.Goal})
	if t.Min <= 0 || p.never {
		return &asked{depth: max(t.Min, 0)}
	}
	var felled []int32
	if !p.free {
		found := p.search().least(0, t.Min-1)
		if found.over {
			return &asked{depth: t.Min}
		}
		felled = p.real(found.set)
	}
	return &asked{depth: len(felled), lacks: f.demand(p, t, x, felled)}
}

// demand is what a path asks of every plan. It can be gone whatever the plan if
// the units that stand in its way fall: those of what stands anyway, and those
// of what the plan puts there. So the plan puts there what is lacking.
func (f *fixer) demand(p *problem, w *wish, x []bool, felled []int32) *demand {
	crossed := p.crossed(p.witness(felled))
	var anyway []int32
	for _, u := range felled {
		if slices.ContainsFunc(f.units[u].guards, func(g int32) bool { return f.base.stands[g] && slices.Contains(crossed, g) }) {
			anyway = append(anyway, u)
		}
	}
	d := f.bill(w.by, crossed, anyway, nil)
	d.need = w.Min - len(anyway)
	if got := d.got(x); got < d.need {
		return d
	}
	// Units that fall together stand for several candidates: ask for one that
	// none of them fells.
	d = f.bill(w.by, crossed, felled, x)
	d.need = 1
	return d
}

// bill weighs those of the candidates by, but not those of taken, by what they
// would put in the way of who crosses these guards and has felled these units.
func (f *fixer) bill(by, crossed, felled []int32, taken []bool) *demand {
	d := &demand{}
	falls := func(u int32) bool { return slices.Contains(felled, u) }
	for _, g := range crossed {
		i := f.of[g]
		switch {
		case i < 0, !slices.Contains(by, i), taken != nil && taken[i]:
			continue
		case slices.ContainsFunc(f.within.row(g), falls):
			continue
		}
		at := slices.Index(d.of, i)
		switch {
		case at < 0:
			d.of, d.weight = append(d.of, i), append(d.weight, 1)
		case f.o.Each:
			d.weight[at]++
		}
	}
	return d
}

func (d *demand) got(x []bool) int {
	sum := 0
	for j, i := range d.of {
		if x[i] {
			sum += d.weight[j]
		}
	}
	return sum
}

// crossed are the guards that a path finds out of its way without having put
// them there itself.
func (p *problem) crossed(path []Move) []int32 {
	var out []int32
	given := map[Capability]bool{}
	for _, mv := range path {
		for i := range len(mv.Needs) + len(mv.Stops) {
			c := mv.nth(i)
			g := p.guardAt[p.id[c]]
			if g >= 0 && !given[c] && !slices.Contains(p.start, p.id[c]) && !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
		given[mv.Gives] = true
	}
	if len(path) == 0 { // the goal may be that a guard is off
		for _, id := range p.goals {
			if g := p.guardAt[id]; g >= 0 && !slices.Contains(p.start, id) {
				out = append(out, g)
			}
		}
	}
	return out
}
