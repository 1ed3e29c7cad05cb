package kubernetes

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func hostile(t *testing.T, files map[string]string) *Result {
	t.Helper()
	fsys := fstest.MapFS{}
	var names []string
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		names = append(names, name)
	}
	return Read(fsys, names, Options{})
}

const onePod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: c, image: i}]}\n---\n"

// Kustomize applies each patch to each object, one after the other.
func TestTooManyPatchesAreRefusedAndTheObjectsRead(t *testing.T) {
	var objects, patches strings.Builder
	for i := range 300 {
		fmt.Fprintf(&objects, onePod, i)
	}
	for range 100 {
		patches.WriteString("- {patch: \"[{op: add, path: /metadata/labels, value: {a: b}}]\", target: {kind: Pod}}\n")
	}
	r := hostile(t, map[string]string{
		"kustomization.yaml": "resources: [pods.yaml]\npatches:\n" + patches.String(),
		"pods.yaml":          objects.String(),
	})
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error(), "kustomization.yaml:1:1: the kustomization has more than 20000 patches times objects; name the target of each patch") {
		t.Errorf("got %v", r.Problems)
	}
	if len(r.Resources) != 300 || len(r.Gaps) != 1 {
		t.Errorf("%d resources, %d gaps", len(r.Resources), len(r.Gaps))
	}
}

// Charts share their allowance, and an honest template is rendered all the same.
func TestManyChartsThatExplode(t *testing.T) {
	files := map[string]string{}
	for i := range 30 {
		dir := fmt.Sprintf("c%02d/", i)
		files[dir+"Chart.yaml"] = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
		files[dir+"templates/a.yaml"] = "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}"
		files[dir+"templates/pod.yaml"] = fmt.Sprintf(onePod, i)
	}
	r := hostile(t, files)
	if len(r.Problems) != 30 || len(r.Resources) != 30 {
		t.Errorf("%d problems, %d resources", len(r.Problems), len(r.Resources))
	}
}
