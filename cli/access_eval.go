package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"fathom/diag"
	"fathom/engine/iam"
)

func evalCommand(env *Env) *cobra.Command {
	var explain bool
	var other []string
	c := &cobra.Command{
		Use:   "eval",
		Short: "Decide requests that come as JSON Lines, one decision a line",
		Long: `Reads requests with their policies from stdin, one JSON object a line, and
writes one decision a line, in the same order:

  {"id", "principal", "action", "resource", "resourceAccount", "context",
   "policies": {"identity": [DOC…], "boundary": [DOC…], "session": [DOC…],
                "resource": [DOC…], "endpoint": [DOC…],
                "scps": [[DOC…] for each level], "rcps": [[DOC…] for each level]}}
  {"id", "decision": "allow"|"deny", "deny": "explicit"|"implicit"|null,
   "because": [{"policy", "statement", "effect"}], "missing"}

A line that cannot be understood is answered with {"id", "error"}, and the
stream goes on. docs/access.md has the whole contract.

Exit code: 0 every line was decided, 1 some line was not, 2 misuse.`,
		Example: `  echo '{"id": 1, "principal": "arn:aws:iam::111111111111:user/ann",
    "action": "s3:GetObject", "resource": "arn:aws:s3:::shop/x", "policies": {}}' |
    tr -d '\n' | fathom access eval --explain
  fathom access eval < requests.jsonl > decisions.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			options, err := readings(other)
			if err != nil {
				return err
			}
			return evalLines(c.Context(), c.InOrStdin(), env.Stdout, evaluation{options, explain})
		},
	}
	c.Flags().BoolVar(&explain, "explain", false, "add a sentence that explains the decision")
	c.Flags().StringArrayVar(&other, "reading", nil, "take the other reading of a rule that AWS leaves open; docs/iam.md names them")
	return c
}

// evaluation is how access eval answers.
type evaluation struct {
	iam.Options
	explain bool
}

// evalLines is access eval.
func evalLines(ctx context.Context, in io.Reader, out io.Writer, how evaluation) error {
	failed, err := answerLines(ctx, in, out, answering{worker: func() answerer {
		l := &evalLine{documents: &documents{}}
		return func(out, line []byte) ([]byte, bool) { return l.answer(out, line, how) }
	}, tooLong: tooLongLine})
	if err != nil {
		return err
	}
	return unansweredError(failed)
}

// unansweredError is the exit of a stream some of whose lines have an error.
func unansweredError(failed int) error {
	if failed == 0 {
		return nil
	}
	return exit{exitCouldNot, plural(failed, "line") + ` could not be answered; each has an "error"`}
}

func tooLongLine(out []byte) []byte {
	return appendError(out, nil, fmt.Sprintf("the line is longer than %d MiB; AWS's own limits for policies are far below", maxLine>>20))
}

// answer decides one line.
func (l *evalLine) answer(out, line []byte, how evaluation) ([]byte, bool) {
	l.read(line)
	if l.wrong != "" {
		return appendError(out, l.id, l.wrong), false
	}
	d := how.Evaluate(&l.request, &l.policies)
	out = appendID(out, l.id)
	out = append(out, `,"decision":`...)
	switch {
	case d.Allowed:
		out = append(out, `"allow","deny":null`...)
	case d.Explicit:
		out = append(out, `"deny","deny":"explicit"`...)
	default:
		out = append(out, `"deny","deny":"implicit"`...)
	}
	out = append(out, `,"because":[`...)
	for i := range d.Because {
		out = appendBecause(comma(out, i), &d.Because[i])
	}
	out = append(out, `],"missing":`...)
	out = appendString(out, d.Missing)
	if how.explain {
		out = append(out, `,"explanation":`...)
		out = appendString(out, explanation(&l.request, &d))
	}
	if len(l.problems) > 0 {
		out = append(out, `,"problems":[`...)
		for i := range l.problems {
			out = appendPolicyProblem(comma(out, i), &l.problems[i])
		}
		out = append(out, ']')
	}
	return append(out, '}', '\n'), true
}

func appendBecause(out []byte, b *iam.Because) []byte {
	out = append(out, `{"policy":`...)
	out = appendString(out, b.Policy)
	out = append(out, `,"statement":`...)
	out = strconv.AppendInt(out, int64(b.Statement), 10)
	out = append(out, `,"effect":"`...)
	out = append(out, b.Effect.String()...)
	return append(out, '"', '}')
}

func appendPolicyProblem(out []byte, p *policyProblem) []byte {
	out = append(out, `{"policy":`...)
	out = appendString(out, p.policy)
	if p.Line > 0 {
		out = append(out, `,"line":`...)
		out = strconv.AppendInt(out, int64(p.Line), 10)
		out = append(out, `,"column":`...)
		out = strconv.AppendInt(out, int64(p.Column), 10)
	}
	out = append(out, `,"summary":`...)
	out = appendString(out, p.Summary)
	if p.Fix != "" {
		out = append(out, `,"fix":`...)
		out = appendString(out, p.Fix)
	}
	return append(out, '}')
}

func comma(out []byte, i int) []byte {
	if i > 0 {
		return append(out, ',')
	}
	return out
}

// appendError answers a line that cannot be understood.
func appendError(out []byte, id jsontext.Value, text string) []byte {
	out = appendID(out, id)
	out = append(out, `,"error":`...)
	out = appendString(out, diag.Plain(shorten(text)))
	return append(out, '}', '\n')
}

// shorten leaves out the middle of a message that quotes something long. What
// to do about it stands at the end.
func shorten(text string) string {
	const most, begin, end = 1200, 600, 500
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:begin], "") + " … " + strings.ToValidUTF8(text[len(text)-end:], "")
}

func appendID(out []byte, id jsontext.Value) []byte {
	out = append(out, `{"id":`...)
	if id == nil {
		return append(out, "null"...)
	}
	return append(out, id...)
}

// appendString writes a JSON string. Names from policies may be no UTF-8.
func appendString(out []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(out, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(out, diag.Plain(s))
	}
	return quoted
}
