package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fathom/layer/all"
)

// verbs are the columns of the grid that no layer has yet. A verb moves out of
// this list when a field of layer.Layer holds it.
var verbs = []string{"render", "depth", "lab", "detect", "respond"}

func layersCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "layers",
		Short: "Show the grid of layers by verbs, so that gaps show",
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprint(w, "layer\tcontrols\taudit")
			for _, v := range verbs {
				fmt.Fprintf(w, "\t%s", v)
			}
			fmt.Fprint(w, "\twhat it is about\n")
			for _, l := range all.Layers() {
				seen := 0
				for i := range l.Controls {
					if l.Controls[i].Check != nil {
						seen++
					}
				}
				fmt.Fprintf(w, "%s\t%d\t%d", l.Name, len(l.Controls), seen)
				for range verbs {
					fmt.Fprint(w, "\t-")
				}
				fmt.Fprintf(w, "\t%s\n", l.Doc)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			_, err := fmt.Fprintln(env.Stdout, "\naudit: the controls that files can show. -: not supported yet.")
			return err
		},
	}
}
