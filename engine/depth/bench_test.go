package depth

import (
	"fmt"
	"testing"
)

// graphs are what the benchmarks ask about, all of about 200 controls.
var graphs = []struct {
	name  string
	steps func(int) []Step
	start []Capability
	goal  Capability
}{
	{"estate", estateLike, []Capability{{Kind: "internet"}}, Capability{Kind: "take", Of: "vault"}},
	{"nasty", func(n int) []Step { return nasty(n, 200) }, words("in"), word("gold")},
}

// BenchmarkDepth asks for one depth with its proofs, with the making of the
// model. growth is how many times longer it takes than a tenth of the steps.
func BenchmarkDepth(b *testing.B) {
	for _, g := range graphs {
		last := 0.0
		for _, n := range []int{1000, 10_000, 100_000} {
			steps := g.steps(n)
			b.Run(fmt.Sprintf("%s/steps=%d", g.name, n), func(b *testing.B) {
				var a Answer
				for b.Loop() {
					a = New(steps, Options{}).Depth(g.start, g.goal)
				}
				each := b.Elapsed().Seconds() / float64(b.N)
				if last > 0 {
					b.ReportMetric(each/last, "growth")
				}
				last = each
				b.ReportMetric(float64(a.Least.N), "depth")
				b.ReportMetric(float64(len(a.Least.Cuts)), "cuts")
			})
		}
	}
}

// BenchmarkNaive tries all sets of units by size, each with the same linear
// closure, beside the search by hitting sets.
func BenchmarkNaive(b *testing.B) {
	for _, controls := range []int{12, 18, 24} {
		m := New(nasty(1000, controls), Options{})
		p := m.least().pose(words("in"), words("gold"))
		b.Run(fmt.Sprintf("all-subsets/controls=%d", controls), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(naive(p)), "depth")
			}
		})
		b.Run(fmt.Sprintf("hitting-sets/controls=%d", controls), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(p.search().least(0, 24).n), "depth")
			}
		})
	}
}

// naive is the depth of a problem that is neither free nor never.
func naive(p *problem) int {
	s := p.search()
	for n := 1; ; n++ {
		if anySet(len(p.units), n, func(set uint64) bool {
			var units []int32
			for u := range int32(len(p.units)) {
				if set&(1<<u) != 0 {
					units = append(units, u)
				}
			}
			return s.reaches(units)
		}) {
			return n
		}
	}
}

// BenchmarkFix makes the cheapest plan for three targets, where every second of
// 200 controls is missing.
func BenchmarkFix(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
			m, targets, candidates := fixable(n)
			for b.Loop() {
				plan := m.Fix(targets, candidates)
				b.ReportMetric(float64(plan.Effort), "effort")
				b.ReportMetric(float64(len(plan.Changes)), "changes")
			}
		})
	}
}

func fixable(n int) (*Model, []Target, []Candidate) {
	steps := estateLike(n)
	candidates := half(steps)
	start := []Capability{{Kind: "internet"}}
	return New(steps, Options{}), []Target{
		{start, Capability{Kind: "take", Of: "vault"}, 4},
		{start, Capability{Kind: "admin"}, 3},
		{start, Capability{Kind: "run", Of: "node/3"}, 2},
	}, candidates
}

// BenchmarkSets lists all minimal sets of up to three units.
func BenchmarkSets(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		m, targets, _ := fixable(n)
		b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(len(m.Sets(targets[0].Start, []Capability{targets[0].Goal}, 3))), "sets")
			}
		})
	}
}

// BenchmarkLosses says what each unit of a smallest set is worth.
func BenchmarkLosses(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		m := New(estateLike(n), Options{})
		b.Run(fmt.Sprintf("steps=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(len(m.Losses(graphs[0].start, []Capability{graphs[0].goal}))), "units")
			}
		})
	}
}
