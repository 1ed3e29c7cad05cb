package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fathom/platform"
	"fathom/render"
)

// stopping is a folder in which something happens once so many files are written.
type stopping struct {
	Folder
	left int
	then func() error
}

func (s *stopping) WriteFile(name string, content []byte) error {
	if s.left--; s.left == 0 {
		if err := s.then(); err != nil {
			return err
		}
	}
	return s.Folder.WriteFile(name, content)
}

// renderTo renders a declaration into a folder, as the command does.
func renderTo(ctx context.Context, dir, declaration string, open func(string) (Folder, error), flags ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	env := System()
	env.Stdout, env.Stderr, env.TerminalErr = &stdout, &stderr, false
	env.Now = func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }
	if open != nil {
		env.Folder = open
	}
	code = Run(ctx, append([]string{"render", declaration, "-o", dir}, flags...), env)
	return code, stdout.String(), stderr.String()
}

// declare writes the starter, with changes, to a file.
func declare(t *testing.T, oldnew ...string) string {
	t.Helper()
	text := strings.NewReplacer(oldnew...).Replace(string(platform.Starter()))
	name := filepath.Join(t.TempDir(), "platform.yaml")
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// listed checks that the manifest lists the files of a folder and no others, so
// that none of them is taken for a person's.
func listed(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, render.ManifestPath))
	if err != nil {
		t.Fatal(err)
	}
	m, err := render.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path == render.ManifestPath {
			return err
		}
		if m.Files[path] == "" {
			t.Errorf("%s is written and not in the manifest", path)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != len(m.Files) {
		t.Errorf("%d files are there, and %d in the manifest", n, len(m.Files))
	}
	return n
}

// Whatever stops a render half-way, the next one goes on: what the first one
// wrote is not taken for a person's, even where the declaration has changed.
func TestRenderGoesOnWhereItWasStopped(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		says string
		// then is what happens, and cancel interrupts.
		then func(cancel func()) error
	}{
		{"interrupted", exitInterrupted, "interrupted", func(cancel func()) error { cancel(); return nil }},
		{"disk full", exitCouldNot, "no space left", func(func()) error { return errors.New("no space left") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			code, _, errs := renderTo(ctx, dir, declare(t), func(name string) (Folder, error) {
				f, err := openFolder(name)
				return &stopping{Folder: f, left: 20, then: func() error { return c.then(cancel) }}, err
			})
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Fatalf("exit code %d, and %q", code, errs)
			}
			if n := listed(t, dir); n < 19 || n > 20 {
				t.Errorf("%d files are written", n)
			}
			code, out, errs := renderTo(context.Background(), dir, declare(t, "myshop", "othershop"), nil)
			if code != exitOK {
				t.Errorf("exit code %d: %s\n%s", code, errs, out)
			}
			listed(t, dir)
		})
	}
}

// An interrupt before anything is written leaves nothing behind.
func TestRenderInterruptedAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, _, errs := renderTo(ctx, dir, declare(t), nil); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 1 {
		t.Errorf("%d files are written", len(entries))
	}
}

// A file is the old one or the new one, never half of one, and nothing is left
// beside it.
func TestFolderWritesWholeFiles(t *testing.T) {
	dir := t.TempDir()
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.MkdirAll(filepath.Join(dir, "a", "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a", "full", "x"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile("a/full", []byte("text")); err == nil {
		t.Error("a folder is replaced by a file")
	}
	if err := f.WriteFile("a/b/c", []byte("text")); err != nil {
		t.Error(err)
	}
	if text, err := f.ReadFile("a/b/c"); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*.fathom-new")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, name := range []string{"../x", "/tmp/x", "a/../../x"} {
		if f.WriteFile(name, nil) == nil || f.Remove(name) == nil {
			t.Errorf("%s is written or removed", name)
		}
	}
	if err := f.Remove("a/b/c"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a", "b")); err == nil {
		t.Error("an empty folder is left")
	}
	if _, err := os.Stat(filepath.Join(dir, "a", "full", "x")); err != nil {
		t.Error("a folder that holds something is gone")
	}
}
