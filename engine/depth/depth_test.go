package depth

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDepth(t *testing.T) {
	for _, c := range []struct {
		name, steps, from, to string
		o                     Options
		want, felled          string
	}{
		{"a chain", "a <- in | x.1!\nb <- a | x.2!\n", "in", "b", Options{}, "2", "x.1 x.2"},
		{"one control twice counts once", "a <- in | x.1@p!\nb <- a | x.1@q!\n", "in", "b", Options{}, "1", "x.1"},
		{"each guard by itself", "a <- in | x.1@p!\nb <- a | x.1@q!\n", "in", "b", Options{Each: true}, "2", "x.1 on p x.1 on q"},
		{"one guard on both sides of an and", "a <- in | x.1!\nb <- in | x.1!\nc <- a, b\n", "in", "c", Options{}, "1", "x.1"},
		{"the cheaper way", "a <- in | x.1! x.2!\na <- in | x.3!\n", "in", "a", Options{}, "1", "x.3"},
		{"missing guards stop nobody", "a <- in | x.1-\n", "in", "a", Options{}, "0", ""},
		{"the least state wins", "a <- in | x.1!\nb <- a | x.1-\n", "in", "b", Options{}, "0", ""},
		{"the least state wins over a doubt", "a <- in | x.1!\nb <- a | x.1?\n", "in", "b", Options{}, "0 to 1", ""},
		{"a doubtful guard", "a <- in | x.1? x.2!\n", "in", "a", Options{}, "1 to 2", "x.2"},
		{"a doubtful step", "a <- in | x.1! ?\na <- in | x.2! x.3!\n", "in", "a", Options{}, "1 to 2", "x.1"},
		{"a doubtful step and no other", "a <- in | ?\n", "in", "a", Options{}, "0 to never", ""},
		{"a doubt elsewhere", "a <- in | x.1!\na <- in | x.2? x.3! x.4!\n", "in", "a", Options{}, "1", "x.1"},
		{"a circle gives nothing", "a <- b\nb <- a\n", "in", "a", Options{}, "never", ""},
		{"a circle with a way in", "a <- b\nb <- a\nb <- in | x.1!\n", "in", "a", Options{}, "1", "x.1"},
		{"the start is the goal", "", "in", "in", Options{}, "0", ""},
		{"nobody knows the goal", "a <- in", "in", "gold", Options{}, "never", ""},
		{"nobody knows the start", "a <- in", "out", "a", Options{}, "never", ""},
		{"a step for nothing", "a", "in", "a", Options{}, "0", ""},
		{"another takes a guard away", "x.2 <- in | x.1!\na <- in | x.1! x.2!\n", "in", "a", Options{}, "1", "x.1"},
		{"a guard taken away for free", "x.2 <- in\na <- in | x.1! x.2!\n", "in", "a", Options{}, "1", "x.1"},
		{"a guard needed off", "a <- x.1\nb <- a | x.1! x.2!\n", "in", "a", Options{}, "1", "x.1"},
		{"the goal is that a guard is off", "b <- in | x.1!\n", "in", "x.1", Options{}, "1", "x.1"},
		{"a guard nobody names is missing", "b <- x.7\n", "in", "b", Options{}, "0", ""},
		{"more than the limit", "a <- in | x.1! x.2! x.3!\n", "in", "a", Options{Limit: 2}, "over 2", ""},
		{"just the limit", "a <- in | x.1! x.2!\n", "in", "a", Options{Limit: 2}, "2", "x.1 x.2"},
		{"a control gone", "a <- in | x.1! y.2!\n", "in", "a", Options{Gone: []string{"x.1"}}, "1", "y.2"},
		{"a layer gone", "a <- in | x.1! x.2! y.2!\n", "in", "a", Options{Gone: []string{"x"}}, "1", "y.2"},
		{"a common cause", "a <- in | x.1! y.2! z.1!\n", "in", "a", Options{Causes: causes("ca: x.1 y.2")}, "2", "ca z.1"},
		{"a common cause gone", "a <- in | x.1! y.2! z.1!\n", "in", "a", Options{Causes: causes("ca: x.1 y.2"), Gone: []string{"ca"}}, "1", "z.1"},
		{"causes do not count with each", "a <- in | x.1! y.2!\n", "in", "a", Options{Causes: causes("ca: x.1 y.2"), Each: true}, "2", "x.1 y.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps := parse(c.steps)
			a := New(steps, c.o).Depth(words(c.from), word(c.to))
			if got := depths(&a); got != c.want {
				t.Errorf("depth is %s, want %s", got, c.want)
			}
			if got := names(a.Least.Felled); got != c.felled {
				t.Errorf("felled are %s, want %s", got, c.felled)
			}
			if err := Check(steps, c.o, &a); err != nil {
				t.Error(err)
			}
			if differ := !a.Least.agrees(&a.Most); differ != (len(a.Doubts) > 0) {
				t.Errorf("depth %s with doubts %v", depths(&a), a.Doubts)
			}
		})
	}
}

// causes reads "name: control control".
func causes(list ...string) []Cause {
	var out []Cause
	for _, text := range list {
		name, controls, _ := strings.Cut(text, ":")
		fells := strings.Fields(controls)
		out = append(out, Cause{Name: name, Fells: func(g Guard) bool { return slices.Contains(fells, g.Control) }})
	}
	return out
}

const shop = `
	attack <- in | edge.waf! edge.rate-
	run <- attack | mesh.auth?
	x.trail <- admin
	act <- run
	admin <- act | id.boundary!
	hold <- act | data.key! net.sg@db!
	hold <- admin
	out <- run | net.egress!
	take <- hold, out | x.trail! resp.detect!
	take <- admin, out | ?
`

func TestThePathIsTold(t *testing.T) {
	a := New(parse(shop), Options{}).Depth(words("in"), word("take"))
	var told []string
	for _, m := range a.Least.Path {
		line := m.Gives.Kind
		for _, s := range m.Past {
			line += " past " + s.Control
		}
		told = append(told, line)
	}
	want := []string{"attack past edge.waf", "run", "act", "admin past id.boundary", "out past net.egress", "take"}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	if got := depths(&a); got != "3 to 5" {
		t.Errorf("depth is %s", got)
	}
	if len(a.Doubts) != 2 {
		t.Errorf("doubts are %v", a.Doubts)
	}
}

func TestOrderOfStepsMakesNoDifference(t *testing.T) {
	type answers struct {
		Depth  Answer
		Sets   [][]Unit
		Losses []Loss
		Plan   Plan
	}
	ask := func(steps []Step) answers {
		m := New(steps, Options{Causes: causes("role: id.boundary data.key")})
		from, to := words("in"), words("take")
		return answers{
			m.Depth(from, to[0]), m.Sets(from, to, 4), m.Losses(from, to),
			m.Fix([]Target{{from, to[0], 4}}, []Candidate{{"mesh.auth", 1}, {"net.deny", 2}, {"net.egress", 2}}),
		}
	}
	text := shop + "take <- hold, out | mesh.auth- net.deny-\n"
	want := ask(parse(text))
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		steps := append(parse(text), parse(text)...)
		r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		if d := cmp.Diff(want, ask(steps)); d != "" {
			t.Fatal(d)
		}
	}
	if len(want.Sets) == 0 || len(want.Losses) == 0 || len(want.Plan.Short)+len(want.Plan.Changes) == 0 {
		t.Errorf("%+v", want)
	}
}

func TestAModelMayBeAskedByMany(t *testing.T) {
	m := New(parse(shop), Options{})
	want := m.Depth(words("in"), word("take"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := m.Without("edge").Depth(words("in"), word("take")); got.Least.N != want.Least.N-1 {
				t.Errorf("without edge: %s", depths(&got))
			}
			if d := cmp.Diff(want, m.Depth(words("in"), word("take"))); d != "" {
				t.Error(d)
			}
			m.Sets(words("in"), words("take"), 3)
			m.Losses(words("in"), words("take"))
		})
	}
	all.Wait()
}
