package tree

import (
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
)

// Kind says which of its fields a Node uses. A nil *Node is an argument
// nobody wrote; its kind is Absent.
type Kind uint8

// The kinds of a Node.
const (
	Absent  Kind = iota
	Null         // written as null
	Bool         // Text is "true" or "false"
	Number       // Text is the decimal number
	String       // Text is the string; with Refs it has ${address.attribute} in it
	List         // Items
	Map          // Fields
	Unknown      // Why says why; Text and Refs hold what is known of it
)

// Node is one evaluated value.
type Node struct {
	Kind Kind
	Text string
	// Items are the elements of a List. The repeated blocks of one name in
	// Terraform are a List of Maps.
	Items []*Node
	// Fields are the members of a Map in the order written.
	Fields []Field
	// Pos is where the value, or the argument that holds it, was written.
	Pos diag.Pos
	// Why says why the value is Unknown, as a sentence without a full stop:
	// "variable \"vpc_id\" has no value".
	Why string
	// Refs are the resources whose attributes this value was made from.
	Refs []Ref
}

// Field is one member of a Map.
type Field struct {
	Name string
	Node *Node
}

// Ref names an attribute of a resource: Addr is the resource's full address
// (module.db.aws_security_group.this[0]), Attr the attribute (id).
type Ref struct {
	Addr, Attr string
}

// String writes the reference as Terraform would.
func (r Ref) String() string {
	if r.Attr == "" {
		return r.Addr
	}
	return r.Addr + "." + r.Attr
}

// Is returns the node's kind; a nil node is Absent.
func (n *Node) Is() Kind {
	if n == nil {
		return Absent
	}
	return n.Kind
}

// Missing reports whether nothing was written, or null.
func (n *Node) Missing() bool { return n.Is() == Absent || n.Kind == Null }

// Get returns the member of that name, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return n.Fields[i].Node
		}
	}
	return nil
}

// Set replaces or appends the member of that name.
func (n *Node) Set(name string, v *Node) {
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			n.Fields[i].Node = v
			return
		}
	}
	n.Fields = append(n.Fields, Field{name, v})
}

// At follows a path of member names and list indexes written in decimal
// ("spec", "containers", "0"), and returns nil where it ends early. A list of
// one, which is how Terraform holds a single block, is stepped into when the
// next name is not an index.
func (n *Node) At(path ...string) *Node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		if n.Kind == List {
			i, err := strconv.Atoi(name)
			switch {
			case err == nil && i >= 0 && i < len(n.Items):
				n = n.Items[i]
				continue
			case err == nil || len(n.Items) != 1:
				return nil
			}
			n = n.Items[0]
		}
		n = n.Get(name)
	}
	return n
}

// Nearest returns the position of the deepest node on the path that has one:
// the line to show for a value, or for where a missing value would go.
func (n *Node) Nearest(path ...string) diag.Pos {
	if n == nil {
		return diag.Pos{}
	}
	best := n.Pos
	for i := range path {
		v := n.At(path[:i+1]...)
		if v == nil {
			break
		}
		if v.Pos.Line != 0 {
			best = v.Pos
		}
	}
	return best
}

// Literal returns the text of a Bool, Number or String that is fully known,
// that is, made from no attribute of another resource.
func (n *Node) Literal() (string, bool) {
	if n == nil {
		return "", false
	}
	switch n.Kind {
	case Bool, Number, String:
		return n.Text, len(n.Refs) == 0
	}
	return "", false
}

// Walk calls f for the node and everything below it, parents first.
func (n *Node) Walk(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, it := range n.Items {
		it.Walk(f)
	}
	for i := range n.Fields {
		n.Fields[i].Node.Walk(f)
	}
}

// AllRefs returns every reference in the node and below it, sorted, each once.
func (n *Node) AllRefs() []Ref {
	var out []Ref
	n.Walk(func(m *Node) { out = append(out, m.Refs...) })
	slices.SortFunc(out, func(a, b Ref) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// Hole returns the reason why something in or below the node is unknown, or "".
func (n *Node) Hole() string {
	why := ""
	n.Walk(func(m *Node) {
		if why == "" && m.Kind == Unknown {
			why = m.Why
		}
	})
	return why
}
