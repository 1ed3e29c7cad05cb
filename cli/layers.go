package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fathom/control"
	"fathom/layer"
	"fathom/layer/all"
)

// verbs are the columns of the grid that no layer has yet. A verb moves out of
// this list when a field of layer.Layer holds it.
var verbs = []string{"lab", "detect", "respond"}

func layersCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "layers",
		Short: "Show the grid of layers by verbs, so that gaps show",
		RunE: func(*cobra.Command, []string) error {
			if err := grid(env.Stdout, all.Layers()); err != nil {
				return err
			}
			return footnotes(env.Stdout, all.Layers())
		},
	}
}

func grid(out io.Writer, layers []layer.Layer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "layer\tcontrols\taudit\trender\tdepth\t%s\twhat it is about\n", strings.Join(verbs, "\t"))
	for _, l := range layers {
		seen, deep, rendered := 0, 0, map[control.Extent]int{}
		for i := range l.Controls {
			c := &l.Controls[i]
			if c.Check != nil {
				seen++
			}
			if c.Defeat != nil {
				deep++
			}
			if l.Render != nil {
				rendered[c.Rendered]++
			}
		}
		part := ""
		if n := rendered[control.InPart]; n > 0 {
			part = fmt.Sprintf(" + %d", n)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d%s\t%d%s\t%s\n", l.Name, len(l.Controls), seen, rendered[control.Whole], part, deep, strings.Repeat("\t-", len(verbs)), l.Doc)
	}
	return w.Flush()
}

// footnotes say what the grid's numbers stand for, and what they leave out.
func footnotes(out io.Writer, layers []layer.Layer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\naudit: the controls that files can show. render: those that are written whole, + those in part. depth: those that stand in an attacker's way. -: not supported yet.\n\nNot rendered, or in part:\n")
	list := func(text func(*control.Control) string) {
		for _, l := range layers {
			for i := range l.Controls {
				if c := &l.Controls[i]; text(c) != "" {
					fmt.Fprintf(w, "  %s\t%s\n", c.ID, text(c))
				}
			}
		}
	}
	list(func(c *control.Control) string {
		if c.Rendered == control.Whole {
			return ""
		}
		return c.Rendered.String() + ": " + c.Unrendered
	})
	fmt.Fprint(w, "\nRendered, and enforced by AWS only:\n")
	list(func(c *control.Control) string { return c.OnlyAWS })
	return w.Flush()
}
