package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"fathom/platform"
)

func initCommand(env *Env) *cobra.Command {
	var from fromFlags
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a declaration to begin with, every part explained",
		Long: `Writes a small shop to FILE, platform.yaml where none is named; - is the
standard output. A file that is there already is left alone.

With --from PATH... it drafts a declaration of the platform that the Terraform,
Kubernetes and workflow files below the paths describe, and writes it to the file
of -o. What they do not tell is a value that parses, with a comment on its line,
and is listed on the standard error with its place in the files. So is what is not
taken over because it contradicts the safe form, such as permissions with wildcards.

Exit code with --from: 0 drafted; 1 some of the files could not be read as written.`,
		Example: `  fathom init
  fathom init - | less
  fathom init --from terraform/ k8s/ -o platform.yaml`,
		Args: func(c *cobra.Command, args []string) error {
			if len(from.paths) > 0 {
				return nil
			}
			return cobra.MaximumNArgs(1)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(from.paths) > 0 {
				return runInitFrom(c.Context(), env, &from, args)
			}
			if len(args) > 0 {
				return runInit(env, args[0], platform.Starter())
			}
			return runInit(env, from.output, platform.Starter())
		},
	}
	c.Flags().StringArrayVar(&from.paths, "from", nil, "draft it of the files below these paths")
	c.Flags().StringVarP(&from.output, "output", "o", "platform.yaml", "the file to write; - is the standard output")
	from.read.register(c)
	return c
}

// runInit writes a declaration to a file that must not be there yet.
func runInit(env *Env, name string, text []byte) error {
	if name == "-" {
		_, err := env.Stdout.Write(text)
		return err
	}
	switch _, err := fs.Stat(env.FS, name); {
	case err == nil:
		return exit{exitCouldNot, fmt.Sprintf("%s is there already; name another file, or move it away", name)}
	case !errors.Is(err, fs.ErrNotExist):
		return exit{exitCouldNot, err.Error()}
	}
	w, err := env.Create(name)
	if err != nil {
		return exit{exitCouldNot, err.Error()}
	}
	if _, err := w.Write(text); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stderr, "wrote %s; next: fathom render %s -o DIR\n", name, name)
	return err
}
