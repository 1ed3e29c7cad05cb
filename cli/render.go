package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/layer/all"
	"fathom/layer/edge"
	"fathom/platform"
	"fathom/render"
)

type renderFlags struct {
	out          string
	check, force bool
	format       string
}

func renderCommand(env *Env) *cobra.Command {
	var f renderFlags
	c := &cobra.Command{
		Use:   "render PLATFORM -o DIR",
		Short: "Write the Terraform and Kubernetes files of a declared platform",
		Long: `Writes the files of all layers of the platform that the file PLATFORM declares:
Terraform in DIR/terraform, a Kustomize base with overlays in DIR/kubernetes.

A later render updates what has changed, and removes what the last one wrote and
this one does not. A file that somebody wrote or edited is not touched without
--force: then nothing at all is written, and the difference is shown.

With --check nothing is written; the exit code is 3 when the files in DIR are
not those that would be.`,
		Example: `  fathom render platform.yaml -o infrastructure
  fathom render platform.yaml -o infrastructure --check`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runRender(c.Context(), env, &f, args[0]) },
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "the folder to write in")
	c.Flags().BoolVar(&f.check, "check", false, "write nothing; exit with 3 when the files differ")
	c.Flags().BoolVar(&f.force, "force", false, "overwrite and remove files that somebody edited")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	return c
}

func runRender(ctx context.Context, env *Env, f *renderFlags, file string) error {
	switch {
	case f.out == "":
		return exit{exitMisuse, "name the folder to write in: -o DIR"}
	case f.check && f.force:
		return exit{exitMisuse, "--check writes nothing, so --force has nothing to do; leave one of them out"}
	case f.format != "text" && f.format != "json":
		return exit{exitMisuse, fmt.Sprintf("--format %q is not text or json", f.format)}
	}
	p, err := readPlatform(env, file)
	if err != nil {
		return err
	}
	type result struct {
		files []render.File
		err   error
	}
	r, err := inBackground(ctx, env, "rendering", func() result {
		files, err := all.Render(p)
		return result{files, err}
	})
	if err != nil {
		return err
	}
	if r.err != nil {
		return printErrors(env, r.err)
	}
	if f.check { // the folder may not be there, and must not be made
		if _, err := fs.Stat(env.FS, f.out); err != nil {
			return exit{exitCouldNot, fmt.Sprintf("%s: %v; render without --check first", f.out, err)}
		}
	}
	dir, err := env.Folder(f.out)
	if err != nil {
		return exit{exitCouldNot, err.Error()}
	}
	defer dir.Close()
	last, err := readManifest(dir)
	if err != nil {
		return exit{exitCouldNot, fmt.Sprintf("%s/%s: %v; remove it if nothing in the folder was rendered", f.out, render.ManifestPath, err)}
	}
	var unreadable error
	changes := render.Compare(r.files, last, func(name string) ([]byte, bool) {
		text, err := dir.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			unreadable = errors.Join(unreadable, err)
		}
		return text, err == nil
	})
	if unreadable != nil {
		return exit{exitCouldNot, unreadable.Error()}
	}
	if err := report(env, f, changes); err != nil {
		return err
	}
	return write(ctx, env, f, dir, r.files, changes)
}

// write does what the changes say, or says why it does not.
func write(ctx context.Context, env *Env, f *renderFlags, dir Folder, files []render.File, changes []render.Change) error {
	var edited, different int
	for _, c := range changes {
		if c.Kind.ByHand() {
			edited++
		}
		if c.Kind != render.Keep {
			different++
		}
	}
	switch {
	case f.check && different > 0:
		return exit{exitFindings, fmt.Sprintf("%s is not what would be rendered: %s; run fathom render without --check", f.out, count(different, "file differs", "files differ"))}
	case f.check:
		return nil
	case edited > 0 && !f.force:
		return exit{exitFindings, fmt.Sprintf("nothing is written: %s edited by hand; move the changes to the declaration, or give them up with --force", count(edited, "file was", "files were"))}
	}
	for _, c := range changes {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var err error
		switch c.Kind {
		case render.Add, render.Update, render.Overwrite:
			err = dir.WriteFile(c.Path, c.New)
		case render.Remove, render.Discard:
			err = dir.Remove(c.Path)
		case render.Keep:
		}
		if err != nil {
			return exit{exitCouldNot, fmt.Sprintf("%s/%s: %v", f.out, c.Path, err)}
		}
	}
	if err := dir.WriteFile(render.ManifestPath, render.ManifestOf(files).JSON()); err != nil {
		return exit{exitCouldNot, fmt.Sprintf("%s/%s: %v", f.out, render.ManifestPath, err)}
	}
	return nil
}

// report prints what changes. What a person edited is shown as a difference, on
// stderr unless the difference is what was asked for.
func report(env *Env, f *renderFlags, changes []render.Change) error {
	if f.format == "json" {
		return reportJSON(env, changes)
	}
	counts := map[render.Kind]int{}
	for _, c := range changes {
		counts[c.Kind]++
		if c.Kind == render.Keep {
			continue
		}
		if _, err := fmt.Fprintf(env.Stdout, "%-10s %s\n", c.Kind, c.Path); err != nil {
			return err
		}
		if f.check || c.Kind.ByHand() {
			fmt.Fprint(env.Stdout, indent(string(diff.Diff("on disk", c.Old, "rendered", c.New))))
		}
	}
	var words []string
	for k := render.Keep; k <= render.Discard; k++ {
		if n := counts[k]; n > 0 {
			words = append(words, fmt.Sprintf("%d to %s", n, k))
		}
	}
	_, err := fmt.Fprintf(env.Stdout, "%s in %s: %s\n", count(len(changes), "file", "files"), f.out, strings.Join(words, ", "))
	return err
}

// JSONRender is what render prints with --format json.
type JSONRender struct {
	Schema  string       `json:"schema"`
	Changes []JSONChange `json:"changes"`
}

// JSONChange is what becomes of one file: keep, add, update, remove, overwrite
// or discard.
type JSONChange struct {
	Path   string `json:"path"`
	Change string `json:"change"`
}

func reportJSON(env *Env, changes []render.Change) error {
	out := JSONRender{Schema: "fathom.render/v1", Changes: []JSONChange{}}
	for _, c := range changes {
		out.Changes = append(out.Changes, JSONChange{c.Path, c.Kind.String()})
	}
	e := json.NewEncoder(env.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// readPlatform reads a declaration; all its problems are on stderr.
func readPlatform(env *Env, file string) (*platform.Platform, error) {
	text, err := fs.ReadFile(env.FS, file)
	if err != nil {
		return nil, exit{exitCouldNot, fmt.Sprintf("%v; name the file of the declaration, or write one with fathom init", err)}
	}
	p, problems := platform.Parse(file, text, platformOptions(env))
	if len(problems) > 0 {
		printProblems(env, problems, nil)
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: %s; nothing is rendered", file, count(len(problems), "problem", "problems"))}
	}
	return p, nil
}

// printErrors lists the problems that the layers found, each on a line.
func printErrors(env *Env, err error) error {
	n := 0
	var list func(error)
	list = func(err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				list(e)
			}
			return
		}
		n++
		fmt.Fprintln(env.Stderr, diag.Plain(err.Error()))
	}
	list(err)
	return exit{exitCouldNot, count(n, "problem", "problems") + "; nothing is rendered"}
}

// readManifest is what the last render left, or nothing.
func readManifest(dir Folder) (render.Manifest, error) {
	text, err := dir.ReadFile(render.ManifestPath)
	if errors.Is(err, fs.ErrNotExist) {
		return render.Manifest{}, nil
	}
	if err != nil {
		return render.Manifest{}, err
	}
	return render.ParseManifest(text)
}

// platformOptions are the day, and what a declaration may name.
func platformOptions(env *Env) platform.Options {
	o := platform.Options{Today: env.Now(), ManagedRules: edge.ManagedRules}
	for _, l := range all.Layers() {
		for i := range l.Controls {
			o.Controls = append(o.Controls, l.Controls[i].ID)
		}
	}
	return o
}
