package kubernetes

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	helmengine "helm.sh/helm/v3/pkg/engine"

	"fathom/diag"
)

// TestEngine holds the engine to Helm's own: what helm template prints, byte
// for byte, for what depends on neither clock nor chance.
func TestEngine(t *testing.T) {
	charts := map[string]fs.FS{}
	a, err := txtar.ParseFile("testdata/engine.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tree, _, _ := unpack(a)
	charts["testdata"] = tree
	dir := t.TempDir()
	if _, err := chartutil.Create("scaffold", dir); err != nil {
		t.Fatal(err)
	}
	charts["scaffold"] = os.DirFS(filepath.Join(dir, "scaffold"))
	for name, fsys := range charts {
		t.Run(name, func(t *testing.T) {
			load := func() (*chartDir, *chart.Chart, chartutil.Values) {
				r := newReader(fsys, nil, Options{})
				c := &chartDir{r: r, dir: "."}
				loaded, values, ok := c.load()
				if !ok {
					t.Fatal(r.problems)
				}
				if err := c.prepare(loaded, values); err != nil {
					t.Fatal(err)
				}
				top, err := renderValues(loaded, values, chartutil.ReleaseOptions{Name: "r", Namespace: "default"})
				if err != nil {
					t.Fatal(err)
				}
				return c, loaded, top
			}
			_, loaded, top := load()
			want, err := helmengine.Render(loaded, top)
			if err != nil {
				t.Fatal(err)
			}
			c, loaded, top := load()
			units := map[string]renderable{}
			c.templates(loaded, top, units)
			e, failed := newEngine(units, maxChartWork)
			if len(failed) > 0 {
				t.Fatal(failed)
			}
			got := map[string]string{}
			for name := range want {
				out, err := e.execute(name)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				got[name] = out.String()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("not what Helm renders (-helm +ours):\n%s", diff)
			}
		})
	}
}

// TestEveryHelmFunction fails when Helm gets a function that is not here.
func TestEveryHelmFunction(t *testing.T) {
	e, _ := newEngine(map[string]renderable{}, maxChartWork)
	have := e.functions()
	for _, name := range strings.Fields(`include tpl required fail lookup toYaml toYamlPretty fromYaml fromYamlArray toJson fromJson
		fromJsonArray toToml fromToml getHostByName mustToJson until semverCompare regexMatch dig`) {
		if have[name] == nil {
			t.Errorf("no function %q", name)
		}
	}
	for _, name := range []string{"env", "expandenv"} {
		if have[name] != nil {
			t.Errorf("templates can read the environment by %q", name)
		}
	}
}

// TestPlaces checks that each character of a template's own text is found
// again in the template, whatever is printed around it.
func TestPlaces(t *testing.T) {
	text := "a: {{ .Values.none }}1\n{{- if true }}\nb: é {{ printf \"%s\\n%s\" \"x\" \"y\" | quote }} z: 2\n{{- end }}\n{{ include \"h\" . }}\nc: 3\n{{ define \"h\" }}h: 4\nhh: 5{{ end }}{{ template \"h\" . }}\nd: 6\n"
	e, failed := newEngine(map[string]renderable{"c/templates/t.yaml": {file: "t.yaml", text: text, vals: map[string]any{"Values": map[string]any{}}}}, maxChartWork)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	out, err := e.execute("c/templates/t.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m := newPlaces(e, out)
	lines := strings.Split(text, "\n")
	found := 0
	for i, line := range strings.Split(out.String(), "\n") {
		for j, r := range []rune(line) {
			if !strings.ContainsRune("123456", r) {
				continue
			}
			found++
			pos := m.at(diag.At("t.yaml", i+1, j+1))
			if src := []rune(lines[pos.Line-1]); src[pos.Column-1] != r {
				t.Errorf("%q at %d:%d came from %s, where %q stands", r, i+1, j+1, pos, src[pos.Column-1])
			}
		}
	}
	if found != 8 {
		t.Errorf("%d marks in %q", found, out)
	}
}
