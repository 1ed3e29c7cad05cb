package layertest

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"fathom/control"
	"fathom/estate/read"
	"fathom/layer"
)

// Run holds a layer to its shape and its controls to the archives in the
// folder testdata.
func Run(t *testing.T, l layer.Layer) {
	t.Helper()
	for i := range l.Controls {
		c := &l.Controls[i]
		t.Run(c.ID, func(t *testing.T) {
			shape(t, l.Name, c)
			if c.Check == nil {
				return
			}
			archive, err := txtar.ParseFile(filepath.Join("testdata", c.ID+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			cases(t, c, archive)
		})
	}
	unused(t, l)
}

func shape(t *testing.T, layerName string, c *control.Control) {
	if c.Layer() != layerName {
		t.Errorf("control %q is in layer %q", c.ID, layerName)
	}
	for what, text := range map[string]string{"title": c.Title, "why": c.Why} {
		if text == "" || strings.HasSuffix(text, ".") {
			t.Errorf("%s: the %s has to be there and end without a full stop: %q", c.ID, what, text)
		}
	}
	if c.Severity == 0 {
		t.Errorf("%s has no severity", c.ID)
	}
	if (c.Check == nil) != (c.Unseen != "") {
		t.Errorf("%s has to have either a check or the reason why no file shows it", c.ID)
	}
	if (c.Rendered == control.Whole) != (c.Unrendered == "") {
		t.Errorf("%s has to be rendered, or to say what of it is not and why", c.ID)
	}
}

func unused(t *testing.T, l layer.Layer) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives {
		id := strings.TrimSuffix(filepath.Base(name), ".txtar")
		if !slices.ContainsFunc(l.Controls, func(c control.Control) bool { return c.ID == id }) {
			t.Errorf("%s belongs to no control", name)
		}
	}
}

func cases(t *testing.T, c *control.Control, archive *txtar.Archive) {
	estates := map[string]fstest.MapFS{}
	var names []string
	for _, f := range archive.Files {
		name, rest, ok := strings.Cut(f.Name, "/")
		if !ok {
			t.Fatalf("%s is not in a folder", f.Name)
		}
		if estates[name] == nil {
			estates[name] = fstest.MapFS{}
			names = append(names, name)
		}
		estates[name][rest] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	have := map[string]bool{}
	for _, name := range names {
		want, _, _ := strings.Cut(name, "-")
		have[want] = true
		t.Run(name, func(t *testing.T) { one(t, c, want, estates[name]) })
	}
	if !have["present"] || !have["unknown"] || !have["absent"] && !have["partial"] {
		t.Errorf("%s needs an estate where it is present, one where it is absent (or partial) and one where it is unknown", c.ID)
	}
}

func one(t *testing.T, c *control.Control, want string, files fstest.MapFS) {
	e, problems := read.Paths(files, []string{"."}, read.Options{})
	for _, p := range problems {
		if want != "unknown" { // an unknown estate may well be one that cannot be read
			t.Errorf("problem: %v", p)
		}
	}
	v := c.Judge(e)
	if got := v.Status.String(); got != want {
		t.Errorf("the control is %s, want %s\n%s", got, want, print(&v))
	}
	if want == "unknown" && len(v.Results) == 0 && v.Reason == control.NothingToGuard {
		t.Errorf("the estate holds nothing that the control looks at, so it shows nothing about the unknown")
	}
	expected := expectations(t, files)
	for _, r := range v.Results {
		kind, text := "want", r.Summary
		switch r.Status {
		case control.Present:
			continue
		case control.Unknown:
			kind, text = "unsure", r.Reason
		default:
			if r.Fix == "" || strings.HasSuffix(r.Fix, ".") || strings.HasSuffix(r.Summary, ".") {
				t.Errorf("%s: a mistake needs a summary and a fix, both without a full stop: %q, %q", r.At, r.Summary, r.Fix)
			}
		}
		if text == "" {
			t.Errorf("%s: a %s result without a sentence", r.At, r.Status)
		}
		i := slices.IndexFunc(expected, func(x expectation) bool {
			return x.kind == kind && x.file == r.At.File && x.line == int(r.At.Line) && (x.re.MatchString(text) || x.re.MatchString(severityOf(c, &r)+": "+text))
		})
		switch {
		case i >= 0:
			expected[i].met = true
		case kind == "want":
			t.Errorf("%s: nobody wants %q", r.At, text)
		case r.At.Line != 0 && slices.ContainsFunc(expected, func(x expectation) bool { return x.kind == "unsure" }):
			t.Errorf("%s: nobody expects to be unsure of %q", r.At, text)
		}
	}
	for _, x := range expected {
		if !x.met {
			t.Errorf("%s:%d: no %s result matches %q\n%s", x.file, x.line, x.kind, x.re, print(&v))
		}
	}
}

func severityOf(c *control.Control, r *control.Result) string {
	if r.Severity != 0 {
		return r.Severity.String()
	}
	return c.Severity.String()
}

type expectation struct {
	kind string // want or unsure
	file string
	line int
	re   *regexp.Regexp
	met  bool
}

var comment = regexp.MustCompile(`(?:#|//).*?\b(want|unsure)((?:\s+"(?:[^"\\]|\\.)*")+)`)

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// expectations reads the comments of all files. Several strings after one want
// are several results at that line.
func expectations(t *testing.T, files fstest.MapFS) []expectation {
	var out []expectation
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, _ error) error {
		if d.IsDir() {
			return nil
		}
		for i, line := range strings.Split(string(files[name].Data), "\n") {
			m := comment.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			for _, q := range quoted.FindAllString(m[2], -1) {
				text, err := strconv.Unquote(q)
				if err != nil {
					t.Fatalf("%s:%d: %v", name, i+1, err)
				}
				re, err := regexp.Compile(text)
				if err != nil {
					t.Fatalf("%s:%d: %v", name, i+1, err)
				}
				out = append(out, expectation{kind: m[1], file: name, line: i + 1, re: re})
			}
		}
		return nil
	})
	return out
}

func print(v *control.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "verdict %s %s\n", v.Status, v.Reason)
	for _, r := range v.Results {
		fmt.Fprintf(&b, "  %-8s %s %s: %s%s", r.Status, r.At, r.On.ID, r.Summary, r.Reason)
		for _, e := range r.Evidence {
			fmt.Fprintf(&b, " [%s %s]", e.At, e.Saw)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
