package sounding

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"fathom/diag"
)

// TextOptions say how a report is printed for a person.
type TextOptions struct {
	Color bool
	// All prints a line for every start, and everything that is unknown.
	All bool
}

// WriteText prints the table for a person: first what is worst, then the table,
// then what is asked for, what costs most and what is not known.
func (r *Report) WriteText(out io.Writer, o TextOptions) error {
	w := &printer{Writer: bufio.NewWriter(out), TextOptions: o}
	w.headline(r)
	w.table(r)
	w.byRight(r)
	w.objectives(r)
	w.worths(r)
	w.unknown(r)
	return w.Flush()
}

type printer struct {
	*bufio.Writer
	TextOptions
}

// printf prints strings as diag.Plain shows them, painted ones as they are.
func (w *printer) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = diag.Plain(s)
		}
	}
	fmt.Fprintf(w, format, args...)
}

// painted is a text with the codes of its colour around it.
type painted string

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (w *printer) paint(code, text string) painted {
	text = diag.Plain(text)
	if !w.Color || code == "" {
		return painted(text)
	}
	return painted("\x1b[" + code + "m" + text + "\x1b[0m")
}

// at is a position after a text: two spaces and file:line, or nothing.
func (w *printer) at(p diag.Pos) painted {
	if p.File == "" {
		return ""
	}
	return "  " + w.paint(cyan, fileLine(p))
}

func fileLine(p diag.Pos) string {
	p.Column = 0
	return p.String()
}

func (w *printer) headline(r *Report) {
	w.printf("%s\n", w.paint(bold, r.Sentence()))
}

// Sentence is the report in one line without a full stop: its worst cell, or why
// there is none.
func (r *Report) Sentence() string {
	if why := r.Nothing(); why != "" {
		return why
	}
	worst := r.Worst()
	if worst.Least.Never {
		return "no step that Fathom knows leads to what was asked about, whatever fails"
	}
	return worst.Sentence()
}

// Worst is the cell of the table that is the least deep, the first of several;
// nil where nothing was measured.
func (r *Report) Worst() *Cell {
	var worst *Cell
	for i := range r.Rows {
		for j := range r.Rows[i].Cells {
			c := &r.Rows[i].Cells[j]
			if c.Kind != Measured {
				continue
			}
			if worst == nil || deep(&c.Least) < deep(&worst.Least) || deep(&c.Least) == deep(&worst.Least) && deep(&c.Most) < deep(&worst.Most) {
				worst = c
			}
		}
	}
	return worst
}

// Nothing says why there is nothing to measure; "" where there is.
func (r *Report) Nothing() string {
	e := r.Ground.Estate
	switch {
	case len(e.Resources) == 0 && len(e.Gaps) == 0:
		return "nothing to measure: no resource was read"
	case len(r.Aims) == 0 && len(e.Gaps) > 0:
		return "no crown jewel in what could be read: what is not known may hold one"
	case len(r.Aims) == 0 && !e.HasAWS():
		return "no crown jewel: Kubernetes objects alone show no store, and nothing there is open to the internet; give the Terraform files as well"
	case len(r.Aims) == 0:
		return "no crown jewel: the files show no store, and nothing that the internet reaches"
	case r.Worst() == nil:
		return "nothing to measure: no attacker that was asked about is after what was asked about"
	}
	return ""
}

// widest is how wide a table may be before its columns go on below.
const widest = 110

// table prints the families by the aims, in as many blocks as it takes.
func (w *printer) table(r *Report) {
	if len(r.Aims) == 0 || r.Worst() == nil {
		return
	}
	lines := [][]entry{{{text: ""}}}
	for i := range r.Aims {
		lines[0] = append(lines[0], entry{text: r.Aims[i].Name, code: bold})
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		lines = append(lines, w.row(r, row.label(), row.Cells, row.only() == ""))
		for j := range row.Starts {
			if st := &row.Starts[j]; w.All && len(row.Starts) > 1 {
				lines = append(lines, w.row(r, "  "+st.Start.Name, st.Cells, false))
			}
		}
	}
	w.printf("\n")
	w.blocks(lines)
	w.printf("\n")
	for _, line := range legend(r) {
		w.printf("%s\n", w.paint(dim, line))
	}
}

type entry struct{ text, code string }

// row is a line of the table. Where the worst start is not the same in every
// cell, each cell names its own.
func (w *printer) row(r *Report, label string, cells []Cell, named bool) []entry {
	out := []entry{{text: label}}
	for i := range cells {
		c := &cells[i]
		e := entry{text: c.String(), code: r.colour(c)}
		if named && c.Kind == Measured && !c.Least.Never {
			_, short, _ := strings.Cut(c.From, "/")
			e.text += " " + short
		}
		out = append(out, e)
	}
	return out
}

// colour shows a cell by what is asked of it, or else by a rule of thumb.
func (r *Report) colour(c *Cell) string {
	asked := r.asked(c.Family, c.From, c.To)
	switch d := deep(&c.Least); {
	case c.Kind != Measured:
		return dim
	case asked > 0 && d < asked, asked == 0 && d < 2:
		return red
	case asked == 0 && d < DefaultMin:
		return yellow
	}
	return green
}

// label is the family's name, with its start where all cells have the same.
func (row *Row) label() string {
	switch only := row.only(); {
	case only != "":
		return only
	case len(row.Starts) == 0:
		return row.Family.String()
	}
	return fmt.Sprintf("%s (worst of %d)", row.Family, len(row.Starts))
}

// only is the start that is the worst in all cells, "" where they differ.
func (row *Row) only() string {
	name := ""
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Kind != Measured || c.Least.Never {
			continue
		}
		if name != "" && name != c.From {
			return ""
		}
		name = c.From
	}
	if name == "" {
		return row.Family.String()
	}
	return name
}

// blocks prints a table whose first column is repeated.
func (w *printer) blocks(lines [][]entry) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, e := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(e.text))
		}
	}
	for from := 1; from < len(widths); {
		to, wide := from+1, widths[0]+2+widths[from]
		for to < len(widths) && wide+2+widths[to] <= widest {
			wide += 2 + widths[to]
			to++
		}
		if from > 1 {
			w.printf("\n")
		}
		for _, line := range lines {
			w.printf("%s%s", w.paint(line[0].code, line[0].text), pad(line[0].text, widths[0]))
			for i := from; i < to; i++ {
				w.printf("  %s", w.paint(line[i].code, line[i].text))
				if i < to-1 {
					w.printf("%s", pad(line[i].text, widths[i]))
				}
			}
			w.printf("\n")
		}
		from = to
	}
}

func pad(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// legend says what the table shows, and how its columns were chosen.
func legend(r *Report) []string {
	text := "a number: how many controls must fail before he has it, from the worst of his starts"
	if r.Options.Count.Each {
		text = "a number: how many guards must fail, each counted by itself, from the worst of his starts"
	}
	var ranges, nevers, none bool
	for i := range r.Rows {
		for _, c := range r.Rows[i].Cells {
			ranges = ranges || strings.Contains(c.String(), " to ")
			nevers = nevers || c.Kind == Measured && (c.Least.Never || c.Most.Never)
			none = none || c.Kind != Measured
		}
	}
	out := []string{text}
	if ranges {
		out = append(out, "from … to …: what is not known decides")
	}
	if nevers {
		out = append(out, "never: no step that Fathom knows leads there, whatever fails")
	}
	if none {
		out = append(out, "–: he is not after it, or has no place to begin")
	}
	if len(r.Options.Count.Gone) > 0 {
		out = append(out, "taken as gone: "+strings.Join(r.Options.Count.Gone, ", "))
	}
	if r.Choice != asAsked {
		out = append(out, "the crown jewels: "+r.Choice)
	}
	return out
}

// byRight lists the workloads that have a store by right: what of it is left out
// of the table.
func (w *printer) byRight(r *Report) {
	if len(r.ByRight) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, "by right")+w.paint(dim, "  a workload whose annotation fathom.dev/data names all that the store holds; not counted in the row of pods"))
	for i := range r.ByRight {
		c := &r.ByRight[i]
		w.printf("  %s  %s\n", w.paint(r.colour(c), c.String()), c.Name())
	}
}

// objectives prints what is asked for and whether it is met.
func (w *printer) objectives(r *Report) {
	if len(r.Objectives) == 0 {
		return
	}
	unmet := len(r.Unmet())
	w.printf("\n%s (%d of %d met)\n", w.paint(bold, "objectives"), len(r.Objectives)-unmet, len(r.Objectives))
	for i := range r.Objectives {
		o := &r.Objectives[i]
		if o.Met {
			w.printf("  %s %s → %s: %s, and %d is asked for%s\n", w.paint(green, "✓"), o.From, o.To, o.Cell.String(), o.Min, w.at(o.At))
		} else {
			w.printf("  %s %s → %s: %s%s\n", w.paint(red, "✗"), o.From, o.To, o.Why, w.at(o.At))
		}
	}
}

// worthsShown is how many controls are printed of those that cost most.
const worthsShown = 3

// worths prints the controls whose loss costs most.
func (w *printer) worths(r *Report) {
	if len(r.Worths) == 0 {
		return
	}
	cells := 0
	for i := range r.Rows {
		for _, c := range r.Rows[i].Cells {
			if c.Kind == Measured {
				cells++
			}
		}
	}
	w.printf("\n%s\n", w.paint(bold, "the controls whose loss costs most"))
	for i := range r.Worths {
		if i == worthsShown && !w.All {
			break
		}
		x := &r.Worths[i]
		w.printf("  %s: %d of %s fall", x.Unit, len(x.Falls), count(cells, "cell"))
		if x.Below > 0 {
			w.printf(", and %s met no longer", are(x.Below, "objective"))
		}
		w.printf("\n")
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// are counts things with their verb: 1 objective is, 2 objectives are.
func are(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " is"
	}
	return count(n, noun) + " are"
}

// unknownsShown is how many unknowns are printed when not all are asked for.
const unknownsShown = 8

// unknown prints what is not known: first what makes a difference to a cell, then
// what the files do not tell.
func (w *printer) unknown(r *Report) {
	if len(r.Doubts) > 0 {
		w.printf("\n%s (%d)\n", w.paint(yellow, "unknown, and it decides"), len(r.Doubts))
	}
	for i := range r.Doubts {
		if w.more(i, len(r.Doubts)) {
			break
		}
		d := &r.Doubts[i]
		w.printf("  %s%s\n    %s\n", d.Why, w.at(d.At), w.paint(dim, some(d.Cells, 4)))
	}
	if len(r.Gaps) > 0 {
		w.printf("\n%s (%d)\n", w.paint(yellow, "unknown: what the files do not tell"), len(r.Gaps))
	}
	for i := range r.Gaps {
		if w.more(i, len(r.Gaps)) {
			break
		}
		w.printf("  %s: %s%s\n", r.Gaps[i].Of, r.Gaps[i].Why, w.at(r.Gaps[i].Pos))
	}
	if n := r.Options.Unread; n > 0 {
		w.printf("\n%s: %s could not be read as written; what they declare may make each number smaller or larger\n", w.paint(yellow, "unknown"), count(n, "part"))
	}
}

// more says that what is left is only counted, and counts it.
func (w *printer) more(i, of int) bool {
	if w.All || i < unknownsShown || of <= unknownsShown+1 {
		return false
	}
	w.printf("  … and %d more (--all prints them)\n", of-i)
	return true
}

// some are the first of a list, with the number of the others.
func some(list []string, shown int) string {
	if len(list) <= shown+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), len(list)-shown)
}
