package tftest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	for _, folder := range []string{dir, filepath.Join(root, ".cache", "bin")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "terraform"), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}

	for _, tt := range []struct {
		name, env, root, path string
		want                  string // or the beginning of the error
	}{
		{"environment first", filepath.Join(dir, "terraform"), root, dir, filepath.Join(dir, "terraform")},
		{"then the cache", "", root, dir, filepath.Join(root, ".cache", "bin", "terraform")},
		{"then the path", "", dir, dir, filepath.Join(dir, "terraform")},
		{"no such file", filepath.Join(dir, "nowhere"), root, dir, "FATHOM_TERRAFORM: "},
		{"none", "", dir, "", `this test runs the real terraform and there is none; "make setup" installs it`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("FATHOM_TERRAFORM", tt.env)
			t.Setenv("PATH", tt.path)
			got, err := find(tt.root)
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCopyConfiguration(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	for _, name := range []string{"main.tf", "modules/a/main.tf", ".terraform/x", ".terraform.lock.hcl", "terraform.tfstate"} {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyConfiguration(to, from); err != nil {
		t.Fatal(err)
	}

	for name, want := range map[string]bool{
		"main.tf": true, "modules/a/main.tf": true,
		".terraform": false, ".terraform.lock.hcl": false, "terraform.tfstate": false,
	} {
		if _, err := os.Stat(filepath.Join(to, name)); (err == nil) != want {
			t.Errorf("%s copied: %v, want %v", name, err == nil, want)
		}
	}
}
