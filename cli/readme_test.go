package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// The transcripts of the README are what their commands print.
func TestTheREADMEShowsRealTranscripts(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("..")
	transcripts := strings.Split(string(text), "```\n$ fathom ")[1:]
	if len(transcripts) < 3 {
		t.Fatalf("the README has %d transcripts", len(transcripts))
	}
	for _, transcript := range transcripts {
		command, rest, _ := strings.Cut(transcript, "\n")
		want, _, ok := strings.Cut(rest, "```\n")
		if !ok {
			t.Fatalf("the transcript of fathom %s has no end", command)
		}
		var out, errs bytes.Buffer
		env := System()
		env.Now = func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) } // declared exceptions end
		env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = &out, &errs, false, false
		if code := Run(context.Background(), strings.Fields(command), env); code != 0 && code != 3 {
			t.Errorf("fathom %s: exit code %d: %s", command, code, errs.String())
		}
		if out.String() != want {
			t.Errorf("fathom %s prints\n%s\nand the README shows\n%s", command, out.String(), want)
		}
	}
}
