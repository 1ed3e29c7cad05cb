package estate

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"fathom/diag"
	"fathom/estate/tree"
)

// fromTree is what every kind of argument can do: read itself from a node.
type fromTree interface{ fromTree(*tree.Node) }

// linked is an argument that names other resources.
type linked interface {
	resolve(ix *index, root string)
	targets() []ID
	forget(gone map[ID]bool)
}

// holder is an argument with structs inside it that may be linked.
type holder interface{ each(f func(any)) }

func (b *Blocks[T]) each(f func(any)) {
	for i := range b.Items {
		f(&b.Items[i])
	}
}

// layout is what decodeStruct needs to know of a struct type.
type layout struct {
	fields []field
	links  []int // the fields with a link tag: references that the reader sets
	at     int   // the index of the field At diag.Pos, or -1
	embeds []int
}

type field struct {
	index int
	name  string
	key   bool
	ref   bool // it names another resource
}

// refers says whether the argument of that name names another resource.
func (l *layout) refers(name string) bool {
	return slices.ContainsFunc(l.fields, func(f field) bool { return f.ref && f.name == name })
}

var layouts sync.Map // reflect.Type → *layout

var posType = reflect.TypeFor[diag.Pos]()

func layoutOf(t reflect.Type) *layout {
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := &layout{at: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("tf"); name != "" {
			l.fields = append(l.fields, field{i, name, f.Tag.Get("key") != "", reflect.PointerTo(f.Type).Implements(reflect.TypeFor[linked]())})
			continue
		}
		if f.Tag.Get("link") != "" {
			l.links = append(l.links, i)
			continue
		}
		switch {
		case f.Name == "At" && f.Type == posType:
			l.at = i
		case f.Anonymous && f.Type != reflect.TypeFor[Base]() && f.Type.Kind() == reflect.Struct:
			l.embeds = append(l.embeds, i)
		}
	}
	got, _ := layouts.LoadOrStore(t, l)
	return got.(*layout)
}

// names are the attributes by which other resources may refer to one, besides
// the fields with a key tag. The DNS names are how origins and records do.
var names = []string{
	"id", "arn", "name",
	"dns_name", "domain_name", "bucket_domain_name", "bucket_regional_domain_name", "website_endpoint", "fqdn",
}

// Decode fills the arguments of a resource from an evaluated tree: every field
// with a tf tag from the argument of that name. Fields with a key tag, and the
// usual names, become the keys by which others may refer to the resource.
func Decode(r Resource, args *tree.Node) {
	decodeStruct(r, args)
	b := r.base()
	l := layoutOf(reflect.TypeOf(r).Elem())
	for _, name := range names {
		if !l.refers(name) { // the arn of an event target is that of another
			b.addKey(args.Get(name))
		}
	}
	for _, f := range l.fields {
		if f.key {
			b.addKey(args.Get(f.name))
		}
	}
	b.Region.fromTree(args.Get("region"))
	b.Tags.fromTree(args.Get("tags_all"))
	if len(b.Tags.Items) == 0 {
		b.Tags.fromTree(args.Get("tags"))
	}
}

func (b *Base) addKey(n *tree.Node) {
	if s := sameText(n); s != "" && !slices.Contains(b.alike, s) {
		b.alike = append(b.alike, s)
		return
	}
	s, ok := n.Literal()
	if !ok || s == "" || slices.Contains(b.Keys, s) {
		return
	}
	b.Keys = append(b.Keys, s)
}

// sameText returns the text of a value that is not known, when that text can
// only mean one value in a configuration: "${var.env}-logs" is the same bucket
// wherever it stands. It is "" for values that are known, and for those with a
// part that has no name ("${…}").
func sameText(n *tree.Node) string {
	if n.Is() != tree.Unknown && (n.Is() != tree.String || len(n.Refs) == 0) {
		return ""
	}
	if strings.Contains(n.Text, "${…}") {
		return ""
	}
	return n.Text
}

func decodeStruct(p any, n *tree.Node) { decodeValue(reflect.ValueOf(p).Elem(), n) }

func decodeValue(v reflect.Value, n *tree.Node) {
	l := layoutOf(v.Type())
	for _, f := range l.fields {
		if arg := n.Get(f.name); arg != nil {
			v.Field(f.index).Addr().Interface().(fromTree).fromTree(arg)
		}
	}
	for _, i := range l.embeds {
		decodeValue(v.Field(i), n)
	}
	if l.at >= 0 && n != nil {
		v.Field(l.at).Set(reflect.ValueOf(n.Pos))
	}
}

// eachLink calls f for every argument of the struct p, and of the blocks in
// it, that may name other resources.
func eachLink(p any, f func(linked)) {
	eachLinkIn(reflect.ValueOf(p).Elem(), f)
}

func eachLinkIn(v reflect.Value, f func(linked)) {
	l := layoutOf(v.Type())
	for _, fd := range l.fields {
		switch x := v.Field(fd.index).Addr().Interface().(type) {
		case linked:
			f(x)
		case holder:
			x.each(func(item any) { eachLink(item, f) })
		}
	}
	for _, i := range l.links {
		f(v.Field(i).Addr().Interface().(linked))
	}
	for _, i := range l.embeds {
		eachLinkIn(v.Field(i), f)
	}
}
