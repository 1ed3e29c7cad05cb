package vpc

import (
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// cell says what passes for the addresses of a set: sure surely, may surely or
// perhaps (it holds sure).
type cell struct {
	addrs     flow.Addrs
	sure, may flow.Conns
}

// region says what passes for each address of a set. Its cells are apart and
// together are the whole set, so that a single cell is all of it.
type region []cell

// closed is the region of a set of addresses for which nothing passes.
func closed(a flow.Addrs) region { return region{{addrs: a}} }

// open is the region for which everything surely passes.
func open(a flow.Addrs) region { return region{{a, flow.AllConns(), flow.AllConns()}} }

// doubtful is the region for which everything perhaps passes.
func doubtful(a flow.Addrs) region { return region{{addrs: a, may: flow.AllConns()}} }

// fixed is the region of a set for which a truth decides, whatever the
// connection.
func fixed(a flow.Addrs, t estate.Truth) region {
	switch t {
	case estate.Yes:
		return open(a)
	case estate.Maybe:
		return doubtful(a)
	}
	return closed(a)
}

// with adds what passes for the addresses a; those outside the region are left
// out. Cells are cut where a ends.
func (r region) with(a flow.Addrs, sure, may flow.Conns) region {
	if a.Empty() || may.Empty() {
		return r
	}
	out := make(region, 0, len(r)+1)
	for _, c := range r {
		in := c.addrs.Intersect(a)
		if in.Empty() {
			out = append(out, c)
			continue
		}
		if rest := c.addrs.Minus(in); !rest.Empty() {
			out = append(out, cell{rest, c.sure, c.may})
		}
		out = append(out, cell{in, c.sure.Union(sure), c.may.Union(may)})
	}
	return out
}

// everywhere adds what passes for every address of the region.
func (r region) everywhere(sure, may flow.Conns) region {
	if may.Empty() {
		return r
	}
	out := make(region, len(r))
	for i, c := range r {
		out[i] = cell{c.addrs, c.sure.Union(sure), c.may.Union(may)}
	}
	return out
}

// meet is what passes both regions, which are of one set.
func (r region) meet(s region) region {
	out := make(region, 0, max(len(r), len(s)))
	for _, c := range r {
		for _, d := range s {
			in := c.addrs
			switch {
			case len(s) == 1:
			case len(r) == 1:
				in = d.addrs
			default:
				in = c.addrs.Intersect(d.addrs)
			}
			if !in.Empty() {
				out = append(out, cell{in, c.sure.Intersect(d.sure), c.may.Intersect(d.may)})
			}
		}
	}
	return out
}

// each maps what passes in every cell.
func (r region) each(f func(sure, may flow.Conns) (flow.Conns, flow.Conns)) region {
	out := make(region, len(r))
	for i, c := range r {
		out[i].addrs = c.addrs
		out[i].sure, out[i].may = f(c.sure, c.may)
	}
	return out
}

// has returns the addresses for which a connection surely passes, and those
// for which it may.
func (r region) has(c flow.Conn) (sure, may flow.Addrs) {
	for _, x := range r {
		if x.sure.Has(c) {
			sure = sure.Union(x.addrs)
		}
		if x.may.Has(c) {
			may = may.Union(x.addrs)
		}
	}
	return sure, may
}

// sum is what passes for one address of the region, of which nothing more is
// known: surely what passes for all, perhaps what passes for some. Where any is
// set, the addresses are those of many senders, and what passes for some of
// them surely passes.
func (r region) sum(any bool) (sure, may flow.Conns) {
	for i, c := range r {
		may = may.Union(c.may)
		switch {
		case any:
			sure = sure.Union(c.sure)
		case i == 0:
			sure = c.sure
		default:
			sure = sure.Intersect(c.sure)
		}
	}
	return sure, may
}
