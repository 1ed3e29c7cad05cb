package reach

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"fathom/engine/reach/flow"
)

var update = flag.Bool("update", false, "write what is printed into the golden files")

// Each file of testdata/explain is an estate, questions and what is answered.
func TestExplanationsReadLikeSentences(t *testing.T) {
	names, err := filepath.Glob("testdata/explain/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d golden files: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ar := txtar.Parse(text)
	files := map[string]string{}
	want := -1
	for i, f := range ar.Files {
		if f.Name == "want" {
			want = i
			continue
		}
		files[f.Name] = string(f.Data)
	}
	n := New(estateOf(t, files))
	var got strings.Builder
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != "ask" {
			continue
		}
		if got.Len() > 0 {
			got.WriteString("\n")
		}
		fmt.Fprintf(&got, "$ fathom reach %s %s\n", words[1], words[2])
		if err := asked(t, n, words[1], words[2]).WriteText(&got, TextOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		ar.Files[want].Data = []byte(got.String())
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(ar.Files[want].Data), got.String()); diff != "" {
		t.Errorf("the explanation differs (-want +got), -update rewrites it:\n%s", diff)
	}
}

// asked is a question as the command line takes it.
func asked(t *testing.T, n *Network, from, to string) *Report {
	t.Helper()
	src, err := n.Find(from, From)
	if err != nil {
		t.Fatal(err)
	}
	name, port, _ := strings.Cut(to, ":")
	dst, err := n.Find(name, To)
	if err != nil {
		t.Fatal(err)
	}
	if port == "" {
		return n.Explain(src, dst)
	}
	if c, ok := n.NamedPort(dst, port); ok {
		return n.Explain(src, dst, c)
	}
	number, err := strconv.Atoi(strings.TrimPrefix(port, "tcp/"))
	if err != nil {
		t.Fatal(err)
	}
	return n.Explain(src, dst, flow.Conn{Protocol: flow.TCP, Port: number})
}
