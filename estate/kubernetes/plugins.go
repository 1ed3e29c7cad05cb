package kubernetes

import (
	"path"
	"slices"
	"strings"

	"fathom/estate/tree"
)

// plugin adds the configuration of a built-in generator or transformer, a file
// or a text. Any other plugin is a program, and is not run.
func (w *rewriter) plugin(as string, n *tree.Node) {
	var docs []document
	var ok bool
	if isInline(n) {
		docs, ok = w.inline(n)
	} else {
		name, file, dir := w.find(n, text(n), strings.TrimSuffix(as, "s"))
		switch {
		case dir: // a kustomization whose objects are the configurations: take them as they stand
			if u := w.load(name); u != nil {
				u.used = true
				w.u.children = append(w.u.children, name)
				ok = true
				for _, f := range u.resources {
					more, fine := w.r.src.documents(f)
					docs, ok = append(docs, more...), ok && fine
				}
			}
		case file:
			docs, ok = w.r.src.documents(name)
			w.r.take(name, "kustomization")
		}
	}
	if !ok {
		w.r.gap("a "+strings.TrimSuffix(as, "s")+" of "+w.u.file, n.Pos, "it cannot be read")
		return
	}
	for _, d := range docs {
		version, kind := head(d.root)
		if version != "builtin" || kind == "HelmChartInflationGenerator" {
			w.r.problems.Addf(d.root.Pos, "run it, and list its output under \"resources\"", "kustomize plugin %q is a program and is not run", kind)
			w.r.gap("plugin "+kind, d.root.Pos, "a plugin of a kustomization is not run")
			continue
		}
		// As a file of its own: kustomize takes a text that it cannot read for a URL.
		w.add(as, str(w.stage.putDocument(d.root.Pos.String(), w.pluginPaths(d.root)), n.Pos))
	}
}

func isInline(n *tree.Node) bool {
	return strings.Contains(n.Text, "\n") || strings.HasPrefix(strings.TrimSpace(n.Text), "{")
}

// pathMembers are the members that name files.
var pathMembers = []string{"path", "paths", "files", "env", "envs", "replacements", "targetFilePath"}

// canonical spells the members that name files as they should be: kustomize
// takes Files for files too, and would fetch what stands there.
func canonical(n *tree.Node) *tree.Node {
	if n.Is() != tree.Map {
		return n
	}
	out := *n
	out.Fields = slices.Clone(n.Fields)
	for i, f := range out.Fields {
		for _, name := range pathMembers {
			if strings.EqualFold(f.Name, name) {
				out.Fields[i].Name = name
			}
		}
	}
	return &out
}

// pluginPaths rewrites the files that a plugin's configuration names.
func (w *rewriter) pluginPaths(n *tree.Node) *tree.Node {
	out := *n
	out.Fields = nil
	for _, f := range canonical(n).Fields {
		switch {
		case (f.Name == "path" || f.Name == "targetFilePath") && !f.Node.Missing():
			staged, ok := w.document(f.Node, "patch", "file")
			if !ok {
				continue
			}
			f.Node = str(staged, f.Node.Pos)
		case f.Name == "replacements":
			l := &tree.Node{Kind: tree.List, Pos: f.Node.Pos}
			for _, it := range w.list(f.Name, f.Node) {
				if p := canonical(it).Get("path"); p.Missing() {
					l.Items = append(l.Items, it)
				} else if staged, ok := w.document(p, "settings", "replacement"); ok {
					l.Items = append(l.Items, &tree.Node{Kind: tree.Map, Fields: []tree.Field{{Name: "path", Node: str(staged, it.Pos)}}})
				}
			}
			f.Node = l
		case f.Name == "env":
			if staged, ok := w.raw(f.Node, text(f.Node), "file"); ok {
				f.Node = str(staged, f.Node.Pos)
			} else {
				continue
			}
		case f.Name == "paths" || f.Name == "files" || f.Name == "envs":
			l := &tree.Node{Kind: tree.List}
			for _, it := range w.list(f.Name, f.Node) {
				key, written, ok := strings.Cut(text(it), "=")
				if !ok {
					key, written = path.Base(text(it)), text(it)
				}
				if staged, ok := w.raw(it, written, "file"); ok {
					if f.Name == "files" {
						staged = key + "=" + staged
					}
					l.Items = append(l.Items, str(staged, it.Pos))
				}
			}
			f.Node = l
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}
