package eval

import (
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

// dump writes a configuration the way the tests have it: an instance a line,
// with its arguments indented below it, then gaps and problems.
func dump(c *config.Config) string {
	var b strings.Builder
	for _, p := range c.Providers {
		fmt.Fprintf(&b, "provider %s\n", p.Name)
		dumpNode(&b, "  ", p.Args)
	}
	for _, in := range c.Instances {
		b.WriteString(in.Addr)
		if want, _, _ := strings.Cut(in.Type, "_"); in.Provider != want {
			fmt.Fprintf(&b, " provider=%s", in.Provider)
		}
		if in.Maybe != "" {
			fmt.Fprintf(&b, " maybe(%s)", in.Maybe)
		}
		b.WriteString("\n")
		dumpNode(&b, "  ", in.Args)
	}
	for _, g := range c.Gaps {
		fmt.Fprintf(&b, "gap %s %s: %s", g.Pos, g.Addr, g.Why)
		if g.Hides {
			b.WriteString(" (hides)")
		}
		b.WriteString("\n")
	}
	for _, p := range c.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Error())
	}
	return b.String()
}

func dumpNode(b *strings.Builder, indent string, n *tree.Node) {
	for _, f := range n.Fields {
		fmt.Fprintf(b, "%s%s = %s\n", indent, f.Name, show(f.Node))
	}
}

// show writes a node on one line: JSON-like, with ? for what is unknown and
// its references in angle brackets.
func show(n *tree.Node) string {
	refs := ""
	if len(n.Refs) > 0 {
		var rs []string
		for _, r := range n.Refs {
			rs = append(rs, r.String())
		}
		refs = " <" + strings.Join(rs, " ") + ">"
	}
	switch n.Kind {
	case tree.Null:
		return "null"
	case tree.String:
		return fmt.Sprintf("%q", n.Text) + refs
	case tree.Bool, tree.Number:
		return n.Text + refs
	case tree.List:
		var out []string
		for _, it := range n.Items {
			out = append(out, show(it))
		}
		return "[" + strings.Join(out, ", ") + "]"
	case tree.Map:
		var out []string
		for _, f := range n.Fields {
			out = append(out, f.Name+": "+show(f.Node))
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	text := ""
	if n.Text != "" {
		text = fmt.Sprintf(" %q", n.Text)
	}
	return "?(" + n.Why + ")" + text + refs
}

// files reads the notation of the tests: "-- name --" before each file, and
// main.tf for what comes before the first.
func files(s string) fstest.MapFS {
	out := fstest.MapFS{}
	name := "main.tf"
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out[name] = &fstest.MapFile{Data: []byte(b.String())}
		}
		b.Reset()
	}
	for line := range strings.Lines(s) {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "-- ") && strings.HasSuffix(t, " --") {
			flush()
			name = t[3 : len(t)-3]
			continue
		}
		b.WriteString(line)
	}
	flush()
	return out
}

var _ fs.FS = fstest.MapFS{}
