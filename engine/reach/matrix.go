package reach

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"fathom/estate"
)

// Matrix says for every place by which connections it reaches every other.
type Matrix struct {
	// Places are the rows and the columns.
	Places []Place
	from   []int // the rows that were asked for
	to     []int // the columns
	cells  []*Reach
}

// MatrixOptions choose the rows and columns; nil means every place.
type MatrixOptions struct {
	From, To func(Place) bool
}

// At is what the place of row i reaches the place of column j by. A row or
// column that was not asked for is empty.
func (m *Matrix) At(i, j int) Reach {
	if r := m.cells[i*len(m.Places)+j]; r != nil {
		return *r
	}
	return Reach{}
}

// Each calls f for every cell that is not empty, by rows.
func (m *Matrix) Each(f func(from, to Place, r Reach)) {
	for _, i := range m.from {
		for _, j := range m.to {
			if r := m.cells[i*len(m.Places)+j]; r != nil {
				f(m.Places[i], m.Places[j], *r)
			}
		}
	}
}

// Size is how many rows and columns were asked for.
func (m *Matrix) Size() (rows, columns int) { return len(m.from), len(m.to) }

// Matrix works out every place by every place.
func (n *Network) Matrix(o MatrixOptions) *Matrix {
	return n.matrix(n.Places(), o, func(from, to Place) Reach { return n.directSet(from, to) }, true)
}

// Workloads is the matrix of the workloads alone, and of what goes between
// their pods directly: NetworkPolicies, the nodes' network and the mesh, without
// the ways around through load balancers and node ports.
func (n *Network) Workloads(o MatrixOptions) *Matrix {
	ps := slices.DeleteFunc(n.Places(), func(p Place) bool { return p.Kind != Workload })
	return n.matrix(ps, o, func(from, to Place) Reach { return n.directSet(from, to) }, false)
}

func (n *Network) matrix(ps []Place, o MatrixOptions, direct func(from, to Place) Reach, relays bool) *Matrix {
	m := &Matrix{Places: ps, cells: make([]*Reach, len(ps)*len(ps))}
	for i, p := range ps {
		if (o.From == nil || o.From(p)) && begins(p) {
			m.from = append(m.from, i)
		}
		if o.To == nil || o.To(p) {
			m.to = append(m.to, i)
		}
	}
	class, one := n.classes(ps)
	// one question for each class of sources and class of destinations
	direct1 := make([][]*Reach, len(one))
	parallel(len(one), func(a int) {
		row := make([]*Reach, len(one))
		for b := range one {
			if r := direct(ps[one[a]], ps[one[b]]); !r.nothing() {
				row[b] = &r
			}
		}
		direct1[a] = row
	})
	// and for what relays add, one for each class of sources and destination
	added := make([][]*Reach, len(ps))
	if relays {
		parallel(len(m.to), func(x int) {
			j := m.to[x]
			if ps[j].Of == nil || len(n.relays[ps[j].Of.Meta().ID]) == 0 {
				return
			}
			column := make([]*Reach, len(one))
			for a := range one {
				if r := n.relayedSet(ps[one[a]], ps[j]); !r.nothing() {
					column[a] = &r
				}
			}
			added[j] = column
		})
	}
	for _, i := range m.from {
		for _, j := range m.to {
			if i == j && ps[i].Kind != Workload {
				continue
			}
			d := direct1[class[i]][class[j]]
			if added[j] != nil && added[j][class[i]] != nil {
				if d == nil {
					d = added[j][class[i]]
				} else {
					r := d.or(*added[j][class[i]])
					d = &r
				}
			}
			m.cells[i*len(ps)+j] = d
		}
	}
	return m
}

// classes gives places that nothing tells apart the same number: workloads
// that NetworkPolicies treat alike and that run in the same way, where no mesh
// looks at each. one is a place of each class.
func (n *Network) classes(ps []Place) (class, one []int) {
	known := map[string]int{}
	class = make([]int, len(ps))
	for i, p := range ps {
		key := fmt.Sprint("place ", i)
		if w, ok := p.Of.(*estate.Workload); ok && !n.mesh.Declared() {
			key = fmt.Sprintf("pods %d %p", n.pol.Class(n.pol.Pod(w)), n.standSets[w.ID])
		}
		c, ok := known[key]
		if !ok {
			c = len(one)
			known[key] = c
			one = append(one, i)
		}
		class[i] = c
	}
	return class, one
}

// parallel calls f for 0 to count-1 on all processors. Each call writes its own
// part of the result, so that the order does not show.
func parallel(count int, f func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
