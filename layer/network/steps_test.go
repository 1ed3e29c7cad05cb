package network_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer/network"
)

func rendered(t *testing.T, example string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../examples/"+example), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e
}

// TestDefeatOpensWhatTheStepsSay: an estate without a control gives what the
// steps of the whole estate give once its guards, and those that it takes with
// it, are taken off them: each capability past the same sets of controls.
func TestDefeatOpensWhatTheStepsSay(t *testing.T) {
	layer := network.Layer()
	for _, example := range []string{"shopnow", "bazaar"} {
		e := rendered(t, example)
		steps := layer.Steps(e)
		for i := range layer.Controls {
			c := &layer.Controls[i]
			if c.Defeat == nil {
				continue
			}
			t.Run(example+"/"+strings.TrimPrefix(c.ID, "network."), func(t *testing.T) {
				d := c.Defeat(e)
				if got := c.Judge(d).Status; got == control.Present {
					t.Errorf("%s is still there", c.ID)
				}
				want, got := past(steps, c.ID), past(layer.Steps(d), c.ID)
				for what, sets := range want {
					if fmt.Sprint(got[what]) != fmt.Sprint(sets) {
						t.Errorf("%s: the steps say past %v, the estate without it %v", what, sets, got[what])
					}
				}
				for what, sets := range got {
					if want[what] == nil {
						t.Errorf("%s: only the estate without it has it, past %v", what, sets)
					}
				}
			})
		}
	}
}

// past are the least sets of controls past which each step leads without one
// control.
func past(steps []depth.Step, without string) map[string][]string {
	off := map[depth.Capability]bool{}
	left := func(s *depth.Step) []string {
		var ids []string
		for _, g := range s.Stops {
			if g.Control != without && g.State == depth.Standing && !off[depth.Off(g.Guard)] {
				ids = append(ids, g.Control)
			}
		}
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	for i := range steps {
		if s := &steps[i]; s.Gives.Kind == "off" && len(left(s)) == 0 {
			off[s.Gives] = true
		}
	}
	sets := map[string][][]string{}
	for i := range steps {
		// left out where it is no better than the own way
		byOther := func(c depth.Capability) bool { return c.Kind == "out" }
		// what root on a node has of the pods that run there is supply's
		if s := &steps[i]; slices.Contains([]string{"connect", "out", "attack"}, s.Gives.Kind) && !slices.ContainsFunc(s.Needs, byOther) {
			key := fmt.Sprint(s.Gives, " ← ", s.Needs)
			sets[key] = append(sets[key], left(s))
		}
	}
	out := map[string][]string{}
	for key, all := range sets {
		for _, a := range all {
			least := !slices.ContainsFunc(all, func(b []string) bool { return len(b) < len(a) && subset(b, a) })
			if text := strings.Join(a, " "); least && !slices.Contains(out[key], "{"+text+"}") {
				out[key] = append(out[key], "{"+text+"}")
			}
		}
		slices.Sort(out[key])
	}
	return out
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}
