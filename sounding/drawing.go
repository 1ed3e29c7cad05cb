package sounding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fathom/engine/depth"
	"fathom/engine/reach"
	"fathom/layer/ground"
)

// A drawing is the estate from left to right, outside in: what there is, in
// columns by ring, and over it the path of each cell.
type drawing struct {
	Width, Height int
	Rings         []ring
	Nodes         []*node
	Flows         []stroke // what may talk to what as it is
	Paths         []overlay
	// Left says how many workloads and stores are not drawn.
	Left int
}

// ring is a group: a band of the drawing with the layers that guard it.
type ring struct {
	Name, Layers    string
	X, Y, W, H      int
	column          int
	TitleX, SubY    int
	Standing, Known int // controls of its layers that stand somewhere, of those met by some step
}

// node is one thing of the estate.
type node struct {
	Key, Label, Sub string
	X, Y, W, H      int
	Kind            string // attacker, door, workload, node, role, store, watch
	Jewel           bool
	column          int
	weight          float64
}

// stroke is an edge between two nodes, as the d of an SVG path.
type stroke struct {
	D    string
	Says string
}

// overlay is the path of one cell.
type overlay struct {
	Cell  string // the id of its section
	Lines []hop
	On    []string // the keys of the nodes that it touches
}

// hop is a move of a path as it is drawn.
type hop struct {
	D       string
	Number  string // the moves that it stands for: 3, or 3–4
	X, Y    int    // of the number
	Felled  []string
	Title   string
	numbers []int
}

// The columns, outside in.
const (
	colAttackers = iota
	colDoors
	colWorkloads
	colIdentity
	colStores
	colEnd
	columns
)

var ringNames = [columns]struct{ name, layers string }{
	{"attackers", ""},
	{"edge", "edge"},
	{"workloads", "network mesh supply"},
	{"identities", "identity access supply"},
	{"stores", "data"},
	{"the end", "response"},
}

// What the drawing is made of, in units of the SVG.
const (
	nodeW, nodeH     = 168, 40
	gapY, gapX       = 16, 78
	marginX, marginY = 24, 64
	bulge            = 48 // how far a line within a column bends out
	mostDrawn        = 36 // workloads, and stores, that are drawn besides those on a path
)

// draw makes the drawing of a report: cells are the sections that have a path,
// by id.
func draw(r *Report, cells []section) *drawing {
	d := &drawing{}
	b := &builder{d: d, nodes: map[string]*node{}, r: r}
	b.estate(cells)
	for i := range cells {
		b.trace(&cells[i])
	}
	b.place()
	b.rings()
	b.flows()
	for i := range b.traces {
		d.Paths = append(d.Paths, b.overlay(&b.traces[i]))
	}
	return d
}

type builder struct {
	d      *drawing
	r      *Report
	nodes  map[string]*node
	traces []trace
}

// trace is a path before anything has a place: which node leads to which.
type trace struct {
	cell  string
	links []link
}

type link struct {
	from, to string
	number   int
	felled   []string
	says     string
}

// node returns the node of a key, made when it is new.
func (b *builder) node(key, label, sub, kind string, column int) *node {
	if n, ok := b.nodes[key]; ok {
		return n
	}
	n := &node{Key: key, Label: label, Sub: sub, Kind: kind, column: column, W: nodeW, H: nodeH}
	b.nodes[key] = n
	b.d.Nodes = append(b.d.Nodes, n)
	return n
}

// estate puts in what is there: doors, workloads, stores. Of many only those on
// a path and the first few more.
func (b *builder) estate(cells []section) {
	touched := map[string]bool{}
	for i := range cells {
		for _, m := range cells[i].bound.Path {
			for _, c := range append(slices.Clone(m.Needs), m.Gives) {
				touched[c.Of], touched[c.By] = true, true
			}
		}
	}
	g := b.r.Ground
	for _, p := range g.Net.Places() {
		if p.Kind == reach.CDN || p.Kind == reach.Balancer {
			b.node(p.String(), p.Name, string(p.Kind), "door", colDoors)
		}
	}
	drawn := 0
	for _, w := range g.Workloads {
		if drawn++; drawn > mostDrawn && !touched[w.Name] {
			b.d.Left++
			continue
		}
		sub := ""
		if n := len(w.Alike); n > 1 {
			sub = fmt.Sprintf("and %d more alike", n-1)
		}
		b.node(w.Name, bare(w.Name), sub, "workload", colWorkloads)
	}
	drawn = 0
	for _, s := range g.Stores {
		if drawn++; drawn > mostDrawn && !touched[s.Name] {
			b.d.Left++
			continue
		}
		n := b.node(s.Name, bare(s.Name), s.Class, "store", colStores)
		n.Jewel = slices.ContainsFunc(g.Jewels, func(j ground.Jewel) bool { return j.Store == s })
	}
}

// bare is a name without its kind.
func bare(name string) string { return name[strings.IndexByte(name, '/')+1:] }

// at is the node that a capability is about, or "" for one that is drawn as
// part of a move: that something has been switched off.
func (b *builder) at(c depth.Capability) string {
	switch c.Kind {
	case "start":
		return b.node("start "+c.Of, c.Of, "", "attacker", colAttackers).Key
	case "attack", "flood", "run", "down", "forge", "connect", "call", "login", "hold", "unseal":
		if n, ok := b.nodes[c.Of]; ok {
			return n.Key
		}
		return b.node(c.Of, bare(c.Of), "", "node", colIdentity).Key
	case "node":
		return b.node(c.Of, bare(c.Of), "nodes", "node", colIdentity).Key
	case "act":
		return b.node("act "+c.Of, bare(c.Of), strings.TrimSuffix(c.Of, "/"+bare(c.Of)), "role", colIdentity).Key
	case "admin":
		return b.node("admin", "the account", "administrator", "role", colIdentity).Key
	case "cluster-admin":
		return b.node("cluster-admin", "the cluster", "administrator", "role", colIdentity).Key
	case "push":
		return b.node("push", "the registry", "", "role", colIdentity).Key
	case "deploy":
		return b.node("deploy", "a release", "", "role", colIdentity).Key
	case "out", "take", "take-data":
		return b.node("outside", "outside", "the thief's own", "attacker", colEnd).Key
	case "quiet":
		return b.node("quiet "+c.Of, map[string]string{"pods": "who watches pods", "aws": "who watches the account"}[c.Of], "", "watch", colEnd).Key
	case "destroy", "lose", "lose-backups":
		return b.node("lost", "lost", "every copy", "attacker", colEnd).Key
	}
	return ""
}

// trace follows a path: a link from what each move needs to what it gives.
func (b *builder) trace(s *section) {
	t := trace{cell: s.ID}
	stood := map[depth.Capability]string{} // where he stood when he got what is not drawn
	for i, m := range s.bound.Path {
		var felled []string
		for _, p := range m.Past {
			if !slices.Contains(felled, p.Control) {
				felled = append(felled, p.Control)
			}
		}
		to := b.at(m.Gives)
		var from []string
		for _, n := range m.Needs {
			if k := cmp.Or(b.at(n), stood[n]); k != "" && k != to && !slices.Contains(from, k) {
				from = append(from, k)
			}
		}
		if len(from) == 0 && s.Cell.From != "" { // what needs nothing he does from where he begins
			if k := b.at(ground.Begin(s.Cell.From)); k != to {
				from = []string{k}
			}
		}
		if to == "" && len(from) > 0 {
			stood[m.Gives] = from[0]
		}
		for _, f := range from {
			if to != "" {
				t.links = append(t.links, link{from: f, to: to, number: i + 1, felled: felled, says: m.Says})
			}
		}
	}
	b.traces = append(b.traces, t)
}

// place gives the nodes of each column their places: those that are joined to
// the upper ones of the column before come first.
func (b *builder) place() {
	byColumn := [columns][]*node{}
	for _, n := range b.d.Nodes {
		byColumn[n.column] = append(byColumn[n.column], n)
	}
	tallest := 1
	for c := range byColumn {
		col := byColumn[c]
		slices.SortStableFunc(col, func(x, y *node) int {
			return cmp.Or(strings.Compare(x.Kind, y.Kind), strings.Compare(x.Key, y.Key))
		})
		tallest = max(tallest, len(col))
	}
	for range 4 { // a few passes settle the order
		for c := range byColumn {
			b.sort(byColumn[c])
		}
	}
	b.d.Height = marginY*2 + tallest*(nodeH+gapY)
	x := marginX
	for c := range byColumn {
		col := byColumn[c]
		if len(col) == 0 {
			continue
		}
		top := marginY + (tallest-len(col))*(nodeH+gapY)/2
		for i, n := range col {
			n.X, n.Y = x, top+i*(nodeH+gapY)
		}
		x += nodeW + gapX
	}
	b.d.Width = x - gapX + marginX + bulge
}

// sort orders a column by where the nodes that its nodes are joined to stand.
func (b *builder) sort(col []*node) {
	for _, n := range col {
		sum, count := 0.0, 0
		for i := range b.traces {
			for _, l := range b.traces[i].links {
				other := ""
				switch n.Key {
				case l.from:
					other = l.to
				case l.to:
					other = l.from
				}
				if o := b.nodes[other]; o != nil && o.column != n.column {
					sum, count = sum+o.weight, count+1
				}
			}
		}
		if count > 0 {
			n.weight = sum / float64(count)
		}
	}
	slices.SortStableFunc(col, func(x, y *node) int { return cmp.Compare(x.weight, y.weight) })
	for i, n := range col {
		n.weight = float64(i) - float64(len(col))/2
	}
}

// rings draws a band around each column that has nodes.
func (b *builder) rings() {
	standing, met := map[string]bool{}, map[string]bool{}
	for i := range b.r.steps {
		for _, s := range b.r.steps[i].Stops {
			met[s.Control] = true
			standing[s.Control] = standing[s.Control] || s.State == depth.Standing
		}
	}
	for c := range columns {
		i := slices.IndexFunc(b.d.Nodes, func(n *node) bool { return n.column == c })
		if i < 0 {
			continue
		}
		x := b.d.Nodes[i].X
		g := ring{Name: ringNames[c].name, Layers: ringNames[c].layers, column: c, X: x - 16, Y: 8, W: nodeW + 32, H: b.d.Height - 16, TitleX: x + nodeW/2, SubY: 44}
		for id := range met {
			if slices.Contains(strings.Fields(g.Layers), strings.SplitN(id, ".", 2)[0]) {
				g.Known++
				if standing[id] {
					g.Standing++
				}
			}
		}
		b.d.Rings = append(b.d.Rings, g)
	}
}

// flows are the calls and connections that nothing stands in the way of: how the
// estate works as it is.
func (b *builder) flows() {
	seen := map[[2]string]bool{}
	for i := range b.r.steps {
		s := &b.r.steps[i]
		if s.Gives.Kind != "connect" || slices.ContainsFunc(s.Stops, func(x depth.Stop) bool { return x.State == depth.Standing }) {
			continue
		}
		from, to := b.nodes[s.Gives.By], b.nodes[s.Gives.Of]
		key := [2]string{s.Gives.By, s.Gives.Of}
		if from == nil || to == nil || from == to || seen[key] || from.Kind == "node" {
			continue
		}
		seen[key] = true
		b.d.Flows = append(b.d.Flows, stroke{D: curve(from, to, 0), Says: bare(from.Key) + " → " + bare(to.Key)})
	}
	slices.SortFunc(b.d.Flows, func(x, y stroke) int {
		return cmp.Or(strings.Compare(x.Says, y.Says), strings.Compare(x.D, y.D))
	})
}

// overlay draws a path. Moves between the same two nodes are one line.
func (b *builder) overlay(t *trace) overlay {
	o := overlay{Cell: t.cell}
	index := map[[2]string]int{}
	for _, l := range t.links {
		for _, k := range []string{l.from, l.to} {
			if !slices.Contains(o.On, k) {
				o.On = append(o.On, k)
			}
		}
		key := [2]string{l.from, l.to}
		i, ok := index[key]
		if !ok {
			from, to := b.nodes[l.from], b.nodes[l.to]
			h := hop{D: curve(from, to, 1)}
			h.X, h.Y = middle(from, to)
			i, index[key] = len(o.Lines), len(o.Lines)
			o.Lines = append(o.Lines, h)
		}
		h := &o.Lines[i]
		h.numbers = append(h.numbers, l.number)
		for _, f := range l.felled {
			if !slices.Contains(h.Felled, f) {
				h.Felled = append(h.Felled, f)
			}
		}
		h.Title = strings.TrimPrefix(h.Title+"\n"+fmt.Sprint(l.number)+" "+l.says, "\n")
	}
	for i := range o.Lines {
		h := &o.Lines[i]
		h.Number = spans(h.numbers)
		for slices.ContainsFunc(o.Lines[:i], h.overlaps) {
			h.Y += 8
		}
	}
	return o
}

// spans writes numbers with ranges: 1–3, 7.
func spans(ns []int) string {
	var out []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		switch {
		case i == j:
			out = append(out, fmt.Sprint(ns[i]))
		default:
			out = append(out, fmt.Sprintf("%d–%d", ns[i], ns[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}

// curve is the path from one node to another: from its right side to the left
// side of one further in, bent out to the side within a column.
func curve(a, b *node, over int) string {
	ay, by := a.Y+a.H/2, b.Y+b.H/2
	switch {
	case a.column < b.column:
		x1, x2 := a.X+a.W, b.X-6*over
		bend := max(36, (x2-x1)/2)
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, ay, x1+bend, ay, x2-bend, by, x2, by)
	case a.column > b.column:
		x1, x2 := a.X, b.X+b.W+6*over
		bend := max(36, (x1-x2)/2)
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, ay, x1-bend, ay, x2+bend, by, x2, by)
	}
	x := a.X + a.W
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, ay, x+bulge, ay, x+bulge, by, x+6*over, by)
}

// middle is where the number of a line stands.
func middle(a, b *node) (x, y int) {
	y = (a.Y + b.Y + a.H) / 2
	if a.column == b.column {
		return a.X + a.W + bulge*3/4, y
	}
	left, right := a, b
	if a.column > b.column {
		left, right = b, a
	}
	return (left.X + left.W + right.X) / 2, y
}
