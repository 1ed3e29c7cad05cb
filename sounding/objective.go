package sounding

import (
	"fmt"
	"strings"

	"fathom/engine/depth"
	"fathom/layer/ground"
)

// objectives judges what the files ask for, and --min of every cell.
func (r *Report) objectives(s *sounder) {
	measured := map[string]bool{}
	for _, st := range r.starts() {
		measured[st.Name] = true
	}
	for i := range r.Aims {
		a := &r.Aims[i]
		for _, t := range a.Targets {
			o := Objective{From: t.Start, To: a.Name, Min: t.Min, At: a.At}
			meant := r.Ground.Start(t.Start)
			if len(meant) == 0 && len(r.Options.Starts) == 0 {
				o.Why = nobody(r.Ground, t.Start)
				r.Objectives = append(r.Objectives, o)
				continue
			}
			var names []string
			for _, st := range meant {
				if measured[st.Name] {
					names = append(names, st.Name)
				}
			}
			if len(names) == 0 {
				continue // not asked about
			}
			o.Cell = s.among(meant[0].Family, a, names)
			r.judge(o)
		}
	}
	if r.Options.Min == 0 {
		return
	}
	for i := range r.Rows {
		for _, c := range r.Rows[i].Cells {
			if c.Kind == Measured {
				r.judge(Objective{From: r.Rows[i].Family.String(), To: c.To, Min: r.Options.Min, Cell: c})
			}
		}
	}
}

// nobody says why an objective cannot be measured. An objective of which nobody
// knows whether it is met is not.
func nobody(g *ground.Ground, from string) string {
	if _, err := FindStarts(g, from); err != nil {
		return err.Error()
	}
	return ""
}

func (r *Report) judge(o Objective) {
	if o.Met = o.Cell.AtLeast(o.Min); !o.Met {
		o.Why = r.shortfall(&o)
	}
	r.Objectives = append(r.Objectives, o)
}

// shortfall says in a clause why a cell is not as deep as asked.
func (r *Report) shortfall(o *Objective) string {
	c := &o.Cell
	text := fmt.Sprintf("%s, and %d is asked for", c, o.Min)
	if deep(&c.Most) >= o.Min {
		text += ", which is not sure"
	}
	if o.From != c.From {
		text += "; the worst is " + c.From
	}
	if felled := c.Felled(); len(felled) > 0 {
		return text + "; what stands is " + strings.Join(felled, ", ")
	}
	text += "; nothing stands"
	if doubtful := inState(&c.Least, depth.Doubtful); len(doubtful) > 0 {
		text += " for sure, and of these it is not known: " + strings.Join(doubtful, ", ")
	}
	if missing := inState(&c.Least, depth.Missing); len(missing) > 0 {
		text += ", and these are missing: " + strings.Join(missing, ", ")
	}
	return text
}

// inState are the controls of a path of which the guard has a state.
func inState(b *depth.Bound, state depth.State) []string {
	var out []string
	for i := range b.Path {
		for _, s := range b.Path[i].Stops {
			if s.State == state {
				out = append(out, s.Control)
			}
		}
	}
	return distinct(out)
}

// Unmet are the objectives that are not met.
func (r *Report) Unmet() []Objective {
	var out []Objective
	for _, o := range r.Objectives {
		if !o.Met {
			out = append(out, o)
		}
	}
	return out
}

// asked is the depth that is asked of a cell of the table, 0 for none.
func (r *Report) asked(f ground.Family, from, to string) int {
	n := 0
	for i := range r.Objectives {
		if o := &r.Objectives[i]; o.To == to && (o.From == f.String() || o.From == from) {
			n = max(n, o.Min)
		}
	}
	return n
}
