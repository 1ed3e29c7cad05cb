package depth

import "fathom/diag"

// Unit is what counts as one: a control with all its guards, a common cause, or
// with Options.Each one guard.
type Unit struct {
	// Name is the control's id, the cause's name, or the guard.
	Name string
	// Guards are the standing guards that fall with it, in order.
	Guards []Guard
}

// Bound is one end of an answer: the depth in one reading of what is not known,
// with its proofs.
type Bound struct {
	// N is the depth. With Over it is more than N, the limit.
	N    int
	Over bool
	// Never says that no step leads to the goal whatever fails.
	Never bool
	// Felled are the units that the witness defeats: N of them.
	Felled []Unit
	// Path are the moves that lead from the start to the goal, in order; none
	// for Over and Never.
	Path []Move
	// Cuts prove that the depth is no less: every path has to defeat a unit of
	// each, and no N-1 units meet them all. With Over no N units do.
	Cuts [][]string
}

// Move is one step of a path as it is taken.
type Move struct {
	*Step
	// Past are the guards of the step that the attacker had to defeat, and that
	// nothing else had taken away.
	Past []Stop
}

// Answer is how deep a goal is against a start.
type Answer struct {
	Start []Capability
	// Goals are what was asked for, any of them; Goal is the one that the path of
	// Least ends in, the first where there is no path.
	Goals []Capability
	Goal  Capability
	// Least holds if everything doubtful is for the attacker, Most if everything
	// is against him. The two are the same where nothing that matters is unknown.
	Least, Most Bound
	// Doubts are what is not known and makes the difference: were all of it against
	// the attacker, Least would be Most. None when the two agree. First is what the
	// path of Least rests on.
	Doubts []Doubt
}

// Doubt is something that is not known and that a depth depends on.
type Doubt struct {
	At  diag.Pos
	Why string
}

// Loss is what one unit is worth to a goal.
type Loss struct {
	Unit string
	// Before and After are the depths with the unit and without it, in the
	// reading of Least.
	Before, After Bound
}

// Target is a depth that is asked for.
type Target struct {
	Start []Capability
	Goal  Capability
	Min   int
}

// Candidate is a change that a fix may make: to put a control where its guards
// are missing.
type Candidate struct {
	// Control is the control's id: all its missing guards stand with it.
	Control string
	// Effort is what it costs; at least 1.
	Effort int
}

// Plan is a set of changes.
type Plan struct {
	// Changes are the candidates to take, those that gain most for their effort
	// first; Effort is their sum.
	Changes []Candidate
	Effort  int
	// Proven says that no cheaper set does; otherwise the search was cut short
	// and the plan is at least as cheap as taking what gains most each time.
	Proven bool
	// Short are the targets that no set of candidates brings to their depth, each
	// with the depth that all of them together give.
	Short []Target
	Gets  []Bound
}
