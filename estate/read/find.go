package read

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
)

// found is what lies below the paths, before anything is read.
type found struct {
	fsys    fs.FS
	modules map[string]bool // directories with Terraform files
	// workflows are CI workflows; others are all files that are neither, sorted.
	workflows, others []string
	skipped           []estate.File
	problems          diag.Problems
	gaps              []estate.Gap
	visited, links    []visit
}

// visit is a directory that was walked, or a link to one.
type visit struct {
	name string
	info fs.FileInfo
}

// sameFiler is what a file system can do that tells whether two names are one
// file, as os.SameFile does.
type sameFiler interface {
	SameFile(a, b fs.FileInfo) bool
}

// follow walks the directories that links lead to and that were not walked
// yet. A link to a directory above it is a loop.
func (f *found) follow() {
	same, ok := f.fsys.(sameFiler)
	for len(f.links) > 0 {
		link := f.links[0]
		f.links = f.links[1:]
		if !ok {
			f.skipped = append(f.skipped, estate.File{Path: link.name, As: "not read: a link to a directory"})
			continue
		}
		i := slices.IndexFunc(f.visited, func(v visit) bool { return same.SameFile(v.info, link.info) })
		switch {
		case i < 0:
			f.walk(link.name)
		case strings.HasPrefix(link.name, f.visited[i].name+"/") || f.visited[i].name == ".":
			f.problems.Addf(diag.At(link.name, 1, 1), "remove the link", "the link leads back to %q, which holds it: a loop", f.visited[i].name)
		default:
			f.skipped = append(f.skipped, estate.File{Path: link.name, As: "not read: a link to " + f.visited[i].name + ", which is read"})
		}
	}
}

func find(fsys fs.FS, paths []string) *found {
	f := &found{fsys: fsys, modules: map[string]bool{}}
	for _, p := range paths {
		p = path.Clean(p)
		info, err := fs.Stat(fsys, p)
		switch {
		case err != nil:
			f.problems.Addf(diag.Pos{File: p}, "check the path", "%s", reason(err))
		case info.IsDir():
			f.walk(p)
		default:
			f.file(p)
		}
	}
	f.follow()
	for _, names := range []*[]string{&f.others, &f.workflows} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return f
}

// walk visits a directory and what is below it. Links to directories wait
// until everything else has been visited.
func (f *found) walk(dir string) {
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		f.problems.Addf(diag.At(dir, 1, 1), "make the directory readable", "%s", reason(err))
	}
	if info, err := fs.Stat(f.fsys, dir); err == nil {
		f.visited = append(f.visited, visit{dir, info})
	}
	for _, d := range entries {
		name := path.Join(dir, d.Name())
		switch {
		case d.IsDir():
			if !hidden(d.Name()) {
				f.walk(name)
			}
		case d.Type()&fs.ModeSymlink != 0:
			info, err := fs.Stat(f.fsys, name)
			switch {
			case err != nil:
				f.problems.Addf(diag.At(name, 1, 1), "remove the link or mend it", "the link leads nowhere: %s", reason(err))
			case info.IsDir():
				f.links = append(f.links, visit{name, info})
			default:
				f.file(name)
			}
		case d.Type().IsRegular():
			f.file(name)
		default:
			f.skipped = append(f.skipped, estate.File{Path: name, As: "not read: not a regular file"})
		}
	}
}

// hidden says which directories are never entered: version control, caches and
// what tools unpack. Modules under .terraform are reached from their callers.
func hidden(name string) bool {
	if name == ".github" {
		return false
	}
	return name == "node_modules" || strings.HasPrefix(name, ".") && name != "." && name != ".."
}

func (f *found) file(name string) {
	switch {
	case strings.HasSuffix(name, ".tofu"), strings.HasSuffix(name, ".tofu.json"):
		f.problems.Addf(diag.At(name, 1, 1), "name it .tf", "files of OpenTofu's own kind are not supported")
		f.gaps = append(f.gaps, estate.Gap{Of: name, Pos: diag.At(name, 1, 1), Why: "files of OpenTofu's own kind are not supported", AWS: true})
	case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tf.json"):
		f.modules[path.Dir(name)] = true
	case strings.HasSuffix(name, ".tfvars"), strings.HasSuffix(name, ".tfvars.json"), strings.HasSuffix(name, ".tfbackend"):
	case path.Base(path.Dir(name)) == "workflows" && path.Base(path.Dir(path.Dir(name))) == ".github":
		if ext := path.Ext(name); ext == ".yml" || ext == ".yaml" {
			f.workflows = append(f.workflows, name)
		}
	default:
		f.others = append(f.others, name)
	}
}

// rootModules are the directories with Terraform files that no other one calls
// as a module, sorted.
func (f *found) rootModules() []string {
	called := map[string]bool{}
	for dir := range f.modules {
		for _, to := range localCalls(f.fsys, dir) {
			if to != dir {
				called[to] = true
			}
		}
	}
	var out []string
	for dir := range f.modules {
		if !called[dir] {
			out = append(out, dir)
		}
	}
	if len(out) == 0 { // modules that call each other: read them all, the cycle is reported
		for dir := range f.modules {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}

// reason is the sentence of an error without the operation and path, which the
// problem's position already says.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
