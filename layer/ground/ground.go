package ground

import (
	"fmt"
	"slices"
	"strings"

	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/estate"
	"fathom/render"
)

// Ground is what an attack on an estate moves over. It is not changed once it
// is made, and may be asked by many goroutines.
type Ground struct {
	Estate *estate.Estate
	Net    *reach.Network
	IAM    *access.World

	// Workloads are whatever runs the shop's code: pods, instances, functions,
	// tasks; those that are alike in everything are one. Nodes are what pods run
	// on. Stores keep data. Each by name.
	Workloads []*Workload
	Nodes     []*Node
	Stores    []*Store
	// People are the principals that people use.
	People []Person

	// Starts are where attackers begin, by the six threats; Jewels what they are
	// after.
	Starts []Start
	Jewels []Jewel

	ways   ways
	grants grants
	byName map[string]any // *Workload, *Node or *Store
}

// Of is the ground of an estate, made once however many ask.
func Of(e *estate.Estate) *Ground { return estate.Once(e, build) }

func build(e *estate.Estate) *Ground {
	g := &Ground{Estate: e, Net: reach.Of(e), IAM: estate.Once(e, access.New), byName: map[string]any{}}
	for _, p := range g.Net.Places() {
		switch p.Kind {
		case reach.Workload, reach.Function, reach.Task:
			g.Workloads = append(g.Workloads, &Workload{Name: p.String(), Place: p})
		case reach.Node:
			g.Nodes = append(g.Nodes, &Node{Name: p.String(), Place: p})
		case reach.Store:
			g.Stores = append(g.Stores, newStore(p))
		}
	}
	g.Workloads = grouped(e, g.Workloads)
	for _, w := range g.Workloads {
		g.byName[w.Name] = w
	}
	for _, n := range g.Nodes {
		g.byName[n.Name] = n
	}
	for _, s := range g.Stores {
		g.byName[s.Name] = s
	}
	g.People = people(e, g.IAM)
	g.Starts = starts(g)
	g.Jewels = jewels(g)
	return g
}

// Workload finds a workload by its name, or returns nil.
func (g *Ground) Workload(name string) *Workload { w, _ := g.byName[name].(*Workload); return w }

// Node finds a node by its name, or returns nil.
func (g *Ground) Node(name string) *Node { n, _ := g.byName[name].(*Node); return n }

// Store finds a store by its name, or returns nil.
func (g *Ground) Store(name string) *Store { s, _ := g.byName[name].(*Store); return s }

// Workload is something that runs the shop's code.
type Workload struct {
	// Name is the name of its place: svc/orders.
	Name  string
	Place reach.Place
	// Alike are the places of all workloads that this one stands for, itself
	// first: they differ in nothing but their names.
	Alike []reach.Place
}

// Pods is the workload in Kubernetes, nil for a function or task.
func (w *Workload) Pods() *estate.Workload { p, _ := w.Place.Of.(*estate.Workload); return p }

// String is the name for people: svc/orders, or svc/app-1 and 1,999 more alike.
func (w *Workload) String() string {
	if n := len(w.Alike) - 1; n > 0 {
		return fmt.Sprintf("%s and %d more alike", w.Name, n)
	}
	return w.Name
}

// Node is what pods run on: the nodes of a group, or an instance, which may run
// the shop's code as well.
type Node struct {
	// Name is the name of its place: node/general.
	Name  string
	Place reach.Place
}

// Store is something that keeps data.
type Store struct {
	// Name is the name of its place: store/card-vault.
	Name  string
	Place reach.Place
	// Class is its data class, from the tag data-class and its like; "" when no
	// tag says.
	Class string
	// Holds are the kinds of data that the tag fathom:data lists.
	Holds []string
	// Tagged says that the tag fathom:crown-jewel calls it one, and Targets are
	// the depths that the tag fathom:depth asks for, by start.
	Tagged  bool
	Targets []Target
}

// Target is a depth that somebody asks for.
type Target struct {
	Start string
	Min   int
}

func newStore(p reach.Place) *Store {
	s := &Store{Name: p.String(), Place: p}
	tags := p.Of.Meta().Tags
	s.Class, _ = tags.Get(render.TagClass).Known()
	if data, ok := tags.Get(render.TagData).Known(); ok {
		s.Holds = strings.Fields(data)
	}
	jewel, _ := tags.Get(render.TagJewel).Known()
	s.Tagged = jewel == "true"
	if depth, ok := tags.Get(render.TagDepth).Known(); ok {
		s.Targets = parseTargets(depth)
	}
	s.Tagged = s.Tagged || len(s.Targets) > 0 // what a depth is asked of is one
	slices.Sort(s.Holds)
	return s
}
