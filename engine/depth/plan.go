package depth

// greedy takes the candidate that gains most depth for its effort each time, and
// where none gains any the one that meets most of what is demanded.
func (f *fixer) greedy() []bool {
	x := make([]bool, len(f.candidates))
	for f.look(x) {
		i, ok := f.gainsMost(x, nil)
		if !ok {
			i, ok = f.worthiest(x)
		}
		if !ok {
			break
		}
		x[i] = true
	}
	return f.spared(x)
}

// gainsMost is the candidate, of those in among if that is given, that adds most
// depth for its effort; not ok when none adds any.
func (f *fixer) gainsMost(x, among []bool) (best int32, ok bool) {
	now := f.depth(x)
	gain := 0
	for i := range int32(len(x)) {
		if x[i] || among != nil && !among[i] {
			continue
		}
		x[i] = true
		g := f.depth(x) - now
		x[i] = false
		if g > 0 && (!ok || g*f.effort(best) > gain*f.effort(i)) {
			best, gain, ok = i, g, true
		}
	}
	return best, ok
}

// depth adds up the depths of all targets, each as far as it is asked for.
func (f *fixer) depth(x []bool) int {
	sum := 0
	for _, w := range f.wishes {
		sum += f.ask(w, x).depth
	}
	return sum
}

// inOrder lists the candidates of a plan, those that gain most first: each time
// the one that adds most depth for its effort to those before, and where none
// adds any the cheapest.
func (f *fixer) inOrder(plan []bool) []Candidate {
	var out []Candidate
	x := make([]bool, len(plan))
	for {
		i, ok := f.gainsMost(x, plan)
		if !ok {
			i, ok = f.cheapestLeft(x, plan)
		}
		if !ok {
			return out
		}
		x[i] = true
		out = append(out, f.candidates[i])
	}
}

func (f *fixer) cheapestLeft(x, plan []bool) (best int32, ok bool) {
	for i := range int32(len(x)) {
		if plan[i] && !x[i] && (!ok || f.effort(i) < f.effort(best)) {
			best, ok = i, true
		}
	}
	return best, ok
}
