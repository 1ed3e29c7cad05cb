package kubernetes

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// mark is the annotation by which a built object is traced to its source.
const mark = "fathom.internal/source"

// copied are the members of a kustomization that need no rewriting.
var copied = strings.Fields(`apiVersion kind metadata namePrefix nameSuffix namespace labels commonAnnotations images
	replicas vars sortOptions generatorOptions`)

// rewrite puts a kustomization into the stage: with paths of the stage, without
// what cannot be had here, and without the deprecated names of things.
func (k *kustomizer) rewrite(u *kustomization) {
	w := rewriter{kustomizer: k, u: u, out: &tree.Node{Kind: tree.Map}}
	for _, f := range u.tree.Fields {
		if !f.Node.Missing() {
			w.member(f.Name, f.Node)
		}
	}
	// Last, as kustomize applies them: strategic merges, patches, JSON patches.
	for _, name := range []string{"patchesStrategicMerge", "patches", "patchesJson6902"} {
		for _, p := range w.list(name, u.tree.Get(name)) {
			w.patch(p)
		}
	}
	if w.out.Get("buildMetadata") == nil { // present, it keeps kustomize from refusing an empty kustomization
		w.out.Set("buildMetadata", &tree.Node{Kind: tree.List})
	}
	k.stage.putKustomization(u.dir, w.out)
}

type rewriter struct {
	*kustomizer
	u   *kustomization
	out *tree.Node
}

func (w *rewriter) member(name string, n *tree.Node) {
	switch name {
	case "resources", "bases":
		for _, it := range w.list(name, n) {
			w.resource(it)
		}
	case "components":
		for _, it := range w.list(name, n) {
			w.directory("components", it)
		}
	case "patches", "patchesStrategicMerge", "patchesJson6902":
	case "crds", "configurations":
		for _, it := range w.list(name, n) {
			if p, ok := w.document(it, "settings", name+" file"); ok {
				w.add(name, str(p, it.Pos))
			}
		}
	case "generators", "transformers", "validators":
		for _, it := range w.list(name, n) {
			w.plugin(name, it)
		}
	case "configMapGenerator", "secretGenerator":
		for _, it := range w.list(name, n) {
			w.generator(name, it)
		}
	case "replacements":
		for _, it := range w.list(name, n) {
			w.replacement(it)
		}
	case "openapi":
		if p := canonical(n).Get("path"); !p.Missing() {
			if staged, ok := w.raw(p, text(p), "schema"); ok {
				w.out.Set(name, &tree.Node{Kind: tree.Map, Fields: []tree.Field{{Name: "path", Node: str(staged, p.Pos)}}})
			}
			return
		}
		w.out.Set(name, n)
	case "commonLabels":
		w.add("labels", &tree.Node{Kind: tree.Map, Fields: []tree.Field{
			{Name: "pairs", Node: n}, {Name: "includeSelectors", Node: &tree.Node{Kind: tree.Bool, Text: "true"}},
		}})
	case "labels", "images":
		for _, it := range w.list(name, n) {
			w.add(name, it)
		}
	case "imageTags":
		for _, it := range w.list(name, n) {
			w.add("images", it)
		}
	case "buildMetadata":
		for _, it := range w.list(name, n) {
			if text(it) == "managedByLabel" {
				w.add(name, it)
			}
		}
	case "helmCharts", "helmChartInflationGenerator":
		for _, it := range w.list(name, n) {
			w.chart(it)
		}
	case "helmGlobals":
	default:
		if !slices.Contains(copied, name) {
			w.r.problems.Addf(n.Pos, "remove it, or mend the name", "kustomize knows no %q", name)
			return
		}
		w.out.Set(name, n)
	}
}

func str(s string, pos diag.Pos) *tree.Node { return &tree.Node{Kind: tree.String, Text: s, Pos: pos} }

// add appends to a list of the rewritten kustomization.
func (w *rewriter) add(name string, n *tree.Node) {
	l := w.out.Get(name)
	if l == nil {
		l = &tree.Node{Kind: tree.List}
		w.out.Set(name, l)
	}
	l.Items = append(l.Items, n)
}

// list is the items of a member that has to be a list.
func (w *rewriter) list(name string, n *tree.Node) []*tree.Node {
	if n.Missing() {
		return nil
	}
	if n.Kind != tree.List {
		w.r.problems.Addf(n.Pos, "write a list", "%q is not a list", name)
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Items), (*tree.Node).Missing)
}

// url matches what kustomize takes for something to fetch.
var url = regexp.MustCompile(`(?i)^([a-z][a-z0-9+.-]*://|git::|git@|[\w.-]+@[\w.-]+:|(www\.)?github\.com[/:]|ssh:)|\?ref=|\.git(/|$)|_git/`)

// find says what a path in the kustomization names.
func (w *rewriter) find(n *tree.Node, written, what string) (name string, file, dir bool) {
	switch {
	case n.Kind != tree.String || written == "":
		w.r.problems.Addf(n.Pos, "write a path", "the %s is not a path", what)
		return "", false, false
	case strings.Contains(written, "\n"):
		w.r.problems.Addf(n.Pos, "write a path", "the %s is a text, not a path", what)
		return "", false, false
	}
	name = join(w.u.dir, written)
	file, dir = w.r.src.exists(name)
	switch {
	case url.MatchString(written):
		w.r.problems.Addf(n.Pos, "copy it into the repository and name the copy", "%s %q is remote and is not fetched", what, written)
		return "", false, false
	case !file && !dir:
		w.r.problems.Addf(n.Pos, "add it, or mend the path", "%s %q does not exist", what, written)
	}
	return name, file, dir
}

// resource adds a manifest or a base.
func (w *rewriter) resource(n *tree.Node) {
	name, file, dir := w.find(n, text(n), "resource")
	switch {
	case dir:
		w.directory("resources", n)
		return
	case !file:
		w.r.gap(describe(n), n.Pos, "the resource of a kustomization is not there")
		return
	}
	docs, ok := w.r.src.documents(name)
	if !ok {
		w.r.gap(name, n.Pos, "a part of it cannot be parsed")
	}
	w.r.take(name, "kustomization")
	w.u.resources = append(w.u.resources, name)
	before := len(w.sources)
	staged := w.stage.put(name, "manifest", func() []byte { return w.marked(docs) })
	w.u.sources += max(len(w.sources)-before, len(docs))
	w.add("resources", str(staged, n.Pos))
}

func describe(n *tree.Node) string {
	if t := text(n); t != "" {
		return t
	}
	return "a resource"
}

// directory adds a base or a component.
func (w *rewriter) directory(as string, n *tree.Node) {
	what := strings.TrimSuffix(as, "s")
	name, _, dir := w.find(n, text(n), what)
	if !dir {
		w.r.gap(describe(n), n.Pos, "the "+what+" of a kustomization is not there")
		return
	}
	u := w.load(name)
	switch {
	case u == nil:
		w.r.problems.Addf(n.Pos, "add a kustomization.yaml to it", "%s %q has no kustomization that can be read", what, text(n))
		w.r.gap(name, n.Pos, "the directory has no kustomization that can be read")
		return
	case u.component != (as == "components"):
		want := "resources"
		if u.component {
			want = "components"
		}
		w.r.problems.Addf(n.Pos, "list it under \""+want+"\"", "%q is of kind %s", text(n), kindName(u))
		w.r.gap(name, n.Pos, "it is used as what it is not")
		return
	}
	w.u.children = append(w.u.children, name)
	w.add(as, str(".."+w.stage.dir(name), n.Pos))
}

func kindName(u *kustomization) string {
	if u.component {
		return "Component"
	}
	return "Kustomization"
}

// raw adds a file as it is.
func (w *rewriter) raw(n *tree.Node, written, what string) (staged string, ok bool) {
	name, file, _ := w.find(n, written, what)
	if !file {
		return "", false
	}
	b, ok := w.r.src.read(name)
	if !ok {
		return "", false
	}
	w.r.take(name, "kustomization")
	return w.stage.put(name, "raw", func() []byte { return b }), true
}

// document adds a file of YAML that holds no manifests.
func (w *rewriter) document(n *tree.Node, as, what string) (staged string, ok bool) {
	name, file, _ := w.find(n, text(n), what)
	if !file {
		return "", false
	}
	docs, ok := w.r.src.documents(name)
	w.r.take(name, "kustomization")
	if !ok {
		return "", false
	}
	return w.stage.put(name, as, func() []byte { return joined(docs) }), true
}

func joined(docs []document) []byte {
	var b []byte
	for i, d := range docs {
		if i > 0 {
			b = append(b, "\n---\n"...)
		}
		b = append(b, toJSON(d.root)...)
	}
	return b
}

// marked prints the objects of a manifest file, each with a mark. Lists are
// taken apart, and what is no object is left out.
func (w *rewriter) marked(docs []document) []byte {
	var flat reader
	for _, d := range docs {
		if flat.addObjects(d, "", 0) == 0 && d.root.Kind != tree.Null {
			w.r.problems.Addf(d.root.Pos, `give it "apiVersion", "kind" and a name, or take it out of "resources"`, "the resource of a kustomization is not a Kubernetes object")
		}
	}
	w.r.problems = append(w.r.problems, flat.problems...)
	var out []document
	for _, o := range flat.objects {
		n := withMark(o.doc.root, strconv.Itoa(len(w.sources)))
		w.sources = append(w.sources, o.doc.root)
		out = append(out, document{o.doc.file, n})
	}
	return joined(out)
}

// withMark is a copy of a manifest that has one more annotation.
func withMark(n *tree.Node, id string) *tree.Node {
	return with(n, str(id, diag.Pos{}), "metadata", "annotations", mark)
}

// with is a copy of a map that has v at a path; what is there and is no map
// stays as it is, and v is left out.
func with(n, v *tree.Node, path ...string) *tree.Node {
	if len(path) == 0 {
		return v
	}
	if !n.Missing() && n.Kind != tree.Map {
		return n
	}
	out := &tree.Node{Kind: tree.Map}
	if n != nil {
		out.Pos, out.Fields = n.Pos, slices.Clone(n.Fields)
	}
	out.Set(path[0], with(out.Get(path[0]), v, path[1:]...))
	return out
}
