package ground

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"fathom/engine/reach"
	"fathom/estate"
	"fathom/estate/tree"
)

// fewest is the number of workloads from which it is worth while to look for
// those that are alike.
const fewest = 24

// grouped leaves one of workloads that differ in nothing but their names: the
// same manifest, and every object that speaks of one speaks in the same way of
// the other. What an object of AWS names keeps a workload apart, as a role of its
// own does; and so does an object that speaks of several.
func grouped(e *estate.Estate, ws []*Workload) []*Workload {
	for _, w := range ws {
		w.Alike = []reach.Place{w.Place}
	}
	if len(ws) < fewest {
		return ws
	}
	first := map[string]*Workload{}
	says := likenesses(e, ws)
	var out []*Workload
	for _, w := range ws {
		key := says[w]
		if f := first[key]; f != nil && key != "" {
			f.Alike = append(f.Alike, w.Place)
			continue
		}
		first[key] = w
		out = append(out, w)
	}
	return out
}

// likenesses are what is said of each workload, with its own name left out; ""
// for one that nothing else is like.
func likenesses(e *estate.Estate, ws []*Workload) map[*Workload]string {
	named := map[string][]*Workload{} // by the names and values of labels that are its own
	for _, w := range ws {
		if p := w.Pods(); p != nil {
			named[p.Name] = append(named[p.Name], w)
		}
	}
	parts, alone := map[*Workload][]string{}, map[*Workload]bool{}
	for _, r := range e.Resources {
		text, words := spoken(r)
		var of []*Workload
		for _, word := range words {
			of = append(of, named[word]...)
		}
		switch {
		case len(of) == 1:
			p := of[0].Pods()
			parts[of[0]] = append(parts[of[0]], strings.Join(text(p.Name), "\x00"))
		case len(of) > 1:
			for _, w := range of {
				alone[w] = true
			}
		}
	}
	out := map[*Workload]string{}
	for _, w := range ws {
		if w.Pods() == nil || alone[w] || len(parts[w]) == 0 {
			continue
		}
		slices.Sort(parts[w])
		out[w] = w.Pods().Namespace + "\x00" + strings.Join(parts[w], "\x01")
	}
	return out
}

// spoken are the words of an object, and its text with one of them left out. Of
// what is no object of Kubernetes every word counts, and no two are alike.
func spoken(r estate.Resource) (text func(own string) []string, words []string) {
	var all []string
	o := objectOf(r)
	if o == nil {
		textsOf(reflect.ValueOf(r).Elem(), &all)
	} else {
		o.Manifest.Walk(func(n *tree.Node) {
			all = append(all, strconv.Itoa(int(n.Kind)), n.Text)
			for _, f := range n.Fields {
				all = append(all, f.Name)
			}
		})
	}
	seen := map[string]bool{}
	for _, s := range all {
		for _, word := range strings.FieldsFunc(s, apart) {
			seen[word] = true
		}
	}
	text = func(own string) []string {
		if o == nil {
			return []string{r.Meta().ID.String()}
		}
		out := make([]string, len(all))
		for i, s := range all {
			out[i] = without(s, own)
		}
		return out
	}
	return text, slices.Sorted(maps.Keys(seen))
}

// objectOf is a resource as an object of Kubernetes, nil for one of AWS.
func objectOf(r estate.Resource) *estate.Object {
	if o, ok := r.(*estate.Object); ok {
		return o
	}
	f := reflect.ValueOf(r).Elem().FieldByName("Object")
	if !f.IsValid() || !f.CanAddr() {
		return nil
	}
	o, _ := f.Addr().Interface().(*estate.Object)
	return o
}

// textsOf collects every text in a resource.
func textsOf(v reflect.Value, into *[]string) {
	switch v.Kind() {
	case reflect.String:
		*into = append(*into, v.String())
	case reflect.Struct:
		if s, ok := v.Interface().(fmt.Stringer); ok {
			*into = append(*into, s.String())
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				textsOf(v.Field(i), into)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			textsOf(v.Index(i), into)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			textsOf(it.Key(), into)
			textsOf(it.Value(), into)
		}
	case reflect.Pointer, reflect.Interface:
		if n, ok := v.Interface().(*tree.Node); ok {
			n.Walk(func(n *tree.Node) { *into = append(*into, n.Text) })
		}
	}
}

// apart says whether a letter ends a name: names of Kubernetes have letters,
// digits and dashes.
func apart(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
}

// without is a text with one word of it left out wherever it stands whole.
func without(s, own string) string {
	if !strings.Contains(s, own) {
		return s
	}
	var out strings.Builder
	for rest := s; rest != ""; {
		end := strings.IndexFunc(rest, apart)
		switch {
		case end == 0:
			out.WriteByte(rest[0])
			rest = rest[1:]
			continue
		case end < 0:
			end = len(rest)
		}
		if word := rest[:end]; word == own {
			out.WriteByte(0)
		} else {
			out.WriteString(word)
		}
		rest = rest[end:]
	}
	return out.String()
}
