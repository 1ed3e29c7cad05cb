package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"fathom/platform"
)

func initCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a declaration to begin with, every part explained",
		Long: `Writes a small shop to FILE, platform.yaml where none is named; - is the
standard output. A file that is there already is left alone.`,
		Example: `  fathom init
  fathom init - | less`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "platform.yaml"
			if len(args) > 0 {
				name = args[0]
			}
			return runInit(env, name, platform.Starter())
		},
	}
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
