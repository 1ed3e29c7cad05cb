package estate_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"fathom/estate"
	"fathom/estate/read"
)

func file(name string, data []byte) fs.FS {
	return fstest.MapFS{name: &fstest.MapFile{Data: data, Mode: 0o644}}
}

func readAll(t *testing.T, fsys fs.FS, path string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fsys, []string{path}, read.Options{})
	for _, p := range problems {
		t.Errorf("problem: %v", p)
	}
	return e
}
