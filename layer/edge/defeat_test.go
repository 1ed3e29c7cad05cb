package edge_test

import (
	"os"
	"strings"
	"testing"

	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/edge"
	"fathom/layer/ground"
)

// committed is the committed tree of an example.
func committed(t testing.TB, path string) *estate.Estate {
	t.Helper()
	name, dir, _ := strings.Cut(path, "/")
	if dir == "" {
		dir = "."
	}
	e, problems := read.Paths(os.DirFS("../../examples/"+name), []string{dir}, read.Options{})
	if len(problems) > 0 {
		t.Fatalf("%s: %v", path, problems[0])
	}
	return e
}

// questions are what the edge's steps lead to.
func questions(e *estate.Estate) map[depth.Capability][]depth.Capability {
	out := map[depth.Capability][]depth.Capability{}
	for _, w := range ground.Of(e).Workloads {
		out[ground.Attack(w.Name)] = []depth.Capability{ground.Begin("internet")}
		out[ground.Down(w.Name)] = []depth.Capability{ground.Begin("flood")}
		out[ground.Out(w.Name)] = []depth.Capability{ground.Run(w.Name)}
	}
	return out
}

// TestDefeatIsWhatTheModelSays: the steps of the estate without a control are as
// deep as the steps of the estate whose control is taken for gone.
func TestDefeatIsWhatTheModelSays(t *testing.T) {
	for _, example := range []string{"shopnow/rendered"} {
		e := committed(t, example)
		all := edge.Layer()
		whole := depth.New(all.Steps(e), depth.Options{})
		for _, c := range all.Controls {
			if c.Defeat == nil {
				continue
			}
			t.Run(example+"/"+c.ID, func(t *testing.T) {
				taken := whole.Without(c.ID)
				made := depth.New(all.Steps(c.Defeat(e)), depth.Options{})
				for goal, start := range questions(e) {
					want, got := taken.Depth(start, goal), made.Depth(start, goal)
					if want.Least.N != got.Least.N || want.Least.Never != got.Least.Never || want.Most.N != got.Most.N || want.Most.Never != got.Most.Never {
						t.Errorf("%v: %d to %d with %s taken for gone, %d to %d in the estate without it", goal, want.Least.N, want.Most.N, c.ID, got.Least.N, got.Most.N)
					}
				}
			})
		}
	}
}
