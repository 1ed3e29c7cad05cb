package depth

import (
	"container/heap"
	"math"
	"slices"
)

// witness is a derivation of one of the goals with the units felled, of few
// moves: in order, each after those that it needs.
func (p *problem) witness(felled []int32) []Move {
	held := make([]bool, p.Model.n) // without a move
	for _, id := range p.start {
		held[id] = true
	}
	down := make([]bool, len(p.guards))
	for _, u := range felled {
		for _, g := range p.Model.units[u].guards {
			down[g] = p.stands[g]
		}
	}
	for g := range p.guards {
		if down[g] || !p.stands[g] {
			held[p.guards[g].off] = true
		}
	}
	by := p.cheapest(held)
	goal := int32(-1)
	for _, id := range p.goals {
		if held[id] {
			return nil
		}
		if by.rule[id] >= 0 && (goal < 0 || by.cost[id] < by.cost[goal]) {
			goal = id
		}
	}
	if goal < 0 {
		return nil
	}
	var moves []Move
	for _, r := range p.inOrder(goal, by.rule, held) {
		moves = append(moves, p.move(r, held, down))
	}
	return moves
}

// derivation is for each capability the rule that gives it, or -1, and what the
// rules below it add up to.
type derivation struct {
	rule []int32
	cost []int64
}

// cheapest derives everything from what is held by rules that add up to little
// (Knuth, 1977): each capability once all that it needs is settled, so that no
// rule rests on itself.
func (p *problem) cheapest(held []bool) derivation {
	d := derivation{rule: make([]int32, p.Model.n), cost: make([]int64, p.Model.n)}
	left := make([]int32, len(p.steps))
	sum := make([]int64, len(p.steps))
	settled := make([]bool, p.Model.n)
	var q queue
	ready := func(r int32) {
		if p.out == nil || !p.out[r] {
			heap.Push(&q, offer{sum[r] + 1, p.Model.head[r], r})
		}
	}
	settle := func(id int32) {
		settled[id] = true
		for _, r := range p.Model.in.row(id) {
			sum[r] = min(sum[r]+d.cost[id], math.MaxInt64/4)
			left[r]--
			if left[r] == 0 {
				ready(r)
			}
		}
	}
	for r := range left {
		left[r] = p.Model.body.at[r+1] - p.Model.body.at[r]
		if left[r] == 0 {
			ready(int32(r))
		}
	}
	for id := range d.rule {
		d.rule[id] = -1
		if held[id] {
			settle(int32(id))
		}
	}
	for len(q) > 0 {
		o := heap.Pop(&q).(offer)
		if !settled[o.gives] {
			d.rule[o.gives], d.cost[o.gives] = o.rule, o.cost
			settle(o.gives)
		}
	}
	return d
}

// inOrder lists the rules that give the goal and all that it needs, each after
// its needs, in the order in which the steps name them.
func (p *problem) inOrder(goal int32, by []int32, held []bool) []int32 {
	type place struct {
		rule int32
		need int
	}
	var out []int32
	seen := map[int32]bool{by[goal]: true}
	stack := []place{{rule: by[goal]}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		s := p.steps[top.rule]
		if top.need == len(s.Needs)+len(s.Stops) {
			out = append(out, top.rule)
			stack = stack[:len(stack)-1]
			continue
		}
		id := p.id[s.nth(top.need)]
		top.need++
		if r := by[id]; !held[id] && !seen[r] {
			seen[r] = true
			stack = append(stack, place{rule: r})
		}
	}
	return out
}

// nth is the nth of what the step needs, with what is off of what stops it.
func (s *Step) nth(i int) Capability {
	if i < len(s.Needs) {
		return s.Needs[i]
	}
	return Off(s.Stops[i-len(s.Needs)].Guard)
}

// move is a rule as a move: past what had to be defeated for it.
func (p *problem) move(r int32, held, down []bool) Move {
	s := p.steps[r]
	mv := Move{Step: s}
	var past []int32
	for i := range len(s.Needs) + len(s.Stops) {
		g := p.guardAt[p.id[s.nth(i)]]
		if g < 0 || !down[g] || slices.Contains(past, g) || slices.Contains(p.start, p.guards[g].off) {
			continue
		}
		past = append(past, g)
		stop := p.guards[g].stop
		for _, own := range s.Stops {
			if own.Guard == stop.Guard {
				stop = own
				break
			}
		}
		mv.Past = append(mv.Past, stop)
	}
	return mv
}

// offer is a rule whose needs are settled.
type offer struct {
	cost  int64
	gives int32
	rule  int32
}

type queue []offer

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].cost != q[j].cost {
		return q[i].cost < q[j].cost
	}
	return q[i].rule < q[j].rule
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(offer)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
