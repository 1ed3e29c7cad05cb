package layertest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/estate"
	"fathom/estate/read"
	"fathom/layer"
	"fathom/platform"
	"fathom/render"
	"fathom/render/kubernetes"
	"fathom/render/terraform"
)

// Examples are the platforms of the folder examples that have a declaration.
var Examples = []string{"shopnow", "bazaar"}

// Day is the one on which declarations are read here: before any exception of
// the examples ends.
var Day = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// Declaration is the text of an example's declaration, with changes: what stands
// in it once, and what is put in its place, in turn. It is for the tests of the
// packages in layer.
func Declaration(t testing.TB, name string, changes ...string) string {
	t.Helper()
	file := "../../examples/" + name + "/platform.yaml"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for i := 0; i+1 < len(changes); i += 2 {
		if n := strings.Count(text, changes[i]); n != 1 {
			t.Fatalf("%q is %d times in %s, not once", changes[i], n, file)
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text
}

// Parse reads a declaration that has no problems.
func Parse(t testing.TB, text string) *platform.Platform {
	t.Helper()
	p, problems := platform.Parse("platform.yaml", []byte(text), platform.Options{Today: Day})
	for _, problem := range problems {
		t.Error(problem)
	}
	if p == nil || len(problems) > 0 {
		t.FailNow()
	}
	return p
}

// Platform is an example, with changes as of Declaration.
func Platform(t testing.TB, name string, changes ...string) *platform.Platform {
	t.Helper()
	return Parse(t, Declaration(t, name, changes...))
}

// Of are a layer's functions for its tests: what it renders of a platform, and
// that as Printed gives it.
func Of(l layer.Layer) (
	rendered func(testing.TB, *platform.Platform) []render.Resource,
	printed func(testing.TB, *platform.Platform) map[string]string,
) {
	rendered = func(t testing.TB, p *platform.Platform) []render.Resource {
		t.Helper()
		out, err := l.Render(p)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	printed = func(t testing.TB, p *platform.Platform) map[string]string {
		t.Helper()
		return Printed(t, rendered(t, p))
	}
	return rendered, printed
}

// FS is a tree of rendered files.
func FS(files []render.File) fstest.MapFS {
	out := fstest.MapFS{}
	for _, f := range files {
		out[f.Path] = &fstest.MapFile{Data: f.Content, Mode: 0o644}
	}
	return out
}

// Tree prints parts as the files of one tree.
func Tree(t testing.TB, p *platform.Platform, parts ...render.Part) fstest.MapFS {
	t.Helper()
	files, err := render.Files(p, parts)
	if err != nil {
		t.Fatal(err)
	}
	return FS(files)
}

// Whole reads a tree in which everything is there that anything refers to.
func Whole(t testing.TB, tree fstest.MapFS) *estate.Estate {
	t.Helper()
	return back(t, tree, false)
}

// Alone reads a tree that refers to what is not in it: what other layers render,
// or what a test has taken out. Any other problem is a mistake.
func Alone(t testing.TB, tree fstest.MapFS) *estate.Estate {
	t.Helper()
	return back(t, tree, true)
}

func back(t testing.TB, tree fstest.MapFS, alone bool) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(tree, []string{"."}, read.Options{})
	for _, problem := range problems {
		if !alone || !strings.HasSuffix(problem.Summary, "is not declared") {
			t.Errorf("what was rendered is read with a problem: %v", problem)
		}
	}
	return e
}

// Text is a resource as it is written into a file.
func Text(t testing.TB, r render.Resource) string {
	t.Helper()
	switch r := r.(type) {
	case *terraform.Block:
		return string(terraform.PrintBlock(r))
	case *kubernetes.Object:
		text, err := kubernetes.Print([]*kubernetes.Object{r})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	case *render.Text:
		return r.Content
	}
	t.Fatalf("%s is a %T", r.Address(), r)
	return ""
}

// Printed is each resource by its address, as it is written, behind a comment
// with the file that it names. No two have one address.
func Printed(t testing.TB, resources []render.Resource) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range resources {
		if _, twice := out[r.Address()]; twice {
			t.Errorf("%s is rendered twice", r.Address())
		}
		file := ""
		switch r := r.(type) {
		case *terraform.Block:
			file = r.File
		case *kubernetes.Object:
			file = r.File
		}
		if file != "" {
			file = "# in " + file + "\n"
		}
		out[r.Address()] = file + Text(t, r)
	}
	return out
}

// Neighbours are bare resources for those of other layers to which these refer.
func Neighbours(t testing.TB, resources []render.Resource) []render.Resource {
	t.Helper()
	have := map[string]bool{}
	for _, r := range resources {
		have[r.Address()] = true
	}
	var out []render.Resource
	for _, r := range resources {
		b, ok := r.(*terraform.Block)
		if !ok {
			continue
		}
		refs, err := terraform.References(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			kind, label, _ := strings.Cut(ref, ".")
			if !have[ref] && strings.HasPrefix(kind, "aws_") {
				out = append(out, terraform.Resource(kind, label))
				have[ref] = true
			}
		}
	}
	return out
}

// Without leaves out resources by their addresses. All of them have to be there.
func Without(t testing.TB, resources []render.Resource, addresses ...string) []render.Resource {
	t.Helper()
	out := slices.DeleteFunc(slices.Clone(resources), func(r render.Resource) bool { return slices.Contains(addresses, r.Address()) })
	if len(out)+len(addresses) != len(resources) {
		t.Fatalf("not all of %v are rendered", addresses)
	}
	return out
}

// SameEveryTime holds a layer to rendering the same resources, in the same
// order, however often it is asked for one platform or for one that says the
// same.
func SameEveryTime(t *testing.T, l layer.Layer) {
	t.Helper()
	for _, name := range Examples {
		t.Run(name, func(t *testing.T) {
			rendered, _ := Of(l)
			p := Platform(t, name)
			first := rendered(t, p)
			for _, again := range []*platform.Platform{p, p, Platform(t, name)} {
				second := rendered(t, again)
				if diff := cmp.Diff(addresses(first), addresses(second)); diff != "" {
					t.Fatalf("other resources, or in another order:\n%s", diff)
				}
				if diff := cmp.Diff(Printed(t, first), Printed(t, second)); diff != "" {
					t.Fatal(diff)
				}
			}
		})
	}
}

func addresses(resources []render.Resource) []string {
	var out []string
	for _, r := range resources {
		out = append(out, r.Address())
	}
	return out
}
