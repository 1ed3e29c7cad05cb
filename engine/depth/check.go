package depth

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Check verifies the proofs of an answer against the steps, in the plainest way:
// each path can be gone, move by move, past what was felled; each cut is one; and
// no fewer units meet all cuts. It shares nothing with the search but the words.
func Check(steps []Step, o Options, a *Answer) error { return NewChecker(steps, o).Check(a) }

// Checker checks answers about the same steps.
type Checker struct {
	o        Options
	readings [2]checker // of Least and of Most
}

// NewChecker makes the checker of answers about steps that are counted so. It
// may be asked by many goroutines.
func NewChecker(steps []Step, o Options) *Checker {
	k := &Checker{o: o, readings: [2]checker{{from: Standing}, {from: Doubtful}}}
	for i := range k.readings {
		k.readings[i].read(steps, o)
	}
	return k
}

// Check verifies the proofs of an answer, as the function Check does.
func (k *Checker) Check(a *Answer) error {
	for i, b := range []*Bound{&a.Least, &a.Most} {
		c := k.readings[i]
		if c.start, c.goals = a.Start, a.Goals; len(c.goals) == 0 {
			c.goals = []Capability{a.Goal}
		}
		if err := c.bound(k.o, b); err != nil {
			return fmt.Errorf("depth of %s, counting guards that are %s: %w", a.Goal, c.from, err)
		}
	}
	return nil
}

type (
	checker struct {
		from         State // a guard stands from this state on
		start, goals []Capability
		steps        []*Step  // those that are possible
		clauses      []clause // the same, in numbers
		number       map[Capability]int
		stands       map[Guard]bool
		units        map[string]set // the guards of each unit
	}
	clause struct {
		needs []int
		gives int
	}
	set map[Guard]bool
)

func (c *checker) read(steps []Step, o Options) {
	c.stands, c.units, c.number = set{}, map[string]set{}, map[Capability]int{}
	for i := range steps {
		if c.from != Doubtful || steps[i].Doubt == "" {
			c.steps = append(c.steps, &steps[i])
			clause := clause{gives: c.numberOf(steps[i].Gives)}
			for _, need := range needs(&steps[i]) {
				clause.needs = append(clause.needs, c.numberOf(need))
			}
			c.clauses = append(c.clauses, clause)
		}
		for _, s := range steps[i].Stops {
			stands, seen := c.stands[s.Guard]
			c.stands[s.Guard] = s.State >= c.from && (stands || !seen)
		}
	}
	for g := range c.stands {
		in := []string{g.Control}
		if o.Each {
			in[0] = g.String()
		}
		for _, cause := range o.Causes {
			if !o.Each && cause.Fells != nil && cause.Fells(g) {
				in = append(in, cause.Name)
			}
		}
		for _, name := range in {
			if c.units[name] == nil {
				c.units[name] = set{}
			}
			c.units[name][g] = true
		}
		for _, name := range append(in, g.Control, g.Layer(), g.String()) {
			c.stands[g] = c.stands[g] && !slices.Contains(o.Gone, name)
		}
	}
}

func (c *checker) numberOf(what Capability) int {
	if _, ok := c.number[what]; !ok {
		c.number[what] = len(c.number)
	}
	return c.number[what]
}

func (c *checker) bound(o Options, b *Bound) error {
	least := b.N // so many units have to fall, says the bound
	switch {
	case b.Never && (b.N != 0 || b.Over || c.reaches(slices.Collect(maps.Keys(c.units)))):
		return fmt.Errorf("said to be never, but it has a depth or is reached with everything defeated")
	case b.Never:
		return nil
	case b.Over && (b.N < 1 || b.N != o.Limit && (o.Limit > 0 || b.N != DefaultLimit)):
		return fmt.Errorf("said to be over %d, which is not the limit", b.N)
	case b.Over:
		least++
	default:
		if err := c.path(b); err != nil {
			return err
		}
	}
	for _, cut := range b.Cuts {
		var others []string
		for name := range c.units {
			if !slices.Contains(cut, name) {
				others = append(others, name)
			}
		}
		if len(others)+len(cut) != len(c.units) || c.reaches(others) {
			return fmt.Errorf("%q is not a cut: it names no unit, or the goal is reached with all others defeated", cut)
		}
	}
	if least > 0 && met(b.Cuts, least-1) {
		return fmt.Errorf("the cuts do not prove %d: fewer units meet them all", least)
	}
	return nil
}

// path goes the path: each move has its needs, and says what it had to defeat.
func (c *checker) path(b *Bound) error {
	felled := map[string]bool{}
	for _, u := range b.Felled {
		felled[u.Name] = true
	}
	if len(felled) != b.N || len(b.Felled) != b.N {
		return fmt.Errorf("%d units are felled, which is not the depth %d", len(felled), b.N)
	}
	has, off := c.begin(slices.Collect(maps.Keys(felled)))
	for i, m := range b.Path {
		if !slices.Contains(c.steps, m.Step) && !slices.ContainsFunc(c.steps, func(s *Step) bool { return reflect.DeepEqual(s, m.Step) }) {
			return fmt.Errorf("move %d is none of the steps", i+1)
		}
		for _, need := range needs(m.Step) {
			g := Guard{need.Of, need.By}
			past := slices.ContainsFunc(m.Past, func(s Stop) bool { return s.Guard == g && need.Kind == offKind })
			if !has[need] && !off(need) || past != (!has[need] && c.stands[g]) {
				return fmt.Errorf("move %d, %q, lacks %s, or is wrong about how it is had", i+1, m.Says, need)
			}
		}
		has[m.Gives] = true
	}
	if !slices.ContainsFunc(c.goals, func(g Capability) bool { return has[g] || off(g) }) {
		return fmt.Errorf("the path does not end in the goal")
	}
	return nil
}

func needs(s *Step) []Capability {
	out := slices.Clone(s.Needs)
	for _, stop := range s.Stops {
		out = append(out, Off(stop.Guard))
	}
	return out
}

// begin is what the attacker has at the start, and which guards are off, when
// these units have fallen.
func (c *checker) begin(felled []string) (has map[Capability]bool, off func(Capability) bool) {
	has, down := map[Capability]bool{}, set{}
	for _, s := range c.start {
		has[s] = true
	}
	for _, name := range felled {
		maps.Copy(down, c.units[name])
	}
	return has, func(want Capability) bool {
		g := Guard{want.Of, want.By}
		return want.Kind == offKind && (!c.stands[g] || down[g])
	}
}

// reaches says whether a goal is among all that follows when these units fall.
func (c *checker) reaches(felled []string) bool {
	begun, off := c.begin(felled)
	has := make([]bool, len(c.number))
	for what, n := range c.number {
		has[n] = begun[what] || off(what)
	}
	lacks := func(n int) bool { return !has[n] }
	for more := true; more; {
		more = false
		for _, s := range c.clauses {
			if lacks(s.gives) && !slices.ContainsFunc(s.needs, lacks) {
				has[s.gives], more = true, true
			}
		}
	}
	return slices.ContainsFunc(c.goals, func(g Capability) bool {
		n, ok := c.number[g]
		return ok && has[n] || begun[g] || off(g)
	})
}

// met says whether k units meet all cuts. They do not where more than k cuts have
// nothing in common.
func met(cuts [][]string, k int) bool {
	var apart []string
	n := 0
	for _, cut := range cuts {
		if !slices.ContainsFunc(cut, func(u string) bool { return slices.Contains(apart, u) }) {
			apart = append(apart, cut...)
			n++
		}
	}
	return len(cuts) == 0 || n <= k && slices.ContainsFunc(cuts[0], func(u string) bool {
		left := slices.DeleteFunc(slices.Clone(cuts), func(cut []string) bool { return slices.Contains(cut, u) })
		return met(left, k-1)
	})
}
