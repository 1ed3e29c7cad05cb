package all

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// depths are the depths of every start against every jewel of a ground, by
// "start → jewel": the pessimistic ones, as the table shows them.
func depths(g *ground.Ground, m *depth.Model) map[string]string {
	out := map[string]string{}
	for i := range g.Starts {
		s := &g.Starts[i]
		for j := range g.Jewels {
			goals := g.Jewels[j].Goals(s.Family)
			if len(goals) == 0 {
				continue
			}
			a := m.DepthAny([]depth.Capability{s.Begin()}, goals)
			out[s.Name+" → "+g.Jewels[j].Name] = bound(&a.Least)
		}
	}
	return out
}

func bound(b *depth.Bound) string {
	switch {
	case b.Never:
		return "never"
	case b.Over:
		return fmt.Sprintf("more than %d", b.N)
	}
	return fmt.Sprint(b.N)
}

// TestTheModelForetellsEveryDefeat: for every control that stands in the way of
// somebody, the estate without it is exactly as deep as the model of the estate
// says of its loss, in every cell.
func TestTheModelForetellsEveryDefeat(t *testing.T) {
	for _, example := range []string{"shopnow", "bazaar"} {
		e := committed(t, example)
		g := ground.Of(e)
		steps := Steps(e)
		m := depth.New(steps, depth.Options{})
		before := depths(g, m)
		for _, l := range Layers() {
			for i := range l.Controls {
				c := &l.Controls[i]
				if c.Defeat == nil {
					continue
				}
				t.Run(example+"/"+l.Name+"/"+strings.TrimPrefix(c.ID, l.Name+"."), func(t *testing.T) {
					d := c.Defeat(e)
					want := depths(g, m.Without(c.ID))
					got := depths(sameStarts(t, g, d), depth.New(Steps(d), depth.Options{}))
					var names []string
					for name := range want {
						names = append(names, name)
					}
					slices.Sort(names)
					for _, name := range names {
						if got[name] != want[name] {
							t.Errorf("%s: %s with it; without it the model says %s, and the estate %s", name, before[name], want[name], got[name])
						}
						if before[name] < want[name] && len(before[name]) == 1 && len(want[name]) == 1 {
							t.Errorf("%s: deeper without the control", name)
						}
					}
				})
			}
		}
	}
}

// sameStarts is the ground of the defeated estate. What a mistake adds is no
// start and no jewel of its own.
func sameStarts(t *testing.T, g *ground.Ground, d *estate.Estate) *ground.Ground {
	t.Helper()
	now := ground.Of(d)
	names := func(g *ground.Ground) []string {
		var out []string
		for i := range g.Starts {
			out = append(out, g.Starts[i].Name)
		}
		for i := range g.Jewels {
			out = append(out, g.Jewels[i].Name)
		}
		return out
	}
	if a, b := names(g), names(now); !slices.Equal(a, b) {
		t.Errorf("the starts and jewels were %v and are %v", a, b)
	}
	return now
}
