package all

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fathom/control"
	"fathom/estate"
	"fathom/estate/read"
)

// committed is the committed tree of an example's rendered files.
func committed(t testing.TB, name string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../examples/"+name), []string{"rendered"}, read.Options{})
	if len(problems) > 0 {
		t.Fatalf("%s: %v", name, problems[0])
	}
	return e
}

// found is what a control finds, by resource: what has to stay as it was when
// another control is defeated.
func found(c *control.Control, e *estate.Estate) string {
	v := c.Judge(e)
	lines := []string{v.Status.String()}
	for i := range v.Results {
		r := &v.Results[i]
		lines = append(lines, fmt.Sprint(r.On.ID.Addr, ": ", r.Status))
	}
	slices.Sort(lines[1:])
	return strings.Join(slices.Compact(lines), "\n")
}

// TestEveryControlStandsSomewhereOrSaysWhyNot holds controls to the choice: a
// Defeat, or the reason why no attacker's step meets the control.
func TestEveryControlStandsSomewhereOrSaysWhyNot(t *testing.T) {
	for _, l := range Layers() {
		for i := range l.Controls {
			c := &l.Controls[i]
			if (c.Defeat == nil) == (c.Aside == "") {
				t.Errorf("%s: give it either Defeat or Aside", c.ID)
			}
			for _, id := range c.Fells {
				if Control(Layers(), id) == nil {
					t.Errorf("%s fells %q, which is no control", c.ID, id)
				}
			}
		}
	}
}

// TestDefeatTakesAwayOneControl: what Defeat gives lacks the control, and
// differs from the estate in no other that it does not list.
func TestDefeatTakesAwayOneControl(t *testing.T) {
	e := committed(t, "shopnow")
	layers := Layers()
	before := map[string]string{}
	for _, l := range layers {
		for i := range l.Controls {
			before[l.Controls[i].ID] = found(&l.Controls[i], e)
		}
	}
	for _, l := range layers {
		for i := range l.Controls {
			c := &l.Controls[i]
			if c.Defeat == nil {
				continue
			}
			t.Run(l.Name+"/"+strings.TrimPrefix(c.ID, l.Name+"."), func(t *testing.T) {
				d := c.Defeat(e)
				if got := c.Judge(d).Status; got == control.Present || got == control.Unknown && c.Judge(e).Status != control.Unknown {
					t.Errorf("defeated, %s is %s", c.ID, got)
				}
				for _, m := range layers {
					for j := range m.Controls {
						o := &m.Controls[j]
						changed := found(o, d) != before[o.ID]
						switch listed := slices.Contains(c.Fells, o.ID); {
						case o.ID == c.ID:
						case changed && !listed:
							t.Errorf("%s changes too, and is not in Fells:\n%s", o.ID, difference(before[o.ID], found(o, d)))
						case !changed && listed:
							t.Errorf("Fells has %s, which does not change", o.ID)
						}
					}
				}
			})
		}
	}
	again := committed(t, "shopnow") // what was made once of e may hide a change
	for i, r := range e.Resources {
		if !reflect.DeepEqual(r, again.Resources[i]) {
			t.Errorf("a Defeat changed %s in the estate that it was given", r.Meta().ID)
		}
	}
}

// difference lists the lines that only one of two texts has.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, l := range x {
		if !slices.Contains(y, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}
