package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// What a terminal obeys comes out of no answer, wherever it stands in the
// input, and reads as what it was.
func TestJSONHasNoControls(t *testing.T) {
	const bad = "\u009b31m\u202e\u2028\u007f"
	doc := func(sid, resource string) string {
		return fmt.Sprintf(`{"Statement":[{"Sid":"%s","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s"}]}`, sid, resource)
	}
	eval := fmt.Sprintf(`{"id":"%s","principal":{"type":"anonymous"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/%s","policies":{"resource":[%s]}}`, bad, bad, doc("a", bad+"?"))
	diff := fmt.Sprintf(`{"id":"%s","kind":"resource","old":%s,"new":%s}`, bad, doc("a", "b"), doc("a", bad))
	ask := func(out *bytes.Buffer, in string) error {
		return evalLines(context.Background(), strings.NewReader(in), out, evaluation{explain: true})
	}
	compare := func(out *bytes.Buffer, in string) error {
		return diffLines(context.Background(), strings.NewReader(in), out, "")
	}
	for name, c := range map[string]struct {
		in     string
		answer func(*bytes.Buffer, string) error
		ok     bool
	}{
		"eval":           {eval, ask, true},
		"eval, an error": {fmt.Sprintf(`{"id":"%s","principal":"%s"}`, bad, bad), ask, false},
		"diff":           {diff, compare, true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := c.answer(&out, c.in+"\n"); (err == nil) != c.ok {
				t.Error(err)
			}
			if bytes.ContainsAny(out.Bytes(), "\u009b\u202e\u2028\u007f") {
				t.Errorf("the answer has a control: %q", out.String())
			}
			var got struct{ ID string }
			if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.ID != bad {
				t.Errorf("got id %q, %v", got.ID, err)
			}
		})
	}
}

func TestEscapedLeavesTheRestAlone(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"b"}` + "\n": `{"a":"b"}` + "\n",
		`{"a":"ü名𝒳"}`:      `{"a":"ü名𝒳"}`,
		"\"\u0085\"":       `"\u0085"`,
		"\"é\u061cx\"":     `"é\u061cx"`,
		"\"\x7f\"":         `"\u007f"`,
	} {
		if got := string(escaped([]byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Names in files reach the JSON of audit and reach as escapes.
func TestJSONOfFilesHasNoControls(t *testing.T) {
	const bad = "\u009b31m\u202e\u2066\u007f"
	fsys := fstest.MapFS{"main.tf": {Mode: 0o644, Data: []byte(`resource "aws_instance" "a" { tags = { Name = "` + bad + `" } }
resource "aws_security_group" "g" {
  name = "` + bad + `"
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "b" {
  for_each               = toset(["` + bad + `", "x"])
  vpc_security_group_ids = [aws_security_group.g.id]
}
`)}}
	for _, args := range [][]string{
		{"audit", ".", "--format", "json", "--fail-on", "none"},
		{"audit", ".", "--format", "sarif", "--fail-on", "none"},
		{"controls", "--format", "json"},
		{"reach", "--all", ".", "--format", "json"},
		{"reach", "internet", `node/b["` + bad + `"]`, ".", "--format", "json"},
	} {
		var out, errs bytes.Buffer
		env := System()
		env.FS, env.Stdout, env.Stderr, env.Terminal, env.TerminalErr = fsys, &out, &errs, false, false
		if code := Run(context.Background(), args, env); code != exitOK {
			t.Errorf("%q exits with %d: %s", args, code, errs.String())
		}
		if !json.Valid(out.Bytes()) || bytes.ContainsAny(out.Bytes(), "\u009b\u202e\u2066\u007f") {
			t.Errorf("%q: no JSON, or with a control: %q", args, out.String())
		}
		if args[0] != "controls" && !bytes.Contains(out.Bytes(), []byte(`\u009b31m\u202e\u2066\u007f`)) {
			t.Errorf("%q: the name is not there: %q", args, out.String())
		}
	}
}
