package depth

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// mutations are ways to spoil a proof. Each returns nil where there is nothing
// of that kind to spoil.
var mutations = []struct {
	name  string
	spoil func(r *rand.Rand, b Bound) *Bound
}{
	{"a move dropped", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Path) == 0 {
			return nil
		}
		i := r.IntN(len(b.Path))
		b.Path = slices.Delete(slices.Clone(b.Path), i, i+1)
		return &b
	}},
	{"moves in another order", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Path) < 2 {
			return nil
		}
		i := 1 + r.IntN(len(b.Path)-1)
		b.Path = slices.Clone(b.Path)
		b.Path[i-1], b.Path[i] = b.Path[i], b.Path[i-1]
		return &b
	}},
	{"a guard not told", func(r *rand.Rand, b Bound) *Bound {
		b.Path = slices.Clone(b.Path)
		for i, m := range b.Path {
			if len(m.Past) > 0 {
				b.Path[i].Past = m.Past[1:]
				return &b
			}
		}
		return nil
	}},
	{"a cut dropped", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Cuts) == 0 {
			return nil
		}
		i := r.IntN(len(b.Cuts))
		b.Cuts = slices.Delete(slices.Clone(b.Cuts), i, i+1)
		return &b
	}},
	{"a unit of a cut dropped", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Cuts) == 0 {
			return nil
		}
		i := r.IntN(len(b.Cuts))
		b.Cuts = slices.Clone(b.Cuts)
		j := r.IntN(len(b.Cuts[i]))
		b.Cuts[i] = slices.Delete(slices.Clone(b.Cuts[i]), j, j+1)
		return &b
	}},
	{"a felled unit dropped", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Felled) == 0 {
			return nil
		}
		i := r.IntN(len(b.Felled))
		b.Felled = slices.Delete(slices.Clone(b.Felled), i, i+1)
		return &b
	}},
	{"a felled unit dropped and not counted", func(r *rand.Rand, b Bound) *Bound {
		if len(b.Felled) == 0 {
			return nil
		}
		i := r.IntN(len(b.Felled))
		b.Felled = slices.Delete(slices.Clone(b.Felled), i, i+1)
		b.N--
		return &b
	}},
	{"a depth of one more", func(_ *rand.Rand, b Bound) *Bound { b.N++; return &b }},
	{"a depth of one less", func(_ *rand.Rand, b Bound) *Bound { b.N--; return &b }},
	{"said to be over", func(_ *rand.Rand, b Bound) *Bound { b.Over = !b.Over; return &b }},
	{"said to be never", func(_ *rand.Rand, b Bound) *Bound { b.Never = !b.Never; return &b }},
}

func TestCheckRejectsSpoiltProofs(t *testing.T) {
	rejected, accepted := map[string]int{}, map[string]int{}
	puzzles(t, 5000, func(t *testing.T, r *rand.Rand, p *puzzle) {
		steps, start, goals := parse(p.text), words("in"), words("gold")
		m := New(steps, p.o)
		a := m.DepthAny(start, goals)
		try := func(name string, spoilt Answer) {
			want := slow(steps, p.o, Standing, start, spoilt.Goals).holds(&spoilt.Least, m.limit()) &&
				slow(steps, p.o, Doubtful, start, spoilt.Goals).holds(&spoilt.Most, m.limit())
			err := Check(steps, p.o, &spoilt)
			if (err == nil) != want {
				t.Errorf("%s: the checker says %v; is it a proof: %v\n%+v", name, err, want, spoilt)
			}
			if err != nil {
				rejected[name]++
			} else {
				accepted[name]++
			}
		}
		for _, c := range mutations {
			if b := c.spoil(r, a.Least); b != nil {
				spoilt := a
				spoilt.Least = *b
				try(c.name, spoilt)
			}
			if b := c.spoil(r, a.Most); b != nil {
				spoilt := a
				spoilt.Most = *b
				try(c.name, spoilt)
			}
		}
		spoilt := a
		spoilt.Goal, spoilt.Goals = word("c1"), words("c1")
		try("another goal", spoilt)
	})
	t.Logf("rejected %v, accepted %v", rejected, accepted)
	for _, c := range mutations {
		if rejected[c.name] < 50 {
			t.Errorf("%s: rejected only %d times", c.name, rejected[c.name])
		}
	}
	if rejected["another goal"] < 50 {
		t.Errorf("another goal: rejected only %d times", rejected["another goal"])
	}
}
