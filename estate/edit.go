package estate

import (
	"reflect"
	"slices"

	"fathom/diag"
	"fathom/estate/tree"
)

// Draft is an estate while it is being changed: what Edit hands out.
type Draft struct {
	of        *Estate
	resources []Resource
	mine      map[Resource]bool // those that are copies already
	gone      map[ID]bool
}

// Edit returns the estate as it would be after some changes: the same files,
// another rule. The estate itself stays as it is; what is not changed the two
// share. References are not resolved again: what the draft adds names others
// with Naming.
func Edit(e *Estate, change func(*Draft)) *Estate {
	d := &Draft{of: e, resources: slices.Clone(e.Resources), mine: map[Resource]bool{}, gone: map[ID]bool{}}
	change(d)
	if len(d.gone) > 0 {
		d.forget()
	}
	out := &Estate{Resources: d.resources, Gaps: e.Gaps, Unmodelled: e.Unmodelled, Files: e.Files}
	slices.SortStableFunc(out.Resources, func(a, b Resource) int { return a.base().ID.Compare(b.base().ID) })
	out.ix = newIndex(out.Resources, func(linked, *index, string) {})
	out.ix.hidesAWS, out.ix.hidesKubernetes = e.ix.hidesAWS, e.ix.hidesKubernetes
	return out
}

// Before is the estate that is being changed.
func (d *Draft) Before() *Estate { return d.of }

// Change calls f with a copy of every resource of type T, to change as it
// likes. What f reaches through pointers of other packages, such as an Istio
// spec, it has to copy itself.
func Change[T Resource](d *Draft, f func(T)) {
	for i, r := range d.resources {
		if _, ok := r.(T); ok {
			f(d.own(i).(T))
		}
	}
}

// Remove takes out the resources of type T for which f holds.
func Remove[T Resource](d *Draft, f func(T) bool) {
	d.resources = slices.DeleteFunc(d.resources, func(r Resource) bool {
		t, ok := r.(T)
		if !ok || !f(t) {
			return false
		}
		d.gone[r.base().ID] = true
		return true
	})
}

// Add puts in a resource. Its ID has to be a new one.
func (d *Draft) Add(r Resource) {
	d.mine[r] = true
	d.resources = append(d.resources, r)
}

// own makes the resource at i one that may be changed.
func (d *Draft) own(i int) Resource {
	r := d.resources[i]
	if d.mine[r] {
		return r
	}
	c := copied(r)
	d.resources[i], d.mine[c] = c, true
	return c
}

// forget takes the resources that have gone out of the references of others.
func (d *Draft) forget() {
	for i, r := range d.resources {
		names := false
		eachLink(r, func(l linked) {
			names = names || slices.ContainsFunc(l.targets(), func(id ID) bool { return d.gone[id] })
		})
		if names {
			eachLink(d.own(i), func(l linked) { l.forget(d.gone) })
		}
	}
}

func (r *Ref[T]) forget(gone map[ID]bool) {
	r.To = slices.DeleteFunc(slices.Clone(r.To), func(id ID) bool { return gone[id] })
}

func (r *Refs[T]) forget(gone map[ID]bool) {
	for i := range r.Items {
		r.Items[i].forget(gone)
	}
}

// copied is a copy of a resource of which the estate's own kinds of arguments
// can be changed: its lists, maps and blocks are its own.
func copied(r Resource) Resource {
	v := reflect.ValueOf(r).Elem()
	c := reflect.New(v.Type())
	c.Elem().Set(v)
	deepen(c.Elem())
	return c.Interface().(Resource)
}

// deepen gives a struct that was copied slices and maps of its own, as far as
// the exported fields of this package's types go.
func deepen(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[Base]().PkgPath() {
			return // of another package: shared
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				deepen(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		v.Set(c)
		for i := range v.Len() {
			deepen(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			c.SetMapIndex(it.Key(), it.Value())
		}
		v.Set(c)
	}
}

// Naming is a reference to resources, as what a draft adds or changes makes it.
func Naming[T Resource](ids ...ID) Ref[T] {
	r := Ref[T]{To: ids}
	if len(ids) > 0 {
		r.Str = Unknown[string](ids[0].Addr+" is known only after apply", diag.Pos{})
	}
	return r
}

// NamingAll is a list of references, one to each resource.
func NamingAll[T Resource](ids ...ID) Refs[T] {
	out := Refs[T]{state: known}
	for _, id := range ids {
		out.Items = append(out.Items, Naming[T](id))
	}
	return out
}

// KnownList makes a list that was written at pos.
func KnownList(pos diag.Pos, items ...string) List {
	l := List{at: pos, state: known}
	for _, s := range items {
		l.Items = append(l.Items, Known(s, pos))
	}
	return l
}

// KnownBlocks makes blocks that were written.
func KnownBlocks[T any](items ...T) Blocks[T] { return Blocks[T]{Items: items} }

// KnownPolicy makes a policy of a document that was written at pos. A document
// that is none is unknown.
func KnownPolicy(doc string, pos diag.Pos) Policy {
	var p Policy
	p.fromTree(&tree.Node{Kind: tree.String, Text: doc, Pos: pos})
	return p
}
