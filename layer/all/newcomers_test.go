package all_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fathom/audit"
	"fathom/estate/read"
	"fathom/layer/all"
	"fathom/layer/layertest"
	"fathom/render"
)

// Declarations as people write their first ones. What they leave out is a gap that
// the audit names, and their first line lists: nothing else is found, every
// exception is about something, and a second render keeps every file.
func TestNewcomers(t *testing.T) {
	files, err := filepath.Glob("testdata/newcomers/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.Fields(strings.TrimPrefix(first, "# gaps:"))
			p := layertest.Parse(t, string(text))
			written, err := all.Render(p)
			if err != nil {
				t.Fatal(err)
			}
			manifests(t, rendered{platform: p, files: written})
			e, problems := read.Paths(layertest.FS(written), []string{"."}, read.Options{})
			for _, x := range problems {
				t.Errorf("fathom cannot read what it rendered: %v", x)
			}
			report := audit.Run(e, nil, all.Layers(), audit.Options{Suppressions: suppressions(t, written), Today: layertest.Day.Format(time.DateOnly)})
			var got []string
			for _, f := range report.Findings {
				got = append(got, f.Control.ID)
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", got, want)
			}
			for _, n := range report.Notes {
				t.Error(n)
			}
			again, err := all.Render(layertest.Parse(t, string(text)))
			if err != nil {
				t.Fatal(err)
			}
			if i := slices.IndexFunc(again, func(f render.File) bool {
				return !slices.ContainsFunc(written, func(g render.File) bool { return g.Path == f.Path && string(g.Content) == string(f.Content) })
			}); i >= 0 {
				t.Errorf("%s is rendered otherwise the second time", again[i].Path)
			}
		})
	}
}
