package cli

import (
	"context"
	"fmt"
	"path"
	"path/filepath"

	"fathom/estate"
	"fathom/platform/draft"
)

// fromFlags are those by which fathom init drafts a declaration of what is there.
type fromFlags struct {
	read   readFlags
	paths  []string
	output string
}

// runInitFrom drafts a declaration of the estate below the paths and writes it to
// a file that must not be there yet. What could not be told is on stderr.
func runInitFrom(ctx context.Context, env *Env, f *fromFlags, more []string) error {
	paths := append(append([]string{}, f.paths...), more...)
	options := draft.Options{Name: directoryName(paths[0])}
	d, unread, err := readEstate(ctx, env, &f.read, paths, func(e *estate.Estate) draft.Draft { return draft.Of(e, options) })
	if err != nil {
		return err
	}
	printProblems(env, nil, d.Notes)
	if err := runInit(env, f.output, d.Text); err != nil {
		return err
	}
	if len(d.Problems) > 0 {
		return exit{exitCouldNot, fmt.Sprintf("the draft has %d problems (see above)", len(d.Problems))}
	}
	return unreadError(unread)
}

// directoryName is what the directory of a path is called.
func directoryName(name string) string {
	base := path.Base(path.Clean(filepath.ToSlash(name)))
	if base != "." && base != ".." && base != "/" {
		return base
	}
	if abs, err := filepath.Abs(name); err == nil {
		return filepath.Base(abs)
	}
	return ""
}
