package kubernetes

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// Result is what was read.
type Result struct {
	Resources []estate.Resource
	// Gaps are the parts that are missing: a remote base, a chart's template.
	Gaps []estate.Gap
	// Unmodelled counts the kinds, as group/version/Kind, that Fathom has no
	// use for.
	Unmodelled map[string]int
	// Files says what each file was taken for, by path.
	Files    []estate.File
	Problems diag.Problems
}

// Options changes how files are read.
type Options struct {
	// ValuesFiles are extra Helm values files, later ones stronger, for every chart.
	ValuesFiles []string
}

// Read reads every Kubernetes object that the files hold. The files are
// candidates: Read decides which of them are Kubernetes, and what is not is
// listed in Files. Names in fsys may begin with "../" or "/". The order of
// files does not matter.
func Read(fsys fs.FS, files []string, opts Options) *Result {
	r := newReader(fsys, files, opts)
	r.readCharts()
	r.readKustomizations()
	r.readManifests()
	r.typeObjects()
	return r.result()
}

// reader is the state of one Read.
type reader struct {
	src      *sources
	opts     Options
	files    []string          // cleaned, sorted, each once
	taken    map[string]string // path to what it was taken for
	objects  []*object
	out      []estate.Resource
	gaps     []estate.Gap
	other    map[string]int
	problems diag.Problems
	// chartWork is what the templates of all charts may still do.
	chartWork int
	blames    int // decoding attempts spent on finding the places of type errors
}

// object is a manifest on its way to becoming a resource.
type object struct {
	doc  document
	root string // ID.Root
}

func newReader(fsys fs.FS, files []string, opts Options) *reader {
	r := &reader{opts: opts, chartWork: maxChartsWork, taken: map[string]string{}, other: map[string]int{}}
	r.src = newSources(fsys, &r.problems)
	for _, f := range files {
		r.files = append(r.files, path.Clean(f))
	}
	slices.Sort(r.files)
	r.files = slices.Compact(r.files)
	return r
}

// take says what a file was taken for. The first answer stays: a file that a
// chart has used is not a manifest.
func (r *reader) take(file, as string) bool {
	if _, ok := r.taken[file]; ok {
		return false
	}
	r.taken[file] = as
	return true
}

func (r *reader) gap(of string, pos diag.Pos, why string) {
	r.gaps = append(r.gaps, estate.Gap{Of: of, Pos: pos, Why: why, Kubernetes: true})
}

// readManifests reads, as plain manifests, the files that nothing has taken.
func (r *reader) readManifests() {
	for _, f := range r.files {
		if _, ok := r.taken[f]; ok {
			continue
		}
		if why := notManifest(f); why != "" {
			r.take(f, "not read: "+why)
			continue
		}
		r.readManifest(f, "", "kubernetes")
		r.src.forget(f)
	}
}

// notManifest says why a file of that name is not looked into, or "".
func notManifest(name string) string {
	switch ext := path.Ext(name); {
	case isWorkflow(name):
		return "a CI workflow"
	case ext != ".yaml" && ext != ".yml" && ext != ".json":
		return "not a Kubernetes object"
	}
	return ""
}

func isWorkflow(name string) bool {
	return strings.HasPrefix(name, ".github/") || strings.Contains(name, "/.github/")
}

// readManifest adds the objects of one file, and says what the file was.
func (r *reader) readManifest(file, root, as string) {
	docs, ok := r.src.documents(file)
	found := 0
	for _, d := range docs {
		found += r.addObjects(d, root, 0)
	}
	if !ok {
		r.gap(file, diag.Pos{File: file}, "a part of it cannot be parsed")
	}
	switch {
	case found > 0:
		r.take(file, as)
	case !ok:
		r.take(file, "not read: it cannot be parsed")
	default:
		r.take(file, "not read: not a Kubernetes object")
	}
}

func (r *reader) result() *Result {
	slices.SortStableFunc(r.out, func(a, b estate.Resource) int {
		return cmp.Or(a.Meta().ID.Compare(b.Meta().ID), a.Meta().Pos.Compare(b.Meta().Pos))
	})
	slices.SortStableFunc(r.gaps, func(a, b estate.Gap) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Of, b.Of), strings.Compare(a.Why, b.Why))
	})
	res := &Result{Resources: r.out, Gaps: slices.Compact(r.gaps), Unmodelled: r.other, Problems: r.problems.Sorted()}
	for p, as := range r.taken {
		res.Files = append(res.Files, estate.File{Path: p, As: as})
	}
	slices.SortFunc(res.Files, func(a, b estate.File) int { return strings.Compare(a.Path, b.Path) })
	return res
}
