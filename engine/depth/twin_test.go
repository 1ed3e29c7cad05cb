package depth

import (
	"math/bits"
	"slices"
	"strings"
)

// twin answers by trying all sets of units in order of size, with a closure that
// goes over all steps until nothing is added. It holds up to 64 capabilities.
type twin struct {
	bit   map[Capability]uint64
	rules []struct{ gives, needs uint64 }
	// possible are the steps of this reading.
	possible []Step
	has      uint64 // at the start
	goals    uint64
	standing map[Guard]bool
	names    []string
	fells    []uint64
}

// slow is the twin of a model in the reading in which guards stand from this
// state on; the missing guards of added controls stand as well.
func slow(steps []Step, o Options, from State, start, goals []Capability, added ...string) *twin {
	t := &twin{bit: map[Capability]uint64{}, standing: map[Guard]bool{}}
	state := map[Guard]State{}
	for _, s := range steps {
		for _, stop := range s.Stops {
			if old, ok := state[stop.Guard]; !ok || stop.State < old {
				state[stop.Guard] = stop.State
			}
		}
	}
	units := map[string]uint64{}
	for g, s := range state {
		gone := slices.Contains(o.Gone, g.Control) || slices.Contains(o.Gone, g.Layer()) || slices.Contains(o.Gone, g.String())
		for _, c := range o.Causes {
			gone = gone || !o.Each && slices.Contains(o.Gone, c.Name) && c.Fells(g)
		}
		if !gone && (s >= from || s == Missing && slices.Contains(added, g.Control)) {
			t.standing[g] = true
		}
	}
	for g := range t.standing {
		name := g.Control
		if o.Each {
			name = g.String()
		}
		units[name] |= t.of(Off(g))
		for _, c := range o.Causes {
			if !o.Each && c.Fells(g) {
				units[c.Name] |= t.of(Off(g))
			}
		}
	}
	for name := range units {
		t.names = append(t.names, name)
	}
	slices.Sort(t.names)
	for _, name := range t.names {
		t.fells = append(t.fells, units[name])
	}
	for _, s := range steps {
		if s.Doubt != "" && from == Doubtful {
			continue
		}
		t.possible = append(t.possible, s)
		needs := t.all(s.Needs)
		for _, stop := range s.Stops {
			needs |= t.of(Off(stop.Guard))
		}
		t.rules = append(t.rules, struct{ gives, needs uint64 }{t.of(s.Gives), needs})
	}
	t.has |= t.all(start)
	t.goals = t.all(goals)
	return t
}

// of is the bit of a capability. What a guard that does not stand would guard is
// off from the start.
func (t *twin) of(c Capability) uint64 {
	if _, ok := t.bit[c]; !ok {
		t.bit[c] = 1 << len(t.bit)
		if c.Kind == offKind && !t.standing[Guard{c.Of, c.By}] {
			t.has |= t.bit[c]
		}
	}
	return t.bit[c]
}

func (t *twin) all(list []Capability) uint64 {
	var out uint64
	for _, c := range list {
		out |= t.of(c)
	}
	return out
}

func (t *twin) reaches(set uint64) bool {
	has := t.has
	for s := set; s != 0; s &= s - 1 {
		has |= t.fells[bits.TrailingZeros64(s)]
	}
	for more := true; more; {
		more = false
		for _, r := range t.rules {
			if r.needs&^has == 0 && r.gives&^has != 0 {
				has |= r.gives
				more = true
			}
		}
	}
	return has&t.goals != 0
}

// depth is the size of the smallest set that reaches a goal, -1 for none.
func (t *twin) depth() int {
	if !t.reaches(1<<len(t.names) - 1) {
		return -1
	}
	for n := 0; ; n++ {
		if anySet(len(t.names), n, t.reaches) {
			return n
		}
	}
}

// anySet says whether ok is true of one of the sets of n of the numbers below of.
func anySet(of, n int, ok func(set uint64) bool) bool {
	if n == 0 {
		return ok(0)
	}
	for set, end := uint64(1)<<n-1, uint64(1)<<of; set < end; {
		if ok(set) {
			return true
		}
		low := set & -set // the next larger number with as many bits
		up := set + low
		set = up | (set^up)/low>>2
	}
	return false
}

// sets are the minimal sets up to a size, as names.
func (t *twin) sets(size int) []string {
	var out []string
	for n := 0; n <= min(size, len(t.names)); n++ {
		anySet(len(t.names), n, func(set uint64) bool {
			if t.reaches(set) {
				for s := set; s != 0; s &= s - 1 {
					if t.reaches(set &^ (s & -s)) {
						return false
					}
				}
				out = append(out, t.named(set))
			}
			return false
		})
	}
	return out
}

func (t *twin) named(set uint64) string {
	var out []string
	for s := set; s != 0; s &= s - 1 {
		out = append(out, t.names[bits.TrailingZeros64(s)])
	}
	return strings.Join(out, " ")
}

// want is what a bound should say.
func (t *twin) want(limit int) Bound {
	switch n := t.depth(); {
	case n < 0:
		return Bound{Never: true}
	case n > limit:
		return Bound{N: limit, Over: true}
	default:
		return Bound{N: n}
	}
}

// holds says whether the proof of a bound is one.
func (t *twin) holds(b *Bound, limit int) bool {
	if b.Never {
		return b.N == 0 && !b.Over && t.depth() < 0
	}
	n := b.N
	if b.Over {
		if n++; b.N != limit {
			return false
		}
	} else if !t.goes(b) {
		return false
	}
	var cuts []uint64
	for _, cut := range b.Cuts {
		set, ok := t.units(cut)
		if !ok || t.reaches((1<<len(t.names)-1)&^set) {
			return false
		}
		cuts = append(cuts, set)
	}
	return n == 0 || n-1 > len(t.names) || !anySet(len(t.names), n-1, func(set uint64) bool {
		return !slices.ContainsFunc(cuts, func(cut uint64) bool { return cut&set == 0 })
	})
}

func (t *twin) units(names []string) (set uint64, ok bool) {
	for _, name := range names {
		i, found := slices.BinarySearch(t.names, name)
		if !found || set&(1<<i) != 0 {
			return 0, false
		}
		set |= 1 << i
	}
	return set, true
}

// goes says whether the path of a bound can be gone as it tells.
func (t *twin) goes(b *Bound) bool {
	var list []string
	for _, u := range b.Felled {
		list = append(list, u.Name)
	}
	set, ok := t.units(list)
	if !ok || len(list) != b.N {
		return false
	}
	var down uint64
	for s := set; s != 0; s &= s - 1 {
		down |= t.fells[bits.TrailingZeros64(s)]
	}
	has := t.has
	for _, m := range b.Path {
		i := slices.IndexFunc(t.possible, func(s Step) bool { return s.Says == m.Says })
		if i < 0 {
			return false
		}
		var past uint64
		for _, s := range m.Past {
			past |= t.of(Off(s.Guard))
		}
		if past != t.rules[i].needs&^has || past&^down != 0 {
			return false
		}
		has |= t.rules[i].gives
	}
	return (has|down)&t.goals != 0
}
