package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/estate"
	"fathom/estate/read"
)

// readFlags say how the files below the paths become an estate. Every verb
// that takes PATH... has them.
type readFlags struct {
	vars, varFiles, values []string
}

func (f *readFlags) register(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.vars, "var", nil, "a Terraform variable, name=value")
	c.Flags().StringArrayVar(&f.varFiles, "var-file", nil, "a Terraform variable file")
	c.Flags().StringArrayVar(&f.values, "values", nil, "a Helm values file, for every chart")
}

// options checks the flags before anything is read.
func (f *readFlags) options(env *Env) (read.Options, error) {
	o := read.Options{Vars: map[string]string{}, VarFiles: f.varFiles, ValuesFiles: f.values}
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return o, exit{exitMisuse, fmt.Sprintf("--var %q has no =; write name=value", v)}
		}
		o.Vars[name] = value
	}
	for _, name := range append(slices.Clone(f.varFiles), f.values...) {
		if _, err := fs.Stat(env.FS, name); err != nil {
			return o, exit{exitCouldNot, fmt.Sprintf("%s: the file cannot be read: %v; correct --var-file or --values", name, err)}
		}
	}
	return o, nil
}

// printProblems lists on stderr what could not be read as written, and what
// the reader should know, as every verb does.
func printProblems(env *Env, problems, notes diag.Problems) {
	for _, p := range problems {
		fmt.Fprintln(env.Stderr, p.Error())
	}
	for _, n := range notes {
		fmt.Fprintln(env.Stderr, n.Error())
	}
}

// readEstate reads the paths as one estate and asks it something, in the
// background, so that progress shows and an interrupt ends it. What could not
// be read is on stderr, and in the count.
func readEstate[T any](ctx context.Context, env *Env, f *readFlags, paths []string, ask func(*estate.Estate) T) (answer T, unread int, err error) {
	options, err := f.options(env)
	if err != nil {
		return answer, 0, err
	}
	type result struct {
		answer   T
		problems diag.Problems
	}
	r, err := inBackground(ctx, env, "reading", func() result {
		e, problems := read.Paths(env.FS, paths, options)
		return result{ask(e), problems}
	})
	if err != nil {
		return answer, 0, err
	}
	printProblems(env, r.problems, nil)
	return r.answer, len(r.problems), nil
}

// unreadError is the exit of a verb that answered although some of the files
// could not be read as written; nil when all could.
func unreadError(unread int) error {
	if unread == 0 {
		return nil
	}
	return exit{exitCouldNot, fmt.Sprintf("%d could not be read as written (see above)", unread)}
}

// writeResult writes the result to stdout, or to the file of -o.
func writeResult(env *Env, output string, write func(io.Writer) error) error {
	if output == "" {
		return write(env.Stdout)
	}
	var b bytes.Buffer // a report that fails half-way leaves no half file
	if err := write(&b); err != nil {
		return err
	}
	file, err := env.Create(output)
	if err == nil {
		_, err = file.Write(b.Bytes())
		err = cmp.Or(err, file.Close())
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return exit{exitCouldNot, fmt.Sprintf("%s: the result cannot be written: %v; name another file after -o", output, err)}
	}
	return nil
}
