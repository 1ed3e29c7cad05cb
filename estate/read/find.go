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
	// skipped are the files that nothing looks at. Those of unless are looked at
	// when something asks for them, and say why otherwise.
	skipped, unless []estate.File
	problems        diag.Problems
	gaps            []estate.Gap
	// tops are the directories that were given; visited are all.
	tops, visited, links []visit
}

func find(fsys fs.FS, paths []string) *found {
	f := &found{fsys: fsys, modules: map[string]bool{}}
	for _, p := range starts(fsys, paths, &f.problems) {
		f.start(p)
	}
	f.follow()
	for _, names := range []*[]string{&f.others, &f.workflows} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return f
}

// starts are the paths given, each once, sorted: their order is no part of the
// estate.
func starts(fsys fs.FS, paths []string, problems *diag.Problems) []visit {
	var out []visit
	for _, p := range paths {
		if p == "" {
			problems.Addf(diag.Pos{}, "name a file or a directory", "a path is empty")
			continue
		}
		p = path.Clean(p)
		info, err := fs.Stat(fsys, p)
		if err != nil {
			problems.Addf(diag.Pos{File: p}, "check the path", "%s", reason(err))
			continue
		}
		out = append(out, visit{p, info})
	}
	slices.SortFunc(out, func(a, b visit) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b visit) bool { return a.name == b.name })
}

// walk visits a directory and what is below it. Links to directories wait
// until everything else has been visited.
func (f *found) walk(dir string) {
	if !f.enter(dir) {
		return
	}
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		f.problems.Addf(diag.At(dir, 1, 1), "make the directory readable", "%s", reason(err))
		f.gaps = append(f.gaps, estate.Gap{Of: dir, Pos: diag.At(dir, 1, 1), Why: "the directory cannot be read: " + reason(err), AWS: true, Kubernetes: true})
	}
	for _, d := range entries {
		name := path.Join(dir, d.Name())
		switch {
		case d.IsDir() && hidden(d.Name()):
			f.skip(name, "a folder of tools")
		case d.IsDir():
			f.walk(name)
		case d.Type()&fs.ModeSymlink != 0:
			info, err := fs.Stat(f.fsys, name)
			switch {
			case err != nil:
				f.problems.Addf(diag.At(name, 1, 1), "remove the link or mend it", "the link leads nowhere: %s", reason(err))
			case info.IsDir():
				f.links = append(f.links, visit{name, info})
			default:
				f.one(name, info)
			}
		case d.Type().IsRegular():
			f.file(name)
		default:
			f.skip(name, notRegular)
		}
	}
}

const notRegular = "not a regular file"

// one takes a file that was named or linked to.
func (f *found) one(name string, info fs.FileInfo) {
	if info.Mode().IsRegular() {
		f.file(name)
		return
	}
	f.problems.Addf(diag.At(name, 1, 1), "write what it gives to a file, and name that", notRegular)
	f.skip(name, notRegular)
}

func (f *found) skip(name, why string) {
	f.skipped = append(f.skipped, estate.File{Path: name, As: "not read: " + why})
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
	unless := func(why string) { f.unless = append(f.unless, estate.File{Path: name, As: "not read: " + why}) }
	switch {
	case strings.HasSuffix(name, ".tofu"), strings.HasSuffix(name, ".tofu.json"):
		f.problems.Addf(diag.At(name, 1, 1), "name it .tf", "files of OpenTofu's own kind are not supported")
		f.gaps = append(f.gaps, estate.Gap{Of: name, Pos: diag.At(name, 1, 1), Why: "files of OpenTofu's own kind are not supported", AWS: true})
	case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tf.json"):
		f.modules[path.Dir(name)] = true
		unless("no module that is read has it")
	case strings.HasSuffix(name, ".tfvars"), strings.HasSuffix(name, ".tfvars.json"):
		unless("--var-file did not name it")
	case strings.HasSuffix(name, ".tfbackend"):
		f.skip(name, "where a state is kept says nothing of the estate")
	case path.Base(path.Dir(name)) == "workflows" && path.Base(path.Dir(path.Dir(name))) == ".github":
		if ext := path.Ext(name); ext == ".yml" || ext == ".yaml" {
			f.workflows = append(f.workflows, name)
		} else {
			f.skip(name, "not a workflow")
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
	slices.Sort(out)
	return out
}

// forgotten is the first directory with Terraform files of which none was
// read, or "": one of several modules that call each other, or one that only
// seemed to be called.
func (f *found) forgotten(read []estate.File) string {
	seen := map[string]bool{}
	for _, file := range read {
		seen[path.Dir(file.Path)] = true
	}
	first := ""
	for dir := range f.modules {
		if !seen[dir] && (first == "" || dir < first) {
			first = dir
		}
	}
	return first
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
