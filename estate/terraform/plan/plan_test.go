package plan

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/estate/terraform/config"
	"fathom/estate/tree"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden prints what is read of every JSON file in testdata beside it.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := printed(os.DirFS("testdata"), filepath.Base(name))
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// printed reads a file and writes out everything that came of it.
func printed(fsys fs.FS, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", name, Sniff(fsys, name))
	conf := Read(fsys, name, func(in config.Instance) {
		fmt.Fprintf(&b, "\n%s (%s) %s\n", in.Addr, in.Provider, in.Pos)
		if in.Data != strings.Contains(in.Addr, "data.") || !strings.Contains(in.Addr, in.Type+"."+in.Name) || !strings.HasPrefix(in.Addr, in.Module) {
			fmt.Fprintf(&b, "  CONTRADICTION: %v %q %q %q\n", in.Data, in.Module, in.Type, in.Name)
		}
		if in.Maybe != "" {
			fmt.Fprintf(&b, "  maybe: %s\n", in.Maybe)
		}
		printTree(&b, "  ", in.Args)
	})
	for _, p := range conf.Providers {
		fmt.Fprintf(&b, "\nprovider %s %s\n", p.Name, p.Pos)
		printTree(&b, "  ", p.Args)
	}
	for _, g := range conf.Gaps {
		fmt.Fprintf(&b, "\ngap: %s: %s: %s (hides %v)\n", g.Pos, g.Addr, g.Why, g.Hides)
	}
	for _, p := range conf.Problems {
		fmt.Fprintf(&b, "\nproblem: %v\n", p)
	}
	return b.String()
}

func printTree(b *strings.Builder, indent string, n *tree.Node) {
	if n == nil {
		fmt.Fprintf(b, "%sNOTHING\n", indent)
		return
	}
	for _, f := range n.Fields {
		fmt.Fprintf(b, "%s%s =%s\n", indent, f.Name, line(f.Node))
		if f.Node.Is() == tree.Map || f.Node.Is() == tree.List {
			printTree(b, indent+"  ", f.Node)
		}
	}
	for _, it := range n.Items {
		fmt.Fprintf(b, "%s-%s\n", indent, line(it))
		printTree(b, indent+"  ", it)
	}
}

func line(n *tree.Node) string {
	switch n.Is() {
	case tree.Null:
		return " null"
	case tree.Bool, tree.Number:
		return " " + n.Text
	case tree.String:
		return fmt.Sprintf(" %q", n.Text)
	case tree.Unknown:
		s := " unknown: " + n.Why
		if n.Text != "" {
			s += " " + n.Text
		}
		if len(n.Refs) > 0 {
			s += fmt.Sprintf(" %v", n.Refs)
		}
		return s
	}
	return ""
}
