package depth

import (
	"fmt"
	"reflect"
	"slices"
)

// Check verifies the proofs of an answer against the steps, in the plainest way:
// that each path can be gone, move by move, with what was felled; that each cut
// is one; and that no fewer units meet all cuts. It shares nothing with the
// search but the words.
func Check(steps []Step, o Options, a *Answer) error {
	goals := a.Goals
	if len(goals) == 0 {
		goals = []Capability{a.Goal}
	}
	for _, r := range []struct {
		name string
		from State
		*Bound
	}{{"least", Standing, &a.Least}, {"most", Doubtful, &a.Most}} {
		c := checker{steps: steps, from: r.from, start: a.Start, goals: goals}
		c.count(o)
		if err := c.bound(o, r.Bound); err != nil {
			return fmt.Errorf("%s depth of %s: %w", r.name, a.Goal, err)
		}
	}
	return nil
}

type checker struct {
	steps        []Step
	from         State // a guard stands from this state on
	start, goals []Capability
	stands       map[Guard]bool
	units        map[string]map[Guard]bool
}

// count finds the guards that stand, and puts them into units.
func (c *checker) count(o Options) {
	c.stands, c.units = map[Guard]bool{}, map[string]map[Guard]bool{}
	for i := range c.steps {
		for _, s := range c.steps[i].Stops {
			stands, seen := c.stands[s.Guard]
			c.stands[s.Guard] = (stands || !seen) && s.State >= c.from
		}
	}
	put := func(name string, g Guard) {
		if c.units[name] == nil {
			c.units[name] = map[Guard]bool{}
		}
		c.units[name][g] = true
	}
	for g := range c.stands {
		name := g.Control
		if o.Each {
			name = g.String()
		}
		put(name, g)
		for _, cause := range o.Causes {
			if !o.Each && cause.Fells(g) {
				put(cause.Name, g)
			}
		}
	}
	for g := range c.stands {
		for _, n := range o.Gone {
			if n == g.Control || n == g.Layer() || n == g.String() || c.units[n][g] {
				c.stands[g] = false
			}
		}
	}
}

func (c *checker) bound(o Options, b *Bound) error {
	if b.Never {
		if b.N != 0 || b.Over || c.reaches(func(string) bool { return true }) {
			return fmt.Errorf("said to be never, but it has a depth or is reached with everything defeated")
		}
		return nil
	}
	n := b.N
	if b.Over {
		if limit := max(o.Limit, 0); n != limit && (limit != 0 || n != DefaultLimit) {
			return fmt.Errorf("said to be over %d, which is not the limit", n)
		}
		n++
	} else if err := c.path(b); err != nil {
		return err
	}
	for _, cut := range b.Cuts {
		for _, name := range cut {
			if c.units[name] == nil {
				return fmt.Errorf("a cut has %q, which is not a unit", name)
			}
		}
		if c.reaches(func(name string) bool { return !slices.Contains(cut, name) }) {
			return fmt.Errorf("%q is not a cut: it is reached with all else defeated", cut)
		}
	}
	if n > 0 && met(b.Cuts, n-1) {
		return fmt.Errorf("the cuts do not prove it: %d units meet them all", n-1)
	}
	return nil
}

// path goes the path: each move has its needs, and each of its guards is past.
func (c *checker) path(b *Bound) error {
	felled, names := map[Guard]bool{}, map[string]bool{}
	for _, u := range b.Felled {
		if c.units[u.Name] == nil || names[u.Name] {
			return fmt.Errorf("%q is felled, and is not a unit or is there twice", u.Name)
		}
		names[u.Name] = true
		for g := range c.units[u.Name] {
			felled[g] = true
		}
	}
	if len(names) != b.N {
		return fmt.Errorf("%d units are felled, which is not the depth %d", len(names), b.N)
	}
	has := map[Capability]bool{}
	for _, s := range c.start {
		has[s] = true
	}
	for i, m := range b.Path {
		if !c.known(m.Step) {
			return fmt.Errorf("move %d is none of the steps", i+1)
		}
		for _, need := range c.needs(m.Step) {
			g := Guard{need.Of, need.By}
			past := slices.ContainsFunc(m.Past, func(s Stop) bool { return s.Guard == g })
			defeated := need.Kind == offKind && c.stands[g] && felled[g] && !has[need]
			if past != defeated || !defeated && !has[need] && (need.Kind != offKind || c.stands[g]) {
				return fmt.Errorf("move %d, %q, lacks %s, or is wrong about how it is had", i+1, m.Says, need)
			}
		}
		has[m.Gives] = true
	}
	if !slices.ContainsFunc(c.goals, func(g Capability) bool { return c.had(g, has, felled) }) {
		return fmt.Errorf("the path does not end in the goal")
	}
	return nil
}

func (c *checker) known(s *Step) bool {
	return s != nil && (c.from != Doubtful || s.Doubt == "") && slices.ContainsFunc(c.steps, func(t Step) bool {
		return t.Gives == s.Gives && t.Says == s.Says && reflect.DeepEqual(t, *s)
	})
}

func (c *checker) needs(s *Step) []Capability {
	out := slices.Clone(s.Needs)
	for _, stop := range s.Stops {
		out = append(out, Off(stop.Guard))
	}
	return out
}

// had says whether the capability is there: given, or the absence of a guard
// that does not stand or has fallen.
func (c *checker) had(want Capability, has map[Capability]bool, felled map[Guard]bool) bool {
	g := Guard{want.Of, want.By}
	return has[want] || want.Kind == offKind && (!c.stands[g] || felled[g])
}

// reaches says whether a goal is among all that follows when these units fall.
func (c *checker) reaches(falls func(unit string) bool) bool {
	felled, has := map[Guard]bool{}, map[Capability]bool{}
	for name, guards := range c.units {
		for g := range guards {
			felled[g] = felled[g] || falls(name)
		}
	}
	for _, s := range c.start {
		has[s] = true
	}
	lacks := func(need Capability) bool { return !c.had(need, has, felled) }
	for more := true; more; {
		more = false
		for i := range c.steps {
			s := &c.steps[i]
			if !has[s.Gives] && (c.from != Doubtful || s.Doubt == "") && !slices.ContainsFunc(c.needs(s), lacks) {
				has[s.Gives], more = true, true
			}
		}
	}
	return slices.ContainsFunc(c.goals, func(g Capability) bool { return !lacks(g) })
}

// met says whether k units meet all cuts.
func met(cuts [][]string, k int) bool {
	var apart []string
	n := 0
	for _, cut := range cuts {
		if !slices.ContainsFunc(cut, func(u string) bool { return slices.Contains(apart, u) }) {
			apart = append(apart, cut...)
			n++
		}
	}
	if n == 0 || n > k {
		return n == 0
	}
	return slices.ContainsFunc(cuts[0], func(u string) bool {
		left := slices.DeleteFunc(slices.Clone(cuts), func(cut []string) bool { return slices.Contains(cut, u) })
		return met(left, k-1)
	})
}
