package sounding

import (
	"cmp"
	"slices"
	"strings"

	"fathom/engine/depth"
)

// losses finds what each control is worth to the cells of the table and to the
// objectives. Only the starts that are the worst of their family matter: where
// another start needs more to fail, one control less leaves it no worse.
func (s *sounder) losses(r *Report) {
	type job struct {
		q     question
		found []depth.Loss
	}
	var jobs []job
	at := map[question]int{}
	need := func(c *Cell, names []string) {
		for _, name := range names {
			q := question{name, c.To}
			own := s.cells[q]
			if _, known := at[q]; known || own == nil || own.Kind != Measured || own.Least.Never || deep(&own.Least) != deep(&c.Least) {
				continue
			}
			at[q] = len(jobs)
			jobs = append(jobs, job{q: q})
		}
	}
	r.eachWorst(need)
	atOnce(len(jobs), func(i int) {
		j := &jobs[i]
		goals := r.aim(j.q.to).Goals(s.cells[j.q].Family)
		j.found = s.model.Losses(begin(j.q.from), goals)
	})
	fill := func(c *Cell, names []string) {
		for _, name := range names {
			// A start that is measured for another cell may be no worst of this one.
			if i, ok := at[question{name, c.To}]; ok && deep(&s.cells[jobs[i].q].Least) == deep(&c.Least) {
				c.Losses = merged(c.Losses, jobs[i].found)
			}
		}
	}
	r.eachWorst(fill)
	r.worths()
}

// eachWorst calls f for every cell that is the worst of some starts, with the
// starts.
func (r *Report) eachWorst(f func(c *Cell, starts []string)) {
	for i := range r.Rows {
		row := &r.Rows[i]
		var names []string
		for _, st := range row.Starts {
			names = append(names, st.Start.Name)
		}
		for j := range row.Cells {
			if row.Cells[j].Kind == Measured {
				f(&row.Cells[j], names)
			}
		}
	}
	for i := range r.Objectives {
		o := &r.Objectives[i]
		if o.Cell.Kind != Measured {
			continue
		}
		var names []string
		for _, st := range r.Ground.Start(o.From) {
			names = append(names, st.Name)
		}
		f(&o.Cell, names)
	}
}

func (r *Report) aim(name string) *Aim {
	for i := range r.Aims {
		if alike(r.Aims[i].Name, name) {
			return &r.Aims[i]
		}
	}
	return nil
}

// merged puts losses together: of one unit the deepest fall counts.
func merged(a, b []depth.Loss) []depth.Loss {
	for _, l := range b {
		if deep(&l.After) >= deep(&l.Before) {
			continue
		}
		i := slices.IndexFunc(a, func(x depth.Loss) bool { return x.Unit == l.Unit })
		switch {
		case i < 0:
			a = append(a, l)
		case deep(&l.After) < deep(&a[i].After):
			a[i] = l
		}
	}
	slices.SortFunc(a, func(x, y depth.Loss) int { return strings.Compare(x.Unit, y.Unit) })
	return a
}

// worths gathers what the cells' losses say of each control.
func (r *Report) worths() {
	byUnit := map[string]*Worth{}
	of := func(unit string) *Worth {
		w := byUnit[unit]
		if w == nil {
			w = &Worth{Unit: unit, Control: r.controls[unit]}
			byUnit[unit] = w
		}
		return w
	}
	for i := range r.Rows {
		for _, c := range r.Rows[i].Cells {
			for _, l := range c.Losses {
				w := of(l.Unit)
				w.Falls = append(w.Falls, Fall{c.Family, c.From, c.To, l.Before, l.After})
			}
		}
	}
	for i := range r.Objectives {
		o := &r.Objectives[i]
		for _, l := range o.Cell.Losses {
			if o.Met && deep(&l.After) < o.Min {
				of(l.Unit).Below++
			}
		}
	}
	for _, w := range byUnit {
		r.Worths = append(r.Worths, *w)
	}
	slices.SortFunc(r.Worths, func(a, b Worth) int {
		return cmp.Or(cmp.Compare(len(b.Falls), len(a.Falls)), cmp.Compare(b.Below, a.Below), strings.Compare(a.Unit, b.Unit))
	})
}

// sets finds the other minimal sets of the cells of the table.
func (r *Report) sets(s *sounder) {
	for i := range r.Rows {
		for j := range r.Rows[i].Cells {
			c := &r.Rows[i].Cells[j]
			if c.Kind != Measured || c.Least.Never || c.Least.Over {
				continue
			}
			c.Sets = s.model.Sets(begin(c.From), r.aim(c.To).Goals(c.Family), max(3, c.Least.N))
		}
	}
}

// doubts gathers what the cells of the table depend on.
func (r *Report) doubts() {
	at := map[depth.Doubt]int{}
	for i := range r.Rows {
		for _, c := range r.Rows[i].Cells {
			for _, d := range c.Doubts {
				k, ok := at[d]
				if !ok {
					k = len(r.Doubts)
					at[d] = k
					r.Doubts = append(r.Doubts, Doubt{Doubt: d})
				}
				r.Doubts[k].Cells = append(r.Doubts[k].Cells, c.Name())
			}
		}
	}
	slices.SortStableFunc(r.Doubts, func(a, b Doubt) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Why, b.Why))
	})
}
