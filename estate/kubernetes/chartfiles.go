package kubernetes

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/chart"
)

// files are a chart's other files, as templates see them: .Files. A template
// can also range over them, so this is a map as in Helm.
type files map[string][]byte

func newFiles(from []*chart.File) files {
	fs := files{}
	for _, f := range from {
		fs[f.Name] = f.Data
	}
	return fs
}

var fileUse = regexp.MustCompile(`\.Files\.(?:Get|GetBytes|Lines|Glob)\s+\(?\s*"([^"]+)"`)

// noteFiles notes which files a template names: they belong to the chart, and
// are no manifests of their own.
func (c *chartDir) noteFiles(ch *chart.Chart, text string) {
	for _, m := range fileUse.FindAllStringSubmatch(text, -1) {
		for name, data := range newFiles(ch.Files).Glob(m[1]) {
			c.used[c.of(data, name)] = true
		}
	}
}

// GetBytes returns a file, or nothing.
func (f files) GetBytes(name string) []byte {
	if v, ok := f[name]; ok {
		return v
	}
	return []byte{}
}

// Get is GetBytes as text.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob returns the files whose name matches; all when the pattern is none.
func (f files) Glob(pattern string) files {
	out := files{}
	if len(pattern) > 4<<10 {
		return out
	}
	g, err := glob.Compile(pattern, '/')
	if err != nil {
		g = glob.MustCompile("**")
	}
	for name, data := range f {
		if g.Match(name) {
			out[name] = data
		}
	}
	return out
}

// AsConfig prints the files as the data of a ConfigMap.
func (f files) AsConfig() string {
	if f == nil {
		return ""
	}
	m := map[string]string{}
	for _, name := range sortedKeys(f) {
		m[path.Base(name)] = string(f[name])
	}
	return toYAML(m)
}

// AsSecrets prints the files as the data of a Secret.
func (f files) AsSecrets() string {
	if f == nil {
		return ""
	}
	m := map[string]string{}
	for _, name := range sortedKeys(f) {
		m[path.Base(name)] = base64.StdEncoding.EncodeToString(f[name])
	}
	return toYAML(m)
}

// Lines returns the lines of a file.
func (f files) Lines(name string) []string {
	if len(f[name]) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return sorted(keys)
}
