package reach

import (
	"bufio"
	"fmt"
	"io"

	"fathom/diag"
	"fathom/engine/reach/flow"
	"fathom/estate"
)

// TextOptions choose how a report is printed.
type TextOptions struct {
	Color bool
	// All prints every way; otherwise a few of those that say most.
	All bool
}

const shownWays = 3

// WriteText prints the report for people: the sentence, then each way hop by
// hop with the line of its rule, then what would open it.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, o.paint(bold, diag.Plain(r.Sentence())))
	for i := range r.Answers {
		a := &r.Answers[i]
		if len(r.Answers) > 1 {
			fmt.Fprintf(b, "\n%s\n", o.paint(bold, diag.Plain(fmt.Sprintf("%s: %s", a.Conn, Word(a.Reaches)))))
		}
		o.answer(b, a)
	}
	return b.Flush()
}

func (o *TextOptions) answer(b *bufio.Writer, a *Answer) {
	if a.Why != "" {
		fmt.Fprintf(b, "\nbecause %s\n", diag.Plain(a.Why))
	}
	if a.Bypass != "" {
		fmt.Fprintf(b, "\nbut a caller that goes around its own proxy is not held by this: %s\n", diag.Plain(a.Bypass))
	}
	ways := alikes(a.Ways, o.All)
	shown := a.shown(ways, o.All)
	for i := range shown {
		o.way(b, a, &ways[i])
	}
	if shown < len(ways) {
		fmt.Fprintf(b, "\n%s\n", rest(ways[shown:]))
	}
	if a.Reaches == estate.No && len(a.Change) == 0 {
		fmt.Fprint(b, "\nno change of a rule would open it\n")
	}
	if len(a.Change) > 0 {
		fmt.Fprint(b, "\nthe smallest change that would open it\n")
		for _, c := range a.Change {
			fmt.Fprintf(b, "  → %s%s\n", diag.Plain(c.Says), o.at(c.Hop.At))
		}
	}
}

// alike is a way, and how many others go by the same rules: in another subnet,
// from another group of nodes.
type alikeWays struct {
	*flow.Way
	more int
}

func alikes(ways []flow.Way, apart bool) []alikeWays {
	var out []alikeWays
	known := map[string]int{}
	for i := range ways {
		w := &ways[i]
		key := fmt.Sprint(w.Family, w.Sources)
		for j := range w.Hops {
			h := &w.Hops[j]
			key += fmt.Sprint("\x00", h.Kind, h.Pass, h.At)
		}
		if at, ok := known[key]; ok && !apart {
			out[at].more++
			continue
		}
		known[key] = len(out)
		out = append(out, alikeWays{w, 0})
	}
	return out
}

// shown is how many of the ways are printed: those that pass, or else those
// that may, or else the one that is stopped by the least.
func (a *Answer) shown(ways []alikeWays, all bool) int {
	if all {
		return len(ways)
	}
	n := 0
	for i := range ways {
		if ways[i].Pass() == a.Reaches && n < shownWays && (a.Reaches != estate.No || n == 0) {
			n++
		}
	}
	return max(n, min(1, len(ways)))
}

// rest says what is left out.
func rest(ways []alikeWays) string {
	var count [3]int
	for i := range ways {
		count[ways[i].Pass()]++
	}
	text := ""
	for _, t := range []estate.Truth{estate.Yes, estate.Maybe, estate.No} {
		if count[t] == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += plural(count[t], [...]string{estate.No: "way that is stopped", estate.Maybe: "way that may pass", estate.Yes: "way that passes"}[t],
			[...]string{estate.No: "ways that are stopped", estate.Maybe: "ways that may pass", estate.Yes: "ways that pass"}[t])
	}
	return text + " (--ways shows them)"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 more " + one
	}
	return fmt.Sprintf("%d more %s", n, many)
}

func (o *TextOptions) way(b *bufio.Writer, a *Answer, w *alikeWays) {
	title := [...]string{estate.No: "stopped", estate.Maybe: "may get through", estate.Yes: "gets through"}[w.Pass()]
	if w.Pass() == estate.No && refused(w.Way) {
		title = "arrives and is refused"
	}
	if w.Family != 0 {
		title += fmt.Sprintf(" (IPv%d)", w.Family)
	}
	if s := narrowed(a, w.Way); s != "" {
		title += " from " + s
	}
	if w.more > 0 {
		title += fmt.Sprintf(", and by the same rules in %s", plural(w.more, "way", "ways"))
	}
	fmt.Fprintf(b, "\n%s\n", diag.Plain(title))
	for i := range w.Hops {
		h := &w.Hops[i]
		mark := [...]string{estate.No: o.paint(red, "✗"), estate.Maybe: o.paint(yellow, "?"), estate.Yes: o.paint(green, "✓")}[h.Pass]
		says := h.Says
		if h.Pass == estate.Maybe && h.Why != "" && h.Why != h.Says {
			says += " (" + h.Why + ")"
		}
		fmt.Fprintf(b, "  %s %s%s\n", mark, diag.Plain(says), o.at(h.At))
	}
}

// narrowed are the sources that get through, where they are not all of those
// that were asked about.
func narrowed(a *Answer, w *flow.Way) string {
	if w.Sources.Empty() || w.Pass() == estate.No {
		return ""
	}
	asked := a.From.Addrs
	if w.Family != 0 {
		asked = asked.Family(w.Family)
	}
	if w.Sources.Holds(asked.Intersect(flow.Public())) && !asked.Intersect(flow.Public()).Empty() || w.Sources.Holds(asked) {
		return ""
	}
	return w.Sources.String()
}

func (o *TextOptions) at(p diag.Pos) string {
	if p.File == "" {
		return ""
	}
	p.Column = 0
	return "  " + o.paint(dim, diag.Plain(p.String()))
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (o *TextOptions) paint(code, text string) string {
	if !o.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
