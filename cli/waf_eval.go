package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/traffic"
)

func wafEvalCommand(env *Env) *cobra.Command {
	var f wafFlags
	var format string
	var explain bool
	c := &cobra.Command{
		Use:   "eval ACL",
		Short: "Say what a web ACL does with requests, one verdict a line",
		Long: `Reads requests from stdin, or from the file of --requests, and writes what the
web ACL does with each, in the same order:

  {"id", "method", "uri", "query", "httpVersion", "headers": [["Host", "x"], …],
   "body" | "bodyBase64", "clientIp", "country", "time": "2026-11-22T12:00:00Z"}
  {"id", "action": "ALLOW"|"BLOCK"|"CAPTCHA"|"CHALLENGE", "terminatingRule",
   "labels": […], "matches": […], "undecidable": […], "certain"}

What a request does not tell, such as the body in a log of AWS WAF, makes the
rules that need it undecidable; "certain" is false when one of them could change
the action. A request without a body has none. docs/waf.md has both contracts.

Rules of AWS's managed groups are decided by stand-ins, which each verdict names.

Exit code: 0 every request was answered; 1 one could not be understood (it has an
"error"), or something could not be read; 2 misuse.`,
		Example: `  fathom waf eval acl.json < requests.jsonl
  fathom waf eval terraform/ --acl shop --requests shop.har --format text
  fathom waf eval acl.json --requests aws-waf-logs.jsonl.gz --geo-db country.mmdb`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, "json", "text"); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.eval(c.Context(), env, c.InOrStdin(), args[0], format == "text", explain || format == "text")
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "json", "json (one line each) or text")
	c.Flags().BoolVar(&explain, "explain", false, `add "next", the rules that would have matched later; text has it always`)
	return c
}

// eval is waf eval.
func (f *wafFlags) eval(ctx context.Context, env *Env, stdin io.Reader, path string, asText, explain bool) error {
	as, unread, err := f.assemblies(ctx, env, path)
	if err != nil {
		return err
	}
	e := &wafEvaluation{a: as[0], out: bufio.NewWriter(env.Stdout), explain: explain, text: asText, counts: map[string]int{}, doubts: doubts{}}
	err = f.each(ctx, env, stdin, e.one, e.flush)
	if err == nil && asText {
		err = e.summary()
	}
	if flushed := e.flush(); err == nil {
		err = flushed
	}
	switch {
	case err != nil:
		return err
	case e.failed > 0:
		return exit{exitCouldNot, plural(e.failed, "request") + " could not be understood"}
	}
	return unreadError(unread)
}

// wafEvaluation answers requests.
type wafEvaluation struct {
	a             *assembly.Assembly
	out           *bufio.Writer
	text, explain bool
	verdict       webacl.Verdict

	asked, failed, uncertain int
	counts                   map[string]int // of actions
	standIns                 []assembly.StandIn
	doubts                   doubts
}

func (e *wafEvaluation) flush() error {
	if err := e.out.Flush(); err != nil {
		return unwritable(err)
	}
	return nil
}

// one answers one request.
func (e *wafEvaluation) one(item *traffic.Item) error {
	e.asked++
	if item.Problem != nil {
		e.failed++
		return e.problem(item)
	}
	v := &e.verdict
	if e.explain {
		e.a.Program.Explain(&item.Request, v)
	} else {
		e.a.Program.Evaluate(&item.Request, v)
	}
	e.counts[v.Action.String()]++
	if !v.Certain {
		e.uncertain++
		e.doubts.note(v)
	}
	var err error
	if e.text {
		e.note(e.a.StandIns(v))
		t := &text{}
		t.verdict(item, v, e.a)
		t.line("")
		err = t.write(e.out)
	} else {
		err = writeJSONLine(e.out, verdictJSON(item, v, e.a))
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

// problem answers a request that could not be understood.
func (e *wafEvaluation) problem(item *traffic.Item) error {
	var err error
	if e.text {
		t := &text{}
		t.line("%s", item.Problem.Error())
		t.line("")
		err = t.write(e.out)
	} else {
		err = writeJSONLine(e.out, WAFError{ID: idOf(item), Error: item.Problem.Error(), Line: item.Pos.Line, Schema: wafVerdictSchema})
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

// note remembers the stand-ins that took part, in the order of the rules.
func (e *wafEvaluation) note(found []assembly.StandIn) {
	for _, s := range found {
		if !slices.ContainsFunc(e.standIns, func(x assembly.StandIn) bool { return x.Rule == s.Rule }) {
			e.standIns = append(e.standIns, s)
		}
	}
}

// summary counts the answers.
func (e *wafEvaluation) summary() error {
	t := &text{}
	line := plural(e.asked, "request")
	sep := ": "
	for _, action := range []webacl.ActionKind{webacl.Allow, webacl.Block, webacl.Captcha, webacl.Challenge} {
		if n := e.counts[action.String()]; n > 0 {
			line += fmt.Sprintf("%s%d %s", sep, n, action)
			sep = ", "
		}
	}
	if e.failed > 0 {
		line += fmt.Sprintf("%s%d not understood", sep, e.failed)
	}
	if e.uncertain > 0 {
		line += fmt.Sprintf("; %d uncertain:", e.uncertain)
	}
	t.line("%s", line)
	t.doubts(e.doubts.sorted())
	if len(e.standIns) > 0 {
		t.line("")
		t.line("AWS does not publish all rules of its groups; in their place stand")
	}
	for i := range e.standIns {
		t.standIn(&e.standIns[i])
	}
	if err := t.write(e.out); err != nil {
		return unwritable(err)
	}
	return nil
}
