package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"fathom/estate"
	"fathom/sounding"
)

func depthDiffCommand(env *Env) *cobra.Command {
	var f depthFlags
	c := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Say which cells a change makes less deep, and by which line",
		Long: `Measures two trees, such as the main branch and a pull request, and says which
cells of the table fell and which rose, from what to what, and by which line: the
control that stood on a step of the path and stands there no longer, or the step
that was not possible.

Exit code: 0 no cell fell; 3 one did; 1 some of the files could not be read (3
when a cell fell too); 2 misuse.`,
		Example: `  git worktree add /tmp/main main && fathom depth diff /tmp/main .
  fathom depth diff before/ after/ --to store/card-vault`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, paths []string) error {
			return f.diff(c.Context(), env, paths[0], paths[1])
		},
	}
	f.flags(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	return c
}

// diff measures both trees and compares them.
func (f *depthFlags) diff(ctx context.Context, env *Env, before, after string) error {
	controls := catalogue()
	if err := f.check(controls, "text", "json"); err != nil {
		return err
	}
	var reports [2]*sounding.Report
	total := 0
	for i, path := range []string{before, after} {
		a, unread, err := readEstate(ctx, env, &f.readFlags, []string{path}, func(e *estate.Estate) answered {
			report, err := f.measure(e, controls)
			return answered{report: report, err: err}
		})
		if err != nil {
			return err
		}
		var misused exit
		if errors.As(a.err, &misused) {
			return exit{misused.code, path + ": " + misused.text}
		}
		if a.err != nil {
			return a.err
		}
		a.unread(unread)
		reports[i] = a.report
		total += unread
	}
	was, now, err := sounding.Level(reports[0], reports[1])
	if err != nil {
		return err
	}
	d := sounding.Compare(was, now)
	err = writeResult(env, f.output, func(w io.Writer) error {
		if f.format == "json" {
			return d.WriteJSON(escaping{w})
		}
		return d.WriteText(w, sounding.TextOptions{Color: env.color() && f.output == "", All: f.all})
	})
	if err != nil {
		return err
	}
	if n := len(d.Fell); n > 0 {
		text := fmt.Sprintf("%s fell", plural(n, "cell"))
		if total > 0 {
			text += "; " + unreadError(total).Error()
		}
		return exit{exitFindings, text}
	}
	return unreadError(total)
}
