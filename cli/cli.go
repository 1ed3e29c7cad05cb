package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fathom/diag"
)

// Exit codes of every verb.
const (
	exitOK          = 0
	exitCouldNot    = 1
	exitMisuse      = 2
	exitFindings    = 3
	exitInterrupted = 130
)

// Env is what a verb may touch of the machine.
type Env struct {
	Stdout, Stderr io.Writer
	// Terminal and TerminalErr say whether Stdout and Stderr are terminals.
	Terminal, TerminalErr bool
	// FS opens files by the names that the user typed.
	FS fs.FS
	// Now is the clock.
	Now func() time.Time
	// Getenv reads the environment.
	Getenv func(string) string
	// Create opens the file of -o for writing.
	Create func(name string) (io.WriteCloser, error)
	// Folder opens a folder to write in, and makes it where it is not there.
	Folder func(name string) (Folder, error)
}

// Folder is a folder that a verb writes in. Names are relative with slashes, and
// nothing outside the folder is touched, whatever links lie in it.
type Folder interface {
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, content []byte) error
	Remove(name string) error
	io.Closer
}

// System is the machine itself.
func System() Env {
	return Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Terminal: isTerminal(os.Stdout), TerminalErr: isTerminal(os.Stderr),
		FS: diskFS{}, Now: time.Now, Getenv: os.Getenv,
		Create: func(name string) (io.WriteCloser, error) { return os.Create(name) },
		Folder: openFolder,
	}
}

// diskFS opens files by the names that people type, ../x and /x included,
// which os.DirFS refuses. It makes positions in reports clickable.
type diskFS struct{}

// Open opens files and directories only: a pipe would wait for somebody to
// write, and a device such as /dev/zero may never end.
func (diskFS) Open(name string) (fs.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	return os.Open(name)
}

func (diskFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }
func (diskFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// SameFile tells whether two names are one file, so that links do not loop.
func (diskFS) SameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (e *Env) color() bool {
	return e.Terminal && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
}

// exit is an error that carries an exit code; its text, if any, is for stderr.
type exit struct {
	code int
	text string
}

func (e exit) Error() string { return e.text }

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, env Env) int {
	log.SetOutput(io.Discard) // what the Helm and Kustomize libraries log is no part of the result
	root := &cobra.Command{
		Use:   "fathom",
		Short: "Defence in depth for an e-commerce platform on AWS: declared, run, attacked, measured",
		Long: `Fathom reads the Terraform and Kubernetes files of an e-commerce platform on
AWS and says which of the 85 controls of its eight layers of defence are
present, partial, absent or unknown there, who can reach whom and who may do
what, with the line to change. It executes web ACLs of AWS WAF, on recorded
requests and in front of a service.`,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit{exitMisuse, err.Error()} })
	root.AddCommand(auditCommand(&env), accessCommand(&env), controlsCommand(&env), depthCommand(&env), gatewayCommand(&env), layersCommand(&env), reachCommand(&env), wafCommand(&env),
		renderCommand(&env), initCommand(&env), schemaCommand(&env))
	for _, c := range root.Commands() {
		c.Args = misuse(c.Args)
	}
	return code(ctx, &env, root.ExecuteContext(ctx))
}

func code(ctx context.Context, env *Env, err error) int {
	var e exit
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(env.Stderr, "fathom: interrupted")
		return exitInterrupted
	case errors.As(err, &e):
		if e.text != "" {
			fmt.Fprintln(env.Stderr, diag.Plain("fathom: "+e.text))
		}
		return e.code
	}
	fmt.Fprintln(env.Stderr, diag.Plain("fathom: "+err.Error()))
	if strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintln(env.Stderr, "fathom --help lists the commands")
		return exitMisuse
	}
	return exitCouldNot
}

// misuse makes a wrong number of arguments exit with 2.
func misuse(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		check = cobra.NoArgs
	}
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return exit{exitMisuse, fmt.Sprintf("%v; usage: fathom %s", err, c.Use)}
		}
		return nil
	}
}

// oneOf checks a flag that has to be one of a few words.
func oneOf(flag, got string, words ...string) error {
	for _, w := range words {
		if got == w {
			return nil
		}
	}
	return exit{exitMisuse, fmt.Sprintf("--%s is %q; it is one of %s", flag, got, strings.Join(words, ", "))}
}
