package depth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// puzzle is a random graph with its options, in the notation.
type puzzle struct {
	text string
	o    Options
	// says is what o holds, for a failure.
	says string
}

func (p *puzzle) String() string { return p.text + p.says }

// random makes a puzzle of up to so many controls, from in to gold, with joins,
// circles, doubts, missing guards, guards that steps take away, causes.
func random(r *rand.Rand, controls int) *puzzle {
	n := 1 + r.IntN(controls)
	caps := 2 + r.IntN(4+n/2)
	stop := func() string { i := r.IntN(n); return fmt.Sprintf("%c.%d@%c", "xyz"[i%3], i, "pq"[r.IntN(2)]) }
	// Most steps lead on from what comes before, so that most goals are reached.
	name := func(i int) string {
		switch i {
		case 0:
			return "in"
		case caps:
			return "gold"
		}
		return fmt.Sprintf("c%d", i)
	}
	need := func(gives int) string {
		switch r.IntN(14) {
		case 0:
			return stop()
		case 1, 2:
			return name(r.IntN(caps + 1))
		}
		return name(r.IntN(gives))
	}
	var b strings.Builder
	for range 2 + r.IntN(3+2*caps) {
		gives := 1 + r.IntN(caps)
		if r.IntN(10) == 0 {
			b.WriteString(stop())
		} else {
			b.WriteString(name(gives))
		}
		for i := range []int{1, 1, 1, 2, 2, 3}[r.IntN(6)] {
			b.WriteString([]string{" <- ", ", ", ", "}[i] + need(gives))
		}
		b.WriteString(" |")
		for range r.IntN(2 + min(n, 4)) {
			b.WriteString(" " + stop() + []string{"!", "!", "!", "!", "!", "-", "?"}[r.IntN(7)])
		}
		if r.IntN(10) == 0 {
			b.WriteString(" ?")
		}
		b.WriteString("\n")
	}
	p := &puzzle{text: b.String()}
	for i := range r.IntN(3) {
		var fells []string
		for range 1 + r.IntN(4) {
			g, _, _ := strings.Cut(stop(), "@")
			fells = append(fells, g)
		}
		p.o.Causes = append(p.o.Causes, causes(fmt.Sprintf("cause%d: %s", i, strings.Join(fells, " ")))...)
		p.says += fmt.Sprintln("cause", i, fells)
	}
	if r.IntN(5) == 0 {
		p.o.Gone = append(p.o.Gone, []string{"y", "x.0", "cause0"}[r.IntN(3)])
	}
	p.o.Each = n < 8 && r.IntN(6) == 0
	if r.IntN(4) == 0 {
		p.o.Limit = 1 + r.IntN(4)
	}
	p.says += fmt.Sprintln("gone", p.o.Gone, "each", p.o.Each, "limit", p.o.Limit)
	return p
}

// puzzles runs a test on so many random graphs, most of them small.
func puzzles(t *testing.T, number int, test func(t *testing.T, r *rand.Rand, p *puzzle)) {
	for i := range number {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		controls := 7
		switch {
		case i%100 == 0:
			controls = 18
		case i%10 == 0:
			controls = 12
		}
		p := random(r, controls)
		test(t, r, p)
		if t.Failed() {
			t.Fatalf("puzzle %d:\n%s", i, p)
		}
	}
}

func TestRandomGraphsAsTheTwin(t *testing.T) {
	count := map[string]int{}
	puzzles(t, 10_000, func(t *testing.T, _ *rand.Rand, p *puzzle) {
		a := compare(t, p.text, p.o)
		count[depths(a)]++
	})
	t.Log(count)
	for _, d := range []string{"0", "1", "2", "3", "4", "never", "over 2", "1 to 2", "2 to 3", "1 to never"} {
		if count[d] < 5 {
			t.Errorf("depth %s in only %d graphs", d, count[d])
		}
	}
}

// compare holds the engine to the twin and its proofs to the checker.
func compare(t *testing.T, text string, o Options) *Answer {
	steps, start, goals := parse(text), words("in"), words("gold")
	m := New(steps, o)
	a := m.DepthAny(start, goals)
	limit := o.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	for _, r := range []struct {
		from State
		got  *Bound
	}{{Standing, &a.Least}, {Doubtful, &a.Most}} {
		s := slow(steps, o, r.from, start, goals)
		if want := s.want(limit); !r.got.agrees(&want) {
			t.Errorf("from %s: depth %+v, want %+v", r.from, r.got, want)
		}
		if !s.holds(r.got, limit) {
			t.Errorf("from %s: no proof: %+v", r.from, r.got)
		}
	}
	if err := Check(steps, o, &a); err != nil {
		t.Error(err)
	}
	if differ := !a.Least.agrees(&a.Most); differ != (len(a.Doubts) > 0) {
		t.Errorf("depth %s with doubts %v", depths(&a), a.Doubts)
	}
	settled := New(settle(steps, a.Doubts), o).DepthAny(start, goals)
	if !settled.Least.agrees(&a.Most) {
		t.Errorf("depth %s, and with %v settled %s", depths(&a), a.Doubts, depths(&settled))
	}
	s := slow(steps, o, Standing, start, goals)
	var sets []string
	for _, set := range m.Sets(start, goals, 3) {
		sets = append(sets, names(set))
	}
	if want := s.sets(3); !sameSets(sets, want) {
		t.Errorf("sets %q, want %q", sets, want)
	}
	return &a
}

// sameSets compares sets of one size without their order: causes go last in a
// set, and the twin's by name.
func sameSets(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if strings.Count(got[i], " ") != strings.Count(want[i], " ") {
			return false
		}
	}
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(got, want)
}

func TestRandomLosses(t *testing.T) {
	puzzles(t, 3000, func(t *testing.T, _ *rand.Rand, p *puzzle) {
		steps, start, goals := parse(p.text), words("in"), words("gold")
		m := New(steps, p.o)
		before := slow(steps, p.o, Standing, start, goals)
		n := before.depth()
		var want []string
		if n > 0 && n <= m.limit() {
			for _, name := range before.names {
				if slow(steps, gone(p.o, name), Standing, start, goals).depth() < n {
					want = append(want, name)
				}
			}
		}
		var got []string
		for _, l := range m.Losses(start, goals) {
			got = append(got, l.Unit)
			if l.Before.N != n || l.After.N != n-1 {
				t.Errorf("%s: from %d to %d, want from %d to %d", l.Unit, l.Before.N, l.After.N, n, n-1)
			}
			without := slow(steps, gone(p.o, l.Unit), Standing, start, goals)
			if !without.holds(&l.After, m.limit()) || !before.holds(&l.Before, m.limit()) {
				t.Errorf("%s: no proof: %+v", l.Unit, l)
			}
			if a := m.Without(l.Unit).DepthAny(start, goals); !a.Least.agrees(&l.After) {
				t.Errorf("without %s: %+v, want %+v", l.Unit, a.Least, l.After)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("losses %q, want %q", got, want)
		}
	})
}

func gone(o Options, name string) Options {
	o.Gone = append(slices.Clone(o.Gone), name)
	return o
}

// settle decides doubts against the attacker.
func settle(steps []Step, doubts []Doubt) []Step {
	is := func(why string) bool {
		return slices.ContainsFunc(doubts, func(d Doubt) bool { return d.Why == why })
	}
	var out []Step
	for _, s := range steps {
		if s.Doubt != "" && is(s.Doubt) { // what it says of guards stays
			s.Needs, s.Doubt = words("nowhere"), ""
		}
		s.Stops = slices.Clone(s.Stops)
		for i := range s.Stops {
			if stop := &s.Stops[i]; stop.State == Doubtful && is(stop.Why) {
				stop.State = Standing
			}
		}
		out = append(out, s)
	}
	return out
}
