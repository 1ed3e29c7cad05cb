package depth

import (
	"encoding/binary"
	"slices"
)

// reading is a model with everything that is not known decided.
type reading struct {
	*Model
	stands []bool // of each guard
	out    []bool // of each rule, that it cannot be; nil for none
}

// least decides for the attacker, most against him.
func (m *Model) least() *reading { return m.read(Standing) }
func (m *Model) most() *reading  { return m.read(Doubtful) }

func (m *Model) read(from State) *reading {
	r := &reading{Model: m, stands: make([]bool, len(m.guards))}
	for g := range m.guards {
		r.stands[g] = m.guards[g].stop.State >= from && !m.gone[g]
	}
	if from == Doubtful {
		for i, s := range m.steps {
			if s.Doubt == "" {
				continue
			}
			if r.out == nil {
				r.out = make([]bool, len(m.steps))
			}
			r.out[i] = true
		}
	}
	return r
}

// problem is one question in one reading, cut down to what matters to it: node 0
// is the goal, and nothing holds before something is felled.
type problem struct {
	*reading
	start, goals []int32 // in the model's capabilities
	// free says that the goal holds with nothing felled, never that it does not
	// with everything felled.
	free, never bool

	*horn
	units []int32 // the model's number of each unit here
	// guarding are the guards that stand and matter.
	guarding []int32
	fells    table // the nodes that hold when a unit falls
}

// pose puts the question how to get from start to any of goals. A goal that no
// step knows is reached only by starting there.
func (r *reading) pose(start, goals []Capability) *problem {
	p := &problem{reading: r, never: true}
	for _, c := range start {
		if id, ok := r.id[c]; ok {
			p.start = append(p.start, id)
		}
	}
	for _, c := range goals {
		if id, ok := r.id[c]; ok {
			p.goals = append(p.goals, id)
		}
		if slices.Contains(start, c) || c.Kind == offKind && !r.knows(c) {
			p.free = true
		}
	}
	if !p.free {
		p.slice()
	}
	if p.free {
		p.never = false
	}
	return p
}

func (m *Model) knows(c Capability) bool { _, ok := m.id[c]; return ok }

// slice cuts the model down: forward to what the attacker has for nothing and
// could have at most, back from the goals to what can lead there.
func (p *problem) slice() {
	c := p.Model.horn.closure(-1, p.out)
	for _, id := range p.start {
		c.set(id)
	}
	for g := range p.guards {
		if !p.stands[g] {
			c.set(p.guards[g].off)
		}
	}
	c.close()
	given := slices.Clone(c.has)
	for _, goal := range p.goals {
		if given[goal] {
			p.free = true
			return
		}
	}
	for g := range p.guards {
		c.set(p.guards[g].off)
	}
	c.close()

	node := make([]int32, p.Model.n) // 0 for what does not matter
	var order, rules []int32
	see := func(id int32) {
		if node[id] == 0 {
			order = append(order, id)
			node[id] = 1
		}
	}
	for _, goal := range p.goals {
		if c.has[goal] {
			see(goal)
			p.never = false
		}
	}
	for i := 0; i < len(order); i++ {
		for _, r := range p.gives.row(order[i]) {
			if c.left[r] > 0 {
				continue
			}
			rules = append(rules, r)
			for _, need := range p.Model.body.row(r) {
				if !given[need] {
					see(need)
				}
			}
		}
	}
	p.narrow(given, node, order, rules)
}

// narrow numbers anew what matters. Guards that fall by the same units, and that
// no step takes away, are one node; rules that become the same are one.
func (p *problem) narrow(given []bool, node, order, rules []int32) {
	taken := make([]bool, p.Model.n)
	for _, r := range rules {
		taken[p.Model.head[r]] = true
	}
	n := int32(1)
	units := make([][]int32, len(p.Model.units))
	same := map[string]int32{}
	for _, id := range order {
		g := p.guardAt[id]
		if g < 0 || !p.stands[g] {
			node[id] = n
			n++
			continue
		}
		p.guarding = append(p.guarding, g)
		key := ""
		if !taken[id] {
			key = rowKey(p.within.row(g))
			if known, ok := same[key]; ok {
				node[id] = known
				continue
			}
			same[key] = n
		}
		node[id] = n
		for _, u := range p.within.row(g) {
			units[u] = append(units[u], n)
		}
		n++
	}
	for u, nodes := range units {
		if len(nodes) > 0 {
			p.units = append(p.units, int32(u))
			p.fells.add(nodes)
		}
	}
	p.horn = p.narrowRules(n, given, node, rules)
}

func (p *problem) narrowRules(n int32, given []bool, node, rules []int32) *horn {
	var head, row []int32
	var body table
	seen := make(map[string]bool, len(rules))
	put := func(h int32, row []int32) {
		slices.Sort(row)
		row = slices.Compact(row)
		key := rowKey(append(row, h))
		if !slices.Contains(row, h) && !seen[key] {
			seen[key] = true
			head = append(head, h)
			body.add(row)
		}
	}
	for _, goal := range p.goals {
		if node[goal] > 0 {
			put(0, append(row[:0], node[goal]))
		}
	}
	for _, r := range rules {
		row = row[:0]
		for _, need := range p.Model.body.row(r) {
			if !given[need] {
				row = append(row, node[need])
			}
		}
		put(node[p.Model.head[r]], row)
	}
	return newHorn(int(n), head, body)
}

func rowKey(row []int32) string {
	key := make([]byte, 0, 4*len(row))
	for _, v := range row {
		key = binary.LittleEndian.AppendUint32(key, uint32(v))
	}
	return string(key)
}
