package sounding

import (
	"cmp"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
)

// Why is what one control is worth.
type Why struct {
	Control *control.Control
	// Guards are the places where it stands, or would.
	Guards []Guard
	// Falls are the cells of the table that are less deep without it, Starts the
	// cells of single starts.
	Falls, Starts []Fall
	// Below are the objectives that are met with it and not without.
	Below []Objective
	// Report is what was measured with it, Without what is measured without it.
	Report, Without *Report
}

// Guard is one place of a control.
type Guard struct {
	depth.Guard
	State depth.State
	// At is the line that shows it, or that would hold it; Says what was seen
	// there; Why the reason of a doubt.
	At   diag.Pos
	Says string
	Why  string
	// Stops tells one of the steps that it stops, and More how many others.
	Stops string
	More  int
}

// Why measures again without a control. The id has to be that of a control.
func (r *Report) Why(id string) (*Why, error) {
	out := &Why{Control: r.controls[id], Guards: guards(r.steps, func(s *depth.Stop) bool { return s.Control == id }), Report: r}
	o := r.Options
	o.Count.Gone = append(slices.Clone(o.Count.Gone), id)
	o.Losses, o.Sets = false, false
	without, err := Measure(r.Ground, r.steps, r.list(), o)
	if err != nil {
		return nil, err
	}
	out.Without = without
	for i := range r.Rows {
		a, b := &r.Rows[i], &without.Rows[i]
		out.Falls = append(out.Falls, falls(a.Cells, b.Cells)...)
		for j := range a.Starts {
			out.Starts = append(out.Starts, falls(a.Starts[j].Cells, b.Starts[j].Cells)...)
		}
	}
	for i, o := range r.Objectives {
		if o.Met && !without.Objectives[i].Met {
			out.Below = append(out.Below, without.Objectives[i])
		}
	}
	return out, nil
}

// list are the controls in order of their ids.
func (r *Report) list() []*control.Control {
	out := make([]*control.Control, 0, len(r.controls))
	for _, c := range r.controls {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *control.Control) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// falls are the cells that are less deep in b than in a.
func falls(a, b []Cell) []Fall {
	var out []Fall
	for i := range a {
		if a[i].Kind == Measured && deep(&b[i].Least) < deep(&a[i].Least) {
			out = append(out, Fall{b[i].Family, b[i].From, b[i].To, a[i].Least, b[i].Least})
		}
	}
	return out
}

// guards are the guards of steps for which want holds, each once: those that
// stand first.
func guards(steps []depth.Step, want func(*depth.Stop) bool) []Guard {
	at := map[depth.Guard]int{}
	var out []Guard
	for i := range steps {
		for j := range steps[i].Stops {
			s := &steps[i].Stops[j]
			if !want(s) {
				continue
			}
			k, ok := at[s.Guard]
			if !ok {
				k = len(out)
				at[s.Guard] = k
				out = append(out, Guard{Guard: s.Guard, State: s.State, At: s.At, Says: s.Says, Why: s.Why, Stops: steps[i].Says, More: -1})
			}
			out[k].More++
		}
	}
	slices.SortStableFunc(out, func(a, b Guard) int {
		return cmp.Or(cmp.Compare(b.State, a.State), a.At.Compare(b.At), strings.Compare(a.On, b.On))
	})
	return out
}
