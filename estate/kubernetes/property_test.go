package kubernetes

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/tree"
)

// archives are the trees of testdata/read, by name.
func archives(t testing.TB) map[string]*txtar.Archive {
	names, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	out := map[string]*txtar.Archive{}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = a
	}
	return out
}

// TestAnyOrder reads all test data as one tree, in many orders.
func TestAnyOrder(t *testing.T) {
	all := fstest.MapFS{}
	var files []string
	for name, a := range archives(t) {
		if name == "helm-bad.txtar" { // slow on purpose
			continue
		}
		fsys, names, _ := unpack(a)
		dir := strings.TrimSuffix(name, ".txtar")
		for _, n := range names {
			all[dir+"/"+n] = fsys[n]
			files = append(files, dir+"/"+n)
		}
	}
	want := show(Read(all, files, Options{}))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		rng.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		if got := show(Read(all, append(files, files[0], "./"+files[1]), Options{})); got != want {
			t.Fatal("another order gives another estate")
		}
	}
}

// TestPositionsExist checks that every position of every value is a place in
// a file of the tree.
func TestPositionsExist(t *testing.T) {
	for name, a := range archives(t) {
		t.Run(name, func(t *testing.T) {
			fsys, files, _ := unpack(a)
			for _, res := range Read(fsys, files, Options{}).Resources {
				objectOf(res).Manifest.Walk(func(n *tree.Node) {
					f, ok := fsys[n.Pos.File]
					if !ok {
						t.Fatalf("%s: value %q at %s, which is no file", res.Meta().ID.Addr, n.Text, n.Pos)
					}
					lines := strings.Split(string(f.Data), "\n")
					if int(n.Pos.Line) > len(lines) || n.Pos.Line < 1 || int(n.Pos.Column) > len([]rune(lines[n.Pos.Line-1]))+1 {
						t.Fatalf("%s: value %q at %s, which does not exist", res.Meta().ID.Addr, n.Text, n.Pos)
					}
				})
			}
		})
	}
}

// TestSecretsStayOut checks that no value of a Secret is anywhere in the result.
func TestSecretsStayOut(t *testing.T) {
	for name, a := range archives(t) {
		fsys, files, _ := unpack(a)
		if got := fmt.Sprintf("%+v", show(Read(fsys, files, Options{}))); strings.Contains(got, "hunter2") || strings.Contains(got, "aHVudGVyMg") {
			t.Errorf("%s: a secret's value is in the result", name)
		}
	}
}

// TestOutside reads a base outside the files that are asked for, by names that
// begin with "../".
func TestOutside(t *testing.T) {
	fsys := loose{"../base/kustomization.yaml": "resources: [ns.yaml]", "../base/ns.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: n}}", "kustomization.yaml": "resources: [../base]\nnamePrefix: p-", "/abs/ns.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: abs}}"}
	r := Read(fsys, []string{"kustomization.yaml", "/abs/ns.yaml"}, Options{})
	if len(r.Problems) > 0 || len(r.Resources) != 2 || r.Resources[1].Meta().Pos.String() != "../base/ns.yaml:1:1" {
		t.Error(show(r))
	}
}

// loose is a file system whose names need not be valid to io/fs.
type loose map[string]string

func (l loose) Open(name string) (fs.File, error) {
	inner := fstest.MapFS{}
	clean := func(n string) string { return strings.ReplaceAll(strings.TrimPrefix(n, "/"), "..", "up") }
	for k, v := range l {
		inner[clean(k)] = &fstest.MapFile{Data: []byte(v)}
	}
	return inner.Open(clean(name))
}

// TestHostile reads files made to use up memory, time or the stack.
func TestHostile(t *testing.T) {
	deep := func(open, inside, shut string, n int) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(shut, n)
	}
	head := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: "
	tests := []struct{ name, file, data, want string }{
		{"flow", "a.yaml", head + deep("[", "", "]", 9_000), "nests more than 1000 levels"},
		{"flow of 100,000", "a.yaml", head + deep("[", "", "]", 100_000), "exceeded max depth"},
		{"json", "a.json", `{"apiVersion":"v1","kind":"List","items":` + deep("[", "", "]", 100_000) + "}", "nests more than 1000 levels"},
		{"huge", "a.yaml", strings.Repeat("x", maxFile+1), "larger than 16 MiB"},
		{"many values", "a.yaml", head + "[" + strings.Repeat("[],", 3_000_000) + "]", "too many values"},
		{"many values of json", "a.json", "[" + strings.Repeat("[],", 3_000_000) + "[]]", "too many values"},
		{"many anchors", "a.yaml", head + "[" + strings.Repeat("&a [*a],", 1000) + "]", "contains itself"},
		{"one line", "a.json", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{` + strings.Repeat(`"a":"",`, 100_000) + `"b":""}}`, "is given twice"},
		{"many documents", "a.yaml", strings.Repeat("---\n", 1_000_000), ""},
		{"lists in lists", "a.yaml", deep("{apiVersion: v1, kind: List, items: [", "", "]}", 100), "nest more than 10 deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Read(fstest.MapFS{tt.file: {Data: []byte(tt.data)}}, []string{tt.file}, Options{})
			if tt.want != "" && !slices.ContainsFunc(r.Problems, func(p diag.Problem) bool { return strings.Contains(p.Error(), tt.want) }) {
				t.Errorf("no problem that says %q among %d: %.300v", tt.want, len(r.Problems), r.Problems)
			}
			if tt.want == "" && len(r.Problems)+len(r.Resources) > 0 {
				t.Errorf("%d resources and problems where there is nothing: %.300v", len(r.Resources), r.Problems)
			}
		})
	}
}

// TestUnreadable reads files that cannot be opened.
func TestUnreadable(t *testing.T) {
	r := Read(fstest.MapFS{"d.yaml/x": {}, "pipe.yaml": {Mode: fs.ModeNamedPipe}}, []string{"gone.yaml", "d.yaml", "pipe.yaml"}, Options{})
	if len(r.Problems) != 3 || len(r.Gaps) != 3 {
		t.Error(show(r))
	}
	dir := t.TempDir()
	if os.Symlink("loop.yaml", filepath.Join(dir, "loop.yaml")) == nil {
		if r := Read(os.DirFS(dir), []string{"loop.yaml"}, Options{}); len(r.Problems) != 1 {
			t.Error(show(r))
		}
	}
}

// TestNew joins what was read into an estate.
func TestNew(t *testing.T) {
	a := archives(t)["plain.txtar"]
	fsys, files, _ := unpack(a)
	r := Read(fsys, files, Options{})
	e := estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files)
	w, ok := estate.Get[*estate.Workload](e, estate.ID{Addr: "Deployment/shop/orders"})
	if !ok || estate.ServiceAccountOf(e, w) == nil {
		t.Fatal("the deployment and its account are not found")
	}
	if got := w.AtPod("containers", "0", "securityContext", "runAsNonRoot").String(); got != "k8s/orders.yaml:22:27" {
		t.Error(got)
	}
	if c := w.Pod.Containers[0].SecurityContext; c == nil || c.RunAsNonRoot == nil || !*c.RunAsNonRoot || !*c.ReadOnlyRootFilesystem {
		t.Error("yes and on are not true")
	}
}

func manifest(i int) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-%d
  namespace: shop
  labels: {app: service-%d}
spec:
  replicas: 2
  selector: {matchLabels: {app: service-%d}}
  template:
    metadata: {labels: {app: service-%d}}
    spec:
      serviceAccountName: service-%d
      containers:
        - name: main
          image: shop/service-%d:1.0.0
          ports: [{containerPort: 8080}]
          securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}
          resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
          readinessProbe: {httpGet: {path: /healthz, port: 8080}}
`, i, i, i, i, i, i)
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{500, 5000} {
		fsys := fstest.MapFS{}
		var files []string
		for i := range n {
			name := fmt.Sprintf("k8s/%d.yaml", i)
			fsys[name] = &fstest.MapFile{Data: []byte(manifest(i))}
			files = append(files, name)
		}
		b.Run(fmt.Sprintf("manifests=%d", n), func(b *testing.B) {
			for b.Loop() {
				if r := Read(fsys, files, Options{}); len(r.Resources) != n {
					b.Fatal(len(r.Resources))
				}
			}
		})
	}
}

func BenchmarkKustomize(b *testing.B) {
	const n = 500
	fsys := fstest.MapFS{}
	kustomization := "namespace: shop\nresources:\n"
	files := []string{"kustomization.yaml"}
	for i := range n {
		name := fmt.Sprintf("%d.yaml", i)
		fsys[name] = &fstest.MapFile{Data: []byte(manifest(i))}
		files = append(files, name)
		kustomization += "  - " + name + "\n"
	}
	fsys["kustomization.yaml"] = &fstest.MapFile{Data: []byte(kustomization)}
	for b.Loop() {
		if r := Read(fsys, files, Options{}); len(r.Resources) != n {
			b.Fatal(len(r.Resources))
		}
	}
}
