package kubernetes

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"
	"sigs.k8s.io/yaml"

	"fathom/diag"
	"fathom/estate/tree"
)

const (
	maxChartFiles = 10_000
	maxChartBytes = 64 << 20
)

// origins knows the files that a chart was loaded from. Helm gives the same
// bytes back under other names, so the bytes' place in memory tells them.
type origins struct {
	byData map[*byte]string
	used   map[string]bool // the files that templates have read
}

// of is the name of the file that some bytes are, or otherwise.
func (o *origins) of(data []byte, otherwise string) string {
	if len(data) > 0 {
		if f, ok := o.byData[&data[0]]; ok {
			return f
		}
	}
	return otherwise
}

// load reads a chart's files and values.
func (c *chartDir) load() (loaded *chart.Chart, values map[string]any, ok bool) {
	start := diag.At(path.Join(c.dir, "Chart.yaml"), 1, 1)
	c.byData, c.used = map[*byte]string{}, map[string]bool{}
	files, err := c.collect(c.dir, "", 0)
	if err == nil {
		loaded, err = loadFiles(c.sound(files))
	}
	if err != nil {
		c.r.problems.Addf(start, "mend the chart", "the chart cannot be read: %s", oneSentence(err))
		c.r.gap("chart "+c.dir, start, "it cannot be read")
		return nil, nil, false
	}
	arrange(loaded)
	values = map[string]any{}
	for _, f := range c.r.opts.ValuesFiles {
		values = overlay(values, c.valuesIn(path.Clean(f)))
	}
	return loaded, values, true
}

// sound leaves out the subcharts that cannot be read: one would keep the
// loader from reading the chart.
func (c *chartDir) sound(files []*loader.BufferedFile) []*loader.BufferedFile {
	groups := map[string][]*loader.BufferedFile{}
	for _, f := range files {
		if rest, ok := strings.CutPrefix(f.Name, "charts/"); ok {
			sub, _, _ := strings.Cut(rest, "/")
			groups[sub] = append(groups[sub], f)
		}
	}
	for _, sub := range sortedKeys(groups) {
		alone := append([]*loader.BufferedFile{{Name: "Chart.yaml", Data: []byte("{apiVersion: v2, name: c, version: 1.0.0}")}}, groups[sub]...)
		if _, err := loadFiles(alone); err != nil {
			pos := diag.At(c.of(groups[sub][0].Data, path.Join(c.dir, "charts", sub)), 1, 1)
			c.r.problems.Addf(pos, "mend it, or run helm dependency build", "subchart %q cannot be read: %s", sub, strings.TrimPrefix(oneSentence(err), "error unpacking subchart "+sub+" in c: "))
			c.r.gap("chart "+sub, pos, "the subchart cannot be read")
			files = slices.DeleteFunc(files, func(f *loader.BufferedFile) bool {
				return f.Name == "charts/"+sub || strings.HasPrefix(f.Name, "charts/"+sub+"/")
			})
		}
	}
	return files
}

func loadFiles(files []*loader.BufferedFile) (c *chart.Chart, err error) {
	defer recovered(&err)
	own := make([]*loader.BufferedFile, len(files))
	for i, f := range files { // the loader renames what it is given
		own[i] = &loader.BufferedFile{Name: f.Name, Data: f.Data}
	}
	return loader.LoadFiles(own)
}

// arrange sorts subcharts, which the loader hands out in any order.
func arrange(c *chart.Chart) {
	deps := slices.Clone(c.Dependencies())
	sort.SliceStable(deps, func(i, j int) bool {
		a, b := deps[i].Metadata, deps[j].Metadata
		return a.Name < b.Name || a.Name == b.Name && a.Version > b.Version
	})
	c.SetDependencies(deps...)
	for _, d := range deps {
		arrange(d)
	}
}

// collect reads the files of a chart and of the charts that it names by
// file:// and that are not in its charts/ directory.
func (c *chartDir) collect(dir, prefix string, depth int) ([]*loader.BufferedFile, error) {
	rules := ignore.Empty()
	rules.AddDefaults()
	if b, err := readAtMost(c.r.src.fsys, path.Join(dir, ".helmignore"), 1<<20); err == nil {
		if parsed, err := ignore.Parse(bytes.NewReader(b)); err == nil {
			rules = parsed
			rules.AddDefaults()
		}
	}
	var files []*loader.BufferedFile
	total := 0
	err := fs.WalkDir(c.r.src.fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel := strings.TrimPrefix(p, dir+"/")
		if dir == "." {
			rel = p
		}
		if info, err := d.Info(); err == nil && rules.Ignore(rel, info) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		data, err := readAtMost(c.r.src.fsys, p, maxFile)
		if err != nil {
			if strings.HasPrefix(rel, "templates/") || slices.Contains(chartFiles, path.Base(rel)) {
				c.r.src.read(p) // reports it
			}
			return nil
		}
		if total += len(data); total > maxChartBytes || len(files) > maxChartFiles {
			return errors.New("its directory holds more than 64 MiB or 10,000 files")
		}
		data = c.vetted(p, data)
		if len(data) > 0 {
			c.byData[&data[0]] = p
		}
		files = append(files, &loader.BufferedFile{Name: prefix + rel, Data: data})
		return nil
	})
	if err != nil {
		return nil, err
	}
	local, err := c.local(dir, prefix, depth, files)
	return append(files, local...), err
}

// vetted is the content of a chart's file. Metadata and values that do not
// parse, or expand to too much, are left out before Helm's parser sees them.
func (c *chartDir) vetted(file string, data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !slices.Contains(chartFiles, path.Base(file)) {
		return data
	}
	docs, ok := c.r.src.documents(file)
	if ok && len(docs) == 1 && docs[0].root.Kind == tree.Map || ok && len(docs) == 0 {
		return data
	}
	if path.Base(file) != "values.yaml" {
		return data
	}
	if ok {
		c.r.problems.Addf(diag.At(file, 1, 1), "write one map", "the values are not a map")
	}
	c.r.gaps = append(c.r.gaps, unknownPart(file, diag.At(file, 1, 1), "the values cannot be read, so the chart is rendered without them"))
	return []byte("{}\n")
}

// local reads the dependencies of a chart whose repository is a directory.
func (c *chartDir) local(dir, prefix string, depth int, have []*loader.BufferedFile) ([]*loader.BufferedFile, error) {
	docs, _ := c.r.src.documents(path.Join(dir, "Chart.yaml"))
	if len(docs) != 1 || depth > 5 {
		return nil, nil
	}
	deps := docs[0].root.Get("dependencies")
	if deps.Is() != tree.List {
		return nil, nil
	}
	var out []*loader.BufferedFile
	seen := map[string]bool{}
	for _, d := range deps.Items {
		name := text(d.Get("name"))
		at, ok := strings.CutPrefix(text(d.Get("repository")), "file://")
		into := prefix + "charts/" + name
		if !ok || name == "" || strings.Contains(name, "/") || seen[name] || slices.ContainsFunc(have, func(f *loader.BufferedFile) bool {
			return strings.HasPrefix(f.Name, into+"/") || strings.HasPrefix(f.Name, into+"-")
		}) {
			continue
		}
		seen[name] = true
		from := join(dir, at)
		if isFile, _ := c.r.src.exists(path.Join(from, "Chart.yaml")); !isFile || inside(dir, from) {
			continue
		}
		files, err := c.collect(from, into+"/", depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	return out, nil
}

// valuesIn reads a values file.
func (c *chartDir) valuesIn(file string) map[string]any {
	docs, ok := c.r.src.documents(file)
	if !ok || len(docs) == 0 {
		return nil
	}
	var values map[string]any
	if len(docs) != 1 || docs[0].root.Kind != tree.Map || yaml.Unmarshal(toJSON(docs[0].root), &values) != nil {
		c.r.problems.Addf(diag.At(file, 1, 1), "write one map", "the values are not a map")
	}
	return values
}

// overlay puts values over others, map by map.
func overlay(under, over map[string]any) map[string]any {
	out := make(map[string]any, len(under)+len(over))
	for k, v := range under {
		out[k] = v
	}
	for k, v := range over {
		if a, ok := out[k].(map[string]any); ok {
			if b, ok := v.(map[string]any); ok {
				out[k] = overlay(a, b)
				continue
			}
		}
		out[k] = v
	}
	return out
}
