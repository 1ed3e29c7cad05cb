package eval

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/estate/tree"
)

// FuzzDir evaluates any text as a configuration of one file in native syntax,
// one in JSON and one of values: it must neither panic nor take long, and must
// say the same twice.
func FuzzDir(f *testing.F) {
	names, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds")
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		in, _, _ := strings.Cut(string(b), wantMark)
		fsys := files(in)
		for _, name := range slices.Sorted(maps.Keys(fsys)) {
			f.Add(string(fsys[name].Data))
		}
	}
	b, err := os.ReadFile("testdata/functions/main.tf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		if s := bombs[name]; len(s) < 4000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 64<<10 {
			return
		}
		data := []byte(src)
		fsys := fstest.MapFS{
			"main.tf":                         {Data: data},
			"m/main.tf":                       {Data: data},
			"x.tf.json":                       {Data: data},
			"terraform.tfvars":                {Data: data},
			"terraform.tfvars.json":           {Data: data},
			"t.tftpl":                         {Data: data},
			".terraform/modules/modules.json": {Data: data},
		}
		run := func() string {
			e := newEvaluator(fsys)
			e.work = work{each: 5_000, left: 5_000, total: 50_000}
			c := e.root(".", Options{})
			for _, in := range c.Instances {
				in.Args.Walk(func(n *tree.Node) {
					if n.Kind == tree.Unknown && n.Why == "" {
						t.Errorf("%s: something unknown has no reason", in.Addr)
					}
				})
			}
			return dump(c)
		}
		if a, b := run(), run(); a != b {
			t.Errorf("two runs differ:\n%s\n%s", a, b)
		}
	})
}
