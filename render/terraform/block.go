package terraform

import "strings"

// Block is a top-level block of a configuration.
type Block struct {
	// Kind is resource, data, variable, output, locals, provider, module, check …
	Kind   string
	Labels []string
	Body   []Entry
	// Controls are the ids of those that the block is part of, Paths what it
	// derives from in the declaration (services.orders.calls.payments), and Says
	// why it is there, where these two do not say it. All three are printed as
	// comments above it. A path names no line, so that a block stays the same
	// when lines above its source are added.
	Controls, Paths []string
	Says            string
	// File is the name of the file without .tf; the layer's where empty.
	File string
}

// Resource is a resource block.
func Resource(kind, label string, body ...Entry) *Block {
	return &Block{Kind: "resource", Labels: []string{kind, label}, Body: body}
}

// Data is a data block.
func Data(kind, label string, body ...Entry) *Block {
	return &Block{Kind: "data", Labels: []string{kind, label}, Body: body}
}

// Top is any other block: variable, output, locals, provider, terraform.
func Top(kind string, labels []string, body ...Entry) *Block {
	return &Block{Kind: kind, Labels: labels, Body: body}
}

// For adds controls that the block is part of.
func (b *Block) For(controls ...string) *Block {
	b.Controls = append(b.Controls, controls...)
	return b
}

// From adds paths of the declaration that the block derives from.
func (b *Block) From(paths ...string) *Block {
	b.Paths = append(b.Paths, paths...)
	return b
}

// Note says why the block is there, in a sentence without a full stop.
func (b *Block) Note(says string) *Block {
	b.Says = says
	return b
}

// In puts the block into another file than its layer's.
func (b *Block) In(file string) *Block {
	b.File = file
	return b
}

// Add appends to the body.
func (b *Block) Add(body ...Entry) *Block {
	b.Body = append(b.Body, body...)
	return b
}

// Address is what the configuration calls the block: aws_vpc.main,
// data.aws_vpc.main, var.name, local.name of the first of several. Blocks without
// a name, such as terraform, have their kind; providers differ by their alias.
func (b *Block) Address() string {
	switch b.Kind {
	case "resource":
		return strings.Join(b.Labels, ".")
	case "variable":
		return "var." + strings.Join(b.Labels, ".")
	case "locals":
		if len(b.Body) > 0 {
			return "local." + b.Body[0].Name
		}
	case "provider":
		for _, e := range b.Body {
			if s, ok := e.Value.(string); ok && e.Name == "alias" {
				return "provider." + b.Labels[0] + "." + s
			}
		}
	}
	return strings.Join(append([]string{b.Kind}, b.Labels...), ".")
}

// Attr is a reference to an attribute of the block: aws_vpc.main.id.
func (b *Block) Attr(name string) Expr { return Expr(b.Address() + "." + name) }

// Entry is one argument, one nested block, or one line of comment in a body.
type Entry struct {
	Name string
	// Value of an argument; nil for a nested block.
	Value any
	// Labels and Body of a nested block.
	Labels []string
	Body   []Entry
	nested bool
	// Comment stands above the entry, without the #.
	Comment string
}

// Set is an argument: a string, bool, int, []string, Expr, Template, Object,
// List or Call. A nil value leaves the argument out.
func Set(name string, value any) Entry { return Entry{Name: name, Value: value} }

// Nest is a nested block.
func Nest(name string, body ...Entry) Entry { return Entry{Name: name, Body: body, nested: true} }

// Labelled is a nested block with labels, such as dynamic "rule".
func Labelled(name string, labels []string, body ...Entry) Entry {
	return Entry{Name: name, Labels: labels, Body: body, nested: true}
}

// Remark puts a comment above the entry.
func (e Entry) Remark(comment string) Entry {
	e.Comment = comment
	return e
}

// When is the entries where the condition holds, else none: for bodies with
// parts that are not always there, as in append or Join.
func When(holds bool, entries ...Entry) []Entry {
	if !holds {
		return nil
	}
	return entries
}

// Join puts lists of entries together.
func Join(lists ...[]Entry) []Entry {
	var out []Entry
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Expr is an expression, written as it is: aws_vpc.main.id, var.name,
// [for s in aws_subnet.private : s.id].
type Expr string

// Template is a string with ${ } in it, written between quotes; what is between
// the interpolations is not escaped, so it must hold no quote, backslash or line
// break.
type Template string

// Field is one key of an Object.
type Field struct {
	Key   string
	Value any
}

// Object is { key = value }, in the order given.
type Object []Field

// List is [a, b] of mixed values.
type List []any

// Call is name(args), such as jsonencode({ … }).
type Call struct {
	Name string
	Args []any
}

// Obj is an Object from keys and values in turn. A nil value is left out.
func Obj(pairs ...any) Object {
	if len(pairs)%2 != 0 {
		panic("terraform: Obj takes keys and values in turn")
	}
	var out Object
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			out = append(out, Field{pairs[i].(string), pairs[i+1]})
		}
	}
	return out
}

// JSON is jsonencode(value).
func JSON(value any) Call { return Call{"jsonencode", []any{value}} }
