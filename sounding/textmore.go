package sounding

import (
	"bufio"
	"fmt"
	"io"

	"fathom/diag"
	"fathom/engine/depth"
)

// WriteText says what the control is worth: where it stands, what falls without
// it, or why it stands in nobody's way.
func (y *Why) WriteText(out io.Writer, o TextOptions) error {
	w := &printer{Writer: bufio.NewWriter(out), TextOptions: o}
	w.printf("%s\n%s\n", w.paint(bold, y.Sentence()), w.paint(dim, y.Control.Title))
	w.guards("it stands at", y.Guards, depth.Standing)
	w.guards("it is not known whether it stands at", y.Guards, depth.Doubtful)
	w.guards("it is missing at", y.Guards, depth.Missing)
	w.falls("without it", y.Falls)
	if o.All {
		w.falls("without it, from each start", y.Starts)
	}
	if len(y.Below) > 0 {
		w.printf("\n%s\n", w.paint(bold, "objectives that are met no longer"))
		for i := range y.Below {
			w.printf("  %s → %s: %s\n", y.Below[i].From, y.Below[i].To, y.Below[i].Why)
		}
	}
	w.unknown(y.Report)
	return w.Flush()
}

// Sentence is what the control is worth in one line without a full stop.
func (y *Why) Sentence() string {
	stands := 0
	for i := range y.Guards {
		if y.Guards[i].State != depth.Missing {
			stands++
		}
	}
	id := y.Control.ID
	switch {
	case y.Control.Aside != "":
		return id + " stands in no attacker's way: " + y.Control.Aside
	case len(y.Guards) == 0:
		return id + " has no place in this estate: no step that it would stop is possible here"
	case stands == 0:
		return id + " is missing: nothing here would fall without it"
	case len(y.Falls) == 0:
		return id + ": its loss alone makes no cell less deep; there is a way with as few controls that does not meet it"
	}
	return id + ": " + fallWithout(len(y.Falls))
}

func fallWithout(n int) string {
	if n == 1 {
		return "1 cell of the table falls without it"
	}
	return count(n, "cell") + " of the table fall without it"
}

func (w *printer) guards(title string, guards []Guard, state depth.State) {
	n := 0
	for i := range guards {
		g := &guards[i]
		if g.State != state {
			continue
		}
		if n == 0 {
			w.printf("\n%s\n", w.paint(bold, title))
		}
		if n++; n > guardsShown && !w.All {
			continue
		}
		w.printf("  %s%s\n", on(g), w.at(g.At))
		if g.Says != "" {
			w.printf("    %s\n", g.Says)
		}
		if g.Why != "" && g.Why != g.Says {
			w.printf("    unknown: %s\n", g.Why)
		}
		more := ""
		if g.More > 0 {
			more = ", and " + count(g.More, "other step")
		}
		w.printf("    %s\n", w.paint(dim, "it stops that the attacker "+g.Stops+more))
	}
	if n > guardsShown && !w.All {
		w.printf("  … and %d more (--all prints them)\n", n-guardsShown)
	}
}

const guardsShown = 10

func on(g *Guard) string {
	if g.On == "" {
		return "the whole estate"
	}
	return g.On
}

func (w *printer) falls(title string, falls []Fall) {
	if len(falls) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, title))
	for i := range falls {
		w.printf("  %s\n", turned(&falls[i]))
	}
}

// turned is a change of a cell: pod/search → store/x: 3, then 2.
func turned(f *Fall) string {
	return f.From + " → " + f.To + ": " + number(&f.Before) + ", then " + number(&f.After)
}

// WriteText prints what to do, in order, with the lines; then what comes of it.
func (f *Fixes) WriteText(out io.Writer, o TextOptions) error {
	w := &printer{Writer: bufio.NewWriter(out), TextOptions: o}
	w.printf("%s\n", w.paint(bold, f.Sentence()))
	for i := range f.Changes {
		c := &f.Changes[i]
		title := ""
		if c.Known != nil {
			title = ": " + c.Known.Title
		}
		w.printf("\n%d. %s%s (%s)\n", i+1, w.paint(bold, c.Control), title, count(c.Effort, "day"))
		for j := range c.Where {
			if j == guardsShown && !w.All && len(c.Where) > guardsShown+1 {
				w.printf("   … and %d more places (--all prints them)\n", len(c.Where)-j)
				break
			}
			g := &c.Where[j]
			w.printf("   at %s%s\n", on(g), w.at(g.At))
			if g.Says != "" {
				w.printf("     %s\n", g.Says)
			}
		}
		for j := range c.Rises {
			w.printf("   %s %s\n", w.paint(green, "↑"), turned(&c.Rises[j]))
		}
		if len(c.Rises) == 0 {
			w.printf("   %s\n", w.paint(dim, "nothing rises with it alone; those below need it"))
		}
	}
	w.short(f)
	if len(f.Changes) > 0 {
		w.printf("\n%s\n", w.paint(bold, "after that"))
		w.table(f.After)
	}
	w.unknown(f.Report)
	return w.Flush()
}

// Sentence sums the fixes up in a line without a full stop.
func (f *Fixes) Sentence() string {
	if why := f.Report.Nothing(); why != "" {
		return why
	}
	switch {
	case len(f.Unmet) == 0:
		return "nothing to fix: " + are(len(f.Report.Objectives), "objective") + " met"
	case len(f.Changes) == 0:
		return "no control that is missing here would help"
	}
	text := count(len(f.Changes), "change") + ", " + count(f.Effort, "day") + " of work"
	switch {
	case len(f.Short) > 0:
		text += fmt.Sprintf(": all but %d of ", len(f.Short)) + count(len(f.Report.Objectives), "objective") + " are met then"
	default:
		text += ": all objectives are met then"
	}
	if f.Proven {
		return text + "; nothing cheaper does that"
	}
	return text + "; whether something cheaper does that was too much to search"
}

// short says what stays short, and why.
func (w *printer) short(f *Fixes) {
	if len(f.Short) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, "what stays short, with every control in place that Fathom knows to be missing"))
	for i := range f.Short {
		o := &f.Short[i]
		w.printf("  %s → %s: %s\n", o.From, o.To, o.Why)
	}
}

// WriteText prints which cells fell and rose, and by which lines.
func (d *Diff) WriteText(out io.Writer, o TextOptions) error {
	w := &printer{Writer: bufio.NewWriter(out), TextOptions: o}
	w.printf("%s\n", w.paint(bold, d.Sentence()))
	w.turns(red, "↓", d.Fell, "before, it stood")
	w.turns(green, "↑", d.Rose, "now it stands")
	if len(d.Gone) > 0 {
		w.printf("\nno longer measured: %s\n", some(d.Gone, 8))
	}
	if len(d.New) > 0 {
		w.printf("\nnot measured before: %s\n", some(d.New, 8))
		for _, to := range d.New {
			for i := range d.After.Rows {
				if c := d.After.cell(d.After.Rows[i].Family, to); c != nil && c.Kind == Measured {
					w.printf("  %s: %s\n", c.Name(), c)
				}
			}
		}
	}
	w.unknown(d.After)
	return w.Flush()
}

// Sentence sums the difference up in a line without a full stop.
func (d *Diff) Sentence() string {
	switch {
	case len(d.Fell) == 0 && len(d.Rose) == 0 && len(d.Gone) == 0 && len(d.New) == 0:
		return "no cell fell or rose"
	case len(d.Fell) == 0 && len(d.Rose) == 0:
		return "no cell that both have fell or rose"
	case len(d.Rose) == 0:
		return count(len(d.Fell), "cell") + " fell, none rose"
	case len(d.Fell) == 0:
		return "no cell fell, " + count(len(d.Rose), "cell") + " rose"
	}
	return count(len(d.Fell), "cell") + " fell, " + count(len(d.Rose), "cell") + " rose"
}

func (w *printer) turns(code, mark string, turns []Turn, stands string) {
	for i := range turns {
		t := &turns[i]
		w.printf("\n%s %s → %s: was %s, is %s\n", w.paint(code, mark), t.Family.String(), t.To, t.Before.String(), t.After.String())
		for j, r := range t.Because {
			if w.more(j, len(t.Because)) {
				break
			}
			w.reason(&r, stands)
		}
		if len(t.Because) == 0 {
			w.printf("  by what is not known alone\n")
		}
	}
}

// reason is the line that explains a change.
func (w *printer) reason(r *Reason, stands string) {
	if r.Guard == (depth.Guard{}) {
		w.printf("  %s%s\n", r.Says, w.at(r.Step))
		return
	}
	w.printf("  %s: %s%s\n", r.Guard.String(), r.Says, w.at(r.Step))
	if r.Standing != (diag.Pos{}) && r.Standing != r.Step {
		w.printf("    %s%s\n", stands, w.at(r.Standing))
	}
}
