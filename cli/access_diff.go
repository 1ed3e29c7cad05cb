package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fathom/diag"
	"fathom/engine/iam"
	"fathom/engine/iam/permit"

	"github.com/spf13/cobra"
)

func diffCommand(env *Env) *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff [OLD NEW]",
		Short: "Say whether a new policy grants anything that the old one does not",
		Long: `Compares two policy documents (JSON; - is stdin) over all requests there can
be. When NEW grants something that OLD does not, it says what in words, with a
witness: a request that NEW permits and OLD does not.

Without files, pairs come from stdin as JSON Lines, and the answers go to
stdout in the same order:

  {"id", "kind", "old": DOC, "new": DOC}
  {"id", "grantsNew": true|false|"undecided", "witness": {…}|null, "summary"}

Exit code: 0 NEW grants no more, 3 it does, 1 undecided, or something could not
be read, 2 misuse. For JSON Lines: 0 every line was answered, 1 some was not.`,
		Example: `  fathom access diff old.json new.json
  git show main:policy.json | fathom access diff - policy.json
  fathom access diff old.json new.json --replay | fathom access eval --explain
  fathom access diff < pairs.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if n := len(args); n != 0 && n != 2 {
				return fmt.Errorf("access diff takes two files, or none, and got %d", n)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(args); err != nil {
				return err
			}
			if len(args) == 0 {
				return diffLines(c.Context(), c.InOrStdin(), env.Stdout, f.kind)
			}
			return f.files(c.Context(), env, c.InOrStdin(), args[0], args[1])
		},
	}
	c.Flags().StringVar(&f.kind, "kind", "", "identity, resource, trust, boundary, session, endpoint, scp or rcp (default: as the documents look)")
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	c.Flags().BoolVar(&f.replay, "replay", false, "print the witness under OLD and under NEW as two lines for access eval")
	return c
}

type diffFlags struct {
	kind, format string
	replay       bool
}

func (f *diffFlags) check(args []string) error {
	if f.kind != "" {
		if err := oneOf("kind", f.kind, kindWords()...); err != nil {
			return err
		}
	}
	if len(args) == 0 && f.replay {
		return exit{exitMisuse, "--replay is for two files"}
	}
	if len(args) == 2 && args[0] == "-" && args[1] == "-" {
		return exit{exitMisuse, "OLD and NEW cannot both be stdin; name a file for one of them"}
	}
	return oneOf("format", f.format, "text", "json")
}

// files is access diff over two files.
func (f *diffFlags) files(ctx context.Context, env *Env, stdin io.Reader, oldName, newName string) error {
	type result struct {
		*comparison
		err error
	}
	c, err := inBackground(ctx, env, "comparing", func() result { // stdin may wait for somebody
		oldText, err := readPolicy(env, stdin, oldName)
		if err != nil {
			return result{err: err}
		}
		newText, err := readPolicy(env, stdin, newName)
		if err != nil {
			return result{err: err}
		}
		return result{comparison: compare(f.kind, sourceOf(oldName, oldText), sourceOf(newName, newText))}
	})
	if err = cmp.Or(err, c.err); err != nil {
		return err
	}
	printProblems(env, c.problems, nil)
	switch {
	case f.replay:
		err = c.writeReplay(env.Stdout)
	case f.format == "json":
		doc := c.json()
		doc.Schema = "fathom.access/v1"
		enc := json.NewEncoder(escaping{env.Stdout})
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(doc)
	default:
		t := &text{}
		t.comparison(c.comparison)
		err = t.write(env.Stdout)
	}
	if err != nil {
		return err
	}
	return c.comparison.exit()
}

// readPolicy reads a policy from a file, or from stdin for "-".
func readPolicy(env *Env, stdin io.Reader, name string) ([]byte, error) {
	var file io.Reader = stdin
	if name != "-" {
		opened, err := env.FS.Open(name)
		if err != nil {
			return nil, exit{exitCouldNot, fmt.Sprintf("%v; name a file with a policy document", err)}
		}
		defer opened.Close()
		if info, err := opened.Stat(); err == nil && info.IsDir() {
			return nil, exit{exitCouldNot, fmt.Sprintf("%s is a directory; name a file with a policy document", name)}
		}
		file = opened
	}
	b, err := io.ReadAll(io.LimitReader(file, maxLine+1))
	switch {
	case err != nil:
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: the policy cannot be read: %v", name, err)}
	case len(b) > maxLine:
		return nil, exit{exitCouldNot, fmt.Sprintf("%s: the file has more than %d MiB, and no policy has; name a file with a policy document", name, maxLine>>20)}
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), nil
}

// policySource is a policy and what it is called.
type policySource struct {
	name string
	text []byte
}

const stdinName = "stdin"

// arg is the policy as an argument.
func (s policySource) arg() string {
	if s.name == stdinName {
		return "-"
	}
	return s.name
}

func sourceOf(name string, text []byte) policySource {
	if name == "-" {
		name = stdinName
	}
	return policySource{name, text}
}

// comparison is what a new policy grants over an old one.
type comparison struct {
	kind     iam.Kind
	word     string // the kind, as in --kind
	guessed  bool
	old, new policySource
	permit.Answer
	problems diag.Problems
}

// compare compares two policies of a kind, or of the one they look like.
func compare(word string, old, new policySource) *comparison {
	c := &comparison{word: word, guessed: word == "", old: old, new: new}
	if c.guessed {
		c.word = guessKind(old.text, new.text)
	}
	c.kind, _ = kindOf(c.word)
	c.Answer, c.problems = permit.CompareText("", c.kind, old.text, new.text, permit.Options{})
	for i := range c.problems {
		switch p := &c.problems[i]; p.File {
		case ".old":
			p.File = old.name
		case ".new":
			p.File = new.name
		}
	}
	return c
}

// exit is the exit code of a comparison of two files.
func (c *comparison) exit() error {
	switch {
	case c.Grants == permit.Yes:
		return exit{exitFindings, c.new.name + " grants more than " + c.old.name}
	case c.Grants == permit.Undecided:
		return exit{exitCouldNot, "undecided: " + c.Why}
	case len(c.problems) > 0:
		return exit{exitCouldNot, plural(len(c.problems), "problem") + " that AWS would not take (see above)"}
	}
	return nil
}

// AccessDiff is the answer of access diff: a line, or the document of
// --format json.
type AccessDiff struct {
	Schema string          `json:"schema,omitempty"`
	ID     json.RawMessage `json:"id,omitempty"`
	// Kind is the kind that the policies were taken for.
	Kind string `json:"kind"`
	// GrantsNew is true, false or "undecided".
	GrantsNew any `json:"grantsNew"`
	// Witness is a request that new permits and old does not.
	Witness *AccessRequest `json:"witness"`
	// Statement is the one of new that permits the witness.
	Statement *int            `json:"statement,omitempty"`
	Summary   string          `json:"summary"`
	Why       string          `json:"why,omitempty"`
	Problems  []AccessProblem `json:"problems,omitempty"`
}

// AccessProblem is something that AWS would reject in a policy.
type AccessProblem struct {
	Policy  string `json:"policy"` // old, new, or the file
	Line    int32  `json:"line,omitempty"`
	Column  int32  `json:"column,omitempty"`
	Summary string `json:"summary"`
	Fix     string `json:"fix,omitempty"`
}

func (c *comparison) json() *AccessDiff {
	d := &AccessDiff{Kind: c.word, Summary: c.Summary, Why: c.Why}
	switch c.Grants {
	case permit.Yes:
		d.GrantsNew = true
		if c.By >= 0 {
			d.Statement = &c.By
		}
	case permit.No:
		d.GrantsNew = false
	default:
		d.GrantsNew = "undecided"
	}
	if c.Witness != nil {
		r := requestJSON(c.Witness)
		d.Witness = &r
	}
	for _, p := range c.problems {
		d.Problems = append(d.Problems, AccessProblem{p.File, p.Line, p.Column, p.Summary, p.Fix})
	}
	return d
}

// comparison writes what a new policy grants, for a person.
func (t *text) comparison(c *comparison) {
	kind := c.word + " policies"
	if c.guessed {
		kind = "taken for " + kind
	}
	switch c.Grants {
	case permit.No:
		t.line("%s grants nothing that %s does not (%s)", c.new.name, c.old.name, kind)
		if note, ok := strings.CutPrefix(c.Summary, nothingNew); ok && note != "" {
			t.line(" %s", note)
		}
		t.refused(c)
		return
	case permit.Undecided:
		t.line("undecided whether %s grants more than %s (%s)", c.new.name, c.old.name, kind)
		t.line("  %s", c.Why)
		return
	}
	t.line("%s grants more than %s (%s)", c.new.name, c.old.name, kind)
	words, _, _ := strings.Cut(c.Summary, ", for example ") // which follows
	t.line("  %s", words)
	t.refused(c)
	t.line("")
	t.line("for example")
	t.request(c.Witness)
	if old, ok := c.replay(); ok {
		t.line("  OLD       denied: %s", why(&old))
		t.line("  NEW       allowed: %s", c.allowing())
		t.line("")
		t.line("replay it: fathom access diff %s %s%s --replay | fathom access eval --explain", c.old.arg(), c.new.arg(), kindFlag(c))
	}
}

// refused says that AWS would not take one of the policies.
func (t *text) refused(c *comparison) {
	for _, s := range []policySource{c.old, c.new} {
		if slices.ContainsFunc(c.problems, func(p diag.Problem) bool { return p.File == s.name }) {
			t.line("  AWS would not take %s, so it grants nothing", s.name)
		}
	}
}

// allowing names the statement that permits the witness, and where it stands.
func (c *comparison) allowing() string {
	if c.By < 0 {
		return "RCPFullAWSAccess, which is always attached"
	}
	d, _ := iam.Parse(c.new.text, c.new.name, c.kind)
	if c.By >= len(d.Statements) {
		return "statement " + strconv.Itoa(c.By)
	}
	s := &d.Statements[c.By]
	name := fmt.Sprintf("statement %d", c.By)
	if s.Sid != "" {
		name += fmt.Sprintf(" (%q)", s.Sid)
	}
	return name + ", " + s.Pos.String()
}

const nothingNew = "new grants nothing that old does not"

func kindFlag(c *comparison) string {
	if c.guessed {
		return ""
	}
	return " --kind " + c.word
}

// request writes a request, a line for each part.
func (t *text) request(r *iam.Request) {
	t.line("  who       %s", r.Principal.String())
	t.line("  does      %s", r.Action)
	t.line("  on        %s", r.Resource)
	if r.ResourceAccount != "" {
		t.line("  owned by  %s", r.ResourceAccount)
	}
	with := "with"
	for _, k := range slices.Sorted(maps.Keys(r.Context)) {
		t.line("  %-9s %s = %s", with, k, contextValue(r.Context[k]))
		with = ""
	}
}

func contextValue(v iam.Value) string {
	if !v.Multi && len(v.Values) == 1 {
		return v.Values[0]
	}
	b, _ := json.Marshal(append([]string{}, v.Values...))
	return string(b)
}

// why is the reason of a denial.
func why(d *iam.Decision) string {
	if d.Explicit {
		return because(d.Because, "denies it", "deny it")
	}
	return d.Missing
}
