package audit

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"fathom/control"
	"fathom/diag"
)

// Suppression keeps a finding out of the report until a date. It needs a
// reason and an owner: somebody answers for it.
type Suppression struct {
	diag.Pos
	// Control is the control's id; it is required.
	Control string
	// Resource and File narrow it to addresses and files; * matches anything
	// within a name, as in path.Match.
	Resource, File string
	Reason, Owner  string
	// Until is the last day on which it holds, as 2006-01-02.
	Until string
}

// covers says whether the suppression is about the finding.
func (s *Suppression) covers(f *control.Finding) bool {
	return s.Control == f.Control.ID && matches(s.Resource, f.Resource.Addr) && matches(s.File, f.At.File)
}

func matches(pattern, name string) bool {
	if pattern == "" || pattern == name {
		return true
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// suppress sorts the findings into those to report and those that are
// suppressed on that day.
func (r *Report) suppress(findings []control.Finding, opts Options) {
	used := make([]bool, len(opts.Suppressions))
	for _, f := range findings {
		by := -1
		for i := range opts.Suppressions {
			if s := &opts.Suppressions[i]; s.covers(&f) {
				used[i] = true
				if by < 0 && s.Until >= opts.Today {
					by = i
				}
			}
		}
		if by >= 0 {
			r.Suppressed = append(r.Suppressed, Suppressed{f, &opts.Suppressions[by]})
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
	for i := range opts.Suppressions {
		s := &opts.Suppressions[i]
		switch {
		case s.Until < opts.Today:
			r.Notes = append(r.Notes, diag.Problem{
				Pos: s.Pos, Summary: fmt.Sprintf("the suppression of %s expired on %s and no longer suppresses", s.Control, s.Until),
				Fix: "mend the finding, or ask " + s.Owner + " for a new date",
			})
		case !used[i] && opts.wants(&control.Control{ID: s.Control}):
			r.Notes = append(r.Notes, diag.Problem{
				Pos: s.Pos, Summary: fmt.Sprintf("the suppression of %s matches no finding", s.Control),
				Fix: "remove it",
			})
		}
	}
}

// ParseSuppressions reads a .fathom.yaml:
//
//	suppress:
//	  - control: edge.waf-enforcing
//	    resource: aws_wafv2_web_acl.shop
//	    reason: tuning the credential rule
//	    owner: security
//	    until: 2026-12-05
//
// known says whether a control of that id exists.
func ParseSuppressions(file string, text []byte, known func(string) bool) ([]Suppression, diag.Problems) {
	p := suppressionParser{file: file, known: known}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(text) > maxSuppressions {
		p.problems.Addf(diag.At(file, 1, 1), fmt.Sprintf("keep it below %d KiB", maxSuppressions>>10), "the file has %d bytes", len(text))
		return nil, p.problems
	}
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		at, why := p.syntax(firstLine(err.Error()))
		p.problems.Addf(at, "write it as YAML", "%s", why)
		return nil, p.problems
	}
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		p.each(d.Body, func(key string, at diag.Pos, v ast.Node) {
			if key != "suppress" {
				p.problems.Addf(at, `the only key here is "suppress"`, "unknown key %q", key)
				return
			}
			seq, ok := v.(*ast.SequenceNode)
			if !ok {
				p.problems.Addf(p.pos(v), "write each suppression as an item that begins with -", `"suppress" is not a list`)
				return
			}
			for _, item := range seq.Values {
				p.suppression(item)
			}
		})
	}
	return p.out, p.problems.Sorted()
}

// maxSuppressions bounds the file in bytes: the time that the parser takes grows
// with the square of them.
const maxSuppressions = 128 << 10

// syntax takes the position out of a parser's error, "[2:1] why".
func (p *suppressionParser) syntax(msg string) (diag.Pos, string) {
	var line, column int
	if n, _ := fmt.Sscanf(msg, "[%d:%d]", &line, &column); n != 2 {
		return diag.At(p.file, 1, 1), msg
	}
	_, why, _ := strings.Cut(msg, "] ")
	return diag.At(p.file, line, column), why
}

type suppressionParser struct {
	file     string
	known    func(string) bool
	out      []Suppression
	problems diag.Problems
}

func (p *suppressionParser) pos(n ast.Node) diag.Pos {
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return diag.Pos{File: p.file}
	}
	return diag.At(p.file, t.Position.Line, t.Position.Column)
}

// each calls f for every key of a mapping.
func (p *suppressionParser) each(n ast.Node, f func(key string, at diag.Pos, v ast.Node)) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		p.problems.Addf(p.pos(n), "write key: value", "a mapping is expected here")
	}
	for _, v := range values {
		f(v.Key.GetToken().Value, p.pos(v.Key), v.Value)
	}
}

func (p *suppressionParser) suppression(n ast.Node) {
	s := Suppression{Pos: diag.Pos{File: p.file}} // until its first key is seen
	fields := map[string]*string{
		"control": &s.Control, "resource": &s.Resource, "file": &s.File,
		"reason": &s.Reason, "owner": &s.Owner, "until": &s.Until,
	}
	before := len(p.problems)
	p.each(n, func(key string, at diag.Pos, v ast.Node) {
		if s.Line == 0 {
			s.Pos = at
		}
		into := fields[key]
		if into == nil {
			p.problems.Addf(at, "use control, resource, file, reason, owner or until", "unknown key %q", key)
			return
		}
		text, ok := scalarText(v)
		if !ok {
			p.problems.Addf(p.pos(v), "write a single value", "%q is not a single value", key)
			return
		}
		*into = text
	})
	if len(p.problems) > before {
		return
	}
	for _, need := range []string{"control", "reason", "owner", "until"} {
		if *fields[need] == "" {
			p.problems.Addf(s.Pos, fmt.Sprintf("add %s: …", need), "the suppression has no %s", need)
		}
	}
	if s.Control != "" && !p.known(s.Control) {
		p.problems.Addf(s.Pos, "fathom controls lists them", "there is no control %q", s.Control)
	}
	if _, err := time.Parse(time.DateOnly, s.Until); s.Until != "" && err != nil {
		p.problems.Addf(s.Pos, "write it as 2026-12-05", "%q is not a date", s.Until)
	}
	for _, pattern := range []string{s.Resource, s.File} {
		if _, err := path.Match(pattern, ""); err != nil {
			p.problems.Addf(s.Pos, `escape [ as \[`, "%q is not a pattern", pattern)
		}
	}
	if len(p.problems) == before { // a suppression that is not understood suppresses nothing
		p.out = append(p.out, s)
	}
}

func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
