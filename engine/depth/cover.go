package depth

import (
	"cmp"
	"slices"
)

// coverWork is how many branches are spent on proving that a plan is cheapest.
const coverWork = 300_000

// grown adds to a set of candidates what its demands ask for, the most for its
// effort first, until it is enough for every target; then it leaves out what it
// can spare.
func (f *fixer) grown(x []bool) []bool {
	x = slices.Clone(x)
	for more := true; more && f.look(x); {
		more = false
		for i, ok := f.worthiest(x); ok; i, ok = f.worthiest(x) {
			x[i], more = true, true
		}
	}
	return f.spared(x)
}

// look asks every target what the set lacks. It is false when it lacks nothing.
func (f *fixer) look(x []bool) bool {
	lacks := false
	for _, w := range f.wishes {
		if d := f.ask(w, x).lacks; d != nil {
			f.demands = append(f.demands, *d)
			lacks = true
		}
	}
	return lacks
}

func (f *fixer) enough(x []bool) bool {
	return !slices.ContainsFunc(f.wishes, func(w *wish) bool { return f.ask(w, x).lacks != nil })
}

// worthiest is the candidate that meets most of what is still demanded for its
// effort; not ok when nothing is.
func (f *fixer) worthiest(x []bool) (best int32, ok bool) {
	gain := make([]int, len(x))
	for k := range f.demands {
		d := &f.demands[k]
		if left := d.need - d.got(x); left > 0 {
			for j, i := range d.of {
				if !x[i] {
					gain[i] += min(left, d.weight[j])
				}
			}
		}
	}
	for i := range int32(len(x)) {
		if gain[i] > 0 && (!ok || gain[i]*f.effort(best) > gain[best]*f.effort(i)) {
			best, ok = i, true
		}
	}
	return best, ok
}

// spared leaves out what is not needed, the dearest first, and of those that cost
// the same the last by name.
func (f *fixer) spared(x []bool) []bool {
	var taken []int32
	for i := range int32(len(x)) {
		if x[i] {
			taken = append(taken, i)
		}
	}
	slices.SortFunc(taken, func(a, b int32) int { return cmp.Or(f.effort(b)-f.effort(a), int(b-a)) })
	for _, i := range taken {
		x[i] = false
		x[i] = !f.met(x) || !f.enough(x)
	}
	return x
}

func (f *fixer) met(x []bool) bool {
	return !slices.ContainsFunc(f.demands, func(d demand) bool { return d.got(x) < d.need })
}

// cheapest goes from a set that is enough down to one that is cheapest; proven
// is false when that was too much work, and the set the best that was seen.
func (f *fixer) cheapest(best []bool) (x []bool, proven bool) {
	for {
		c := &cover{fixer: f, best: slices.Clone(best), cost: f.cost(best), x: make([]bool, len(best)), shut: make([]bool, len(best))}
		c.search(0)
		if f.work > coverWork {
			return best, false
		}
		if c.cost == f.cost(best) {
			return best, true // no cheaper set meets even the demands known
		}
		if !f.look(c.best) {
			return c.best, true
		}
		if g := f.grown(c.best); f.cost(g) < f.cost(best) {
			best = g
		}
	}
}

// cover searches the cheapest set that meets all demands, by branch and bound.
type cover struct {
	*fixer
	x, shut []bool // taken, and not to be taken, in this branch
	best    []bool
	cost    int
}

func (c *cover) search(spent int) {
	c.work++
	if c.work > coverWork {
		return
	}
	d, ok := c.hardest(c.cost - spent)
	if !ok {
		return
	}
	if d == nil {
		c.best, c.cost = slices.Clone(c.x), spent
		return
	}
	var tried []int32
	for _, i := range d.of {
		if c.x[i] || c.shut[i] {
			continue
		}
		c.x[i] = true
		c.search(spent + c.effort(i))
		c.x[i] = false
		c.shut[i] = true
		tried = append(tried, i)
	}
	for _, i := range tried {
		c.shut[i] = false
	}
}

// hardest is the open demand with the fewest candidates left, nil when all are
// met. It is not ok when one cannot be met, or all cannot for less than below.
func (c *cover) hardest(below int) (best *demand, ok bool) {
	if below <= 0 {
		return nil, false
	}
	used := make([]bool, len(c.x))
	least, fewest := 0, 0
	for k := range c.demands {
		d := &c.demands[k]
		left := d.need - d.got(c.x)
		if left <= 0 {
			continue
		}
		open, apart := 0, true
		for _, i := range d.of {
			if !c.x[i] && !c.shut[i] {
				open++
				apart = apart && !used[i]
			}
		}
		cost, ok := c.atLeast(d, left)
		if !ok {
			return nil, false
		}
		if best == nil || open < fewest {
			best, fewest = d, open
		}
		if apart {
			least += cost
			for _, i := range d.of {
				used[i] = true
			}
		}
	}
	return best, least < below
}

// atLeast is a bound of what a demand alone will cost: left of the cheapest
// efforts for a unit of weight. It is not ok when the demand cannot be met.
func (c *cover) atLeast(d *demand, left int) (cost int, ok bool) {
	type offer struct{ effort, weight int }
	var offers []offer
	for j, i := range d.of {
		if !c.x[i] && !c.shut[i] {
			offers = append(offers, offer{c.effort(i), d.weight[j]})
		}
	}
	slices.SortFunc(offers, func(a, b offer) int { return a.effort*b.weight - b.effort*a.weight })
	for _, o := range offers {
		if o.weight >= left {
			// A part of the last one would do: rounded up, for costs are whole.
			return cost + (o.effort*left+o.weight-1)/o.weight, true
		}
		cost += o.effort
		left -= o.weight
	}
	return 0, false
}
