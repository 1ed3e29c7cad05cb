package read

import (
	"io/fs"
	"path"

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
	r := &reading{fsys: fsys, opts: opts, unmodelled: map[string]int{}, work: eval.NewWork()}
	f := find(fsys, paths)
	r.problems = append(r.problems, f.problems...)
	r.gaps = append(r.gaps, f.gaps...)
	for _, dir := range f.rootModules() {
		r.module(dir)
	}
	for dir := f.forgotten(r.files); dir != ""; dir = f.forgotten(r.files) {
		before := len(r.files)
		r.module(dir)
		if len(r.files) == before { // it has nothing that can be read
			delete(f.modules, dir)
		}
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
	r.files = append(r.files, f.left(r.files)...)
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
	work       *eval.Work
}

func (r *reading) module(dir string) {
	c := eval.Dir(r.fsys, dir, eval.Options{Vars: r.opts.Vars, VarFiles: r.opts.VarFiles, Work: r.work})
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
