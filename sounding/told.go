package sounding

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"fathom/engine/depth"
)

// WriteCell tells one cell step by step: the number, the path with what had to
// fall on each move, the cuts, the controls that count and the other sets.
func (r *Report) WriteCell(out io.Writer, c *Cell, o TextOptions) error {
	w := &printer{Writer: bufio.NewWriter(out), TextOptions: o}
	w.printf("%s\n", w.paint(bold, c.Sentence()))
	if c.Kind == Measured {
		if l := c.Layers(); len(l) > 0 {
			w.printf("%s: %s\n", count(len(l), "layer"), strings.Join(l, ", "))
		}
		w.who(r, c)
		w.bound(r, c, &c.Least)
		if deep(&c.Most) != deep(&c.Least) {
			w.otherEnd(r, c)
		}
		w.sets(c)
		w.others(r, c)
	}
	w.objectives(r)
	w.unknown(r)
	return w.Flush()
}

// who says who the attacker is and what he is after.
func (w *printer) who(r *Report, c *Cell) {
	for _, s := range r.Ground.Start(c.From) {
		w.printf("%s: %s%s\n", c.From, s.Says, w.at(s.At))
	}
	if a := r.aim(c.To); a != nil {
		w.printf("he is after %s%s\n", a.Says, w.at(a.At))
	}
}

// bound tells one bound: its path, and why nothing less does.
func (w *printer) bound(r *Report, c *Cell, b *depth.Bound) {
	if b.Never {
		return
	}
	if len(b.Path) > 0 {
		w.printf("\n%s\n", w.paint(bold, "the path on which the fewest have to fail"))
	}
	told := map[string]bool{}
	for i := range b.Path {
		w.move(i, &b.Path[i], told)
	}
	w.cuts(b)
	w.felled(r, b)
}

// move is one step of a path: what he does, by which line, and what had to fall.
func (w *printer) move(i int, m *depth.Move, told map[string]bool) {
	w.printf("%3d. %s%s\n", i+1, m.Says, w.at(m.At))
	if m.Doubt != "" {
		w.printf("     %s it is not known whether he can: %s\n", w.paint(yellow, "?"), m.Doubt)
	}
	for _, s := range m.Past {
		again := ""
		if told[s.Control] {
			again = " (it has fallen already)"
		}
		told[s.Control] = true
		w.printf("     %s past %s%s%s\n", w.paint(red, "✗"), s.Guard.String(), again, w.at(s.At))
		if s.Says != "" {
			w.printf("       %s\n", s.Says)
		}
	}
	var gone []string
	for _, s := range m.Stops {
		if s.State == depth.Doubtful && !past(m, s.Guard) {
			w.printf("     %s it is not known whether %s stands: %s%s\n", w.paint(yellow, "?"), s.Guard.String(), s.Why, w.at(s.At))
		}
		if s.State == depth.Missing {
			gone = append(gone, s.Control)
		}
	}
	if len(gone) > 0 {
		w.printf("     %s\n", w.paint(dim, "missing here: "+strings.Join(distinct(gone), ", ")))
	}
}

func past(m *depth.Move, g depth.Guard) bool {
	return slices.ContainsFunc(m.Past, func(s depth.Stop) bool { return s.Guard == g })
}

func distinct(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// cuts says why nothing less does.
func (w *printer) cuts(b *depth.Bound) {
	if b.N == 0 || len(b.Cuts) == 0 {
		return
	}
	switch {
	case b.Over:
		w.printf("\n%s\n", w.paint(bold, fmt.Sprintf("why it is more than %d: every path has to defeat one control of each line, and no %d are in all lines", b.N, b.N)))
	case b.N == 1:
		w.printf("\n%s\n", w.paint(bold, "why not without: every path has to defeat one of"))
	case b.N == 2:
		w.printf("\n%s\n", w.paint(bold, "why no fewer: every path has to defeat one control of each line, and none is in all lines"))
	default:
		w.printf("\n%s\n", w.paint(bold, fmt.Sprintf("why no fewer: every path has to defeat one control of each line, and no %d are in all lines", b.N-1)))
	}
	for i, cut := range b.Cuts {
		if i == cutsShown && !w.All && len(b.Cuts) > cutsShown+1 {
			w.printf("  … and %d more (--all prints them)\n", len(b.Cuts)-i)
			break
		}
		w.printf("  %s\n", strings.Join(cut, ", "))
	}
}

const (
	cutsShown = 12
	setsShown = 10
)

// felled lists the controls that count, with what they are.
func (w *printer) felled(r *Report, b *depth.Bound) {
	if len(b.Felled) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, "these count"))
	for i := range b.Felled {
		u := &b.Felled[i]
		title := ""
		if c := r.controls[u.Name]; c != nil {
			title = ": " + c.Title
		}
		w.printf("  %s%s\n", u.Name, title)
	}
}

// otherEnd tells the bound that holds if everything doubtful is against the
// attacker.
func (w *printer) otherEnd(r *Report, c *Cell) {
	w.printf("\nif everything that is not known is against him: %s\n", w.paint(bold, number(&c.Most)))
	var names []string
	for i := range c.Most.Felled {
		names = append(names, c.Most.Felled[i].Name)
	}
	if len(names) > 0 {
		w.printf("  these would have to fail: %s\n", strings.Join(names, ", "))
	}
}

// sets lists the other minimal sets.
func (w *printer) sets(c *Cell) {
	felled := strings.Join(c.Felled(), ", ")
	var lines []string
	for _, set := range c.Sets {
		var names []string
		for i := range set {
			names = append(names, set[i].Name)
		}
		if text := strings.Join(names, ", "); text != felled {
			lines = append(lines, text)
		}
	}
	if len(lines) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, "other sets that are enough"))
	for i, l := range lines {
		if i == setsShown && !w.All && len(lines) > setsShown+1 {
			w.printf("  … and %d more (--all prints them)\n", len(lines)-i)
			break
		}
		w.printf("  %s\n", l)
	}
}

// others lists the starts of the family that are not the worst.
func (w *printer) others(r *Report, c *Cell) {
	var lines []string
	for i := range r.Rows {
		if r.Rows[i].Family != c.Family {
			continue
		}
		for _, st := range r.Rows[i].Starts {
			for j := range st.Cells {
				if o := &st.Cells[j]; o.To == c.To && o.From != c.From {
					lines = append(lines, o.From+": "+o.String())
				}
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	w.printf("\n%s\n", w.paint(bold, "from the other starts"))
	for _, l := range lines {
		w.printf("  %s\n", l)
	}
}
