package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

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
	}
	if err := oneOf("format", f.format, "text", "json"); err != nil {
		return err
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
			return exit{exitCouldNot, fmt.Sprintf("%s: %v; render without --check first", f.out, inner(err))}
		}
	}
	dir, err := env.Folder(f.out)
	if err != nil {
		return exit{exitCouldNot, fmt.Sprintf("%s: %v; name another folder after -o", f.out, inner(err))}
	}
	defer dir.Close()
	last, err := readManifest(dir)
	if err != nil {
		return exit{exitCouldNot, fmt.Sprintf("%s/%s: %v; remove it if nothing in the folder was rendered", f.out, render.ManifestPath, inner(err))}
	}
	var unreadable error
	changes := render.Compare(r.files, last, func(name string) ([]byte, bool) {
		text, err := dir.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			unreadable = errors.Join(unreadable, fmt.Errorf("%s/%s: %w; move it away", f.out, name, inner(err)))
		}
		return text, err == nil
	})
	if unreadable != nil {
		return printErrors(env, unreadable)
	}
	if err := report(env, f, changes); err != nil {
		return err
	}
	if err := settle(f, changes); err != nil || f.check {
		return err
	}
	return write(ctx, f, dir, last, r.files, changes)
}

// inner is what an operation on a file met, without the name that the operation
// had for it.
func inner(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// settle says why nothing is written, where nothing is.
func settle(f *renderFlags, changes []render.Change) error {
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
	case !f.check && edited > 0 && !f.force:
		return exit{exitFindings, fmt.Sprintf("nothing is written: %s edited by hand; move the changes to the declaration, or give them up with --force", count(edited, "file was", "files were"))}
	}
	return nil
}

// write does what the changes say. Where it is stopped half-way, the manifest
// lists what there is, so that the next render still knows its own files from
// those of a person.
func write(ctx context.Context, f *renderFlags, dir Folder, last render.Manifest, files []render.File, changes []render.Change) error {
	will, is := render.ManifestOf(files), last.Clone()
	var stopped error
	for _, c := range changes {
		if stopped = ctx.Err(); stopped != nil {
			break
		}
		switch c.Kind {
		case render.Add, render.Update, render.Overwrite:
			stopped = dir.WriteFile(c.Path, c.New)
		case render.Remove, render.Discard:
			stopped = dir.Remove(c.Path)
		case render.Keep:
		}
		if stopped != nil {
			stopped = exit{exitCouldNot, fmt.Sprintf("%s/%s: %v", f.out, c.Path, inner(stopped))}
			break
		}
		is.Copy(will, c.Path)
	}
	if stopped == nil {
		is = will // without what a person took away
	}
	if err := dir.WriteFile(render.ManifestPath, is.JSON()); err != nil && stopped == nil {
		stopped = exit{exitCouldNot, fmt.Sprintf("%s/%s: %v", f.out, render.ManifestPath, inner(err))}
	}
	return stopped
}

// readPlatform reads a declaration; all its problems are on stderr.
func readPlatform(env *Env, file string) (*platform.Platform, error) {
	text, err := fs.ReadFile(env.FS, file)
	if err != nil {
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: %v; name the file of the declaration, or write one with fathom init", file, inner(err))}
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
