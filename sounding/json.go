package sounding

import (
	"encoding/json"
	"io"

	"fathom/diag"
	"fathom/engine/depth"
)

// Schema names the form of the JSON. Within a version fields are only added.
const Schema = "fathom.depth/v1"

// The types of the JSON contract. Lists are never null.
type (
	// JSON is a report: the table, or what was asked of it.
	JSON struct {
		Schema     string          `json:"schema"`
		Says       string          `json:"says"`
		Choice     string          `json:"choice"`
		Count      JSONCount       `json:"count"`
		Aims       []JSONAim       `json:"aims"`
		Rows       []JSONRow       `json:"rows"`
		Objectives []JSONObjective `json:"objectives"`
		Worths     []JSONWorth     `json:"worths"`
		Doubts     []JSONDoubt     `json:"doubts"`
		Gaps       []JSONGap       `json:"gaps"`
		// Unread is how many parts of the files could not be read as written.
		Unread int `json:"unread"`
	}
	// JSONCount says what counts as one, and how far was looked.
	JSONCount struct {
		Each  bool     `json:"each"`
		Limit int      `json:"limit"`
		Gone  []string `json:"gone"`
	}
	// JSONAim is a column of the table.
	JSONAim struct {
		Name string `json:"name"`
		Says string `json:"says"`
		JSONPos
	}
	// JSONPos is a place in a file.
	JSONPos struct {
		File string `json:"file,omitempty"`
		Line int    `json:"line,omitempty"`
	}
	// JSONRow is a family of attackers.
	JSONRow struct {
		Family string      `json:"family"`
		Title  string      `json:"title"`
		Cells  []JSONCell  `json:"cells"`
		Starts []JSONStart `json:"starts"`
	}
	// JSONStart is one start of a family.
	JSONStart struct {
		Name string `json:"name"`
		Says string `json:"says"`
		JSONPos
		Cells []JSONCell `json:"cells"`
	}
	// JSONCell is how deep an aim is. Kind is measured, not his (such an attacker
	// is not after it) or no start (he has no place to begin); Depth is it in
	// words: 4, 2 to 4, more than 8, never, –.
	JSONCell struct {
		Family string `json:"family"`
		From   string `json:"from"`
		To     string `json:"to"`
		Kind   string `json:"kind"`
		// ByRight says that the start is a workload that handles what the store
		// holds: the family's own cell leaves it out where there are others.
		ByRight bool         `json:"byRight,omitempty"`
		Depth   string       `json:"depth"`
		Says    string       `json:"says"`
		Layers  []string     `json:"layers"`
		Least   *JSONBound   `json:"least,omitempty"`
		Most    *JSONBound   `json:"most,omitempty"`
		Doubts  []JSONDoubt  `json:"doubts"`
		Sets    [][]JSONUnit `json:"sets,omitempty"`
		Losses  []JSONLoss   `json:"losses,omitempty"`
	}
	// JSONBound is the depth in one reading of what is not known: Depth controls,
	// with Over more than that, with Never none reach it.
	JSONBound struct {
		Depth  int        `json:"depth"`
		Over   bool       `json:"over,omitempty"`
		Never  bool       `json:"never,omitempty"`
		Felled []JSONUnit `json:"felled"`
		Path   []JSONMove `json:"path"`
		Cuts   [][]string `json:"cuts"`
	}
	// JSONUnit is what counts as one, with the guards that fall with it.
	JSONUnit struct {
		Name   string   `json:"name"`
		Guards []string `json:"guards"`
	}
	// JSONMove is a step of a path.
	JSONMove struct {
		Layer string   `json:"layer"`
		Says  string   `json:"says"`
		Gives string   `json:"gives"`
		Needs []string `json:"needs"`
		JSONPos
		Doubt string      `json:"doubt,omitempty"`
		Past  []JSONGuard `json:"past"`
		// Missing are the guards that would stop it and are not there.
		Missing []JSONGuard `json:"missing"`
	}
	// JSONGuard is one control at one place.
	JSONGuard struct {
		Control string `json:"control"`
		On      string `json:"on"`
		State   string `json:"state"`
		JSONPos
		Says string `json:"says,omitempty"`
		Why  string `json:"why,omitempty"`
	}
	// JSONLoss is a control without which a cell is less deep.
	JSONLoss struct {
		Unit   string `json:"unit"`
		Before string `json:"before"`
		After  string `json:"after"`
	}
	// JSONObjective is a depth that is asked for.
	JSONObjective struct {
		From  string `json:"from"`
		To    string `json:"to"`
		Min   int    `json:"min"`
		Met   bool   `json:"met"`
		Depth string `json:"depth"`
		Worst string `json:"worst,omitempty"` // the start that is the worst
		Why   string `json:"why,omitempty"`
		JSONPos
	}
	// JSONWorth is what a control is worth to the table.
	JSONWorth struct {
		Unit  string     `json:"unit"`
		Title string     `json:"title,omitempty"`
		Falls []JSONFall `json:"falls"`
		Below int        `json:"below"`
	}
	// JSONFall is a cell that changes.
	JSONFall struct {
		Family string `json:"family"`
		From   string `json:"from"`
		To     string `json:"to"`
		Before string `json:"before"`
		After  string `json:"after"`
	}
	// JSONDoubt is something that is not known and decides.
	JSONDoubt struct {
		Why string `json:"why"`
		JSONPos
		Cells []string `json:"cells,omitempty"`
	}
	// JSONGap is something that the files do not tell.
	JSONGap struct {
		Of  string `json:"of"`
		Why string `json:"why"`
		JSONPos
	}
)

// WriteJSON prints the report as fathom.depth/v1, with all starts.
func (r *Report) WriteJSON(w io.Writer) error { return encode(w, r.JSON()) }

func encode(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// JSON is the report in the form of the contract.
func (r *Report) JSON() *JSON {
	limit := r.Options.Count.Limit
	if limit <= 0 {
		limit = depth.DefaultLimit
	}
	out := &JSON{
		Schema: Schema, Says: r.Sentence(), Choice: r.Choice, Count: JSONCount{r.Options.Count.Each, limit, list(r.Options.Count.Gone)},
		Aims: []JSONAim{}, Rows: []JSONRow{}, Objectives: jsonObjectives(r.Objectives), Worths: []JSONWorth{},
		Doubts: []JSONDoubt{}, Gaps: []JSONGap{}, Unread: r.Options.Unread,
	}
	for i := range r.Aims {
		a := &r.Aims[i]
		out.Aims = append(out.Aims, JSONAim{a.Name, a.Says, jsonPos(a.At)})
	}
	for i := range r.Rows {
		out.Rows = append(out.Rows, jsonRow(&r.Rows[i]))
	}
	for i := range r.Worths {
		w := &r.Worths[i]
		j := JSONWorth{Unit: w.Unit, Falls: jsonFalls(w.Falls), Below: w.Below}
		if w.Control != nil {
			j.Title = w.Control.Title
		}
		out.Worths = append(out.Worths, j)
	}
	for i := range r.Doubts {
		d := &r.Doubts[i]
		out.Doubts = append(out.Doubts, JSONDoubt{d.Why, jsonPos(d.At), d.Cells})
	}
	for _, g := range r.Gaps {
		out.Gaps = append(out.Gaps, JSONGap{g.Of, g.Why, jsonPos(g.Pos)})
	}
	return out
}

func jsonPos(p diag.Pos) JSONPos { return JSONPos{p.File, int(p.Line)} }

// list is a list that is not null.
func list[T any](in []T) []T { return append([]T{}, in...) }

func jsonRow(row *Row) JSONRow {
	out := JSONRow{Family: row.Family.String(), Title: row.Family.Title(), Cells: jsonCells(row.Cells), Starts: []JSONStart{}}
	for i := range row.Starts {
		s := &row.Starts[i]
		out.Starts = append(out.Starts, JSONStart{s.Start.Name, s.Start.Says, jsonPos(s.Start.At), jsonCells(s.Cells)})
	}
	return out
}

func jsonCells(cells []Cell) []JSONCell {
	out := []JSONCell{}
	for i := range cells {
		out = append(out, jsonCell(&cells[i]))
	}
	return out
}

func jsonCell(c *Cell) JSONCell {
	out := JSONCell{
		Family: c.Family.String(), From: c.From, To: c.To, Kind: [...]string{"not his", "no start", "measured"}[c.Kind],
		Depth: c.String(), Says: c.Sentence(), Layers: list(c.Layers()), Doubts: []JSONDoubt{},
	}
	if c.Kind != Measured {
		return out
	}
	out.ByRight = c.ByRight
	out.Least, out.Most = jsonBound(&c.Least), jsonBound(&c.Most)
	for _, d := range c.Doubts {
		out.Doubts = append(out.Doubts, JSONDoubt{Why: d.Why, JSONPos: jsonPos(d.At)})
	}
	for _, s := range c.Sets {
		out.Sets = append(out.Sets, jsonUnits(s))
	}
	for i := range c.Losses {
		l := &c.Losses[i]
		out.Losses = append(out.Losses, JSONLoss{l.Unit, number(&l.Before), number(&l.After)})
	}
	return out
}

func jsonBound(b *depth.Bound) *JSONBound {
	out := &JSONBound{Depth: b.N, Over: b.Over, Never: b.Never, Felled: jsonUnits(b.Felled), Path: []JSONMove{}, Cuts: [][]string{}}
	for i := range b.Path {
		out.Path = append(out.Path, jsonMove(&b.Path[i]))
	}
	for _, cut := range b.Cuts {
		out.Cuts = append(out.Cuts, list(cut))
	}
	return out
}

func jsonMove(m *depth.Move) JSONMove {
	out := JSONMove{
		Layer: m.Layer, Says: m.Says, Gives: m.Gives.String(), Needs: []string{}, JSONPos: jsonPos(m.At), Doubt: m.Doubt,
		Past: []JSONGuard{}, Missing: []JSONGuard{},
	}
	for _, n := range m.Needs {
		out.Needs = append(out.Needs, n.String())
	}
	for i := range m.Past {
		out.Past = append(out.Past, jsonStop(&m.Past[i]))
	}
	for i := range m.Stops {
		if m.Stops[i].State == depth.Missing {
			out.Missing = append(out.Missing, jsonStop(&m.Stops[i]))
		}
	}
	return out
}

func jsonStop(s *depth.Stop) JSONGuard {
	return JSONGuard{s.Control, s.On, s.State.String(), jsonPos(s.At), s.Says, s.Why}
}

func jsonUnits(units []depth.Unit) []JSONUnit {
	out := []JSONUnit{}
	for i := range units {
		u := JSONUnit{Name: units[i].Name, Guards: []string{}}
		for _, g := range units[i].Guards {
			u.Guards = append(u.Guards, g.String())
		}
		out = append(out, u)
	}
	return out
}

func jsonObjectives(objectives []Objective) []JSONObjective {
	out := []JSONObjective{}
	for i := range objectives {
		o := &objectives[i]
		out = append(out, JSONObjective{o.From, o.To, o.Min, o.Met, o.Cell.String(), o.Cell.From, o.Why, jsonPos(o.At)})
	}
	return out
}

func jsonFalls(falls []Fall) []JSONFall {
	out := []JSONFall{}
	for i := range falls {
		f := &falls[i]
		out = append(out, JSONFall{f.Family.String(), f.From, f.To, number(&f.Before), number(&f.After)})
	}
	return out
}
