package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// The transcript of the README is what its command prints.
func TestTheREADMEShowsARealTranscript(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```\n$ fathom ")
	command, rest, _ := strings.Cut(rest, "\n")
	want, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("the README has no transcript")
	}
	t.Chdir("..")
	var out, errs bytes.Buffer
	env := System()
	env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = &out, &errs, false, false
	if code := Run(context.Background(), strings.Fields(command), env); code != 3 {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if out.String() != want {
		t.Errorf("fathom %s prints\n%s\nand the README shows\n%s", command, out.String(), want)
	}
}
