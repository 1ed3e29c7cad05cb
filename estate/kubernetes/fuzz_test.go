package kubernetes

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"fathom/estate"
)

// check holds a result to what must hold of every result.
func check(t *testing.T, r *Result) {
	for _, res := range r.Resources {
		if o := objectOf(res); o.Pos.File == "" || o.Kind == "" || o.Manifest == nil {
			t.Errorf("%s has no position, kind or manifest", o.ID.Addr)
		}
	}
	for _, p := range r.Problems {
		if p.File == "" || p.Summary == "" {
			t.Errorf("a problem has no file or says nothing: %+v", p)
		}
	}
	for _, g := range r.Gaps {
		if g.Of == "" || g.Why == "" || g.Pos.File == "" {
			t.Errorf("a gap says too little: %+v", g)
		}
	}
	estate.New(r.Resources, r.Gaps, r.Unmodelled, r.Files)
}

// FuzzRead reads one manifest, as YAML and as JSON. JSON that is read from
// both is the same object.
func FuzzRead(f *testing.F) {
	for _, a := range archives(f) {
		fsys, files, _ := unpack(a)
		for _, name := range files {
			if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".json") {
				f.Add(fsys[name].Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		fsys := fstest.MapFS{"a.yaml": {Data: data}, "b.json": {Data: data}}
		r := Read(fsys, []string{"a.yaml", "b.json"}, Options{})
		check(t, r)
		again := fstest.MapFS{}
		var files []string
		for _, res := range r.Resources {
			if _, isSecret := res.(*estate.SecretObject); isSecret {
				continue
			}
			name := "r/" + strings.NewReplacer(":", "-", ".", "-").Replace(res.Meta().Pos.String()) + ".json"
			again[name] = &fstest.MapFile{Data: toJSON(objectOf(res).Manifest)}
			files = append(files, name)
		}
		for _, res := range Read(again, files, Options{}).Resources {
			check(t, &Result{Resources: []estate.Resource{res}})
		}
	})
}

// FuzzChart renders a template with values.
func FuzzChart(f *testing.F) {
	for _, name := range []string{"helm.txtar", "helm-bad.txtar"} {
		fsys, files, _ := unpack(archives(f)[name])
		for _, n := range files {
			if strings.Contains(n, "/templates/") && !strings.HasPrefix(n, "endless/") {
				f.Add(fsys[n].Data, []byte("a: 1"))
			}
		}
	}
	f.Fuzz(func(t *testing.T, template, values []byte) {
		if len(template)+len(values) > 16<<10 {
			return
		}
		fsys := fstest.MapFS{
			"Chart.yaml": {Data: []byte("{apiVersion: v2, name: c, version: 1.0.0}")}, "values.yaml": {Data: values},
			"templates/t.yaml": {Data: template}, "templates/_h.tpl": {Data: []byte(`{{ define "h" }}h: 1{{ end }}`)},
		}
		check(t, Read(fsys, []string{"Chart.yaml", "values.yaml", "templates/t.yaml", "templates/_h.tpl"}, Options{}))
	})
}

// offline fails the test when anything is asked of the network: by HTTP, or by
// git, for which it puts a program that leaves a trace.
func offline(t testing.TB) (asked func() bool) {
	dir := t.TempDir()
	trace := filepath.Join(dir, "trace")
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\n: >"+trace+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	var requests atomic.Int32
	real := http.DefaultTransport
	http.DefaultTransport = roundTripper(func(r *http.Request) (*http.Response, error) {
		requests.Add(1)
		return nil, errors.New("offline")
	})
	t.Cleanup(func() { http.DefaultTransport = real })
	return func() bool {
		_, err := os.Stat(trace)
		return err == nil || requests.Load() > 0
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestNothingIsFetched puts every way to name something remote into every
// place of a kustomization that takes a path.
func TestNothingIsFetched(t *testing.T) {
	asked := offline(t)
	remote := []string{
		"https://example.com/x.yaml", "http://example.com/x", "HTTPS://example.com/x", "github.com/a/b", "github.com/a/b//c?ref=v1", "git@github.com:a/b",
		"git@example.com:a/b.git", "ssh://git@example.com/a/b", "git::https://example.com/a/b", "file:///tmp/x//y", "user@host.example:a/b", "org-1@github.com:a/b",
		"example.com/a/b.git", "https://dev.azure.com/a/_git/b", "GitHub.com/a/b", "gh:a/b", "git::gh:a/b", "../../github.com/a/b",
	}
	forms := []string{
		"resources: [%q]", "bases: [%q]", "components: [%q]", "crds: [%q]", "configurations: [%q]", "generators: [%q]", "transformers: [%q]", "validators: [%q]",
		"openapi: {path: %q}", "patches: [{path: %q}]", "patchesStrategicMerge: [%q]", "patchesJson6902: [{path: %q, target: {kind: X}}]", "replacements: [{path: %q}]",
		"configMapGenerator: [{name: a, files: [%q]}]", "configMapGenerator: [{name: a, envs: [%q]}]", "secretGenerator: [{name: a, env: %q}]",
		"configMapGenerator: [{name: a, files: [k=%s]}]", "helmCharts: [{name: a, repo: %q}]",
		"transformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: a}, path: %q}']",
		"transformers: ['{apiVersion: builtin, kind: %q}']", "transformers: ['{apiVersion: builtin, kind: ReplacementTransformer, metadata: {name: a}, replacements: [{path: %q}]}']",
		"generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, files: [%q]}']",
		"generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: a}, name: a, repo: %q}']",
		"transformers: ['{apiVersion: builtin, kind: PatchJson6902Transformer, metadata: {name: a}, target: {kind: X}, path: %q}']",
		"configMapGenerator: [{name: a, Files: [%q]}]", "secretGenerator: [{name: a, ENVS: [%q]}]", "replacements: [{Path: %q}]", "Resources: [%q]", "patches: [{Path: %q}]",
		"openapi: {Path: %q}", "transformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: a}, Path: %q}']",
		"transformers: ['{apiVersion: builtin, kind: ReplacementTransformer, metadata: {name: a}, Replacements: [{PATH: %q}]}']",
		"transformers: ['{apiVersion: builtin, kind: ValueAddTransformer, metadata: {name: a}, value: v, targets: [{selector: {kind: X}}], targetFilePath: %q}']",
		"transformers: ['{apiVersion: builtin, kind: PatchStrategicMergeTransformer, metadata: {name: a}, paths: [%q]}']",
	}
	for _, form := range forms {
		for _, name := range remote {
			k := fmt.Sprintf(form, name) + "\nnamespace: x\n"
			fsys := fstest.MapFS{"a/b/kustomization.yaml": {Data: []byte(k)}}
			r := Read(fsys, []string{"a/b/kustomization.yaml"}, Options{})
			if asked() {
				t.Fatalf("something was fetched for %s", k)
			}
			if len(r.Problems) == 0 {
				t.Errorf("no problem for %s", k)
			}
		}
	}
	// A directory that has the name of a repository is still not cloned.
	fsys := fstest.MapFS{
		"kustomization.yaml":                {Data: []byte("resources: [github.com/a/b, ./example.com/a/b.git]")},
		"github.com/a/b/kustomization.yaml": {Data: []byte("namePrefix: x")}, "example.com/a/b.git/kustomization.yaml": {Data: []byte("namePrefix: x")},
	}
	Read(fsys, []string{"kustomization.yaml"}, Options{})
	if asked() {
		t.Fatal("a directory was cloned")
	}
	// Nor does a chart's schema fetch others.
	fsys = fstest.MapFS{
		"Chart.yaml": {Data: []byte("{apiVersion: v2, name: c, version: 1.0.0}")}, "values.schema.json": {Data: []byte(`{"$ref": "https://example.com/s.json"}`)},
		"templates/a.yaml": {Data: []byte(`x: {{ getHostByName "example.com" }}`)},
	}
	Read(fsys, []string{"Chart.yaml", "templates/a.yaml"}, Options{})
	if asked() {
		t.Fatal("a schema was fetched")
	}
}

// FuzzKustomize builds a kustomization, and asks for nothing remote.
func FuzzKustomize(f *testing.F) {
	asked := offline(f)
	for _, name := range []string{"kustomize.txtar", "kustomize-bad.txtar"} {
		fsys, files, _ := unpack(archives(f)[name])
		for _, n := range files {
			if strings.HasSuffix(n, "kustomization.yaml") {
				f.Add(fsys[n].Data, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"))
			}
		}
	}
	f.Add([]byte("resources: [r.yaml]\ntransformers: [r.yaml]\ngenerators:\n- |-\n  https://example.com\npatches:\n- path: r.yaml\n"), []byte("apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: https://example.com/x\n"))
	f.Fuzz(func(t *testing.T, kustomization, resource []byte) {
		if len(kustomization)+len(resource) > 16<<10 {
			return
		}
		fsys := fstest.MapFS{"kustomization.yaml": {Data: kustomization}, "r.yaml": {Data: resource}, "base/kustomization.yaml": {Data: []byte("resources: [../r.yaml]")}}
		check(t, Read(fsys, []string{"kustomization.yaml", "r.yaml", "base/kustomization.yaml"}, Options{}))
		if asked() {
			t.Fatal("something was fetched")
		}
	})
}
