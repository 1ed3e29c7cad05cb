package kubernetes

import (
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"fathom/diag"
	"fathom/estate/tree"
)

// tree turns an object that kustomize built into a tree without positions.
func (k *kustomizer) tree(u *kustomization, n *yaml.Node) (*tree.Node, bool) {
	x := expander{file: u.file, problems: &k.r.problems, modern: true}
	root, ok := x.document(n)
	if ok {
		root.Walk(func(m *tree.Node) { m.Pos = diag.Pos{} })
	}
	return root, ok
}

// place gives a built object the positions of what it was built from: the
// manifest, then the patches that apply to it, then the kustomization.
func (k *kustomizer) place(n *tree.Node, u *kustomization, all []*kustomization) {
	src, generated := k.source(n)
	if src == nil {
		src = k.namesake(n, all)
	}
	own := diag.At(u.file, 1, 1)
	if generated && src != nil {
		n.Walk(func(m *tree.Node) { m.Pos = src.Pos })
		return
	}
	var patches []*tree.Node
	for _, v := range all {
		for _, p := range v.patches {
			if p.appliesTo(n, src) {
				patches = append(patches, p.root)
			}
		}
	}
	placeNode(n, src, patches, own)
	k.placeMetadata(n, src, all)
}

// namesake is the only manifest of that kind whose name is in the object's: a
// patch that replaces the annotations takes the mark away.
func (k *kustomizer) namesake(n *tree.Node, all []*kustomization) *tree.Node {
	var found *tree.Node
	for _, s := range k.sources {
		name := text(s.At("metadata", "name"))
		if text(s.Get("kind")) != text(n.Get("kind")) || name == "" || !strings.Contains(text(n.At("metadata", "name")), name) {
			continue
		}
		for _, v := range all {
			for _, f := range v.resources {
				if f == s.Pos.File && (found == nil || len(name) > len(text(found.At("metadata", "name")))) {
					found = s
				}
			}
		}
	}
	return found
}

// appliesTo says whether a patch may have changed an object.
func (p patch) appliesTo(n, src *tree.Node) bool {
	if p.kind != "" && p.kind != text(n.Get("kind")) {
		return false
	}
	if p.name == "" {
		return true
	}
	for _, m := range []*tree.Node{n, src} {
		if name := text(m.At("metadata", "name")); name == p.name || p.pattern != nil && p.pattern.MatchString(name) {
			return true
		}
	}
	return false
}

// placeNode gives a value the position of the source where it is the source's,
// of the last patch that sets it where it is not, of the nearest thing known
// otherwise.
func placeNode(n, src *tree.Node, patches []*tree.Node, otherwise diag.Pos) {
	n.Pos = otherwise
	if src != nil {
		n.Pos = src.Pos
	}
	if src == nil || !same(n, src) {
		for _, p := range patches {
			if src == nil || same(n, p) && n.Kind != tree.Map && n.Kind != tree.List {
				n.Pos = p.Pos
			}
		}
	}
	switch n.Kind {
	case tree.Map:
		for _, f := range n.Fields {
			var below []*tree.Node
			for _, p := range patches {
				if c := p.Get(f.Name); c != nil {
					below = append(below, c)
				}
			}
			placeNode(f.Node, src.Get(f.Name), below, otherwise)
		}
	case tree.List:
		in := itemsOf(src)
		var inPatches []items
		for _, p := range patches {
			inPatches = append(inPatches, itemsOf(p))
		}
		for i, it := range n.Items {
			var below []*tree.Node
			for _, p := range inPatches {
				if c := p.like(it, i, len(n.Items)); c != nil {
					below = append(below, c)
				}
			}
			placeNode(it, in.like(it, i, 0), below, otherwise)
		}
	}
}

func same(a, b *tree.Node) bool { return a.Is() == b.Is() && a.Text == b.Text }

// items finds the item of a list that is the same thing as one of another: by
// its name, or by being equal, or by standing at the same place.
type items struct {
	of    *tree.Node
	named map[string]*tree.Node
}

func itemsOf(n *tree.Node) items {
	l := items{of: n}
	if n.Is() == tree.List {
		l.named = make(map[string]*tree.Node, len(n.Items))
		for _, it := range n.Items {
			if key := keyOfItem(it); key != "" {
				l.named[key] = it
			}
		}
	}
	return l
}

// keyOfItem is what the items of Kubernetes' lists are told apart by.
func keyOfItem(n *tree.Node) string {
	if n.Is() != tree.Map {
		return "=" + strconv.Itoa(int(n.Is())) + n.Text
	}
	for _, name := range []string{"name", "containerPort", "port", "mountPath", "key", "ip", "topologyKey", "host"} {
		if v, ok := n.Get(name).Literal(); ok {
			return name + "=" + v
		}
	}
	return ""
}

// like finds the item; of is the length of the list it is from, for the "-" of
// a JSON patch, which appends.
func (l items) like(it *tree.Node, i, of int) *tree.Node {
	switch l.of.Is() {
	case tree.Map: // a JSON patch names items by their place
		if c := l.of.Get(strconv.Itoa(i)); c != nil {
			return c
		}
		if i == of-1 {
			return l.of.Get("-")
		}
	case tree.List:
		if key := keyOfItem(it); key != "" {
			if c := l.named[key]; c != nil {
				return c
			}
			if len(l.named) > 0 && it.Kind == tree.Map {
				return nil
			}
		}
		if i < len(l.of.Items) {
			return l.of.Items[i]
		}
	}
	return nil
}

// placeMetadata gives the namespace, labels and annotations that a
// kustomization adds the position of the line that adds them.
func (k *kustomizer) placeMetadata(n, src *tree.Node, all []*kustomization) {
	added := func(path ...string) {
		v := n.At(path...)
		if v == nil || same(v, src.At(path...)) {
			return
		}
		for _, u := range all {
			for _, at := range u.adds(path[len(path)-1]) {
				if same(at, v) {
					v.Pos = at.Pos
				}
			}
		}
	}
	added("metadata", "namespace")
	for _, part := range []string{"labels", "annotations"} {
		if m := n.At("metadata", part); m.Is() == tree.Map {
			for _, f := range m.Fields {
				added("metadata", part, f.Name)
			}
		}
	}
}

// adds are the values of that name which a kustomization gives every object.
func (u *kustomization) adds(name string) []*tree.Node {
	out := []*tree.Node{u.tree.At("commonLabels", name), u.tree.At("commonAnnotations", name)}
	if name == "namespace" {
		out = append(out, u.tree.Get("namespace"))
	}
	if l := u.tree.Get("labels"); l.Is() == tree.List {
		for _, it := range l.Items {
			out = append(out, it.At("pairs", name))
		}
	}
	for i := 0; i < len(out); {
		if out[i] == nil {
			out = append(out[:i], out[i+1:]...)
			continue
		}
		i++
	}
	return out
}
