package audit

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"fathom/control"
	"fathom/diag"
)

// TextOptions say how the report is printed for a person.
type TextOptions struct {
	Color bool
	// All prints every unknown; otherwise those of one reason are one line.
	All bool
}

// WriteText prints the report for a person: the worst findings first, grouped
// by layer, each with its line and its fix, then what is unknown, then one line
// that sums up.
func (r *Report) WriteText(out io.Writer, opts TextOptions) error {
	w := &textWriter{Writer: bufio.NewWriter(out), color: opts.Color}
	for sev := control.Critical; sev >= control.Low; sev-- {
		r.writeSeverity(w, sev)
	}
	r.writeSuppressed(w)
	r.writeUnknowns(w, opts.All)
	r.writeSummary(w)
	return w.Flush()
}

type textWriter struct {
	*bufio.Writer
	color bool
}

// printf prints strings as diag.Plain shows them, painted ones as they are.
func (w *textWriter) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = diag.Plain(s)
		}
	}
	fmt.Fprintf(w, format, args...)
}

// painted is a text with the codes of its color around it.
type painted string

// The ANSI codes that a terminal shows severities in.
var colors = map[control.Severity]string{control.Critical: "1;31", control.High: "31", control.Medium: "33", control.Low: "36"}

func (w *textWriter) paint(code, text string) painted {
	text = diag.Plain(text)
	if !w.color || code == "" {
		return painted(text)
	}
	return painted("\x1b[" + code + "m" + text + "\x1b[0m")
}

func (r *Report) writeSeverity(w *textWriter, sev control.Severity) {
	byLayer := map[string][]*control.Finding{}
	n := 0
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity == sev {
			byLayer[f.Control.Layer()] = append(byLayer[f.Control.Layer()], f)
			n++
		}
	}
	if n == 0 {
		return
	}
	w.printf("%s (%d)\n\n", w.paint(colors[sev], strings.ToUpper(sev.String())), n)
	for i := range r.layers {
		name := r.layers[i].Name
		if len(byLayer[name]) == 0 {
			continue
		}
		w.printf("  %s\n", w.paint("1", name))
		for _, f := range byLayer[name] {
			writeFinding(w, f)
		}
		w.printf("\n")
	}
}

func writeFinding(w *textWriter, f *control.Finding) {
	ids := []string{f.Control.ID}
	for _, c := range f.Also {
		ids = append(ids, c.ID)
	}
	partial := ""
	if f.Status == control.Partial {
		partial = ", partial"
	}
	w.printf("    %s  %s\n", w.paint("36", place(f.At.File, f.At.Line)), w.paint("2", "["+strings.Join(ids, ", ")+partial+"]"))
	w.printf("      %s\n", f.Summary)
	if n := len(f.Others); n > 0 {
		w.printf("      and the same of %s\n", others(f))
	}
	w.printf("      fix: %s\n", f.Fix)
}

// others names the further resources of a finding, a few of them.
func others(f *control.Finding) string {
	const shown = 4
	var names []string
	for i, id := range f.Others {
		if i == shown && len(f.Others) > shown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(f.Others)-i)
		}
		name := id.Addr
		if id.Root != f.Resource.Root && id.Root != "" {
			name += " in " + id.Root
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func place(file string, line int32) string {
	switch {
	case file == "":
		return "(no file)"
	case line == 0:
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

func (r *Report) writeSuppressed(w *textWriter) {
	if len(r.Suppressed) == 0 {
		return
	}
	w.printf("SUPPRESSED (%d)\n\n", len(r.Suppressed))
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		w.printf("    %s  [%s] until %s by %s: %s\n", place(s.At.File, s.At.Line), s.Control.ID, s.By.Until, s.By.Owner, s.By.Reason)
	}
	w.printf("\n")
}

// unknownsShown is how many unknowns are printed when not all are asked for.
const unknownsShown = 12

func (r *Report) writeUnknowns(w *textWriter, all bool) {
	if len(r.Unknowns) == 0 {
		return
	}
	w.printf("%s (%d), what the files do not tell\n\n", w.paint("35", "UNKNOWN"), len(r.Unknowns))
	for i, u := range r.Unknowns {
		if i == unknownsShown && !all && len(r.Unknowns) > unknownsShown+1 {
			w.printf("    … and %d more (--all prints them)\n", len(r.Unknowns)-i)
			break
		}
		w.printf("    %s  %s: %s\n", w.paint("36", place(u.At.File, u.At.Line)), u.Resource.Addr, u.Reason)
		if n := len(u.Controls); n > 0 {
			shown := u.Controls
			more := ""
			if n > 4 && !all {
				shown, more = shown[:4], fmt.Sprintf(" and %d more", n-4)
			}
			w.printf("      %s\n", w.paint("2", "undecided because of it: "+strings.Join(shown, ", ")+more))
		}
	}
	w.printf("\n")
}

func (r *Report) writeSummary(w *textWriter) {
	var n [4]int
	for i := range r.Verdicts {
		n[r.Verdicts[i].Status]++
	}
	var sev [control.Critical + 1]int
	for i := range r.Findings {
		sev[r.Findings[i].Severity]++
	}
	w.printf("%s: %d present, %d partial, %d absent, %d unknown; %s (%d critical, %d high, %d medium, %d low); read %s and %s",
		count(len(r.Verdicts), "control"), n[control.Present], n[control.Partial], n[control.Absent], n[control.Unknown],
		count(len(r.Findings), "finding"), sev[control.Critical], sev[control.High], sev[control.Medium], sev[control.Low],
		count(r.filesRead(), "file"), count(r.Resources, "resource"))
	if len(r.Unmodelled) > 0 {
		total := 0
		for _, t := range r.Unmodelled {
			total += t.Count
		}
		w.printf(", %d of types that are not modelled (%s)", total, unmodelledNames(r.Unmodelled))
	}
	w.printf("\n")
}

func unmodelledNames(ts []TypeCount) string {
	var names []string
	for i, t := range ts {
		if i == 5 && len(ts) > 6 {
			names = append(names, fmt.Sprintf("%d more types", len(ts)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s %d", t.Type, t.Count))
	}
	return strings.Join(names, ", ")
}

// filesRead counts the files that were taken for something.
func (r *Report) filesRead() int {
	n := 0
	for _, f := range r.Files {
		if !strings.HasPrefix(f.As, "not read") {
			n++
		}
	}
	return n
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
