package read

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"fathom/estate"
)

func files(m map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range m {
		out[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return out
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: shell}\nspec: {containers: [{name: c, image: i}]}\n"

func addresses(e *estate.Estate) []string {
	var out []string
	for _, r := range e.Resources {
		out = append(out, r.Meta().ID.Root+" "+r.Meta().ID.Addr)
	}
	return out
}

// A mixed tree: each file is taken for what it is, once.
func TestAMixedTree(t *testing.T) {
	e, problems := Paths(files(map[string]string{
		"tf/prod/main.tf":            "module \"net\" {\n  source = \"../modules/net\"\n}\n",
		"tf/modules/net/main.tf":     "resource \"aws_vpc\" \"this\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n",
		"tf/dev/main.tf":             "module \"net\" {\n  source = \"../modules/net\"\n}\n",
		"tf/dev/dev.tfvars":          "x = 1\n",
		"state.json":                 `{"format_version":"1.0","terraform_version":"1.5.7","values":{"root_module":{"resources":[{"address":"aws_vpc.old","mode":"managed","type":"aws_vpc","name":"old","values":{"id":"vpc-0123456789abcdef0"}}]}}}`,
		"k8s/pod.yaml":               pod,
		"k8s/package.json":           `{"name":"x"}`,
		".github/workflows/ci.yml":   "name: ci\non: push\njobs: {}\n",
		".terraform/modules/x/y.tf":  "resource \"aws_vpc\" \"hidden\" {}\n",
		"node_modules/m/deploy.yaml": pod,
	}), []string{"."}, Options{})
	for _, p := range problems {
		t.Errorf("problem: %v", p)
	}
	got := strings.Join(addresses(e), "\n")
	want := " Pod/default/shell\nstate.json aws_vpc.old\ntf/dev module.net.aws_vpc.this\ntf/prod module.net.aws_vpc.this\n workflow/ci"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	taken := map[string]string{}
	for _, f := range e.Files {
		taken[f.Path] = f.As
	}
	for name, as := range map[string]string{
		"tf/prod/main.tf": "terraform", "state.json": "terraform state", "k8s/pod.yaml": "kubernetes",
		".github/workflows/ci.yml": "github workflow",
	} {
		if taken[name] != as {
			t.Errorf("%s was taken for %q, want %q", name, taken[name], as)
		}
	}
	if as := taken["k8s/package.json"]; !strings.HasPrefix(as, "not read") {
		t.Errorf("package.json was taken for %q", as)
	}
}

func TestTheOrderOfPathsDoesNotMatter(t *testing.T) {
	fsys := files(map[string]string{
		"a/main.tf": "resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n",
		"b/main.tf": "resource \"aws_vpc\" \"b\" {\n  cidr_block = \"10.1.0.0/16\"\n}\n",
		"k/pod.yml": pod,
	})
	one, _ := Paths(fsys, []string{"a", "b", "k"}, Options{})
	two, _ := Paths(fsys, []string{"k", "b", "a", "a"}, Options{})
	if a, b := strings.Join(addresses(one), ","), strings.Join(addresses(two), ","); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}

func TestModulesThatCallEachOtherAreReadOnce(t *testing.T) {
	e, problems := Paths(files(map[string]string{
		"main.tf":   "resource \"aws_vpc\" \"root\" {}\n",
		"a/main.tf": "module \"b\" {\n  source = \"../b\"\n}\nresource \"aws_vpc\" \"a\" {}\n",
		"b/main.tf": "module \"a\" {\n  source = \"../a\"\n}\n",
	}), []string{"."}, Options{})
	if len(problems) == 0 {
		t.Error("the cycle is no problem")
	}
	for _, p := range problems {
		if p.Line == 0 {
			t.Errorf("a problem without a line: %v", p)
		}
	}
	if n := len(estate.All[*estate.VPC](e)); n != 2 {
		t.Errorf("%d of 2 networks were read: %v", n, addresses(e))
	}
}

// disk is a file system with links.
type disk struct{ fs.FS }

func (disk) SameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("tree/k/pod.yaml", pod)
	write("elsewhere/other.yaml", strings.ReplaceAll(pod, "shell", "other"))
	link("..", "tree/k/up")           // a loop
	link("k", "tree/again")           // read already
	link("../elsewhere", "tree/more") // outside, to be read
	link("self", "tree/self")         // a link to itself
	e, problems := Paths(disk{os.DirFS(dir)}, []string{"tree"}, Options{})
	if got := len(estate.All[*estate.Workload](e)); got != 2 {
		t.Errorf("read %d pods, want 2: %v", got, addresses(e))
	}
	var said []string
	for _, p := range problems {
		said = append(said, p.Error())
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{`tree/k/up:1:1: the link leads back to "tree", which holds it: a loop; remove the link`, "tree/self:1:1: the link leads nowhere"} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody says %q:\n%s", want, all)
		}
	}
	if len(problems) != 2 {
		t.Errorf("got %d problems:\n%s", len(problems), all)
	}
}

// The resources of a module that terraform downloaded know where the author
// calls it, also through a module that it calls in turn.
func TestDownloadedModulesAreKnownByTheirCall(t *testing.T) {
	e, _ := Paths(files(map[string]string{
		"main.tf":                            "module \"own\" {\n  source = \"./own\"\n}\n\nmodule \"net\" {\n  source = \"example/net/aws\"\n}\n",
		"own/main.tf":                        "resource \"aws_vpc\" \"this\" {}\n",
		".terraform/modules/modules.json":    `{"Modules":[{"Key":"","Dir":"."},{"Key":"net","Source":"example/net/aws","Dir":".terraform/modules/net"}]}`,
		".terraform/modules/net/main.tf":     "module \"sub\" {\n  source = \"./sub\"\n}\n",
		".terraform/modules/net/sub/main.tf": "resource \"aws_vpc\" \"this\" {}\n",
	}), []string{"."}, Options{})
	want := map[string]int32{"module.own.aws_vpc.this": 0, "module.net.module.sub.aws_vpc.this": 5}
	vpcs := estate.All[*estate.VPC](e)
	if len(vpcs) != len(want) {
		t.Fatalf("%d VPCs", len(vpcs))
	}
	for _, v := range vpcs {
		if v.Called.Line != want[v.ID.Addr] || v.Called.Line != 0 && v.Called.File != "main.tf" {
			t.Errorf("%s is called at %v, want line %d of main.tf", v.ID.Addr, v.Called, want[v.ID.Addr])
		}
	}
}
