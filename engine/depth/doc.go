// Package depth answers how many controls must fail before an attacker has what
// he wants: exactly, with both proofs.
//
// # Words
//
//   - A Capability is something an attacker can do. A Step is a Horn clause: it
//     needs capabilities, gives one, and is stopped by guards.
//   - A Guard is one control at one place. What is counted is a unit: a control
//     with all its guards, or a common cause (Cause) with all that it fells, or,
//     with Options.Each, every guard by itself.
//   - The depth of a goal against a start is the least number of units that must
//     be defeated before the goal is among the capabilities.
//   - A path is the witness that the depth is no more: the moves, in order. A cut
//     is a set of units one of which every path has to defeat; the cuts prove
//     that the depth is no less. Check verifies both and shares no code with the
//     search.
//   - What is not known gives an interval: Least is the depth if every doubtful
//     step is possible and every doubtful guard missing, Most if it is the other
//     way round.
//
// # How
//
// Given what is defeated, the capabilities are the closure of the start, in
// linear time (Dowling and Gallier, 1984). The least set to defeat is found by
// implicit hitting sets (Chandrasekaran, Karp, Moreno-Centeno and Vempala, 2011):
// a minimum hitting set of the cuts known so far either reaches the goal, and is
// the answer, or grows to a largest set that does not, whose complement is a cut
// more.
//
// The graph is cut down first to what can be had and leads to the goal, and guards
// that always fall together, and that no step takes away, become one; so many
// workloads that are alike cost little more than one. The smallest hitting set is
// exact, by branch and bound: in the worst case its time grows exponentially with
// the depth, which Options.Limit bounds.
//
// A plan (Fix) is found in the same way one floor up: a path of too few units
// demands so many more guards on it, and the cheapest set of candidates that
// meets all demands known either is enough or leaves another path.
//
//	m := depth.New(steps, depth.Options{})
//	a := m.Depth([]depth.Capability{internet}, takeCards)
//	if err := depth.Check(steps, depth.Options{}, &a); err != nil { … }
//
// # What it is not
//
// It knows no layer, no control and no estate, and weighs nothing: it counts
// what has to fail, not how likely that is.
package depth
