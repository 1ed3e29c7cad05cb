package plan

import (
	"slices"

	"fathom/estate/tree"
)

// manyBlocks is how many blocks of one name are told apart by what they hold;
// more of them are taken to be in order.
const manyBlocks = 200

// blocksOf finds what the configuration tells of each masked block. Blocks
// that are a list in the provider's schema keep the order in which they were
// written; those that are a set are sorted, so a block goes with the written
// one whose constants it has. A dynamic block gives blocks that were not
// written out: what such a block lacks may still have been written.
func blocksOf(written []*expr, blocks []*tree.Node, masks []*mask) []context {
	out := make([]context, len(masks))
	if len(written) == len(blocks) && len(masks) == len(blocks) && (len(blocks) > manyBlocks || inOrder(written, blocks, masks)) {
		for i := range out {
			out[i] = context{expr: written[i], block: true}
		}
		return out
	}
	for i := range out {
		if masks[i] == nil || i > manyBlocks {
			continue
		}
		var fitting []*expr
		for _, w := range written[:min(len(written), manyBlocks)] {
			if fits(w, written, blocks[i], masks[i]) {
				fitting = append(fitting, w)
			}
		}
		switch {
		case len(fitting) == 0:
		case len(written) != len(blocks):
			out[i] = context{expr: fitting[0], block: true, loose: true}
		default:
			out[i] = context{expr: merged(fitting), block: true}
		}
	}
	return out
}

func inOrder(written []*expr, blocks []*tree.Node, masks []*mask) bool {
	for i, w := range written {
		if !fits(w, written, blocks[i], masks[i]) {
			return false
		}
	}
	return true
}

// fits reports whether the block n may have been written as w.
func fits(w *expr, written []*expr, n *tree.Node, m *mask) bool {
	for name, e := range w.fields {
		if e.value == nil || e.value.Is() == tree.List || e.value.Is() == tree.Map {
			continue
		}
		if v := n.Get(name); v == nil || v.Text != e.value.Text {
			return false
		}
	}
	if m == nil {
		return true
	}
	for _, f := range m.fields {
		if f.mask.all && w.get(f.name) == nil &&
			slices.ContainsFunc(written, func(other *expr) bool { return other.get(f.name) != nil }) {
			return false
		}
	}
	return true
}

// merged is the block that says of every argument what any of those blocks
// says, for when it cannot be told which it was.
func merged(blocks []*expr) *expr {
	if len(blocks) == 1 {
		return blocks[0]
	}
	out := &expr{block: true, fields: map[string]*expr{}}
	for _, b := range blocks {
		for _, name := range sortedNames(b.fields) {
			e, old := b.fields[name], out.fields[name]
			if old != nil && !old.block && old.items == nil && !e.block && e.items == nil {
				e = &expr{refs: slices.Concat(old.refs, e.refs)}
			} else if old != nil {
				continue
			}
			out.fields[name] = e
		}
	}
	return out
}
