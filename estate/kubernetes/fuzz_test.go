package kubernetes

import (
	"strings"
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

// FuzzKustomize builds a kustomization. It must not ask for anything remote,
// which would show as a hanging test.
func FuzzKustomize(f *testing.F) {
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
	})
}
