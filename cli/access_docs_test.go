package cli

import (
	"bytes"
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var transcript = regexp.MustCompile("(?s)```\n\\$ fathom ([^\n]*)\n(.*?)```\n")

var updateDocs = flag.Bool("update-docs", false, "write what the commands of docs/access.md print into it")

// What docs/access.md shows is what its commands print; -update-docs writes it.
func TestTheDocsOfAccessShowRealTranscripts(t *testing.T) {
	t.Chdir("..")
	docs, err := os.ReadFile("docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("cli/testdata/script/access_diff.txtar")
	if err != nil {
		t.Fatal(err)
	}
	found := transcript.FindAllStringSubmatch(string(docs), -1)
	if len(found) < 4 {
		t.Fatalf("only %d transcripts", len(found))
	}
	for _, m := range found {
		command, want := m[1], m[2]
		if !strings.Contains(command, "examples/") { // its files are those of the script
			if !strings.Contains(string(script), "-- more.txt --\n"+want) {
				t.Errorf("the script does not expect of fathom %s\n%s", command, want)
			}
			continue
		}
		var out, errs bytes.Buffer
		env := System()
		env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = &out, &errs, false, false
		if code := Run(context.Background(), strings.Fields(strings.ReplaceAll(command, "'", "")), env); code != 0 {
			t.Errorf("fathom %s ends with %d: %s", command, code, errs.String())
		}
		if *updateDocs {
			docs = bytes.Replace(docs, []byte(want), out.Bytes(), 1)
		} else if out.String() != want {
			t.Errorf("fathom %s prints\n%s\nand docs/access.md shows\n%s", command, out.String(), want)
		}
	}
	if *updateDocs {
		if err := os.WriteFile("docs/access.md", docs, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
