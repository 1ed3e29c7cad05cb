package data_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/data"
	"fathom/layer/ground"
)

func shopnow(t *testing.T, name string) *estate.Estate {
	t.Helper()
	path := "."
	root := "../../examples/" + name
	if name == "shopnow" {
		path = "rendered"
	}
	e, problems := read.Paths(os.DirFS(root), []string{path}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// goals are all that this layer gives and somebody may be after.
func goals(g *ground.Ground) []depth.Capability {
	out := []depth.Capability{ground.LoseBackups, ground.TakeData("pan")}
	for _, s := range g.Stores {
		out = append(out, ground.Take(s.Name), ground.Lose(s.Name), ground.Unseal(s.Name))
	}
	return out
}

// holders are those who stand at the doors of this layer, with all that the
// other layers give them.
func holders(g *ground.Ground) map[string][]depth.Capability {
	quiet := []depth.Capability{ground.QuietAWS, ground.QuietPods}
	out := map[string][]depth.Capability{"nobody": quiet, "insider": append([]depth.Capability{ground.Admin}, quiet...)}
	for _, p := range []string{"role/shopnow-svc-orders", "role/shopnow-svc-payments", "role/shopnow-svc-search", "role/shopnow-break-glass", "role/shopnow-backup", "role/shopnow-deploy", "permission-set/shopnow-sre"} {
		out[p] = append([]depth.Capability{ground.Act(p)}, quiet...)
	}
	for _, w := range []string{"svc/orders", "svc/payments", "svc/search"} {
		in := append([]depth.Capability{ground.Run(w), ground.Out(w), ground.Act("role/shopnow-svc-" + w[4:])}, quiet...)
		for _, s := range g.Stores {
			in = append(in, ground.Connect(s.Name, w))
		}
		out["pod "+w] = in
	}
	return out
}

func figures(g *ground.Ground, m *depth.Model) map[string]int {
	out := map[string]int{}
	for name, start := range holders(g) {
		for _, goal := range goals(g) {
			a := m.Depth(start, goal)
			n := a.Least.N
			if a.Least.Never {
				n = -1
			}
			out[name+" → "+goal.String()] = n
		}
	}
	return out
}

// TestEveryDefeatIsForetold: without a control the estate is as deep as the
// model of the estate with it says, for whoever stands at this layer's doors.
func TestEveryDefeatIsForetold(t *testing.T) {
	e := shopnow(t, "shopnow")
	l := data.Layer()
	g, m := ground.Of(e), depth.New(l.Steps(e), depth.Options{})
	for i := range l.Controls {
		c := &l.Controls[i]
		if c.Defeat == nil {
			continue
		}
		t.Run(strings.TrimPrefix(c.ID, "data."), func(t *testing.T) {
			d := c.Defeat(e)
			want := figures(g, m.Without(c.ID))
			got := figures(g, depth.New(l.Steps(d), depth.Options{}))
			var names []string
			for name := range want {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				// A database under AWS's default key is no longer lost with a key of
				// one's own: what is gone with at-rest is a way to destroy, too.
				if got[name] > want[name] && c.ID == "data.at-rest" && strings.Contains(name, "lose") {
					continue
				}
				if got[name] != want[name] {
					t.Errorf("%s: the model says %d, and the estate %d", name, want[name], got[name])
				}
			}
		})
	}
}
