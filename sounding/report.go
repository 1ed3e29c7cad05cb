package sounding

import (
	"fathom/control"
	"fathom/diag"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/ground"
)

// Options choose what is measured, and how.
type Options struct {
	// Count says what counts as one, what is gone already, and how far to look.
	Count depth.Options
	// Starts and Aims are what is measured; every start against every crown jewel
	// where there are none. Starts finds some by name, and Aims.
	Starts []ground.Start
	Aims   []Aim
	// Min is a depth asked of every cell; 0 asks for none. What the files ask for
	// is asked in any case.
	Min int
	// Sets has the other minimal sets of each cell found.
	Sets bool
	// Losses has it found what each control is worth.
	Losses bool
	// Unread is how many files could not be read as written: what they would have
	// told is not known.
	Unread int
}

// Report is how deep an estate is.
type Report struct {
	// Ground is what was measured.
	Ground *ground.Ground
	// Rows are the families that were asked about, in the order of the table;
	// Aims its columns. Choice says how the aims were found.
	Rows   []Row
	Aims   []Aim
	Choice string
	// ByRight are the cells of starts that have a store by right.
	ByRight []Cell
	// Objectives are the depths asked for, those that the files ask for first.
	Objectives []Objective
	// Worths say of every control that some cell depends on what it is worth,
	// the one whose loss costs most first; only with Options.Losses.
	Worths []Worth
	// Doubts are what is not known and makes a difference to some cell; Gaps what
	// the files do not tell at all.
	Doubts []Doubt
	Gaps   []estate.Gap
	// Options are those that it was made with.
	Options Options

	controls map[string]*control.Control
	steps    []depth.Step
}

// Row is a family of attackers.
type Row struct {
	Family ground.Family
	// Cells are the family's worst, one for each aim.
	Cells []Cell
	// Starts are all its starts, each with a cell for each aim; none where the
	// estate has no place for such an attacker.
	Starts []StartRow
}

// StartRow is one start of a family.
type StartRow struct {
	Start ground.Start
	Cells []Cell
}

// Cell is how deep an aim is against a start, or against the worst of a family.
type Cell struct {
	// Kind says whether there was anything to measure. Nothing below is set
	// unless it is Measured.
	Kind Kind
	// ByRight says that the start is a workload which the files let handle all
	// that the store holds: the family's cell leaves it out, as long as there is
	// another.
	ByRight bool
	// Family, From and To say which cell it is. From is the name of the start:
	// in the cell of a family that of its worst; To the name of the aim.
	Family   ground.Family
	From, To string
	// Least holds if everything doubtful is for the attacker, Most if everything
	// is against him; they differ where something that matters is unknown. The
	// worst start of a family need not be the same in both: From is that of
	// Least.
	Least, Most depth.Bound
	// Doubts are what makes the difference.
	Doubts []depth.Doubt
	// Losses are the controls without which the cell is less deep, in order of
	// their names; only with Options.Losses.
	Losses []depth.Loss
	// Sets are the minimal sets of units that get him there, the smallest first,
	// of a size up to 3 or the depth; only with Options.Sets, and for a family
	// those of its worst start.
	Sets [][]depth.Unit
}

// Kind says whether a cell was measured.
type Kind uint8

// The kinds of cells. The zero Kind says that such an attacker is not after it.
const (
	NotHis  Kind = iota // a flood takes no data
	NoStart             // the estate has no place for such an attacker to begin
	Measured
)

// Objective is a depth that somebody asks for.
type Objective struct {
	// From is a start or a family, To an aim, Min the depth asked for.
	From, To string
	Min      int
	// At is where it is asked for; zero for --min.
	At diag.Pos
	// Cell is what it gets: the worst of the starts that From means.
	Cell Cell
	// Met says that the depth is at least Min, whatever is unknown. Where it is
	// not, Why says so in a clause, with the weakest control.
	Met bool
	Why string
}

// Worth is what a control is worth to the table.
type Worth struct {
	// Unit is the control's id, or what falls together; Control is nil for the
	// latter.
	Unit    string
	Control *control.Control
	// Falls are the cells of the table that are less deep without it, and Below
	// how many of them fall below what is asked of them.
	Falls []Fall
	Below int
}

// Fall is a cell that is less deep without a control.
type Fall struct {
	Family        ground.Family
	From, To      string
	Before, After depth.Bound
}

// Doubt is something unknown that cells depend on.
type Doubt struct {
	depth.Doubt
	// Cells are the cells of the table that depend on it: "internet → store/x".
	Cells []string
}

// Control is the control of an id, or nil.
func (r *Report) Control(id string) *control.Control { return r.controls[id] }
