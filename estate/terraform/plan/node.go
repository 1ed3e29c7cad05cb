package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fathom/estate/tree"
)

const (
	// maxDepth is how deep a value may nest. The deepest that a provider's
	// schema allows (a web ACL's statements, a dashboard) is below 100.
	maxDepth = 500
	// maxNodes is how many values one resource may hold.
	maxNodes = 1 << 20
)

// arguments reads the arguments of a resource: an object. It returns nil for
// null and, after recording the problem, for what is not an object.
func (c *cursor) arguments(what string) (*tree.Node, error) {
	kind, where := c.next()
	if kind != '{' {
		return nil, c.not(kind, where, what, "an object")
	}
	c.slab, c.nodes = nil, 0 // a resource that is kept must not keep its neighbours
	n, err := c.node(0)
	if err == nil && n == nil {
		n = &tree.Node{Kind: tree.Map, Pos: where.in(c.file)}
	}
	return n, err
}

// node reads any value. Null, and a list or map that is written empty, is nil.
func (c *cursor) node(depth int) (*tree.Node, error) {
	kind, where := c.next()
	if c.nodes++; depth > maxDepth || c.nodes > maxNodes {
		return c.tooBig(where, depth)
	}
	switch kind {
	case '{':
		return c.mapNode(where, depth)
	case '[':
		return c.listNode(where, depth)
	}
	raw, err := c.dec.ReadValue()
	if err != nil || kind == 'n' {
		return nil, err
	}
	n := c.newNode(where)
	switch kind {
	case 't', 'f':
		n.Kind, n.Text = tree.Bool, strconv.FormatBool(kind == 't')
	case '0':
		n.Kind, n.Text = tree.Number, c.number(raw)
	default:
		n.Kind = tree.String
		n.Text, err = c.unquote(raw)
	}
	return n, err
}

func (c *cursor) mapNode(where place, depth int) (*tree.Node, error) {
	if _, err := c.dec.ReadToken(); err != nil {
		return nil, err
	}
	if c.dec.PeekKind() == '}' {
		_, err := c.dec.ReadToken()
		return nil, err
	}
	n := c.newNode(where)
	n.Kind = tree.Map
	base := len(c.fields)
	for c.dec.PeekKind() == '"' {
		name, err := c.text()
		if err != nil {
			return nil, err
		}
		v, err := c.node(depth + 1)
		if err != nil {
			return nil, err
		}
		if v != nil {
			c.fields = append(c.fields, tree.Field{Name: name, Node: v})
		}
	}
	n.Fields = slices.Clone(c.fields[base:])
	clear(c.fields[base:])
	c.fields = c.fields[:base]
	_, err := c.dec.ReadToken()
	return n, err
}

// listNode keeps the place of every element: nulls are Null nodes, and blocks
// in which nothing is set are Maps without Fields.
func (c *cursor) listNode(where place, depth int) (*tree.Node, error) {
	if _, err := c.dec.ReadToken(); err != nil {
		return nil, err
	}
	var n *tree.Node
	base := len(c.items)
	for {
		kind, at := c.next()
		if kind == ']' || kind == jsontext.KindInvalid {
			break
		}
		if n == nil {
			n = c.newNode(where)
			n.Kind = tree.List
		}
		v, err := c.node(depth + 1)
		if err != nil {
			return nil, err
		}
		if v == nil {
			v = c.newNode(at)
			switch kind {
			case '{':
				v.Kind = tree.Map
			case '[':
				v.Kind = tree.List
			default:
				v.Kind = tree.Null
			}
		}
		c.items = append(c.items, v)
	}
	if n != nil {
		n.Items = slices.Clone(c.items[base:])
	}
	clear(c.items[base:])
	c.items = c.items[:base]
	_, err := c.dec.ReadToken()
	return n, err
}

// tooBig stands in for a value that no provider would write.
func (c *cursor) tooBig(where place, depth int) (*tree.Node, error) {
	why := "its resource holds more than " + strconv.Itoa(maxNodes) + " values"
	if depth > maxDepth {
		why = "it nests deeper than " + strconv.Itoa(maxDepth) + " levels"
	}
	if depth > maxDepth || c.nodes == maxNodes+1 {
		c.problems.addf(where.in(c.file), writeAgain, "this value is left out: %s", why)
	}
	if err := c.skip(); err != nil {
		return nil, err
	}
	return &tree.Node{Kind: tree.Unknown, Pos: where.in(c.file), Why: why}, nil
}

// newNode takes a node from a slab, since there are tens of millions of them
// in a large plan.
func (c *cursor) newNode(where place) *tree.Node {
	if len(c.slab) == 0 {
		c.slab = make([]tree.Node, 16)
	}
	n := &c.slab[0]
	c.slab = c.slab[1:]
	n.Pos = where.in(c.file)
	return n
}

// number writes a number as Terraform would, without an exponent.
func (c *cursor) number(raw jsontext.Value) string {
	s := c.words.get(raw)
	if !strings.ContainsAny(s, "eE") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f > 1e21 || f < -1e21 {
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
