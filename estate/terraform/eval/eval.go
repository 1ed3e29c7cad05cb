package eval

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// Options are what is known besides the files of a configuration.
type Options struct {
	// Vars are values of variables as text, like Terraform's -var: as it is
	// for a string, an expression for a list or an object.
	Vars map[string]string
	// VarFiles are further files of variable values, like -var-file. They are
	// names in the file system, not in the directory.
	VarFiles []string
	// Work, if not nil, is what several configurations may cost together. Each
	// takes its share away.
	Work *Work
}

// Dir evaluates the root module in a directory of fsys. It always has an
// answer; what is wrong or unknown is in its Problems and Gaps.
//
// The names given to fsys are cleaned but may begin with ../ or /, which
// fs.ValidPath does not allow: a file system that refuses them leaves the
// modules and files outside it unread.
func Dir(fsys fs.FS, dir string, opts Options) *config.Config {
	e := newEvaluator(fsys)
	defer e.share(opts.Work)()
	return e.root(path.Clean(dir), opts)
}

// evaluator holds what is shared by all modules of one configuration.
type evaluator struct {
	fsys      fs.FS
	modules   map[string]*module
	manifest  map[string]string // .terraform/modules/modules.json
	templates map[string]parsedTemplate
	files     map[string]bool
	bytes     int

	holes   []*hole
	holesBy map[string]*hole

	problems diag.Problems
	gaps     []config.Gap
	told     map[gapKey]bool
	perFile  map[string]int // problems
	cycles   map[string]bool
	inCycle  map[diag.Pos]bool

	stack    []frame
	work     work
	nodes    int // elements of all trees
	made     int // instances
	modsMade int
}

func newEvaluator(fsys fs.FS) *evaluator {
	return &evaluator{
		fsys:    fsys,
		modules: map[string]*module{}, templates: map[string]parsedTemplate{}, files: map[string]bool{},
		holesBy: map[string]*hole{}, told: map[gapKey]bool{}, perFile: map[string]int{},
		cycles: map[string]bool{}, inCycle: map[diag.Pos]bool{},
		work: work{each: maxSteps, left: maxSteps, total: maxAllSteps},
	}
}

func (e *evaluator) root(dir string, opts Options) *config.Config {
	c := &config.Config{Root: dir}
	if m := e.load(dir); m == nil {
		e.problem(diag.Pos{File: dir}, "name a directory with *.tf files", "there is no Terraform configuration in %q", dir)
		e.gap("", diag.Pos{File: dir}, "there is no Terraform configuration", true)
	} else {
		in := newModInst(m)
		in.root, in.rel = in, "."
		in.given = e.rootValues(m, opts)
		c.Providers = e.rootProviders(in)
		e.instances(in, &c.Instances)
	}
	if e.work.total < 0 || e.nodes > maxNodes {
		e.problem(diag.At(dir, 1, 1), "split it into several root modules, or make fewer instances", "the configuration takes too much work to evaluate; the rest of it is unknown")
		e.gap("", diag.Pos{File: dir}, "the configuration takes too much work to evaluate", true)
	}
	slices.SortStableFunc(c.Instances, func(a, b config.Instance) int {
		return cmp.Or(natural(a.Addr, b.Addr), a.Pos.Compare(b.Pos))
	})
	slices.SortStableFunc(e.gaps, func(a, b config.Gap) int {
		return cmp.Or(a.Pos.Compare(b.Pos), natural(a.Addr, b.Addr), strings.Compare(a.Why, b.Why))
	})
	c.Gaps = e.gaps
	c.Files = slices.Sorted(maps.Keys(e.files))
	c.Problems = e.problems.Sorted()
	return c
}

// instances evaluates the resources of a module instance and of what it calls.
func (e *evaluator) instances(m *modInst, out *[]config.Instance) {
	for _, addr := range slices.Sorted(maps.Keys(m.module.resources)) {
		n := e.node(m, addr)
		if n.def.ephemeral {
			continue
		}
		for _, in := range n.insts {
			if e.work.total < 0 || e.nodes > maxNodes {
				return
			}
			maybe := m.maybe
			if maybe == "" && n.ex.kind == unknown {
				maybe = n.ex.why.why
			}
			*out = append(*out, config.Instance{
				Addr: in.addr, Module: m.path, Data: n.def.data, Type: n.def.typ, Name: n.def.name,
				Provider: m.rootProvider(localProvider(n.def)), Pos: n.def.body.pos, Called: m.called,
				Args: e.instanceArgs(in), Maybe: e.render(maybe),
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.calls)) {
		n := e.child(m, name)
		for _, c := range n.insts {
			e.instances(c, out)
		}
	}
}

// instanceArgs evaluates the arguments of an instance and the part of its
// lifecycle that says something about the resource.
func (e *evaluator) instanceArgs(in *instance) *tree.Node {
	args := e.args(in.def.args, in.s)
	for _, lc := range in.def.body.blocksOf("lifecycle") {
		m := &tree.Node{Kind: tree.Map, Pos: lc.pos}
		if a := lc.get("prevent_destroy"); a != nil {
			m.Set(a.name, e.tree(a.expr, in.s))
		}
		if a := lc.get("ignore_changes"); a != nil {
			m.Set(a.name, names(a))
		}
		if len(m.Fields) > 0 {
			args.Set("lifecycle", &tree.Node{Kind: tree.List, Items: []*tree.Node{m}, Pos: lc.pos})
		}
	}
	return args
}

// natural orders addresses with the numbers in them as numbers.
func natural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
