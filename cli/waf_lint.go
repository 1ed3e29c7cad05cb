package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"fathom/control"
	"fathom/diag"
	"fathom/engine/webacl/lint"
	"fathom/engine/webacl/managed"
)

// WAFLint is the document of waf lint.
type WAFLint struct {
	Schema   string       `json:"schema"`
	ACL      string       `json:"acl"`
	Findings []WAFFinding `json:"findings"`
}

// WAFFinding is one mistake in a web ACL.
type WAFFinding struct {
	Check    string `json:"check"`
	Severity string `json:"severity"`
	Rule     string `json:"rule,omitempty"`
	// Others are the rules with the same mistake at the same line.
	Others  []string `json:"others,omitempty"`
	File    string   `json:"file,omitempty"`
	Line    int32    `json:"line,omitempty"`
	Summary string   `json:"summary"`
	Fix     string   `json:"fix"`
}

func wafLintCommand(env *Env) *cobra.Command {
	var f aclFlags
	var format, failOn string
	c := &cobra.Command{
		Use:   "lint ACL",
		Short: "Find what a web ACL does not do although it looks as if it did",
		Long:  lintHelp(),
		Example: `  fathom waf lint acl.json
  fathom waf lint terraform/ --acl shop --fail-on high`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if err := oneOf("fail-on", failOn, "none", "low", "medium", "high", "critical"); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.lint(c.Context(), env, args[0], format, failOn)
		},
	}
	f.register(c)
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().StringVar(&failOn, "fail-on", "medium", "the least severity that fails: low, medium, high, critical or none")
	return c
}

func lintHelp() string {
	var b strings.Builder
	b.WriteString("Judges the rules of a web ACL by themselves, without requests:\n\n")
	for _, c := range lint.Checks() {
		fmt.Fprintf(&b, "  %-18s %s\n", c.ID, c.Doc)
	}
	b.WriteString("\nExit code: 0 nothing found; 3 a finding of at least --fail-on; 1 the web ACL could\nnot be read; 2 misuse.")
	return b.String()
}

func (f *aclFlags) lint(ctx context.Context, env *Env, path, format, failOn string) error {
	found, err := f.load(ctx, env, path)
	if err != nil {
		return err
	}
	printProblems(env, nil, found.notes)
	findings := lint.Lint(found.acl, lint.Options{Managed: managed.Catalogue(managed.Options{})})
	if format == "json" {
		err = lintJSON(env, found.acl.Name, findings)
	} else {
		err = lintText(env, found.acl.Name, findings)
	}
	if err != nil {
		return err
	}
	least, gate := control.ParseSeverity(failOn)
	for _, x := range findings {
		if gate && x.Severity >= least {
			return exit{code: exitFindings}
		}
	}
	return nil
}

func lintJSON(env *Env, name string, findings []lint.Finding) error {
	doc := WAFLint{Schema: "fathom.waf.lint/v1", ACL: name, Findings: []WAFFinding{}}
	for _, x := range findings {
		doc.Findings = append(doc.Findings, WAFFinding{x.ID, x.Severity.String(), x.Rule, x.Others, x.At.File, x.At.Line, x.Summary, x.Fix})
	}
	e := json.NewEncoder(env.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

var lintColors = map[control.Severity]string{control.Critical: "1;31", control.High: "31", control.Medium: "33", control.Low: "36"}

func lintText(env *Env, name string, findings []lint.Finding) error {
	w := bufio.NewWriter(env.Stdout)
	for sev := control.Critical; sev >= control.Low; sev-- {
		n := 0
		for _, x := range findings {
			if x.Severity == sev {
				n++
			}
		}
		if n == 0 {
			continue
		}
		title := strings.ToUpper(sev.String())
		if env.color() {
			title = "\x1b[" + lintColors[sev] + "m" + title + "\x1b[0m"
		}
		fmt.Fprintf(w, "%s (%d)\n\n", title, n)
		for _, x := range findings {
			if x.Severity != sev {
				continue
			}
			at := x.At
			at.Column = 0
			fmt.Fprintf(w, "  %s  [%s]\n    %s\n", diag.Plain(at.String()), x.ID, diag.Plain(x.Summary))
			if len(x.Others) > 0 {
				fmt.Fprintf(w, "    and the same of %s\n", diag.Plain(strings.Join(x.Others, ", ")))
			}
			fmt.Fprintf(w, "    fix: %s\n", diag.Plain(x.Fix))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s: %s\n", diag.Plain("web ACL "+name), lintSum(findings))
	return w.Flush()
}

func lintSum(findings []lint.Finding) string {
	if len(findings) == 0 {
		return "nothing found"
	}
	var parts []string
	for sev := control.Critical; sev >= control.Low; sev-- {
		n := 0
		for _, x := range findings {
			if x.Severity == sev {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, sev))
		}
	}
	return strings.Join(parts, ", ")
}
