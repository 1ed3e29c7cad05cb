package sounding

import (
	"io"
)

// The answers to the other questions. Each has the schema and the table that it
// was measured on.
type (
	// JSONWhy is what one control is worth.
	JSONWhy struct {
		*JSON
		Why JSONControl `json:"why"`
	}
	// JSONControl is a control, where it stands and what falls without it.
	JSONControl struct {
		ID     string          `json:"id"`
		Title  string          `json:"title"`
		Aside  string          `json:"aside,omitempty"` // why no attacker's step meets it
		Guards []JSONStanding  `json:"guards"`
		Falls  []JSONFall      `json:"falls"`
		Starts []JSONFall      `json:"starts"` // the same for single starts
		Below  []JSONObjective `json:"below"`
	}
	// JSONStanding is a place of the control.
	JSONStanding struct {
		JSONGuard
		Stops string `json:"stops"` // one of the steps that it stops
		More  int    `json:"more"`  // how many others there are
	}
	// JSONFixes are changes that bring every objective to its depth.
	JSONFixes struct {
		*JSON
		Fixes JSONPlan `json:"fixes"`
		After *JSON    `json:"after"`
	}
	// JSONPlan is what to change, in order.
	JSONPlan struct {
		Changes []JSONChange    `json:"changes"`
		Effort  int             `json:"effort"` // in person-days
		Proven  bool            `json:"proven"` // no cheaper set does
		Short   []JSONObjective `json:"short"`  // what no missing control brings there
	}
	// JSONChange is to put one control where it is missing.
	JSONChange struct {
		Control string      `json:"control"`
		Title   string      `json:"title"`
		Effort  int         `json:"effort"`
		Where   []JSONGuard `json:"where"`
		Rises   []JSONFall  `json:"rises"`
	}
	// JSONDiff is what became of the depth of an estate.
	JSONDiff struct {
		Schema string     `json:"schema"`
		Fell   []JSONTurn `json:"fell"`
		Rose   []JSONTurn `json:"rose"`
		Gone   []string   `json:"gone"`
		New    []string   `json:"new"`
		Before *JSON      `json:"before"`
		After  *JSON      `json:"after"`
	}
	// JSONTurn is a cell that changed, and the lines that explain it.
	JSONTurn struct {
		Family  string       `json:"family"`
		To      string       `json:"to"`
		Before  JSONCell     `json:"before"`
		After   JSONCell     `json:"after"`
		Because []JSONReason `json:"because"`
	}
	// JSONReason is a line that explains a change: where the guard stands in one
	// of the estates, and the line of the other where it does not.
	JSONReason struct {
		Control  string  `json:"control,omitempty"`
		On       string  `json:"on,omitempty"`
		Says     string  `json:"says"`
		Standing JSONPos `json:"standing"`
		Step     JSONPos `json:"step"`
	}
)

// WriteJSON prints the answer as fathom.depth/v1.
func (y *Why) WriteJSON(w io.Writer) error {
	out := JSONWhy{JSON: y.Report.JSON(), Why: JSONControl{
		ID: y.Control.ID, Title: y.Control.Title, Aside: y.Control.Aside,
		Falls: jsonFalls(y.Falls), Starts: jsonFalls(y.Starts), Below: jsonObjectives(y.Below),
		Guards: []JSONStanding{},
	}}
	for i := range y.Guards {
		g := &y.Guards[i]
		out.Why.Guards = append(out.Why.Guards, JSONStanding{jsonGuard(g), g.Stops, g.More})
	}
	return encode(w, out)
}

func jsonGuard(g *Guard) JSONGuard {
	return JSONGuard{g.Control, g.On, g.State.String(), jsonPos(g.At), g.Says, g.Why}
}

// WriteJSON prints the fixes as fathom.depth/v1.
func (f *Fixes) WriteJSON(w io.Writer) error {
	out := JSONFixes{JSON: f.Report.JSON(), After: f.After.JSON(), Fixes: JSONPlan{
		Changes: []JSONChange{}, Effort: f.Effort, Proven: f.Proven, Short: jsonObjectives(f.Short),
	}}
	for i := range f.Changes {
		c := &f.Changes[i]
		j := JSONChange{Control: c.Control, Effort: c.Effort, Where: []JSONGuard{}, Rises: jsonFalls(c.Rises)}
		if c.Known != nil {
			j.Title = c.Known.Title
		}
		for k := range c.Where {
			j.Where = append(j.Where, jsonGuard(&c.Where[k]))
		}
		out.Fixes.Changes = append(out.Fixes.Changes, j)
	}
	return encode(w, out)
}

// WriteJSON prints the difference as fathom.depth/v1.
func (d *Diff) WriteJSON(w io.Writer) error {
	return encode(w, JSONDiff{
		Schema: Schema, Fell: jsonTurns(d.Fell), Rose: jsonTurns(d.Rose), Gone: list(d.Gone), New: list(d.New),
		Before: d.Before.JSON(), After: d.After.JSON(),
	})
}

func jsonTurns(turns []Turn) []JSONTurn {
	out := []JSONTurn{}
	for i := range turns {
		t := &turns[i]
		j := JSONTurn{Family: t.Family.String(), To: t.To, Before: jsonCell(&t.Before), After: jsonCell(&t.After), Because: []JSONReason{}}
		for _, r := range t.Because {
			j.Because = append(j.Because, JSONReason{r.Guard.Control, r.Guard.On, r.Says, jsonPos(r.Standing), jsonPos(r.Step)})
		}
		out = append(out, j)
	}
	return out
}
