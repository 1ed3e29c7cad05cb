package kubernetes

import (
	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// typeObjects turns every manifest that was found into a resource.
func (r *reader) typeObjects() {
	scope := newScopes(r.objects)
	for _, o := range r.objects {
		r.out = append(r.out, r.typed(o, scope))
	}
}

// typed makes the resource of a manifest: of its own type where Fathom has
// one, a plain Object otherwise.
func (r *reader) typed(o *object, scope scopes) estate.Resource {
	obj := r.plain(o, scope)
	group := groupOf(obj.APIVersion)
	build := typeOf(group, obj.Kind)
	if build == nil {
		if !has(known, group, obj.Kind) {
			r.other[obj.Type]++
		}
		return &obj
	}
	res, wrong := build(r, obj)
	if wrong == nil {
		return res
	}
	r.problems.Addf(wrong.pos, fixForType(obj.Manifest, wrong), "%s %q cannot be read as one: %s", obj.Kind, obj.Name, wrong.msg)
	r.gap(obj.ID.Addr, wrong.pos, "a value in it has the wrong type")
	return &obj
}

// plain is what every object has.
func (r *reader) plain(o *object, scope scopes) estate.Object {
	n := o.doc.root
	meta := n.Get("metadata")
	obj := estate.Object{Manifest: n}
	obj.APIVersion, obj.Kind = head(n)
	obj.Name = r.word(meta.Get("name"), "name")
	if obj.Name == "" {
		obj.Name = r.word(meta.Get("generateName"), "generateName")
	}
	if obj.Name == "" {
		r.problems.Addf(n.Pos, `add "name" below "metadata"`, "%s has no name", obj.Kind)
	}
	namespace := r.word(meta.Get("namespace"), "namespace")
	if !scope.cluster(groupOf(obj.APIVersion), obj.Kind, namespace != "") {
		obj.Namespace = namespace
		if namespace == "" {
			obj.Namespace = "default"
		}
	}
	obj.Labels = r.words(meta.Get("labels"), "label")
	obj.Annotations = r.words(meta.Get("annotations"), "annotation")
	obj.Base = estate.Base{ID: estate.ID{Root: o.root, Addr: address(&obj)}, Type: obj.APIVersion + "/" + obj.Kind, Pos: n.Pos}
	if obj.Pos.File == "" {
		obj.Pos.File = o.doc.file
	}
	return obj
}

func address(o *estate.Object) string {
	if o.Namespace == "" {
		return o.Kind + "/" + o.Name
	}
	return o.Kind + "/" + o.Namespace + "/" + o.Name
}

// word is a string of the metadata. A cluster refuses a number there; its text
// is kept all the same.
func (r *reader) word(n *tree.Node, what string) string {
	switch n.Is() {
	case tree.Absent, tree.Null:
		return ""
	case tree.String:
		return n.Text
	case tree.Number, tree.Bool:
		r.problems.Addf(n.Pos, "put it in quotes", "%s %s is not a string", what, n.Text)
		return n.Text
	}
	r.problems.Addf(n.Pos, "write a string", "%s is a list or a map, not a string", what)
	return ""
}

func (r *reader) words(n *tree.Node, what string) map[string]string {
	if n.Missing() {
		return nil
	}
	if n.Kind != tree.Map {
		r.problems.Addf(n.Pos, "write a map", "the %ss are not a map", what)
		return nil
	}
	m := make(map[string]string, len(n.Fields))
	for _, f := range n.Fields {
		m[f.Name] = r.word(f.Node, what+` "`+f.Name+`":`)
	}
	return m
}

// fixForType says how to mend a value of the wrong type.
func fixForType(manifest *tree.Node, wrong *typeError) string {
	fix := "mend the value"
	manifest.Walk(func(n *tree.Node) {
		if n.Pos == wrong.pos && n.Kind == tree.String && looksLikePlaceholder(n.Text) {
			fix = "give the rendered file, or a value in place of the placeholder"
		}
	})
	return fix
}

// at is the position of the value at a path, or of the object.
func at(o *estate.Object, path ...string) diag.Pos { return o.At(path...) }
