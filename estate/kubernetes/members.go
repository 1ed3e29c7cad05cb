package kubernetes

import (
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// patch adds a patch: {path, patch, target}, or of the older form a path or
// the text itself.
func (w *rewriter) patch(n *tree.Node) {
	out := &tree.Node{Kind: tree.Map, Pos: n.Pos}
	file, inline := n.Get("path"), n.Get("patch")
	if n.Kind == tree.String {
		file = n
		if strings.Contains(n.Text, "\n") || strings.HasPrefix(strings.TrimSpace(n.Text), "{") {
			file, inline = nil, n
		}
	} else {
		for _, name := range []string{"target", "options"} {
			if v := n.Get(name); v != nil {
				out.Set(name, v)
			}
		}
	}
	var docs []document
	var ok bool
	switch {
	case !file.Missing():
		var staged string
		staged, ok = w.document(file, "patch", "patch")
		if ok {
			docs, _ = w.r.src.documents(join(w.u.dir, text(file)))
			out.Set("path", str(staged, file.Pos))
		}
	case !inline.Missing():
		docs, ok = w.inline(inline)
		out.Set("patch", str(string(joined(docs)), inline.Pos))
	default:
		w.r.problems.Addf(n.Pos, `give it a "path" or a "patch"`, "the patch is empty")
	}
	if !ok {
		pos := n.Pos
		if !file.Missing() {
			pos = file.Pos
		}
		w.r.gaps = append(w.r.gaps, unknownPart("a patch of "+w.u.file, pos, "the patch cannot be read, so what it changes is not known"))
		return
	}
	w.add("patches", out)
	for _, d := range docs {
		w.u.patches = append(w.u.patches, placesOf(d.root, n.Get("target")))
	}
}

// inline parses YAML that stands as a text inside the kustomization, with the
// positions it has there.
func (w *rewriter) inline(n *tree.Node) ([]document, bool) {
	if n.Kind != tree.String {
		w.r.problems.Addf(n.Pos, "write it as a text", "the patch is not a text")
		return nil, false
	}
	var problems diag.Problems
	docs, ok := parseFile(n.Pos.File, []byte(n.Text), &problems)
	first := n.Pos.Line - 1
	if strings.Contains(n.Text, "\n") { // a block text begins on the line after its "|"
		first++
	}
	for i := range problems {
		problems[i].Line += first
		problems[i].Column = 0
	}
	w.r.problems = append(w.r.problems, problems...)
	for _, d := range docs {
		d.root.Walk(func(m *tree.Node) {
			m.Pos.Line += first
			m.Pos.Column = 0 // the text's indentation is gone
		})
	}
	return docs, ok
}

// placesOf makes of a patch the tree of the values it sets: a strategic merge
// is one, a JSON patch becomes one.
func placesOf(n, target *tree.Node) patch {
	p := patch{root: n, kind: text(n.Get("kind")), name: text(n.At("metadata", "name"))}
	if n.Kind == tree.List {
		p.root = &tree.Node{Kind: tree.Map, Pos: n.Pos}
		for _, op := range n.Items {
			if v := op.Get("value"); v != nil {
				setAt(p.root, v, strings.Split(strings.TrimPrefix(text(op.Get("path")), "/"), "/"))
			}
		}
	}
	if !target.Missing() {
		p.kind, p.name = text(target.Get("kind")), text(target.Get("name"))
		if re, err := regexp.Compile("^(?:" + p.name + ")$"); err == nil {
			p.pattern = re
		}
	}
	return p
}

var pointer = strings.NewReplacer("~1", "/", "~0", "~")

func setAt(n, v *tree.Node, path []string) {
	for i, p := range path {
		p = pointer.Replace(p)
		if i == len(path)-1 {
			n.Set(p, v)
			return
		}
		next := n.Get(p)
		if next.Is() != tree.Map {
			next = &tree.Node{Kind: tree.Map, Pos: v.Pos}
			n.Set(p, next)
		}
		n = next
	}
}

// generator adds a ConfigMap or Secret generator. It is marked, so that what
// it makes is known to come from here.
func (w *rewriter) generator(name string, n *tree.Node) {
	if n.Kind != tree.Map {
		w.r.problems.Addf(n.Pos, "write a map", "an item of %q is not a map", name)
		return
	}
	out := &tree.Node{Kind: tree.Map, Pos: n.Pos}
	for _, f := range canonical(n).Fields {
		if f.Node.Missing() {
			continue
		}
		switch f.Name {
		case "files":
			out.Set("files", w.generatorFiles(name, f.Node))
		case "env", "envs":
			items := []*tree.Node{f.Node}
			if f.Name == "envs" {
				items = w.list(f.Name, f.Node)
			}
			l := out.Get("envs")
			if l == nil {
				l = &tree.Node{Kind: tree.List}
				out.Set("envs", l)
			}
			for _, it := range items {
				if staged, ok := w.raw(it, text(it), name+" file"); ok {
					l.Items = append(l.Items, str(staged, it.Pos))
				}
			}
		default:
			out.Set(f.Name, f.Node)
		}
	}
	id := strconv.Itoa(len(w.sources))
	w.sources = append(w.sources, &tree.Node{Kind: tree.Map, Pos: n.Pos, Fields: n.Fields})
	w.u.sources++
	w.add(name, with(out, str(id, n.Pos), "options", "annotations", mark))
}

// generatorFiles are the files of a generator: path, key=path, or a directory.
func (w *rewriter) generatorFiles(what string, n *tree.Node) *tree.Node {
	l := &tree.Node{Kind: tree.List, Pos: n.Pos}
	for _, it := range w.list("files", n) {
		key, written, ok := strings.Cut(text(it), "=")
		if !ok {
			key, written = "", text(it)
		}
		name, _, dir := w.find(it, written, what+" file")
		names := []string{written}
		if dir {
			entries, _ := fs.ReadDir(w.r.src.fsys, name)
			names = nil
			for _, e := range entries {
				if e.Type().IsRegular() {
					names = append(names, path.Join(written, e.Name()))
				}
			}
		}
		for _, f := range names {
			k := key
			if k == "" {
				k = path.Base(f)
			}
			if isFile, _ := w.r.src.exists(join(w.u.dir, f)); !isFile {
				continue // find has said so
			}
			if staged, ok := w.raw(it, f, what+" file"); ok {
				l.Items = append(l.Items, str(k+"="+staged, it.Pos))
			}
		}
	}
	return l
}

// replacement adds a replacement: one written here, or a file of them.
func (w *rewriter) replacement(n *tree.Node) {
	p := canonical(n).Get("path")
	if p.Missing() {
		w.add("replacements", n)
		return
	}
	if staged, ok := w.document(p, "settings", "replacement"); ok {
		w.add("replacements", &tree.Node{Kind: tree.Map, Fields: []tree.Field{{Name: "path", Node: str(staged, p.Pos)}}})
	}
}

// chart notes a chart that kustomize would render with the helm command.
func (w *rewriter) chart(n *tree.Node) {
	name := text(n.Get("name"))
	w.r.problems.Addf(n.Pos, "render it with helm template and list the output under \"resources\"", "chart %q of a kustomization is not rendered", name)
	w.r.gap("chart "+name, n.Pos, "a chart that a kustomization inflates is not rendered")
}
