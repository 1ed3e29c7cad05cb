package render

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompare(t *testing.T) {
	last := ManifestOf([]File{{"same", []byte("1")}, {"changed", []byte("1")}, {"edited", []byte("1")}, {"gone", []byte("1")}, {"gone-edited", []byte("1")}, {"gone-by-hand", []byte("1")}})
	disk := map[string]string{
		"same": "1", "changed": "1", "edited": "mine", "foreign": "mine", "taken": "2",
		"gone": "1", "gone-edited": "mine", "untouched": "theirs",
	}
	files := []File{{"same", []byte("1")}, {"changed", []byte("2")}, {"edited", []byte("2")}, {"foreign", []byte("2")}, {"taken", []byte("2")}, {"new", []byte("2")}}
	got := map[string]Kind{}
	for _, c := range Compare(files, last, func(p string) ([]byte, bool) { s, ok := disk[p]; return []byte(s), ok }) {
		got[c.Path] = c.Kind
	}
	want := map[string]Kind{
		"same": Keep, "changed": Update, "edited": Overwrite, "foreign": Overwrite, "taken": Keep, "new": Add,
		"gone": Remove, "gone-edited": Discard,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A manifest somebody tampered with must not make a render remove files
// elsewhere.
func TestManifestStaysInTheTree(t *testing.T) {
	for _, p := range []string{"../x", "/etc/passwd", "a/../../b", "..", ".", "", `a\..\..\b`, "c:x", "a//b", "./a"} {
		m := Manifest{Schema: manifestSchema, Files: map[string]string{p: "sha256:00"}}
		if _, err := ParseManifest(m.JSON()); err == nil {
			t.Errorf("a manifest with %q was taken", p)
		}
	}
	m := ManifestOf([]File{{"terraform/network.tf", nil}, {".github/workflows/release.yml", nil}})
	back, err := ParseManifest(m.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "{}", `{"schema":"other/v1","files":{}}`, `{"schema":"fathom.render/v1","files":{},"x":1}`} {
		if _, err := ParseManifest([]byte(text)); err == nil {
			t.Errorf("%q was taken for a manifest", text)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(ManifestOf([]File{{"terraform/a.tf", []byte("x")}}).JSON())
	f.Add([]byte(`{"schema":"fathom.render/v1","files":{"../x":"y"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil {
			return
		}
		for p := range m.Files {
			if !Local(p) {
				t.Errorf("%q leads out of the tree", p)
			}
		}
		back, err := ParseManifest(m.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Error(diff)
		}
	})
}
