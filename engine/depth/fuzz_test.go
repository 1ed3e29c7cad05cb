package depth

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzDepth reads a graph in the notation and holds the engine to its twin and
// its proofs to the checker.
func FuzzDepth(f *testing.F) {
	f.Add(strings.NewReplacer("take", "gold").Replace(shop), false, 0)
	f.Add("gold <- in | x.1! x.2? x.3-\nx.1 <- in | x.2!", false, 1)
	f.Add("a <- b\nb <- a\nb <- in | x.1@p!\ngold <- a, b | x.1@q! ?", true, 0)
	f.Add("gold", false, 3)
	f.Add("in <- in\ngold <- x.9@a\nx.9@a <- in | y.1!", false, 2)
	f.Fuzz(func(t *testing.T, text string, each bool, limit int) {
		if len(text) > 600 || tooLarge(text) {
			return
		}
		o := Options{Each: each, Limit: max(limit%9, 0), Causes: causes("ca: x.1 x.2", "role: y.1 x.3 x.1")}
		compare(t, text, o)
	})
}

// tooLarge says whether a graph is too much for the twin: all its subsets of
// guards are tried, and a capability is a bit.
func tooLarge(text string) bool {
	caps, guards := map[Capability]bool{}, map[Guard]bool{}
	for _, s := range parse(text) {
		caps[s.Gives] = true
		for i := range len(s.Needs) + len(s.Stops) {
			caps[s.nth(i)] = true
		}
		for _, stop := range s.Stops {
			guards[stop.Guard] = true
		}
	}
	return len(caps) > 60 || len(guards) > 12
}

// TestDepthIsMonotone: a guard put where one is missing never makes a goal less
// deep; a unit that is gone never makes it deeper, nor less deep by more than
// one; and a step more never makes it deeper.
func TestDepthIsMonotone(t *testing.T) {
	puzzles(t, 2000, func(t *testing.T, r *rand.Rand, p *puzzle) {
		o := p.o
		o.Limit = 30
		depth := func(steps []Step, o Options) int {
			a := New(steps, o).DepthAny(words("in"), words("gold"))
			if a.Least.Never {
				return 1000
			}
			return a.Least.N
		}
		steps := parse(p.text)
		before := depth(steps, o)
		for _, u := range New(steps, o).units {
			if after := depth(steps, gone(o, u.name)); after > before || after < before-1 && before < 1000 {
				t.Errorf("from %d to %d without %s", before, after, u.name)
			}
		}
		s := steps[r.IntN(len(steps))]
		s.Stops = nil
		if after := depth(append(steps[:len(steps):len(steps)], s), o); after > before {
			t.Errorf("from %d to %d with the step %s free of guards", before, after, s.Says)
		}
		text := strings.ReplaceAll(p.text, "-", "\x00")
		text = strings.ReplaceAll(text, "<\x00", "<-")
		if after := depth(parse(strings.ReplaceAll(text, "\x00", "!")), o); after < before {
			t.Errorf("from %d to %d with nothing missing", before, after)
		}
	})
}
