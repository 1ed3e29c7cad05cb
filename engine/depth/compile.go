package depth

import (
	"cmp"
	"slices"
	"strings"
)

// Model is a set of steps made ready to be asked. It is not changed once it is
// made: any number of goroutines may ask it.
type Model struct {
	o Options
	// caps are the capabilities by their number, sorted; guards and rules are
	// sorted too, so that the order of the steps makes no difference.
	caps   []Capability
	id     map[Capability]int32
	guards []guard
	// guardAt is the guard whose Off a capability is, or -1.
	guardAt []int32
	*horn
	gives  table // the rules that give a capability
	steps  []*Step
	units  []unit
	within table // the units that a guard falls with
	gone   []bool
}

// guard is a guard with the least state that any stop gives it.
type guard struct {
	Guard
	off  int32 // the capability
	stop Stop  // what shows that state
	// named says that a stop names it.
	named bool
}

// unit is what falls as one.
type unit struct {
	name   string
	cause  bool
	guards []int32
}

// New makes a model of steps, which must not be changed after.
func New(steps []Step, o Options) *Model {
	m := &Model{o: o, id: map[Capability]int32{}}
	m.number(steps)
	m.makeRules(steps)
	m.judge(steps)
	m.makeUnits()
	m.gone = m.named(o.Gone)
	return m
}

// Without is the model with more controls, layers, causes or single guards taken
// as gone, by name. It costs next to nothing.
func (m *Model) Without(names ...string) *Model {
	w := *m
	w.o.Gone = slices.Concat(m.o.Gone, names)
	w.gone = m.named(w.o.Gone)
	return &w
}

// limit is the largest depth to look for.
func (m *Model) limit() int {
	if m.o.Limit <= 0 {
		return DefaultLimit
	}
	return m.o.Limit
}

func (m *Model) number(steps []Step) {
	see := func(c Capability) {
		if _, ok := m.id[c]; !ok {
			m.id[c] = 0
			m.caps = append(m.caps, c)
		}
	}
	for i := range steps {
		s := &steps[i]
		see(s.Gives)
		for _, c := range s.Needs {
			see(c)
		}
		for j := range s.Stops {
			see(Off(s.Stops[j].Guard))
		}
	}
	slices.SortFunc(m.caps, compareCaps)
	m.guardAt = make([]int32, len(m.caps))
	for i, c := range m.caps {
		m.id[c] = int32(i)
		m.guardAt[i] = -1
		if c.Kind == offKind {
			m.guardAt[i] = int32(len(m.guards))
			m.guards = append(m.guards, guard{Guard: Guard{Control: c.Of, On: c.By}, off: int32(i)})
		}
	}
}

func compareCaps(a, b Capability) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Of, b.Of), strings.Compare(a.By, b.By))
}

// makeRules makes a rule of every step, in an order that is theirs alone, once
// where they are the same. One that is certain makes its doubtful twin idle; two
// doubtful ones for different reasons are two.
func (m *Model) makeRules(steps []Step) {
	type rule struct {
		head int32
		body []int32
		step *Step
	}
	rules := make([]rule, 0, len(steps))
	var arena []int32
	for i := range steps {
		s := &steps[i]
		from := len(arena)
		for _, c := range s.Needs {
			arena = append(arena, m.id[c])
		}
		for j := range s.Stops {
			arena = append(arena, m.id[Off(s.Stops[j].Guard)])
		}
		body := arena[from:]
		slices.Sort(body)
		body = slices.Compact(body)
		arena = arena[:from+len(body)]
		rules = append(rules, rule{m.id[s.Gives], body[:len(body):len(body)], s})
	}
	slices.SortFunc(rules, func(a, b rule) int {
		if c := cmp.Or(cmp.Compare(a.head, b.head), slices.Compare(a.body, b.body)); c != 0 {
			return c
		}
		return compareSteps(a.step, b.step)
	})
	rules = slices.CompactFunc(rules, func(a, b rule) bool {
		return a.head == b.head && slices.Equal(a.body, b.body) &&
			(a.step.Doubt == "" || a.step.Doubt == b.step.Doubt && a.step.At == b.step.At)
	})
	var head []int32
	var body, heads table
	for _, r := range rules {
		if slices.Contains(r.body, r.head) {
			continue // it gives what it needs
		}
		head = append(head, r.head)
		body.add(r.body)
		heads.add(head[len(head)-1:])
		m.steps = append(m.steps, r.step)
	}
	m.horn = newHorn(len(m.caps), head, body)
	if len(head) == 0 {
		heads.at = []int32{0}
	}
	m.gives = heads.inverted(len(m.caps))
}

// compareSteps orders steps that give the same for the same.
func compareSteps(a, b *Step) int {
	if (a.Doubt == "") != (b.Doubt == "") {
		if a.Doubt == "" {
			return -1
		}
		return 1
	}
	return cmp.Or(
		a.At.Compare(b.At),
		strings.Compare(a.Layer, b.Layer),
		strings.Compare(a.Says, b.Says),
		strings.Compare(a.Doubt, b.Doubt),
		slices.CompareFunc(a.Needs, b.Needs, compareCaps),
		slices.CompareFunc(a.Stops, b.Stops, compareStops),
	)
}

func compareStops(a, b Stop) int {
	return cmp.Or(
		cmp.Compare(a.State, b.State),
		a.At.Compare(b.At),
		strings.Compare(a.Says, b.Says),
		strings.Compare(a.Why, b.Why),
		strings.Compare(a.Control, b.Control),
		strings.Compare(a.On, b.On),
	)
}

// judge gives every guard the least state that a stop gives it: what somebody
// has seen missing stands nowhere. A guard that no stop names is missing.
func (m *Model) judge(steps []Step) {
	for i := range steps {
		for _, stop := range steps[i].Stops {
			g := &m.guards[m.guardAt[m.id[Off(stop.Guard)]]]
			if !g.named || compareStops(stop, g.stop) < 0 {
				g.named, g.stop = true, stop
			}
		}
	}
	for g := range m.guards {
		if !m.guards[g].named {
			m.guards[g].stop = Stop{Guard: m.guards[g].Guard}
		}
	}
}

// makeUnits puts guards together that fall together: controls by name, then
// causes by name.
func (m *Model) makeUnits() {
	at := map[string]int{}
	put := func(name string, cause bool, g int) {
		i, ok := at[name]
		if !ok {
			i = len(m.units)
			at[name] = i
			m.units = append(m.units, unit{name: name, cause: cause})
		}
		u := &m.units[i]
		if n := len(u.guards); n == 0 || u.guards[n-1] != int32(g) {
			u.guards = append(u.guards, int32(g))
		}
	}
	for g := range m.guards {
		if m.o.Each {
			put(m.guards[g].String(), false, g)
		} else {
			put(m.guards[g].Control, false, g)
		}
	}
	for _, c := range m.o.Causes {
		for g := range m.guards {
			if !m.o.Each && c.Fells != nil && c.Fells(m.guards[g].Guard) {
				put(c.Name, true, g)
			}
		}
	}
	var guards table
	for i := range m.units {
		slices.Sort(m.units[i].guards)
		m.units[i].guards = slices.Compact(m.units[i].guards)
	}
	slices.SortFunc(m.units, func(a, b unit) int {
		if a.cause != b.cause {
			if b.cause {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	for _, u := range m.units {
		guards.add(u.guards)
	}
	if len(m.units) == 0 {
		guards.at = []int32{0}
	}
	m.within = guards.inverted(len(m.guards))
}

// named says which guards the names of controls, layers, causes and guards mean.
func (m *Model) named(names []string) []bool {
	gone := make([]bool, len(m.guards))
	if len(names) == 0 {
		return gone
	}
	for g := range m.guards {
		d := m.guards[g].Guard
		gone[g] = slices.Contains(names, d.Control) || slices.Contains(names, d.Layer()) || slices.Contains(names, d.String())
	}
	for _, u := range m.units {
		if slices.Contains(names, u.name) {
			for _, g := range u.guards {
				gone[g] = true
			}
		}
	}
	return gone
}
