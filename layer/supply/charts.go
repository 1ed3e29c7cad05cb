package supply

import (
	"slices"
	"strconv"
	"strings"

	"fathom/estate"
	"fathom/estate/tree"
)

// holds says whether a field of that name with something in it stands anywhere
// in a manifest.
func holds(n *tree.Node, name string) bool {
	found := false
	n.Walk(func(m *tree.Node) {
		if v := m.Get(name); !v.Missing() && (v.Kind != tree.List || len(v.Items) > 0) {
			found = true
		}
	})
	return found
}

// chart finds what installs one of those Helm charts: Terraform's helm_release,
// an Argo CD Application, a HelmRelease of Flux. What the chart holds is not
// read.
func chart(e *estate.Estate, names ...string) (estate.Resource, bool) {
	for _, h := range estate.All[*estate.HelmRelease](e) {
		if name, ok := h.Chart.Known(); ok && isChart(name, names) {
			return h, true
		}
	}
	for _, o := range estate.All[*estate.Object](e) {
		if slices.ContainsFunc(chartsOf(o), func(name string) bool { return isChart(name, names) }) {
			return o, true
		}
	}
	return nil, false
}

// isChart says whether a chart, by its name or the path to it, is one of those.
func isChart(name string, names []string) bool {
	return slices.Contains(names, name[strings.LastIndexByte(name, '/')+1:])
}

// chartsOf are the charts that an object installs.
func chartsOf(o *estate.Object) []string {
	var paths [][]string
	switch o.Kind {
	case "Application":
		paths = [][]string{{"spec", "source", "chart"}}
		if sources := o.Manifest.At("spec", "sources"); sources.Is() == tree.List {
			for i := range sources.Items {
				paths = append(paths, []string{"spec", "sources", strconv.Itoa(i), "chart"})
			}
		}
	case "HelmRelease":
		paths = [][]string{{"spec", "chart", "spec", "chart"}}
	}
	var out []string
	for _, p := range paths {
		if name, ok := o.Manifest.At(p...).Literal(); ok {
			out = append(out, name)
		}
	}
	return out
}
