package depth

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestFix(t *testing.T) {
	for _, c := range []struct {
		name, steps string
		o           Options
		targets     []string // from to min
		candidates  string   // control effort
		want        string
	}{
		{"the cheaper", "a <- in | x.1- x.2-\n", Options{}, []string{"in a 1"}, "x.1 3 x.2 2", "x.2: 2"},
		{"both", "a <- in | x.1- x.2-\n", Options{}, []string{"in a 2"}, "x.1 3 x.2 2", "x.2 x.1: 5"},
		{"on two ways", "a <- in | x.1-\na <- in | x.2-\n", Options{}, []string{"in a 1"}, "x.1 1 x.2 1", "x.1 x.2: 2"},
		{"one that serves two", "a <- in | x.1- x.3-\nb <- in | x.2- x.3-\n", Options{}, []string{"in a 1", "in b 1"}, "x.1 2 x.2 2 x.3 3", "x.3: 3"},
		{"one that falls with what stands", "a <- in | x.1@p! x.1@q- x.2-\n", Options{}, []string{"in a 2"}, "x.1 1 x.2 5", "x.2: 5"},
		{"each by itself", "a <- in | x.1@p- x.1@q- x.2-\n", Options{Each: true}, []string{"in a 2"}, "x.1 3 x.2 2", "x.1: 3"},
		{"one that another takes away", "x.2@p <- in | x.1!\na <- in | x.1! x.2@p- x.3-\n", Options{}, []string{"in a 2"}, "x.2 1 x.3 5", "x.3: 5"},
		{"two that fall together", "a <- in | x.1- x.2- x.3-\n", Options{Causes: causes("ca: x.1 x.2")}, []string{"in a 2"}, "x.1 1 x.2 1 x.3 9", "x.1 x.3: 10"},
		{"a goal that is off", "a <- in\nb <- in | x.1-\n", Options{}, []string{"in x.1 1"}, "x.1 1", "x.1: 1"},
		{"enough as it is", "a <- in | x.1! x.2-\n", Options{}, []string{"in a 1"}, "x.2 1", ": 0"},
		{"never enough", "a <- in | x.1-\nb <- in | x.2-\n", Options{}, []string{"in a 2", "in b 1"}, "x.1 1 x.2 1", "x.2: 1, a stays at 1"},
		{"what is gone cannot be had", "a <- in | x.1-\n", Options{Gone: []string{"x"}}, []string{"in a 1"}, "x.1 1", ": 0, a stays at 0"},
		{"unknown things", "a <- in\n", Options{}, []string{"in b 3", "no a 3", "in a 0"}, "x.7 1", ": 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var targets []Target
			for _, text := range c.targets {
				f := strings.Fields(text)
				x := Target{Start: words(f[0]), Goal: word(f[1])}
				fmt.Sscan(f[2], &x.Min)
				targets = append(targets, x)
			}
			var candidates []Candidate
			f := strings.Fields(c.candidates)
			for i := 0; i < len(f); i += 2 {
				x := Candidate{Control: f[i]}
				fmt.Sscan(f[i+1], &x.Effort)
				candidates = append(candidates, x)
			}
			plan := New(parse(c.steps), c.o).Fix(targets, candidates)
			if got := told(plan); got != c.want {
				t.Errorf("plan is %s, want %s", got, c.want)
			}
			if !plan.Proven {
				t.Error("not proven")
			}
		})
	}
}

func told(p Plan) string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.Control)
	}
	text := fmt.Sprintf("%s: %d", strings.Join(out, " "), p.Effort)
	for i, s := range p.Short {
		text += fmt.Sprintf(", %s stays at %d", s.Goal, p.Gets[i].N)
	}
	return text
}

func TestRandomFixes(t *testing.T) {
	needed, short := 0, 0
	puzzles(t, 10_000, func(t *testing.T, r *rand.Rand, p *puzzle) {
		text := lacking(r, p.text)
		targets, candidates := wishes(r, text)
		plan := New(parse(text), p.o).Fix(targets, candidates)
		effort, never := slowFix(parse(text), p.o, targets, candidates)
		if plan.Effort != effort || !plan.Proven {
			t.Errorf("plan %+v; the cheapest costs %d\n%s%v %v", plan, effort, text, targets, candidates)
		}
		sum := 0
		for _, c := range plan.Changes {
			sum += c.Effort
		}
		if sum != plan.Effort || len(plan.Short) != len(plan.Gets) || len(plan.Short) != never {
			t.Errorf("plan %+v; %d targets cannot be met", plan, never)
		}
		if plan.Effort > 0 {
			needed++
		}
		if len(plan.Short) > 0 {
			short++
		}
		fixWorks(t, parse(text), p.o, targets, plan)
	})
	if needed < 1000 || short < 1000 {
		t.Errorf("only %d plans and %d targets out of reach", needed, short)
	}
}

// lacking makes more guards missing.
func lacking(r *rand.Rand, text string) string {
	var b strings.Builder
	for _, c := range text {
		if c == '!' && r.IntN(2) == 0 {
			c = '-'
		}
		b.WriteRune(c)
	}
	return b.String()
}

func wishes(r *rand.Rand, text string) ([]Target, []Candidate) {
	var controls []string
	for _, s := range parse(text) {
		for _, stop := range s.Stops {
			controls = append(controls, stop.Control)
		}
	}
	slices.Sort(controls)
	var candidates []Candidate
	for _, c := range slices.Compact(controls) {
		if r.IntN(6) > 0 && len(candidates) < 7 {
			candidates = append(candidates, Candidate{c, 1 + r.IntN(4)})
		}
	}
	r.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	var targets []Target
	for range 1 + r.IntN(3) {
		goal := []string{"gold", "gold", "c1", "c2", "x.0@p"}[r.IntN(5)]
		targets = append(targets, Target{Start: words("in"), Goal: word(goal), Min: 1 + r.IntN(3)})
	}
	return targets, candidates
}

// slowFix tries all sets of candidates, and counts the targets that none serves.
func slowFix(steps []Step, o Options, targets []Target, candidates []Candidate) (effort, never int) {
	with := func(set int) (list []string, cost int) {
		for s := uint(set); s != 0; s &= s - 1 {
			c := candidates[bits.TrailingZeros(s)]
			list, cost = append(list, c.Control), cost+c.Effort
		}
		return list, cost
	}
	all := 1<<len(candidates) - 1
	var possible []Target
	for _, x := range targets {
		if list, _ := with(all); met1(steps, o, x, list) {
			possible = append(possible, x)
		}
	}
	best := -1
	for set := 0; set <= all; set++ {
		list, cost := with(set)
		if best >= 0 && cost >= best {
			continue
		}
		if !slices.ContainsFunc(possible, func(x Target) bool { return !met1(steps, o, x, list) }) {
			best = cost
		}
	}
	return best, len(targets) - len(possible)
}

// met1 says whether one target is met with these controls put in.
func met1(steps []Step, o Options, x Target, added []string) bool {
	s := slow(steps, o, Standing, x.Start, []Capability{x.Goal}, added...)
	for n := 0; n < x.Min && n <= len(s.names); n++ {
		if anySet(len(s.names), n, s.reaches) {
			return false
		}
	}
	return true
}

// fixWorks makes the changes of a plan in the steps, and asks for the depths.
func fixWorks(t *testing.T, steps []Step, o Options, targets []Target, plan Plan) {
	missing := map[Guard]bool{}
	for _, s := range steps {
		for _, stop := range s.Stops {
			missing[stop.Guard] = missing[stop.Guard] || stop.State == Missing
		}
	}
	for i := range steps {
		for j := range steps[i].Stops {
			stop := &steps[i].Stops[j]
			if missing[stop.Guard] && slices.ContainsFunc(plan.Changes, func(c Candidate) bool { return c.Control == stop.Control }) {
				stop.State = Standing
			}
		}
	}
	o.Limit = 12
	m := New(steps, o)
	for _, x := range targets {
		short := slices.ContainsFunc(plan.Short, func(s Target) bool { return s.Goal == x.Goal && s.Min == x.Min })
		if a := m.Depth(x.Start, x.Goal); !short && !a.Least.Never && a.Least.N < x.Min {
			t.Errorf("after %+v the depth of %s is %s", plan.Changes, x.Goal, depths(&a))
		}
	}
}

// TestFixOnLargeGraphs: what cannot be tried out is never dearer than taking what
// gains most each time, and does what it says.
func TestFixOnLargeGraphs(t *testing.T) {
	for i, n := range []int{400, 800, 1200} {
		m, targets, candidates := fixable(n)
		targets[0].Min += i
		plan := m.Fix(targets, candidates)
		f := wishing(m, slices.DeleteFunc(slices.Clone(targets), func(x Target) bool {
			return slices.ContainsFunc(plan.Short, func(s Target) bool { return s.Goal == x.Goal })
		}), candidates)
		if greedy := f.cost(f.greedy()); plan.Effort > greedy {
			t.Errorf("%d steps: a plan of %d, greedily %d", n, plan.Effort, greedy)
		}
		steps := estateLike(n)
		half(steps)
		fixWorks(t, steps, Options{}, targets, plan)
	}
}

// TestFixGivesUpInTime: with no work allowed a plan is still one, and is not said
// to be proven.
func TestFixGivesUpInTime(t *testing.T) {
	m, targets, candidates := fixable(1000)
	f := wishing(m, targets, candidates)
	f.work = coverWork
	x := f.grown(make([]bool, len(f.candidates)))
	best, proven := f.cheapest(x)
	if proven || !f.enough(best) {
		t.Errorf("proven: %v, enough: %v", proven, f.enough(best))
	}
}

func wishing(m *Model, targets []Target, candidates []Candidate) *fixer {
	f := m.newFixer(candidates)
	for _, x := range targets {
		w, _ := f.wish(x, slices.Repeat([]bool{true}, len(f.candidates)))
		f.wishes = append(f.wishes, w)
	}
	return f
}
