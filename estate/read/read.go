package read

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/github"
	"fathom/estate/kubernetes"
	"fathom/estate/terraform"
	"fathom/estate/terraform/config"
	"fathom/estate/terraform/eval"
	"fathom/estate/terraform/plan"
)

// Options are what the files themselves do not say.
type Options struct {
	// Vars are Terraform variables, as after -var.
	Vars map[string]string
	// VarFiles are Terraform variable files, as after -var-file.
	VarFiles []string
	// ValuesFiles are Helm values files for every chart.
	ValuesFiles []string
}

// Paths reads the files and directories at paths into one estate.
//
// The names that fsys is asked for are built from paths as they are given, so
// that positions show what the user typed; they may begin with ../ or / where
// fsys allows it. Every problem found is returned; what could be read is in the
// estate all the same.
func Paths(fsys fs.FS, paths []string, opts Options) (*estate.Estate, diag.Problems) {
	r := &reading{fsys: fsys, opts: opts, unmodelled: map[string]int{}}
	f := find(fsys, paths)
	r.problems = append(r.problems, f.problems...)
	r.files = append(r.files, f.skipped...)
	for _, dir := range f.rootModules() {
		r.module(dir)
	}
	var rest []string
	for _, name := range f.others {
		if kind := jsonKind(fsys, name); kind != "" {
			r.planOrState(name, kind)
		} else {
			rest = append(rest, name)
		}
	}
	r.workflows(f.workflows)
	r.kubernetes(rest)
	return estate.New(r.resources, r.gaps, r.unmodelled, r.files), r.problems.Sorted()
}

type reading struct {
	fsys       fs.FS
	opts       Options
	resources  []estate.Resource
	gaps       []estate.Gap
	unmodelled map[string]int
	files      []estate.File
	problems   diag.Problems
}

func (r *reading) module(dir string) {
	c := eval.Dir(r.fsys, dir, eval.Options{Vars: r.opts.Vars, VarFiles: r.opts.VarFiles})
	t := &terraform.Reader{Root: dir}
	t.Providers(c.Providers)
	for _, in := range c.Instances {
		t.Add(in)
	}
	r.keep(c, t, "terraform")
}

func (r *reading) planOrState(name, kind string) {
	t := &terraform.Reader{Root: name}
	c := plan.Read(r.fsys, name, t.Add)
	t.Providers(c.Providers)
	if len(c.Files) == 0 {
		c.Files = []string{name}
	}
	r.keep(c, t, kind)
}

func (r *reading) keep(c *config.Config, t *terraform.Reader, as string) {
	r.resources = append(r.resources, t.Resources...)
	for typ, n := range t.Unmodelled {
		r.unmodelled[typ] += n
	}
	for _, g := range c.Gaps {
		r.gaps = append(r.gaps, estate.Gap{Of: g.Addr, Pos: g.Pos, Why: g.Why, AWS: g.Hides})
	}
	for _, name := range c.Files {
		r.files = append(r.files, estate.File{Path: name, As: as})
	}
	r.problems = append(r.problems, c.Problems...)
}

func (r *reading) workflows(files []string) {
	for _, name := range files {
		w, problems := github.Read(r.fsys, name)
		r.problems = append(r.problems, problems...)
		r.files = append(r.files, estate.File{Path: name, As: "github workflow"})
		if w != nil {
			r.resources = append(r.resources, w)
		}
	}
}

func (r *reading) kubernetes(files []string) {
	k := kubernetes.Read(r.fsys, files, kubernetes.Options{ValuesFiles: r.opts.ValuesFiles})
	r.resources = append(r.resources, k.Resources...)
	r.gaps = append(r.gaps, k.Gaps...)
	for kind, n := range k.Unmodelled {
		r.unmodelled[kind] += n
	}
	r.files = append(r.files, k.Files...)
	r.problems = append(r.problems, k.Problems...)
}

// jsonKind says whether a file is a Terraform plan or state.
func jsonKind(fsys fs.FS, name string) string {
	switch path.Ext(name) {
	case ".json", ".tfstate", ".tfplan":
		return plan.Sniff(fsys, name)
	}
	return ""
}

// found is what lies below the paths, before anything is read.
type found struct {
	fsys    fs.FS
	modules map[string]bool // directories with Terraform files
	// workflows are CI workflows; others are all files that are neither, sorted.
	workflows, others []string
	skipped           []estate.File
	problems          diag.Problems
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
	for _, names := range []*[]string{&f.others, &f.workflows} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return f
}

// walk visits a directory and what is below it. A link to a directory is not
// followed: the directory is either below the paths too, or was left out on
// purpose, and links can make loops.
func (f *found) walk(dir string) {
	entries, err := fs.ReadDir(f.fsys, dir)
	if err != nil {
		f.problems.Addf(diag.Pos{File: dir}, "make the directory readable", "%s", reason(err))
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
				f.problems.Addf(diag.Pos{File: name}, "remove the link or mend it", "the link leads nowhere: %s", reason(err))
			case info.IsDir():
				f.skipped = append(f.skipped, estate.File{Path: name, As: "not read: a link to a directory"})
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
	case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tf.json"), strings.HasSuffix(name, ".tofu"):
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
