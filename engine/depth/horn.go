package depth

// table is a list of lists of small numbers, in one array.
type table struct {
	at  []int32
	all []int32
}

func (t *table) row(i int32) []int32 { return t.all[t.at[i]:t.at[i+1]] }

func (t *table) add(row []int32) {
	if len(t.at) == 0 {
		t.at = append(t.at, 0)
	}
	t.all = append(t.all, row...)
	t.at = append(t.at, int32(len(t.all)))
}

// inverted lists for each of n numbers the rows that hold it, in order.
func (t *table) inverted(n int) table {
	inv := table{at: make([]int32, n+1), all: make([]int32, len(t.all))}
	for _, v := range t.all {
		inv.at[v+1]++
	}
	for i := range n {
		inv.at[i+1] += inv.at[i]
	}
	next := append([]int32(nil), inv.at...)
	for row := range int32(len(t.at) - 1) {
		for _, v := range t.row(row) {
			inv.all[next[v]] = row
			next[v]++
		}
	}
	return inv
}

// horn is a set of Horn clauses over the nodes 0 to n-1: when all of a rule's
// body hold its head holds.
type horn struct {
	n    int
	head []int32
	body table
	in   table // the rules whose body holds a node
}

func newHorn(n int, head []int32, body table) *horn {
	if len(body.at) == 0 {
		body.at = []int32{0}
	}
	return &horn{n: n, head: head, body: body, in: body.inverted(n)}
}

// closure is what holds, and can be taken back: every change is on the trail.
type closure struct {
	*horn
	has   []bool
	left  []int32 // of each rule, what of its body does not hold yet
	trail []int32
	done  int   // so much of the trail has been propagated
	goal  int32 // propagation ends when it holds; -1 for none
}

// closure starts with the rules that need nothing; those of out never apply.
func (h *horn) closure(goal int32, out []bool) *closure {
	c := &closure{horn: h, has: make([]bool, h.n), left: make([]int32, len(h.head)), goal: goal}
	for r := range h.head {
		c.left[r] = h.body.at[r+1] - h.body.at[r]
		switch {
		case out != nil && out[r]:
			c.left[r]++
		case c.left[r] == 0:
			c.set(h.head[r])
		}
	}
	return c
}

func (c *closure) set(node int32) {
	if !c.has[node] {
		c.has[node] = true
		c.trail = append(c.trail, node)
	}
}

func (c *closure) reached() bool { return c.goal >= 0 && c.has[c.goal] }

// close adds all that follows. It stops early when the goal holds.
func (c *closure) close() {
	for c.done < len(c.trail) && !c.reached() {
		node := c.trail[c.done]
		c.done++
		for _, r := range c.in.row(node) {
			c.left[r]--
			if c.left[r] == 0 {
				c.set(c.head[r])
			}
		}
	}
}

// back takes back all that was added since the trail was mark long and closed.
func (c *closure) back(mark int) {
	for i := len(c.trail) - 1; i >= mark; i-- {
		node := c.trail[i]
		c.has[node] = false
		if i < c.done {
			for _, r := range c.in.row(node) {
				c.left[r]++
			}
		}
	}
	c.trail, c.done = c.trail[:mark], min(c.done, mark)
}
