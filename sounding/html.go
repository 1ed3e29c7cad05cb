package sounding

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"fathom/diag"
	"fathom/engine/depth"
	"fathom/layer/ground"
)

// WriteHTML prints the report as one page that needs nothing else: the rings,
// the table, a drawing of the estate with the path of the chosen cell over it,
// and every path in words. It asks the network for nothing, works without
// JavaScript (then every path is shown) and by keyboard, and prints.
func (r *Report) WriteHTML(w io.Writer) error {
	p := pageOf(r)
	var b bytes.Buffer // so that an error does not leave half a page
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

//go:embed report.gohtml
var pageText string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"pos":   func(p diag.Pos) string { return place(p) },
	"join":  strings.Join,
	"inc":   func(i int) int { return i + 1 },
	"words": strings.Fields,
}).Parse(pageText))

// place is a position, or "" for none.
func place(p diag.Pos) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

// htmlPage is what the template is given.
type htmlPage struct {
	Title, Sentence string
	Choice          string
	Aims            []Aim
	Rows            []htmlRow
	Sections        []section
	Drawing         *drawing
	Layers          []htmlLayer
	Worths          []Worth
	Objectives      []Objective
	ByRight         []Cell
	Doubts          []Doubt
	Gaps            []string
	Counted         string
}

// htmlRow is a family with its cells.
type htmlRow struct {
	Name, Title string
	Cells       []htmlCell
}

// htmlCell is a number in the table, and the section that tells its path.
type htmlCell struct {
	Text, From string
	Section    string // "" where there is nothing to tell
	Class      string // how deep: d0 to d4, never, none
	Label      string // for those who hear the page
}

// section tells one cell.
type section struct {
	ID, Name, Sentence string
	Cell               *Cell
	Moves              []htmlMove
	Cuts               []string
	bound              *depth.Bound
}

// htmlMove is a move in words.
type htmlMove struct {
	Says  string
	Layer string
	At    string
	Past  []depth.Stop
}

// htmlLayer is a ring of the defence: how many of its controls stand in some
// attacker's way, and which are missing there.
type htmlLayer struct {
	Name              string
	Standing, Missing []string
	Doubtful          []string
	R                 int // radius in the picture of the rings
}

func pageOf(r *Report) *htmlPage {
	p := &htmlPage{Title: "How deep is it?", Sentence: r.Sentence(), Choice: r.Choice, Aims: r.Aims, Worths: r.Worths, Objectives: r.Objectives, ByRight: r.ByRight, Doubts: r.Doubts}
	for i := range r.Gaps {
		g := &r.Gaps[i]
		p.Gaps = append(p.Gaps, g.Of+": "+g.Why+" ("+g.Pos.String()+")")
	}
	p.Counted = "Controls are counted once, however many places they guard."
	if r.Options.Count.Each {
		p.Counted = "Every guard is counted by itself, also those of one control."
	}
	for i := range r.Rows {
		row := htmlRow{Name: r.Rows[i].Family.String(), Title: r.Rows[i].Family.Title()}
		for j := range r.Rows[i].Cells {
			c := &r.Rows[i].Cells[j]
			row.Cells = append(row.Cells, p.cell(fmt.Sprintf("cell-%d-%d", i, j), c))
		}
		p.Rows = append(p.Rows, row)
	}
	p.Layers = ringsOf(r.steps)
	p.Drawing = draw(r, p.Sections)
	return p
}

// cell adds the section of a cell that was measured.
func (p *htmlPage) cell(id string, c *Cell) htmlCell {
	out := htmlCell{Text: c.String(), Class: "none", Label: c.Sentence()}
	if c.Kind != Measured {
		return out
	}
	out.From, out.Section = c.From, id
	switch d := deep(&c.Least); {
	case c.Least.Never:
		out.Class = "never"
	default:
		out.Class = fmt.Sprintf("d%d", min(d, 4))
	}
	s := section{ID: id, Name: c.Name(), Sentence: c.Sentence(), Cell: c, bound: &c.Least}
	for i := range c.Least.Path {
		m := &c.Least.Path[i]
		s.Moves = append(s.Moves, htmlMove{Says: m.Says, Layer: m.Layer, At: place(m.At), Past: m.Past})
	}
	for _, cut := range c.Least.Cuts {
		s.Cuts = append(s.Cuts, strings.Join(cut, ", "))
	}
	p.Sections = append(p.Sections, s)
	return out
}

// ringsOf says of each layer which of its controls stand in some step, are
// missing in every one, or may stand.
func ringsOf(steps []depth.Step) []htmlLayer {
	best := map[string]depth.State{}
	for i := range steps {
		for _, s := range steps[i].Stops {
			if was, ok := best[s.Control]; !ok || s.State > was {
				best[s.Control] = s.State
			}
		}
	}
	var out []htmlLayer
	for i, name := range []string{"edge", "network", "mesh", "identity", "supply", "data", "access", "response"} {
		l := htmlLayer{Name: name, R: 216 - 25*i}
		for _, id := range slices.Sorted(maps.Keys(best)) {
			if !strings.HasPrefix(id, name+".") {
				continue
			}
			short := strings.TrimPrefix(id, name+".")
			switch best[id] {
			case depth.Standing:
				l.Standing = append(l.Standing, short)
			case depth.Doubtful:
				l.Doubtful = append(l.Doubtful, short)
			default:
				l.Missing = append(l.Missing, short)
			}
		}
		out = append(out, l)
	}
	return out
}

// Fraction is how much of the ring is drawn closed, in hundredths.
func (l htmlLayer) Fraction() int {
	all := len(l.Standing) + len(l.Missing) + len(l.Doubtful)
	if all == 0 {
		return 0
	}
	return 100 * len(l.Standing) / all
}

// Met says how many controls of the layer some step meets.
func (l htmlLayer) Met() int { return len(l.Standing) + len(l.Missing) + len(l.Doubtful) }

// Family says which family a row is of, for the template.
func (h htmlRow) Family() ground.Family {
	for _, f := range ground.Families() {
		if f.String() == h.Name {
			return f
		}
	}
	return ground.Internet
}
