package estate

import (
	"fathom/diag"
	"fathom/estate/tree"
)

// Ref is an argument that names another resource: by an expression
// (aws_kms_key.main.arn), or by an id, ARN or name that some resource of the
// estate carries.
//
// To holds the resources it names. A Ref that is Set but has no To names
// something outside the estate, or something unknown.
type Ref[T Resource] struct {
	Str
	To []ID

	refs []tree.Ref
	same string // the text of what is not known, if it means only one value
}

// Is says whether the reference names that resource.
func (r Ref[T]) Is(id ID) bool {
	for _, to := range r.To {
		if to == id {
			return true
		}
	}
	return false
}

func (r *Ref[T]) fromTree(n *tree.Node) {
	r.Str.fromTree(n)
	if n != nil {
		if n.Kind == tree.List && len(n.Items) == 1 {
			n = n.Items[0]
		}
		r.refs, r.same = n.Refs, sameText(n)
	}
}

// resolve finds what the reference names. A name that is made from attributes
// of others, such as the account id, names what is so called and not them.
func (r *Ref[T]) resolve(ix *index, root string) {
	if len(r.To) > 0 {
		return // made with Naming
	}
	direct := len(r.refs) == 1 && r.same == "${"+r.refs[0].String()+"}" && ix.is(ID{root, r.refs[0].Addr}, kindOf[T]())
	if !direct {
		r.To = ix.likewise(kindOf[T](), root, r.same)
	}
	if len(r.To) == 0 {
		for _, ref := range r.refs {
			if id := (ID{root, ref.Addr}); ix.has(id) {
				r.To = append(r.To, id)
			}
		}
	}
	r.refs, r.same = nil, ""
	if s, ok := r.Known(); ok && len(r.To) == 0 && s != "" {
		r.To = ix.named(kindOf[T](), s)
	}
}

func (r *Ref[T]) targets() []ID { return r.To }

// Refs is an argument that names several resources.
type Refs[T Resource] struct {
	Items []Ref[T]
	why   string
	at    diag.Pos
	state state
}

// Absent reports whether nothing was written.
func (r Refs[T]) Absent() bool { return r.state == absent }

// Why is the reason why the list is unknown, or "".
func (r Refs[T]) Why() string { return r.why }

// Pos is where the list was written.
func (r Refs[T]) Pos() diag.Pos { return r.at }

// Unknown reports whether the list, or an item that names nothing in the
// estate, is unknown.
func (r Refs[T]) Unknown() bool {
	if r.state == unknown {
		return true
	}
	for i := range r.Items {
		if r.Items[i].Unknown() && len(r.Items[i].To) == 0 {
			return true
		}
	}
	return false
}

// To returns every resource that the list names.
func (r Refs[T]) To() []ID {
	var out []ID
	for i := range r.Items {
		out = append(out, r.Items[i].To...)
	}
	return out
}

// Has says whether the list names that resource.
func (r Refs[T]) Has(id ID) Truth {
	for i := range r.Items {
		if r.Items[i].Is(id) {
			return Yes
		}
	}
	if r.Unknown() {
		return Maybe
	}
	return No
}

func (r *Refs[T]) fromTree(n *tree.Node) {
	if n.Missing() {
		return
	}
	r.at = n.Pos
	switch n.Kind {
	case tree.Unknown:
		r.state, r.why = unknown, n.Why
		if len(n.Refs) > 0 { // a list made from attributes of resources: it names them all
			var one Ref[T]
			one.fromTree(n)
			r.Items = []Ref[T]{one}
		}
	case tree.List:
		r.state = known
		r.Items = make([]Ref[T], len(n.Items))
		for i, it := range n.Items {
			r.Items[i].fromTree(it)
		}
	default:
		r.state = known
		r.Items = make([]Ref[T], 1)
		r.Items[0].fromTree(n)
	}
}

func (r *Refs[T]) resolve(ix *index, root string) {
	for i := range r.Items {
		r.Items[i].resolve(ix, root)
	}
}

func (r *Refs[T]) targets() []ID { return r.To() }

// RefTo makes a reference by the id, ARN or name that was written at pos.
func RefTo[T Resource](text string, pos diag.Pos) Ref[T] { return Ref[T]{Str: Known(text, pos)} }

// RefsTo makes a list of references.
func RefsTo[T Resource](texts []string, pos diag.Pos) Refs[T] {
	r := Refs[T]{at: pos, state: known}
	for _, t := range texts {
		r.Items = append(r.Items, RefTo[T](t, pos))
	}
	return r
}
