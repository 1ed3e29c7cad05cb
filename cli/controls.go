package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fathom/control"
	"fathom/layer"
	"fathom/layer/all"
)

func controlsCommand(env *Env) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "controls",
		Short: "List every control: what it guards, against what, and whether files show it and render writes it",
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if format == "json" {
				return controlsJSON(env.Stdout, all.Layers())
			}
			return controlsText(env.Stdout, all.Layers())
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// jsonControl is one entry of fathom.controls/v1.
type jsonControl struct {
	ID       string   `json:"id"`
	Layer    string   `json:"layer"`
	Title    string   `json:"title"`
	Why      string   `json:"why"`
	Threats  []string `json:"threats"`
	Phase    string   `json:"phase"`
	Severity string   `json:"severity"`
	Maps     []string `json:"maps"`
	Visible  bool     `json:"visibleInFiles"`
	Unseen   string   `json:"unseen,omitempty"`
	// Rendered is yes, in part or no; Unrendered says what is not and why.
	Rendered   string `json:"rendered"`
	Unrendered string `json:"unrendered,omitempty"`
	// OnlyAWS says why nothing but AWS can enforce it.
	OnlyAWS string `json:"onlyAWS,omitempty"`
}

func controlsJSON(w io.Writer, layers []layer.Layer) error {
	doc := struct {
		Schema   string        `json:"schema"`
		Controls []jsonControl `json:"controls"`
	}{Schema: "fathom.controls/v1"}
	for _, l := range layers {
		for i := range l.Controls {
			c := &l.Controls[i]
			j := jsonControl{
				ID: c.ID, Layer: l.Name, Title: c.Title, Why: c.Why, Threats: []string{}, Phase: c.Phase.String(),
				Severity: c.Severity.String(), Maps: append([]string{}, c.Maps...), Visible: c.Check != nil, Unseen: c.Unseen,
				Rendered: c.Rendered.String(), Unrendered: c.Unrendered, OnlyAWS: c.OnlyAWS,
			}
			for _, t := range c.Threats {
				j.Threats = append(j.Threats, t.String())
			}
			doc.Controls = append(doc.Controls, j)
		}
	}
	enc := json.NewEncoder(escaping{w})
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func controlsText(out io.Writer, layers []layer.Layer) error {
	n, visible, rendered := 0, 0, 0
	for _, l := range layers {
		fmt.Fprintf(out, "%s: %s\n\n", l.Name, l.Doc)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for i := range l.Controls {
			c := &l.Controls[i]
			n++
			if c.Check != nil {
				visible++
			}
			fmt.Fprintf(w, "  %s\t%s\tthreats %s\t%s\t%s\n", c.ID, c.Phase, threats(c), c.Severity, c.Title)
			if c.Check == nil {
				fmt.Fprintf(w, "  \t\t\t\t(no file shows it: %s)\n", c.Unseen)
			}
			if c.Rendered == control.Whole {
				rendered++
			} else {
				fmt.Fprintf(w, "  \t\t\t\t(rendered: %s: %s)\n", c.Rendered, c.Unrendered)
			}
			if c.OnlyAWS != "" {
				fmt.Fprintf(w, "  \t\t\t\t(AWS only: %s)\n", c.OnlyAWS)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	_, err := fmt.Fprintf(out, "%d controls, %d of them seen in files, %d rendered whole. Threats: %s.\n", n, visible, rendered, threatLegend())
	return err
}

func threats(c *control.Control) string {
	var b strings.Builder
	for _, t := range c.Threats {
		fmt.Fprintf(&b, "%d", t)
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

func threatLegend() string {
	var out []string
	for t := control.AccountTakeover; t <= control.Ransom; t++ {
		out = append(out, fmt.Sprintf("%d %s", t, t))
	}
	return strings.Join(out, ", ")
}
