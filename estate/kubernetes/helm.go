package kubernetes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"

	"fathom/diag"
	"fathom/estate/tree"
)

// maxCharts bounds the charts of one release. Aliases of aliases multiply.
const maxCharts = 2_000

// chartDir is a chart that stands on its own, and its files.
type chartDir struct {
	r    *reader
	dir  string
	meta *tree.Node // Chart.yaml

	origins
}

// readCharts renders every chart that is no part of another one.
func (r *reader) readCharts() {
	var dirs []string
	for _, f := range r.files {
		if path.Base(f) == "Chart.yaml" {
			dirs = append(dirs, path.Dir(f))
		}
	}
	for _, dir := range dirs {
		if !slices.ContainsFunc(dirs, func(outer string) bool { return outer != dir && inside(dir, path.Join(outer, "charts")) }) {
			r.readChart(dir)
		}
	}
	for _, f := range r.opts.ValuesFiles {
		r.take(path.Clean(f), "helm values")
	}
}

// inside says whether a path is a directory or below it.
func inside(name, dir string) bool {
	return name == dir || dir == "." && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "../") || strings.HasPrefix(name, dir+"/")
}

// readChart adds the objects of one chart.
func (r *reader) readChart(dir string) {
	file := path.Join(dir, "Chart.yaml")
	docs, ok := r.src.documents(file)
	if !ok || len(docs) != 1 || text(docs[0].root.Get("name")) == "" {
		if ok {
			r.problems.Addf(diag.At(file, 1, 1), `give it "apiVersion", "name" and "version"`, "it does not describe a chart")
		}
		r.take(file, "not read: not a chart")
		r.gap(file, diag.Pos{File: file}, "it does not describe a chart, so its templates are not rendered")
		r.takeChart(dir, nil)
		return
	}
	c := &chartDir{r: r, dir: dir, meta: docs[0].root}
	defer func() { r.takeChart(dir, c) }()
	loaded, values, ok := c.load()
	if !ok {
		return
	}
	if err := c.prepare(loaded, values); err != nil {
		r.problems.Addf(diag.At(file, 1, 1), "mend the chart or its values", "chart %q cannot be rendered: %s", loaded.Name(), oneSentence(err))
		r.gap("chart "+dir, diag.At(file, 1, 1), "it cannot be rendered")
		return
	}
	c.reportMissing(loaded, c.meta)
	c.readDefinitions(loaded)
	c.render(loaded, values)
}

// takeChart says what the files of a chart were taken for.
func (r *reader) takeChart(dir string, c *chartDir) {
	for _, f := range r.files {
		if !inside(f, dir) {
			continue
		}
		rel := strings.TrimPrefix(f, dir+"/")
		if dir == "." {
			rel = f
		}
		switch first, _, nested := strings.Cut(rel, "/"); {
		case nested && (first == "templates" || first == "charts" || first == "crds"), !nested && slices.Contains(chartFiles, rel):
			r.take(f, "helm chart")
		case slices.Contains(r.opts.ValuesFiles, f):
			r.take(f, "helm values")
		case nested && first == "ci", strings.Contains(path.Base(f), "values") && isYAML(f):
			r.take(f, "not read: values of a chart that are not applied; name the file as a values file to apply it")
		case c != nil && c.used[f]:
			r.take(f, "helm chart")
		}
	}
}

// chartFiles are the files of a chart that are no templates.
var chartFiles = []string{"Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json", "requirements.yaml", "requirements.lock"}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// prepare chooses the subcharts that the values enable, as helm install does.
func (c *chartDir) prepare(loaded *chart.Chart, values map[string]any) (err error) {
	defer recovered(&err)
	if instances(loaded, 0) > maxCharts {
		return fmt.Errorf("it makes more than %d charts of its subcharts", maxCharts)
	}
	return chartutil.ProcessDependencies(loaded, values)
}

// instances is how many charts a chart makes, itself included.
func instances(c *chart.Chart, depth int) int {
	if depth > 50 {
		return maxCharts + 1
	}
	n := 1
	for _, d := range c.Dependencies() {
		times := 0
		for _, req := range c.Metadata.Dependencies {
			if req != nil && req.Name == d.Name() {
				times++
			}
		}
		n = min(n+max(times, 1)*instances(d, depth+1), maxCharts+1)
	}
	return n
}

// recovered turns a panic of a library into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it gave up: %v", p)
	}
}

// reportMissing reports the subcharts that are enabled and not there.
func (c *chartDir) reportMissing(loaded *chart.Chart, meta *tree.Node) {
	for _, want := range loaded.Metadata.Dependencies {
		if want == nil || slices.ContainsFunc(loaded.Dependencies(), func(d *chart.Chart) bool { return d.Name() == want.Name }) {
			continue
		}
		pos := c.dependency(meta, want.Name)
		c.r.problems.Addf(pos, "run helm dependency build", "chart %q depends on %q, which is not in its charts/ directory", loaded.Name(), want.Name)
		c.r.gap("chart "+want.Name, pos, "a dependency is not there")
	}
	for _, d := range loaded.Dependencies() {
		c.reportMissing(d, nil)
	}
}

// dependency is where a chart names another, in Chart.yaml or, before there
// was such a place, in requirements.yaml.
func (c *chartDir) dependency(meta *tree.Node, name string) diag.Pos {
	pos := diag.At(path.Join(c.dir, "Chart.yaml"), 1, 1)
	if meta == nil {
		return pos
	}
	lists := []*tree.Node{meta.Get("dependencies")}
	old := path.Join(c.dir, "requirements.yaml")
	if isFile, _ := c.r.src.exists(old); isFile {
		if docs, _ := c.r.src.documents(old); len(docs) > 0 {
			lists = append(lists, docs[0].root.Get("dependencies"))
		}
	}
	for _, l := range lists {
		if l.Is() != tree.List {
			continue
		}
		for _, d := range l.Items {
			if text(d.Get("name")) == name || text(d.Get("alias")) == name {
				return d.Pos
			}
		}
	}
	return pos
}

// readDefinitions adds the objects of the crds/ directories.
func (c *chartDir) readDefinitions(loaded *chart.Chart) {
	for _, crd := range loaded.CRDObjects() {
		docs, _ := parseFile(c.of(crd.File.Data, crd.Filename), crd.File.Data, &c.r.problems)
		for _, d := range docs {
			c.r.addObjects(d, c.dir, 0)
		}
	}
}
