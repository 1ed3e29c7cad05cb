package depth

import (
	"fmt"
	"testing"
)

// BenchmarkDepth asks for one depth in one graph, with the making of the model.
func BenchmarkDepth(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range []int{1000, 10_000, 100_000} {
			steps := kind.steps(n)
			b.Run(fmt.Sprintf("%s/steps=%d", kind.name, n), func(b *testing.B) {
				var a Answer
				for b.Loop() {
					a = New(steps, Options{}).Depth(kind.start, kind.goal)
				}
				b.ReportMetric(float64(a.Least.N), "depth")
				b.ReportMetric(float64(len(a.Least.Cuts)), "cuts")
				b.ReportMetric(float64(len(steps)), "steps")
			})
		}
	}
}

var kinds = []struct {
	name  string
	steps func(int) []Step
	start []Capability
	goal  Capability
}{
	{"estate", estateLike, []Capability{{Kind: "internet"}}, Capability{Kind: "take", Of: "vault"}},
	{"nasty", nasty, []Capability{{Kind: "in"}}, Capability{Kind: "gold"}},
}
