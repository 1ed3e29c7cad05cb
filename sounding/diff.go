package sounding

import (
	"maps"
	"slices"
	"strings"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// Diff is what became of the depth of an estate.
type Diff struct {
	Before, After *Report
	// Fell and Rose are the cells of both tables that changed.
	Fell, Rose []Turn
	// Gone and New are the aims that only one of the tables has.
	Gone, New []string
}

// Turn is a cell that changed, with what explains it.
type Turn struct {
	Family        ground.Family
	To            string
	Before, After Cell
	Because       []Reason
}

// Reason is one line that explains why a cell changed: on the path that is open
// in one of the estates, what stands in the way in the other.
type Reason struct {
	// Guard is what stands in one estate and not in the other, with the line that
	// shows it standing and the line that shows the step it no longer stops; for
	// a step that only one of them has the Guard is zero, and Step is its line.
	Guard    depth.Guard
	Standing diag.Pos
	Step     diag.Pos
	// Says is in a clause what is where it does not stand.
	Says string
}

// Level measures in each of two estates what only the other's table has a column
// for, as far as it is there: the crown jewels of one may be plain stores in the
// other.
func Level(a, b *Report) (x, y *Report, err error) {
	if x, err = a.also(b); err == nil {
		y, err = b.also(a)
	}
	return x, y, err
}

// also is the report with the columns of another.
func (r *Report) also(other *Report) (*Report, error) {
	aims := slices.Clone(r.Aims)
	for i := range other.Aims {
		if r.aim(other.Aims[i].Name) != nil {
			continue
		}
		if a, err := FindAim(r.Ground, other.Aims[i].Name); err == nil {
			aims = append(aims, a)
		}
	}
	if len(aims) == len(r.Aims) {
		return r, nil
	}
	o := r.Options
	o.Aims = aims
	controls := make([]*control.Control, 0, len(r.controls))
	for _, id := range slices.Sorted(maps.Keys(r.controls)) {
		controls = append(controls, r.controls[id])
	}
	out, err := Measure(r.Ground, r.steps, controls, o)
	if err != nil {
		return nil, err
	}
	out.Choice = r.Choice
	return out, nil
}

// How a reason begins where only the weaker estate has what it is about, and the
// same where that is the estate before the change.
const (
	possibleNow = "it is possible now: "
	startsThere = "there is a start "
)

var pastTense = map[string]string{
	possibleNow: "it is possible no longer: ",
	startsThere: "there is no longer a start ",
}

// Compare says which cells are less deep after a change than before it, which
// are deeper, and by which lines.
func Compare(before, after *Report) *Diff {
	d := &Diff{Before: before, After: after}
	for _, a := range before.Aims {
		if after.aim(a.Name) == nil {
			d.Gone = append(d.Gone, a.Name)
		}
	}
	for _, a := range after.Aims {
		if before.aim(a.Name) == nil {
			d.New = append(d.New, a.Name)
		}
	}
	for i := range before.Rows {
		for _, was := range before.Rows[i].Cells {
			now := after.cell(was.Family, was.To)
			if now == nil || was.Kind != Measured && now.Kind != Measured {
				continue
			}
			t := Turn{Family: was.Family, To: was.To, Before: was, After: *now}
			switch {
			case below(now, &was):
				t.Because = reasons(before, after, now, &was)
				d.Fell = append(d.Fell, t)
			case below(&was, now):
				t.Because = reasons(after, before, &was, now)
				for i := range t.Because { // the weaker one is what was
					says := &t.Because[i].Says
					for is, was := range pastTense {
						if rest, ok := strings.CutPrefix(*says, is); ok {
							*says = was + rest
						}
					}
				}
				d.Rose = append(d.Rose, t)
			}
		}
	}
	return d
}

// cell is the cell of the table, or nil.
func (r *Report) cell(f ground.Family, to string) *Cell {
	for i := range r.Rows {
		for j := range r.Rows[i].Cells {
			if c := &r.Rows[i].Cells[j]; c.Family == f && alike(c.To, to) {
				return c
			}
		}
	}
	return nil
}

// below says whether a is less deep than b in either reading of what is unknown.
// What is not measured cannot be reached.
func below(a, b *Cell) bool {
	end := func(c *Cell, x *depth.Bound) int {
		if c.Kind != Measured {
			return never
		}
		return deep(x)
	}
	return end(a, &a.Least) < end(b, &b.Least) || end(a, &a.Least) == end(b, &b.Least) && end(a, &a.Most) < end(b, &b.Most)
}

// reasons explain why a cell is less deep in weak than in strong. The path of
// the weak one is followed: each of its moves is in the strong estate stopped by
// something more, or is not there.
func reasons(strong, weak *Report, cell, was *Cell) []Reason {
	path := cell.Least.Path
	if deep(&cell.Least) == deep(&was.Least) {
		path = cell.Most.Path
	}
	var out []Reason
	if len(strong.Ground.Start(cell.From)) == 0 {
		out = append(out, Reason{Step: begins(weak.Ground, cell.From), Says: startsThere + cell.From})
	}
	known := map[string][]*depth.Step{}
	for i := range strong.steps {
		s := &strong.steps[i]
		known[clause(s)] = append(known[clause(s)], s)
	}
	for i := range path {
		for _, r := range differences(known[clause(path[i].Step)], path[i].Step) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

func begins(g *ground.Ground, name string) diag.Pos {
	for _, s := range g.Start(name) {
		return s.At
	}
	return diag.Pos{}
}

// clause is what a step needs and gives.
func clause(s *depth.Step) string {
	needs := make([]string, len(s.Needs))
	for i, n := range s.Needs {
		needs[i] = n.String()
	}
	slices.Sort(needs)
	return s.Gives.String() + " ⇐ " + strings.Join(needs, ", ")
}

// differences are what stands on the steps of one estate and not on that of the
// other; of several steps the one that differs least is compared.
func differences(strong []*depth.Step, weak *depth.Step) []Reason {
	if len(strong) == 0 {
		return []Reason{{Step: weak.At, Says: possibleNow + weak.Says}}
	}
	var best []Reason
	for i, s := range strong {
		var lost []Reason
		if s.Doubt != "" && weak.Doubt == "" {
			lost = append(lost, Reason{Step: weak.At, Says: "it was not known, and is possible: " + weak.Says})
		}
		for _, g := range s.Stops {
			now := stopOf(weak, g.Control)
			if g.State == depth.Missing || now != nil && now.State >= g.State {
				continue
			}
			lost = append(lost, lacking(&g, now, weak))
		}
		if i == 0 || len(lost) < len(best) {
			best = lost
		}
	}
	return best
}

// lacking is the reason that a guard stands in one estate and, as far as the
// stop now of the other tells, not there.
func lacking(g, now *depth.Stop, weak *depth.Step) Reason {
	r := Reason{Guard: g.Guard, Standing: g.At, Step: weak.At, Says: "nothing of it stops this: " + weak.Says}
	if now == nil {
		return r
	}
	if !now.At.IsZero() {
		r.Step = now.At
	}
	if r.Says = now.Says; now.State == depth.Doubtful {
		r.Says = "it is not known whether it stands: " + now.Why
	}
	return r
}

// stopOf is the surest stop of a control on a step, or nil.
func stopOf(s *depth.Step, control string) *depth.Stop {
	var out *depth.Stop
	for i := range s.Stops {
		if x := &s.Stops[i]; x.Control == control && (out == nil || x.State > out.State) {
			out = x
		}
	}
	return out
}
