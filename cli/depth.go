package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"fathom/control"
	"fathom/engine/depth"
	"fathom/estate"
	"fathom/layer/all"
	"fathom/layer/ground"
	"fathom/sounding"
)

type depthFlags struct {
	readFlags
	format, output          string
	from, to, why           string
	min, limit              int
	without                 []string
	all, fixes              bool
	independent, objectives bool
}

func depthCommand(env *Env) *cobra.Command {
	var f depthFlags
	c := &cobra.Command{
		Use:   "depth PATH...",
		Short: "Say how many controls must fail before an attacker has what he wants",
		Long: `Measures how deep the defence is that the files below the paths declare: for
six kinds of attackers and every crown jewel, how many controls must fail before
he has it. With --from and --to it tells one cell step by step: the path on which
the fewest have to fail, with the line of every step and of every control in its
way, and why no fewer are enough. Every number is checked by its proofs before it
is printed.

FROM is internet, credential, pod, pipeline, flood or insider, or one start of
these: credential/NAME, credential/NAME+mfa, pod/NAME, pipeline/branch,
pipeline/registry, pipeline/dependency. TO is a crown jewel or another store,
checkout, data:NAME, forge/NAME, down/NAME, admin, cluster-admin, deploy or
backups.

The crown jewels are the stores with the tag fathom:crown-jewel, else those whose
data class says that they matter, else every store. The tag fathom:depth asks for
depths ("internet=4 pod/search=3"); --min asks for one of every cell.

All guards of one control fall together and count once (--independent=false
counts each). What switches several controls off is a step of its own. That
several controls hang on one Terraform variable is not seen.

A number "2 to 4" depends on something that is not known. It is as deep as asked
only if the smaller number is.

Exit code: 0 as deep as asked; 3 an objective of the files or of --min is not met
(--objectives=false only prints them); 1 some of the files could not be read (3
when an objective is not met too); 2 misuse. --why and --fixes answer and ask for
nothing.`,
		Example: `  fathom depth terraform/ k8s/
  fathom depth terraform/ k8s/ --from internet --to store/card-vault
  fathom depth terraform/ k8s/ --min 3
  fathom depth terraform/ k8s/ --why network.sg-chain
  fathom depth terraform/ k8s/ --fixes
  fathom depth terraform/ k8s/ --format html -o depth.html`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.run(c.Context(), env, paths)
		},
	}
	f.flags(c)
	c.Flags().StringVar(&f.why, "why", "", "say what this control is worth: where it stands, and what falls without it")
	c.Flags().BoolVar(&f.fixes, "fixes", false, "print the cheapest controls to add that bring every objective, or --min (default 3), to its depth")
	c.Flags().IntVar(&f.min, "min", 0, "exit with 3 when a cell is less deep than this")
	c.Flags().BoolVar(&f.objectives, "objectives", true, "exit with 3 when what the files ask for is not met")
	c.Flags().StringVar(&f.format, "format", "text", "text, json or html")
	sub := depthDiffCommand(env)
	sub.Args = misuse(sub.Args)
	c.AddCommand(sub)
	return c
}

// flags are those that diff has too.
func (f *depthFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.from, "from", "", "only this start, or this kind of attacker")
	c.Flags().StringVar(&f.to, "to", "", "only this aim")
	c.Flags().StringSliceVar(&f.without, "without", nil, "take these controls or layers as gone")
	c.Flags().BoolVar(&f.independent, "independent", true, "count what falls together once; false counts every guard by itself")
	c.Flags().IntVar(&f.limit, "limit", depth.DefaultLimit, "the largest depth to look for")
	c.Flags().BoolVar(&f.all, "all", false, "print every start, and everything that is unknown")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the result to a file")
	f.register(c)
}

// catalogue are the controls of all layers.
func catalogue() []*control.Control {
	var out []*control.Control
	layers := all.Layers()
	for i := range layers {
		for j := range layers[i].Controls {
			out = append(out, &layers[i].Controls[j])
		}
	}
	return out
}

// check looks at the flags before anything is read.
func (f *depthFlags) check(controls []*control.Control, formats ...string) error {
	if err := oneOf("format", f.format, formats...); err != nil {
		return err
	}
	switch {
	case f.why != "" && f.fixes:
		return exit{exitMisuse, "--why and --fixes are two questions; ask one"}
	case f.format == "html" && (f.why != "" || f.fixes):
		return exit{exitMisuse, "--format html is for the table; --why and --fixes print text or json"}
	case f.min < 0:
		return exit{exitMisuse, fmt.Sprintf("--min is %d; a depth is 1 or more", f.min)}
	case f.limit < 1 || f.limit > maxLimit:
		return exit{exitMisuse, fmt.Sprintf("--limit is %d; it is from 1 to %d", f.limit, maxLimit)}
	case f.min > f.limit+1:
		return exit{exitMisuse, fmt.Sprintf("--min %d is deeper than --limit %d looks", f.min, f.limit)}
	}
	var ids, layers []string
	for _, c := range controls {
		ids = append(ids, c.ID)
		layers = append(layers, c.Layer())
	}
	for _, name := range f.without {
		if err := known(name, append(layers, ids...), "control or layer"); err != nil {
			return err
		}
	}
	if f.why == "" {
		return nil
	}
	return known(f.why, ids, "control")
}

// maxLimit bounds --limit: nobody has use for more, and each takes longer.
const maxLimit = 20

// known says what to write instead of a name that nothing has.
func known(name string, names []string, what string) error {
	for _, n := range names {
		if n == name {
			return nil
		}
	}
	text := fmt.Sprintf("there is no %s %q", what, name)
	if near := nearest(name, names); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return exit{exitMisuse, text + "; fathom controls lists them"}
}

// answered is what a sounding found: one of the three, or an error.
type answered struct {
	report *sounding.Report
	why    *sounding.Why
	fixes  *sounding.Fixes
	err    error
}

func (f *depthFlags) run(ctx context.Context, env *Env, paths []string) error {
	controls := catalogue()
	if err := f.check(controls, "text", "json", "html"); err != nil {
		return err
	}
	a, unread, err := readEstate(ctx, env, &f.readFlags, paths, func(e *estate.Estate) answered {
		report, err := f.measure(e, controls)
		if err != nil {
			return answered{err: err}
		}
		out := answered{report: report}
		switch {
		case f.why != "":
			out.why, out.err = report.Why(f.why)
		case f.fixes:
			out.fixes, out.err = report.Fixes()
		}
		return out
	})
	if err != nil {
		return err
	}
	if a.err != nil {
		return a.err
	}
	a.unread(unread)
	if err := writeResult(env, f.output, func(w io.Writer) error { return f.print(w, env, &a) }); err != nil {
		return err
	}
	return f.verdict(&a, unread)
}

// measure measures an estate as the flags say. The error is misuse where a name
// means nothing there.
func (f *depthFlags) measure(e *estate.Estate, controls []*control.Control) (*sounding.Report, error) {
	g := ground.Of(e)
	o := sounding.Options{Count: depth.Options{Each: !f.independent, Limit: f.limit, Gone: f.without}, Min: f.min}
	if f.from != "" {
		starts, err := sounding.FindStarts(g, f.from)
		if err != nil {
			return nil, exit{exitMisuse, err.Error()}
		}
		o.Starts = starts
	}
	if f.to != "" {
		aim, err := sounding.FindAim(g, f.to)
		if err != nil {
			return nil, exit{exitMisuse, err.Error()}
		}
		o.Aims = []sounding.Aim{aim}
	}
	asks := f.why != "" || f.fixes
	o.Sets, o.Losses = f.oneCell() && !asks, !f.oneCell() && !asks
	return sounding.Measure(g, all.Steps(e), controls, o)
}

// oneCell says whether one cell was asked about.
func (f *depthFlags) oneCell() bool { return f.from != "" && f.to != "" }

// unread puts into the reports how much could not be read.
func (a *answered) unread(n int) {
	a.report.Options.Unread = n
	if a.why != nil {
		a.why.Report.Options.Unread = n
	}
	if a.fixes != nil {
		a.fixes.Report.Options.Unread, a.fixes.After.Options.Unread = n, n
	}
}

func (f *depthFlags) print(w io.Writer, env *Env, a *answered) error {
	o := sounding.TextOptions{Color: env.color() && f.output == "", All: f.all}
	asJSON := f.format == "json"
	switch {
	case a.why != nil && asJSON:
		return a.why.WriteJSON(escaping{w})
	case a.why != nil:
		return a.why.WriteText(w, o)
	case a.fixes != nil && asJSON:
		return a.fixes.WriteJSON(escaping{w})
	case a.fixes != nil:
		return a.fixes.WriteText(w, o)
	case asJSON:
		return a.report.WriteJSON(escaping{w})
	case f.format == "html":
		return a.report.WriteHTML(w)
	case f.oneCell():
		return a.report.WriteCell(w, &a.report.Rows[0].Cells[0], o)
	}
	return a.report.WriteText(w, o)
}

// verdict turns the report into the exit code, and says on stderr what made it.
func (f *depthFlags) verdict(a *answered, unread int) error {
	unmet := a.report.Unmet()
	if a.why != nil || a.fixes != nil || !f.objectives && f.min == 0 || len(unmet) == 0 {
		return unreadError(unread)
	}
	said := []string{fmt.Sprintf("%d of %s not met", len(unmet), plural(len(a.report.Objectives), "objective"))}
	for i := range unmet {
		if i == namedShort {
			said = append(said, fmt.Sprintf("and %d more", len(unmet)-i))
			break
		}
		said = append(said, fmt.Sprintf("%s → %s: %s", unmet[i].From, unmet[i].To, unmet[i].Why))
	}
	if unread > 0 {
		said = append([]string{unreadError(unread).Error()}, said...)
	}
	return exit{exitFindings, strings.Join(said, "; ")}
}

// namedShort is how many objectives that are not met stderr names.
const namedShort = 10
