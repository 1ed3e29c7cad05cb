package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/iam/access"
	"fathom/estate"
)

// text is a report in the making. What comes from files does nothing to a
// terminal.
type text struct{ lines []string }

func (t *text) line(format string, args ...any) {
	t.lines = append(t.lines, strings.TrimRight(diag.Plain(fmt.Sprintf(format, args...)), " "))
}

// more goes on with the last line.
func (t *text) more(s string) { t.lines[len(t.lines)-1] += diag.Plain(s) }

func (t *text) mentions(s string) bool {
	return s != "" && slices.ContainsFunc(t.lines, func(line string) bool { return strings.Contains(line, s) })
}

func (t *text) write(w io.Writer) error {
	if len(t.lines) == 0 {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(t.lines, "\n")+"\n")
	return err
}

// answer writes an answer: the answer itself, then what made it.
func (t *text) answer(a *access.Answer) {
	who, doing := a.Who.Name, a.Action+" on "+a.Resource
	switch a.Truth {
	case estate.Yes:
		t.line("yes: %s can do %s%s", who, doing, acting(a.Via))
	case estate.No:
		t.line("no: %s cannot do %s", who, doing)
	default:
		t.line("unknown: the files do not tell whether %s can do %s%s", who, doing, acting(a.Via))
	}
	t.because(a.Because)
	if a.Missing != "" && !a.Decision.Explicit { // the statements say it all
		t.line("  missing: %s", a.Missing)
	}
	for _, g := range a.Given {
		t.line("  not met: %s", g)
	}
	for _, d := range a.Doubts {
		t.line("  not known: %s", d)
	}
	if a.Via != nil {
		t.identity("  ", "it", a.Via)
	}
	for _, n := range a.Notes {
		t.line("  note: %s", n)
	}
}

func acting(via *access.Identity) string {
	if via == nil {
		return ""
	}
	return ", as " + via.Role.Name
}

func (t *text) because(bs []access.Because) {
	for _, b := range bs {
		t.line("  %s", statementLine(b))
	}
}

// statementLine is a statement as a line. What is in no document, such as what
// the root user may do, has only its text.
func statementLine(b access.Because) string {
	if b.Holder == nil && b.Policy == "" && b.Sid == "" {
		if b.Place == "identity" {
			return "its own policies " + b.Text
		}
		return b.Text
	}
	return b.String()
}

// statementPlace is where a statement stands, without what it says.
func statementPlace(b access.Because) string {
	return strings.Replace(statementLine(b), " "+b.Text, "", 1)
}

// identity writes how a workload comes to its role.
func (t *text) identity(indent, who string, i *access.Identity) {
	at := ""
	if !i.At.IsZero() {
		at = " (" + i.At.String() + ")"
	}
	t.line("%s%s acts as %s through %s%s%s", indent, who, i.Role.Name, i.How, orWhy(i.Why), at)
	for _, s := range i.Steps {
		t.line("%s  %s (%s)", indent, s.Saw, s.At)
	}
	for _, d := range i.Doubts {
		t.line("%s  not known: %s", indent, d)
	}
	for _, d := range i.Limits {
		t.line("%s  may stand in the way: %s", indent, d)
	}
}

func orWhy(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}
