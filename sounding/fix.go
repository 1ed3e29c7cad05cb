package sounding

import (
	"slices"
	"strings"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// DefaultMin is the depth that fixes aim at where nobody asks for another.
const DefaultMin = 3

// Fixes are the cheapest changes that bring every objective to its depth.
type Fixes struct {
	// Report is what was measured before, After what it is with all changes.
	Report, After *Report
	// Unmet are the objectives to bring there.
	Unmet []Objective
	// Changes are what to do, what gains most for its effort first; Effort is the
	// sum in person-days.
	Changes []Change
	Effort  int
	// Proven says that no cheaper set does.
	Proven bool
	// Short are the objectives that no missing control brings to their depth, as
	// they are with every control in place that is missing.
	Short []Objective
}

// Change is to put one control where it is missing.
type Change struct {
	Control string
	// Known is the control; nil when the catalogue has none of that id.
	Known *control.Control
	// Effort is in person-days.
	Effort int
	// Where are its missing guards.
	Where []Guard
	// Rises are the cells of the table that are deeper with this change than with
	// those before it.
	Rises []Fall
}

// Fixes looks for the cheapest controls to add. Where neither the files nor
// Options.Min ask for a depth, DefaultMin is asked of every cell.
func (r *Report) Fixes() (*Fixes, error) {
	if len(r.Objectives) == 0 {
		o := r.Options
		o.Min = DefaultMin
		again, err := Measure(r.Ground, r.steps, r.list(), o)
		if err != nil {
			return nil, err
		}
		r = again
	}
	f := &Fixes{Report: r, Unmet: r.Unmet()}
	plan := depth.New(r.steps, r.Options.Count).Fix(r.wanted(f.Unmet), r.candidates())
	f.Effort, f.Proven = plan.Effort, plan.Proven
	return f, f.build(plan)
}

// build measures what each change gains once those before it are made.
func (f *Fixes) build(plan depth.Plan) error {
	before, put := f.Report, map[string]bool{}
	o := f.Report.Options
	o.Losses, o.Sets = false, false
	for _, c := range plan.Changes {
		put[c.Control] = true
		after, err := Measure(f.Report.Ground, standing(f.Report.steps, put), f.Report.list(), o)
		if err != nil {
			return err
		}
		change := Change{Control: c.Control, Known: f.Report.controls[c.Control], Effort: c.Effort}
		change.Where = guards(f.Report.steps, func(s *depth.Stop) bool { return s.Control == c.Control && s.State == depth.Missing })
		for i := range after.Rows {
			change.Rises = append(change.Rises, rises(before.Rows[i].Cells, after.Rows[i].Cells)...)
		}
		f.Changes = append(f.Changes, change)
		before = after
	}
	if f.After = before; len(before.Unmet()) == 0 {
		return nil
	}
	for _, c := range f.Report.candidates() {
		put[c.Control] = true
	}
	everything, err := Measure(f.Report.Ground, standing(f.Report.steps, put), f.Report.list(), o)
	if err != nil {
		return err
	}
	f.Short = everything.Unmet()
	return nil
}

// rises are the cells that are deeper in b than in a.
func rises(a, b []Cell) []Fall {
	var out []Fall
	for i := range a {
		if a[i].Kind == Measured && deep(&b[i].Least) > deep(&a[i].Least) {
			out = append(out, Fall{b[i].Family, b[i].From, b[i].To, a[i].Least, b[i].Least})
		}
	}
	return out
}

// wanted are the objectives as the engine takes them: one target for each start
// and goal.
func (r *Report) wanted(objectives []Objective) []depth.Target {
	var out []depth.Target
	for _, o := range objectives {
		for _, st := range r.meant(o.From) {
			for _, goal := range r.aim(o.To).Goals(st.Family) {
				out = append(out, depth.Target{Start: []depth.Capability{st.Begin()}, Goal: goal, Min: o.Min})
			}
		}
	}
	return out
}

// meant are the starts that a name means, of those that were measured.
func (r *Report) meant(name string) []ground.Start {
	var out []ground.Start
	for _, s := range r.starts() {
		if s.Name == name || s.Family.String() == name {
			out = append(out, s)
		}
	}
	return out
}

// candidates are the controls that are missing somewhere.
func (r *Report) candidates() []depth.Candidate {
	seen := map[string]bool{}
	var out []depth.Candidate
	for i := range r.steps {
		for _, s := range r.steps[i].Stops {
			if s.State != depth.Missing || seen[s.Control] {
				continue
			}
			seen[s.Control] = true
			effort := 1
			if c := r.controls[s.Control]; c != nil {
				effort = c.Days()
			}
			out = append(out, depth.Candidate{Control: s.Control, Effort: effort})
		}
	}
	slices.SortFunc(out, func(a, b depth.Candidate) int { return strings.Compare(a.Control, b.Control) })
	return out
}

// standing are the steps with the missing guards of some controls in place.
func standing(steps []depth.Step, put map[string]bool) []depth.Step {
	out := slices.Clone(steps)
	for i := range out {
		for j, s := range out[i].Stops {
			if s.State != depth.Missing || !put[s.Control] {
				continue
			}
			if &out[i].Stops[0] == &steps[i].Stops[0] {
				out[i].Stops = slices.Clone(out[i].Stops)
			}
			out[i].Stops[j].State = depth.Standing
		}
	}
	return out
}
