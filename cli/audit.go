package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fathom/audit"
	"fathom/control"
	"fathom/diag"
	"fathom/estate/read"
	"fathom/layer"
	"fathom/layer/all"
)

type auditFlags struct {
	readFlags
	format, output, failOn, config string
	layers, controls               []string
	all                            bool
}

func auditCommand(env *Env) *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit PATH...",
		Short: "Say what is wrong with the defence that files declare",
		Long: `Reads Terraform (HCL, *.tf.json, plan and state JSON), Kubernetes manifests,
Kustomizations, Helm charts and GitHub workflows below the paths as one estate,
and judges it by the controls of every layer.

Exit code: 0 no finding at the level asked, 3 findings, 1 something could not
be read (3 when there are findings too), 2 misuse.`,
		Example: "  fathom audit terraform/ k8s/\n  fathom audit plan.json --format sarif -o fathom.sarif",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.run(c.Context(), env, paths)
		},
	}
	c.Flags().StringVar(&f.format, "format", "text", "text, json or sarif")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the result to a file")
	c.Flags().StringVar(&f.failOn, "fail-on", "high", "exit with 3 on findings of at least this severity: low, medium, high, critical; none never does")
	c.Flags().StringSliceVar(&f.layers, "layer", nil, "judge only these layers")
	c.Flags().StringSliceVar(&f.controls, "control", nil, "judge only these controls")
	c.Flags().StringVar(&f.config, "config", "", "the file with suppressions (default .fathom.yaml here, or in the first path)")
	f.register(c)
	c.Flags().BoolVar(&f.all, "all", false, "print everything that is unknown")
	return c
}

func (f *auditFlags) run(ctx context.Context, env *Env, paths []string) error {
	layers := all.Layers()
	failOn, err := f.check(layers)
	if err != nil {
		return err
	}
	options, err := f.options(env)
	if err != nil {
		return err
	}
	suppressions, problems, err := f.suppressions(env, paths, layers)
	if err != nil {
		return err
	}
	report, err := inBackground(ctx, env, "reading and judging", func() *audit.Report {
		e, found := read.Paths(env.FS, paths, options)
		return audit.Run(e, found, layers, audit.Options{
			Layers: f.layers, Controls: f.controls, Suppressions: suppressions, Today: env.Now().Format(time.DateOnly),
		})
	})
	if err != nil {
		return err
	}
	report.Problems = append(problems, report.Problems...)
	if err := f.print(env, report); err != nil {
		return err
	}
	printProblems(env, report.Problems, report.Notes)
	return verdict(report, failOn)
}

// check looks at the flags before anything is read.
func (f *auditFlags) check(layers []layer.Layer) (control.Severity, error) {
	if err := oneOf("format", f.format, "text", "json", "sarif"); err != nil {
		return 0, err
	}
	if err := oneOf("fail-on", f.failOn, "low", "medium", "high", "critical", "none"); err != nil {
		return 0, err
	}
	var names, ids []string
	for _, l := range layers {
		names = append(names, l.Name)
		for i := range l.Controls {
			ids = append(ids, l.Controls[i].ID)
		}
	}
	for _, name := range f.layers {
		if err := oneOf("layer", name, names...); err != nil {
			return 0, err
		}
	}
	for _, id := range f.controls {
		if oneOf("control", id, ids...) != nil {
			return 0, exit{exitMisuse, fmt.Sprintf("there is no control %q; fathom controls lists them", id)}
		}
	}
	s, _ := control.ParseSeverity(f.failOn) // none is 0
	return s, nil
}

// suppressions reads the file of --config, or .fathom.yaml where it is looked
// for. A file that cannot be understood is a problem and suppresses nothing.
func (f *auditFlags) suppressions(env *Env, paths []string, layers []layer.Layer) ([]audit.Suppression, diag.Problems, error) {
	known := func(id string) bool { return all.Control(layers, id) != nil }
	if f.config != "" {
		text, err := fs.ReadFile(env.FS, f.config)
		if err != nil {
			return nil, nil, exit{exitCouldNot, fmt.Sprintf("%s: the suppressions cannot be read: %v", f.config, err)}
		}
		s, problems := audit.ParseSuppressions(f.config, text, known)
		return s, problems, nil
	}
	for _, name := range []string{".fathom.yaml", path.Join(paths[0], ".fathom.yaml")} {
		if text, err := fs.ReadFile(env.FS, name); err == nil {
			s, problems := audit.ParseSuppressions(name, text, known)
			return s, problems, nil
		}
	}
	return nil, nil, nil
}

func (f *auditFlags) print(env *Env, r *audit.Report) error {
	write := func(w io.Writer) error {
		switch f.format {
		case "json":
			return r.WriteJSON(escaping{w})
		case "sarif":
			return r.WriteSARIF(escaping{w})
		}
		return r.WriteText(w, audit.TextOptions{Color: env.color() && f.output == "", All: f.all})
	}
	return writeResult(env, f.output, write)
}

// verdict turns the report into the exit code, and says on stderr what made it.
func verdict(r *audit.Report, failOn control.Severity) error {
	var said []string
	out := exit{code: exitOK}
	if n := len(r.Problems); n > 0 {
		out.code = exitCouldNot
		said = append(said, fmt.Sprintf("%d could not be read as written (see above)", n))
	}
	n := 0
	for i := range r.Findings {
		if failOn > 0 && r.Findings[i].Severity >= failOn {
			n++
		}
	}
	if n > 0 {
		out.code = exitFindings
		said = append(said, fmt.Sprintf("%s of severity %s or worse", plural(n, "finding"), failOn))
	}
	if out.code == exitOK {
		return nil
	}
	out.text = strings.Join(said, "; ")
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
