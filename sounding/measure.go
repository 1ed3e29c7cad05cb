package sounding

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// Measure measures the aims against the starts. The steps are those of all
// layers, the controls all there are: their titles and efforts are told. Every
// answer has been checked by its proofs; the error is that one does not hold,
// which is a mistake of Fathom's own.
func Measure(g *ground.Ground, steps []depth.Step, controls []*control.Control, o Options) (*Report, error) {
	r := &Report{Ground: g, Choice: g.Choice(), Gaps: g.Estate.Gaps, Options: o, controls: map[string]*control.Control{}, steps: steps}
	for _, c := range controls {
		r.controls[c.ID] = c
	}
	if r.Aims = o.Aims; len(r.Aims) == 0 {
		r.Aims = Jewels(g)
	} else {
		r.Choice = asAsked
	}
	s := &sounder{g: g, model: depth.New(steps, o.Count), steps: steps, o: o}
	s.measure(r.starts(), r.Aims)
	r.table(s)
	r.objectives(s)
	if o.Losses {
		s.losses(r)
	}
	if o.Sets {
		r.sets(s)
	}
	r.doubts()
	return r, s.wrong
}

// starts are those that are measured.
func (r *Report) starts() []ground.Start {
	if len(r.Options.Starts) > 0 {
		return r.Options.Starts
	}
	return r.Ground.Starts
}

// sounder asks the engine, each question once.
type sounder struct {
	g     *ground.Ground
	model *depth.Model
	steps []depth.Step
	o     Options
	cells map[question]*Cell
	wrong error
}

// question is a start and an aim, by name.
type question struct{ from, to string }

// measure fills the cells of all starts and aims.
func (s *sounder) measure(starts []ground.Start, aims []Aim) {
	type job struct {
		start ground.Start
		aim   *Aim
		cell  *Cell
		err   error
	}
	var jobs []job
	s.cells = map[question]*Cell{}
	for _, st := range starts {
		for i := range aims {
			c := &Cell{Family: st.Family, From: st.Name, To: aims[i].Name, ByRight: s.g.ByRight(&st, s.g.Store(aims[i].Name))}
			s.cells[question{st.Name, aims[i].Name}] = c
			if len(aims[i].Goals(st.Family)) > 0 {
				jobs = append(jobs, job{start: st, aim: &aims[i], cell: c})
			}
		}
	}
	checker := depth.NewChecker(s.steps, s.o.Count)
	atOnce(len(jobs), func(i int) {
		j := &jobs[i]
		a := s.model.DepthAny(begin(j.start.Name), j.aim.Goals(j.start.Family))
		if err := checker.Check(&a); err != nil {
			j.err = fmt.Errorf("the depth of %s against %s has a proof that does not hold: %w; this is a mistake of Fathom's own: please report it with the files", j.aim.Name, j.start.Name, err)
		}
		j.cell.Kind, j.cell.Least, j.cell.Most, j.cell.Doubts = Measured, a.Least, a.Most, a.Doubts
	})
	for i := range jobs {
		if jobs[i].err != nil && s.wrong == nil {
			s.wrong = jobs[i].err
		}
	}
}

// atOnce calls f with every number below n, on all processors.
func atOnce(n int, f func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// table makes the rows of the cells.
func (r *Report) table(s *sounder) {
	for _, f := range ground.Families() {
		row := Row{Family: f}
		asked := len(r.Options.Starts) == 0
		for _, st := range r.starts() {
			if st.Family != f {
				continue
			}
			asked = true
			line := StartRow{Start: st}
			for i := range r.Aims {
				c := s.cells[question{st.Name, r.Aims[i].Name}]
				line.Cells = append(line.Cells, *c)
				if c.ByRight && c.Kind == Measured {
					r.ByRight = append(r.ByRight, *c)
				}
			}
			row.Starts = append(row.Starts, line)
		}
		if !asked {
			continue
		}
		for i := range r.Aims {
			row.Cells = append(row.Cells, s.worst(f, &r.Aims[i], row.Starts))
		}
		r.Rows = append(r.Rows, row)
	}
}

// worst is the cell of a family: in either reading of what is unknown he takes
// the start from which the least has to fail.
func (s *sounder) worst(f ground.Family, a *Aim, starts []StartRow) Cell {
	names := make([]string, len(starts))
	for i := range starts {
		names[i] = starts[i].Start.Name
	}
	return s.among(f, a, names)
}

// among is the worst of some starts. Workloads that have the aim by right are left
// out where there are others: that a service can be robbed of its own data says
// nothing of how well the data is kept from the rest.
func (s *sounder) among(f ground.Family, a *Aim, starts []string) Cell {
	out := Cell{Family: f, To: a.Name}
	if len(starts) == 0 && len(a.Goals(f)) > 0 {
		out.Kind = NoStart
		return out
	}
	var least, most *Cell
	others := slices.ContainsFunc(starts, func(name string) bool {
		c := s.cells[question{name, a.Name}]
		return c != nil && c.Kind == Measured && !c.ByRight
	})
	for _, name := range starts {
		c := s.cells[question{name, a.Name}]
		if c == nil || c.Kind != Measured || c.ByRight && others {
			continue
		}
		if least == nil || deep(&c.Least) < deep(&least.Least) {
			least = c
		}
		if most == nil || deep(&c.Most) < deep(&most.Most) {
			most = c
		}
	}
	if least == nil {
		return out
	}
	out = *least
	out.Losses, out.Sets = nil, nil
	out.Most = most.Most
	if deep(&out.Least) == deep(&out.Most) {
		out.Doubts = nil
	} else if most != least {
		out.Doubts = slices.Clone(out.Doubts)
		for _, d := range most.Doubts {
			if !slices.Contains(out.Doubts, d) {
				out.Doubts = append(out.Doubts, d)
			}
		}
	}
	return out
}

// begin is what the attacker of a start begins with.
func begin(name string) []depth.Capability { return []depth.Capability{ground.Begin(name)} }

// asAsked is how the aims were chosen where somebody named them.
const asAsked = "as asked"
