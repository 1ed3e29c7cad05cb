package edge

import (
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// part follows a path of single blocks and returns the last, or nil where one
// is not there. A plan writes an absent block as an empty list.
func part(n *tree.Node, path ...string) *tree.Node {
	for _, p := range path {
		its := items(n)
		if len(its) != 1 {
			return nil
		}
		n = its[0].Get(p)
	}
	if its := items(n); len(its) > 0 {
		return its[0]
	}
	return nil
}

// items are the blocks of one name.
func items(n *tree.Node) []*tree.Node {
	switch n.Is() {
	case tree.Map:
		return []*tree.Node{n}
	case tree.List:
		var out []*tree.Node
		for _, it := range n.Items {
			if it.Is() == tree.Map {
				out = append(out, it)
			}
		}
		return out
	}
	return nil
}

// blockOf says whether a block has an inner block of that name, and where.
func blockOf(n *tree.Node, kind string) (diag.Pos, bool) {
	for _, it := range items(n) {
		inner := it.Get(kind)
		if len(items(inner)) == 0 {
			continue
		}
		if p := items(inner)[0].Pos; p.Line != 0 {
			return p, true
		}
		return it.Pos, true
	}
	return diag.Pos{}, false
}

// text is what is known of a string.
func text(n *tree.Node) string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.Text)
}
