package kubernetes

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/client-go/kubernetes/scheme"

	"fathom/diag"
	"fathom/estate/tree"
)

// kubeVersion is the cluster that charts are told they are for.
const kubeVersion = "v1.33.0"

// capabilities are those of a cluster of that version with nothing added: the
// stable versions of every kind, as group/version and group/version/Kind.
var capabilities = func() *chartutil.Capabilities {
	c := chartutil.DefaultCapabilities.Copy()
	if v, err := chartutil.ParseKubeVersion(kubeVersion); err == nil {
		c.KubeVersion = *v
	}
	seen := map[string]bool{}
	for gvk := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version != "__internal" && !strings.Contains(gvk.Version, "alpha") && !strings.Contains(gvk.Version, "beta") {
			seen[gvk.GroupVersion().String()] = true
			seen[gvk.GroupVersion().String()+"/"+gvk.Kind] = true
		}
	}
	c.APIVersions = sortedKeys(seen)
	return c
}()

// render adds the objects that a chart's templates print.
func (c *chartDir) render(loaded *chart.Chart, values map[string]any) {
	options := chartutil.ReleaseOptions{Name: loaded.Name(), Namespace: "default", Revision: 1, IsInstall: true}
	top, err := renderValues(loaded, values, options)
	start := diag.At(path.Join(c.dir, "Chart.yaml"), 1, 1)
	if err != nil {
		c.r.problems.Addf(start, "mend the values", "the values of the chart cannot be joined: %s", oneSentence(err))
		c.r.gap("chart "+c.dir, start, "its values cannot be joined")
		return
	}
	units := map[string]renderable{}
	c.templates(loaded, top, units)
	e, failed := newEngine(units, c.r.chartWork)
	defer func() { c.r.chartWork -= e.budget.spent(c.r.chartWork) }()
	for _, name := range sortedKeys(failed) {
		c.fail(e, name, failed[name])
	}
	for _, name := range sortedKeys(units) {
		base := path.Base(name)
		if failed[name] != nil || strings.HasPrefix(base, "_") || base == "NOTES.txt" {
			continue
		}
		out, err := e.execute(name)
		if err != nil {
			c.fail(e, name, err)
			continue
		}
		c.add(e, name, out)
	}
}

func renderValues(loaded *chart.Chart, values map[string]any, options chartutil.ReleaseOptions) (v chartutil.Values, err error) {
	defer recovered(&err)
	// Not against the schema: it may name others by URL, and they would be fetched.
	return chartutil.ToRenderValuesWithSchemaValidation(loaded, values, options, capabilities, true)
}

// add parses what a template has printed and adds its objects.
func (c *chartDir) add(e *engine, name string, out *output) {
	file := e.units[name].file
	m := newPlaces(e, out)
	var problems diag.Problems
	docs, ok := parseYAML(file, out.b, &problems)
	if !ok {
		c.r.gap(file, diag.Pos{File: file}, "a part of what the template prints cannot be parsed")
	}
	for i := range problems {
		problems[i].Pos = m.at(problems[i].Pos)
	}
	c.r.problems = append(c.r.problems, problems...)
	for _, d := range docs {
		if isTest(d.root) {
			continue
		}
		d.root.Walk(func(n *tree.Node) { n.Pos = m.at(n.Pos) })
		c.r.addObjects(d, c.dir, 0)
	}
}

// isTest says whether an object is made only by helm test.
func isTest(n *tree.Node) bool {
	hooks := text(n.At("metadata", "annotations", "helm.sh/hook"))
	if hooks == "" {
		return false
	}
	for _, h := range commas(hooks) {
		if !strings.HasPrefix(h, "test") {
			return false
		}
	}
	return true
}

var (
	errorPlace = regexp.MustCompile(`template: ([^\s:]+):(\d+)(?::(\d+))?: `)
	noTemplate = regexp.MustCompile(` associated with template "[^"]*"$`)
	errorChain = regexp.MustCompile(`.*(?:error calling \w+: |: executing "[^"]*" at <.*?>: )`)
)

// fail reports a template that cannot be rendered, where its error says.
func (c *chartDir) fail(e *engine, name string, err error) {
	pos := diag.At(e.units[name].file, 1, 0)
	msg := strings.Join(strings.Fields(err.Error()), " ")
	for _, m := range errorPlace.FindAllStringSubmatch(msg, -1) {
		if u, ok := e.units[m[1]]; ok {
			line, _ := strconv.Atoi(m[2])
			column, _ := strconv.Atoi(m[3])
			if m[3] != "" { // counted from 0
				column++
			}
			pos = diag.At(u.file, line, column)
		}
	}
	msg = errorPlace.ReplaceAllString(errorChain.ReplaceAllString(msg, ""), "")
	msg = strings.TrimPrefix(noTemplate.ReplaceAllString(msg, ""), "template: ")
	fix := "mend the template, or give the values it needs in a values file"
	if strings.HasPrefix(msg, "function ") {
		fix = "mend the template"
	}
	c.r.problems.Addf(pos, fix, "template %q cannot be rendered: %s", path.Base(name), msg)
	c.r.gap(e.units[name].file, pos, "the template cannot be rendered")
}
