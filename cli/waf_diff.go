package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"fathom/engine/webacl"
	"fathom/engine/webacl/assembly"
	"fathom/engine/webacl/traffic"
)

const wafDiffSchema = "fathom.waf.diff/v1"

func wafDiffCommand(env *Env) *cobra.Command {
	var f wafFlags
	var format, newName string
	var d wafDiff
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say which recorded requests meet another fate under a new web ACL",
		Long: `Tries the same requests on two web ACLs, and lists those that meet another
action: what it was and is, and by which rules. Both count the requests of
rate-based rules for themselves.

A request whose action depends on something that is not known of it, such as the
body in a log of AWS WAF, is counted as uncertain and not as the same.

Exit code: 0 answered; with --fail-on-difference 3 when a request differs, and 1
when none does and some are uncertain; 1 a request could not be understood, or
something could not be read; 2 misuse.`,
		Example: `  fathom waf diff old.json new.json --requests aws-waf-logs.jsonl.gz
  fathom waf diff old/ new/ --acl shop --requests requests.jsonl --fail-on-difference
  fathom waf diff terraform/ terraform/ --acl shop --new-acl shop-staging < requests.jsonl`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			d.asJSON = format == "json"
			return f.diff(c.Context(), env, c.InOrStdin(), args, newName, &d)
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "text", "text, or json (a line for each difference, and one with the counts)")
	c.Flags().StringVar(&newName, "new-acl", "", "which web ACL of NEW, where it is another than --acl")
	c.Flags().BoolVar(&d.all, "all", false, "list also those with another deciding rule or other labels")
	c.Flags().BoolVar(&d.fail, "fail-on-difference", false, "exit with 3 when a request differs")
	return c
}

// wafDiff compares two web ACLs.
type wafDiff struct {
	asJSON, all, fail bool
	old, new          *assembly.Assembly
	oldV, newV        webacl.Verdict
	out               *bufio.Writer
	sum               WAFDiffSummary
	pairs             map[[2]string]int
	rules             map[WAFDiffRule]int
	doubts            doubts
}

// WAFDifference is a request that the two web ACLs treat differently.
type WAFDifference struct {
	ID     json.RawMessage `json:"id"`
	Line   int32           `json:"line,omitempty"`
	Method string          `json:"method"`
	URI    string          `json:"uri"`
	Query  string          `json:"query,omitempty"`
	Old    WAFSide         `json:"old"`
	New    WAFSide         `json:"new"`
	// Certain is false where something of the request is not known on which the
	// difference may depend.
	Certain bool   `json:"certain"`
	Schema  string `json:"schema"`
}

// WAFSide is what one of the web ACLs does.
type WAFSide struct {
	Action          string   `json:"action"`
	TerminatingRule string   `json:"terminatingRule"`
	InnerRule       string   `json:"innerRule,omitempty"`
	Labels          []string `json:"labels"`
	Certain         bool     `json:"certain"`
}

// WAFDiffSummary is the last line of waf diff.
type WAFDiffSummary struct {
	Requests int `json:"requests"`
	// Different are those with another action, Other those with the same action by
	// another rule or with other labels.
	Different int `json:"different"`
	Other     int `json:"other"`
	// Uncertain are those whose action is not certain on a side, different or not;
	// NotUnderstood those that could not be read.
	Uncertain     int           `json:"uncertain"`
	NotUnderstood int           `json:"notUnderstood"`
	Pairs         []WAFDiffPair `json:"pairs"`
	Rules         []WAFDiffRule `json:"rules"`
	// Doubts are why requests are uncertain, on either side.
	Doubts []WAFDoubt `json:"doubts"`
	Schema string     `json:"schema"`
}

// WAFDiffPair counts the requests that went from one action to another.
type WAFDiffPair struct {
	Old      string `json:"old"`
	New      string `json:"new"`
	Requests int    `json:"requests"`
}

// WAFDiffRule counts the requests that differ, by the rule that decides on the
// side that is stricter now: Side is old or new.
type WAFDiffRule struct {
	Side     string `json:"side"`
	Rule     string `json:"rule"`
	Inner    string `json:"innerRule,omitempty"`
	Requests int    `json:"requests"`
}

func (f *wafFlags) diff(ctx context.Context, env *Env, stdin io.Reader, paths []string, newName string, d *wafDiff) error {
	olds, unread, err := f.assemblies(ctx, env, paths[0])
	if err != nil {
		return err
	}
	if newName != "" {
		f.name = newName
	}
	news, unreadNew, err := f.assemblies(ctx, env, paths[1])
	if err != nil {
		return err
	}
	d.old, d.new = olds[0], news[0]
	d.out, d.pairs, d.rules = bufio.NewWriter(env.Stdout), map[[2]string]int{}, map[WAFDiffRule]int{}
	d.doubts = doubts{}
	err = f.each(ctx, env, stdin, func(item *traffic.Item) error {
		if item.Problem != nil {
			fmt.Fprintln(env.Stderr, item.Problem.Error())
		}
		return d.one(item)
	}, d.flush)
	if err == nil {
		err = d.summary()
	}
	if err = cmp.Or(err, d.flush()); err != nil {
		return err
	}
	return d.verdict(unread + unreadNew)
}

func (d *wafDiff) flush() error {
	if err := d.out.Flush(); err != nil {
		return unwritable(err)
	}
	return nil
}

// verdict is the exit code.
func (d *wafDiff) verdict(unread int) error {
	s := &d.sum
	switch {
	case d.fail && s.Different > 0:
		return exit{exitFindings, fmt.Sprintf("%d of %s differ", s.Different, plural(s.Requests, "request"))}
	case s.NotUnderstood > 0:
		return exit{exitCouldNot, plural(s.NotUnderstood, "request") + " could not be understood"}
	case d.fail && s.Uncertain > 0:
		return exit{exitCouldNot, plural(s.Uncertain, "request") + " may differ: something of them is not known"}
	}
	return unreadError(unread)
}

// one compares what becomes of a request.
func (d *wafDiff) one(item *traffic.Item) error {
	d.sum.Requests++
	if item.Problem != nil {
		d.sum.NotUnderstood++
		return nil
	}
	d.old.Program.Evaluate(&item.Request, &d.oldV)
	d.new.Program.Evaluate(&item.Request, &d.newV)
	o, n := &d.oldV, &d.newV
	if !o.Certain || !n.Certain {
		d.sum.Uncertain++
		d.doubts.note(o, n)
	}
	switch {
	case o.Action != n.Action:
		d.sum.Different++
		d.pairs[[2]string{o.Action.String(), n.Action.String()}]++
		rule := WAFDiffRule{Side: "new", Rule: n.Rule, Inner: n.Inner}
		if n.Rule == webacl.DefaultAction {
			rule = WAFDiffRule{Side: "old", Rule: o.Rule, Inner: o.Inner}
		}
		d.rules[rule]++
	case o.Rule != n.Rule || o.Inner != n.Inner || !slices.Equal(o.Labels, n.Labels):
		d.sum.Other++
		if !d.all {
			return nil
		}
	default:
		return nil
	}
	return d.print(item)
}

func (d *wafDiff) print(item *traffic.Item) error {
	o, n := &d.oldV, &d.newV
	var err error
	if d.asJSON {
		q := &item.Request
		line := WAFDifference{
			ID: idOf(item), Method: q.Method, URI: q.Path, Query: q.Query, Old: sideOf(o), New: sideOf(n),
			Certain: o.Certain && n.Certain, Schema: wafDiffSchema,
		}
		if item.ID == nil {
			line.Line = item.Pos.Line
		}
		err = writeJSONLine(d.out, line)
	} else {
		t := &text{}
		t.difference(item, o, n)
		err = t.write(d.out)
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

func sideOf(v *webacl.Verdict) WAFSide {
	return WAFSide{v.Action.String(), v.Rule, v.Inner, append([]string{}, v.Labels...), v.Certain}
}

// difference writes a request that differs.
func (t *text) difference(item *traffic.Item, o, n *webacl.Verdict) {
	t.line("%s", requestLine(item))
	for _, side := range []struct {
		name string
		v    *webacl.Verdict
	}{{"old", o}, {"new", n}} {
		line := fmt.Sprintf("  %-4s %-9s by %s", side.name, side.v.Action, ruleWords(side.v.Rule, side.v.Inner))
		if !side.v.Certain {
			line += "; uncertain: " + isAre(len(side.v.Undecidable), "rule") + " undecidable"
		}
		t.line("%s", line)
	}
	if o.Action == n.Action {
		t.only("  labels only of the old  ", o.Labels, n.Labels)
		t.only("  labels only of the new  ", n.Labels, o.Labels)
	}
}

func (t *text) only(words string, of, not []string) {
	for _, l := range of {
		if !slices.Contains(not, l) {
			t.line("%s%s", words, l)
		}
	}
}

// summary writes the counts.
func (d *wafDiff) summary() error {
	s := &d.sum
	s.Schema, s.Pairs, s.Rules, s.Doubts = wafDiffSchema, []WAFDiffPair{}, []WAFDiffRule{}, d.doubts.sorted()
	for p, n := range d.pairs {
		s.Pairs = append(s.Pairs, WAFDiffPair{p[0], p[1], n})
	}
	slices.SortFunc(s.Pairs, func(a, b WAFDiffPair) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New))
	})
	for r := range maps.Keys(d.rules) {
		n := d.rules[r]
		r.Requests = n
		s.Rules = append(s.Rules, r)
	}
	slices.SortFunc(s.Rules, func(a, b WAFDiffRule) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Inner, b.Inner))
	})
	var err error
	if d.asJSON {
		err = writeJSONLine(d.out, struct {
			Summary *WAFDiffSummary `json:"summary"`
		}{s})
	} else {
		t := &text{}
		t.differences(s, d.all)
		err = t.write(d.out)
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

func (t *text) differences(s *WAFDiffSummary, all bool) {
	if s.Different > 0 || all && s.Other > 0 {
		t.line("")
	}
	t.line("%d of %s with another action", s.Different, plural(s.Requests, "request"))
	for _, p := range s.Pairs {
		t.line("  %-9s → %-9s  %6d", p.Old, p.New, p.Requests)
	}
	for i, r := range s.Rules {
		if i == 0 {
			t.line("by the rule that decides")
		}
		t.line("  %6d  %s, %s", r.Requests, ruleWords(r.Rule, r.Inner), r.Side)
	}
	if s.Other > 0 {
		hint := "; --all lists them"
		if all {
			hint = ""
		}
		t.line("%d with the same action by another rule, or with other labels%s", s.Other, hint)
	}
	if s.Uncertain > 0 {
		t.line("%d uncertain: the action may be another, since", s.Uncertain)
		t.doubts(s.Doubts)
	}
	if s.NotUnderstood > 0 {
		t.line("%d not understood", s.NotUnderstood)
	}
}
