package kubernetes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/tree"
)

// kustomizationNames are the names kustomize looks for, in its order.
var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// maxBuilt bounds the objects that one kustomization may build. Bases that
// each use the next one twice double it at every level.
const maxBuilt = 50_000

// maxPatched bounds how often patches are applied: Kustomize takes half a
// millisecond for each.
const maxPatched = 20_000

// kustomization is one kustomization file and what it refers to.
type kustomization struct {
	dir, file string
	component bool
	tree      *tree.Node
	children  []string // directories of bases and components, as often as they are used
	resources []string // manifests
	sources   int      // objects in them
	patches   []patch
	built     int // objects that it builds, with those of its children
	used      bool
	counting  bool
}

// patch is what a kustomization changes in other objects, for its positions.
type patch struct {
	root       *tree.Node
	kind, name string // what it applies to; "" is anything
	pattern    *regexp.Regexp
}

// kustomizer reads the kustomizations of a tree. Kustomize itself works on a
// copy in memory that this makes: every path in it is rewritten to a file of
// the copy, so that nothing can be fetched or read from elsewhere, and every
// manifest carries a mark by which the object built from it is known again.
type kustomizer struct {
	r       *reader
	known   map[string]*kustomization // by directory; nil where there is none
	order   []*kustomization
	sources []*tree.Node // the manifests, by mark
	stage   *stage
}

// readKustomizations builds every kustomization that no other one uses.
func (r *reader) readKustomizations() {
	k := &kustomizer{r: r, known: map[string]*kustomization{}, stage: newStage()}
	for _, f := range r.files {
		if _, taken := r.taken[f]; !taken && slices.Contains(kustomizationNames, path.Base(f)) {
			k.load(path.Dir(f))
		}
	}
	for _, u := range k.roots() {
		if u.component {
			k.readComponent(u)
		} else {
			k.build(u)
		}
	}
	for _, u := range k.order {
		r.take(u.file, "kustomization")
	}
}

// load reads the kustomization of a directory and everything it refers to.
func (k *kustomizer) load(dir string) *kustomization {
	if u, ok := k.known[dir]; ok {
		return u
	}
	k.known[dir] = nil
	file := k.fileIn(dir)
	if file == "" {
		return nil
	}
	docs, ok := k.r.src.documents(file)
	if !ok || len(docs) != 1 || docs[0].root.Kind != tree.Map {
		if ok {
			k.r.problems.Addf(diag.At(file, 1, 1), `write one map with "resources"`, "it is not a kustomization")
		}
		k.r.take(file, "not read: not a kustomization")
		k.r.gap(file, diag.Pos{File: file}, "it is not a kustomization that can be read")
		return nil
	}
	root := docs[0].root
	if v, _ := head(root); v != "" && groupOf(v) != "kustomize.config.k8s.io" {
		return nil // an object that has the name of a kustomization, such as Flux's
	}
	u := &kustomization{dir: dir, file: file, tree: root, component: text(root.Get("kind")) == "Component"}
	k.known[dir] = u
	k.order = append(k.order, u)
	k.rewrite(u)
	return u
}

// fileIn is the kustomization file of a directory, or "".
func (k *kustomizer) fileIn(dir string) string {
	found := ""
	for _, name := range kustomizationNames {
		f := path.Join(dir, name)
		if isFile, _ := k.r.src.exists(f); !isFile {
			continue
		}
		if found == "" {
			found = f
			continue
		}
		k.r.problems.Addf(diag.At(f, 1, 1), "keep one of the two", "the directory has another kustomization, %q, which is the one that is read", path.Base(found))
		k.r.take(f, "not read: a second kustomization")
	}
	return found
}

// roots are the kustomizations that no other uses, by directory. What only an
// unused component uses counts as unused. A circle has no such member: its
// first stands for it.
func (k *kustomizer) roots() []*kustomization {
	all := slices.Clone(k.order)
	slices.SortFunc(all, func(a, b *kustomization) int { return strings.Compare(a.dir, b.dir) })
	uses := map[string]int{}
	for _, u := range all {
		for _, c := range u.children {
			uses[c]++
		}
	}
	idle := map[*kustomization]bool{}
	for again := true; again; {
		again = false
		for _, u := range all {
			if u.component && uses[u.dir] == 0 && !idle[u] {
				idle[u], again = true, true
				for _, c := range u.children {
					uses[c]--
				}
			}
		}
	}
	var roots []*kustomization
	for _, u := range all {
		if uses[u.dir] == 0 {
			roots = append(roots, u)
			if !u.component {
				k.use(u)
			}
		}
	}
	for _, u := range all {
		if !u.used && !slices.Contains(roots, u) {
			roots = append(roots, u)
			k.use(u)
		}
	}
	return roots
}

func (k *kustomizer) use(u *kustomization) {
	if u == nil || u.used {
		return
	}
	u.used = true
	for _, c := range u.children {
		k.use(k.known[c])
	}
}

// count is how many objects a kustomization builds, at most maxBuilt+1.
func (k *kustomizer) count(u *kustomization) int {
	if u == nil || u.counting {
		return 0
	}
	if u.built == 0 {
		u.counting = true
		u.built = 1 + u.sources
		for _, c := range u.children {
			u.built = min(u.built+k.count(k.known[c]), maxBuilt+1)
		}
		u.counting = false
	}
	return u.built
}

// patching is how often a kustomization and its children may apply a patch. One
// that names its object applies to that one.
func (k *kustomizer) patching(u *kustomization) int {
	if u == nil || u.counting {
		return 0
	}
	u.counting = true
	n := 0
	for _, p := range u.patches {
		if p.name != "" && p.pattern == nil {
			n++
		} else {
			n += u.built
		}
	}
	for _, c := range u.children {
		n += k.patching(k.known[c])
	}
	u.counting = false
	return n
}

// readComponent reads the manifests of a component that nothing uses.
func (k *kustomizer) readComponent(u *kustomization) {
	k.r.take(u.file, "kustomization: a component that nothing here uses; its resources are read, its patches are not applied")
	k.readRaw(u, u.dir, map[*kustomization]bool{})
}

// readRaw reads the manifests that a kustomization builds from, as they stand.
func (k *kustomizer) readRaw(u *kustomization, root string, seen map[*kustomization]bool) {
	if u == nil || seen[u] {
		return
	}
	seen[u] = true
	for _, f := range u.resources {
		docs, _ := k.r.src.documents(f)
		for _, d := range docs {
			k.r.addObjects(d, root, 0)
		}
		k.r.take(f, "kustomization")
	}
	if u.component {
		return
	}
	for _, c := range u.children {
		k.readRaw(k.known[c], root, seen)
	}
}
