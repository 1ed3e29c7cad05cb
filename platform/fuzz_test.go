package platform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"fathom/platform"
)

// FuzzParse asks of any file whatever: there is a platform or there are problems,
// each at a place in the file; reading it twice gives the same; and what Parse
// takes, the schema takes too.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"../examples/*/platform.yaml", "starter.yaml", "testdata/shop.yaml", "testdata/broken/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s (%v)", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	for _, text := range []string{"", "a", "- a", "? [a]: b\n: c", "a: |\n b", "platform: {name", "&a [*a]", "{a, b: c}", "\x00", "%YAML 1.1\n---\na: 1", "platform: !!map {}", "<<: 1", "1: 2", "null: ~"} {
		f.Add([]byte(text))
	}
	s := validator(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, problems := platform.Parse("p.yaml", text, options)
		again, more := platform.Parse("p.yaml", text, options)
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("platform %v with %d problems", p != nil, len(problems))
		}
		if diff := cmp.Diff(problems, more); diff != "" {
			t.Fatal(diff)
		}
		lines := int32(1)
		for _, c := range text {
			if c == '\n' || c == '\r' {
				lines++
			}
		}
		for _, x := range problems {
			if x.File != "p.yaml" || x.Line < 1 || x.Line > lines || x.Column < 1 || x.Summary == "" || x.Fix == "" {
				t.Errorf("a problem without place, words or fix: %#v", x)
			}
		}
		if p == nil {
			return
		}
		if diff := cmp.Diff(p, again, same); diff != "" {
			t.Fatal(diff)
		}
		var doc any
		if err := yaml.Unmarshal(text, &doc); err == nil {
			if err := s.Validate(asJSON(t, text)); err != nil {
				t.Errorf("Parse takes it and the schema does not: %v", err)
			}
		}
	})
}
