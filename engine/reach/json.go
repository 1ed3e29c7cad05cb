package reach

import (
	"encoding/json"
	"io"

	"fathom/engine/reach/flow"
)

// Schema names the form of the JSON. Within a version fields are only added.
const Schema = "fathom.reach/v1"

// JSON is an answer as JSON.
type JSON struct {
	Schema  string       `json:"schema"`
	From    JSONPlace    `json:"from"`
	To      JSONPlace    `json:"to"`
	Reaches string       `json:"reaches"` // yes, no or unknown
	Says    string       `json:"says"`    // the same in a sentence
	Set     *JSONReach   `json:"set,omitempty"`
	Answers []JSONAnswer `json:"answers"`
}

// JSONPlace is a place.
type JSONPlace struct {
	Name    string `json:"name"` // as fathom reach takes it
	Kind    string `json:"kind"`
	Address string `json:"address,omitempty"` // of the resource
	File    string `json:"file,omitempty"`
	Line    int32  `json:"line,omitempty"`
}

// JSONReach is a set of connections by what becomes of them.
type JSONReach struct {
	Reaches []JSONPorts `json:"reaches"`
	Unknown []JSONPorts `json:"unknown"`
	Refused []JSONPorts `json:"refused"`
}

// JSONPorts is a range of a protocol's ports. Protocol is tcp, udp, sctp, icmp,
// icmpv6, all, or a number.
type JSONPorts struct {
	Protocol string `json:"protocol"`
	From     int    `json:"from"`
	To       int    `json:"to"`
}

// JSONAnswer is the answer for one connection.
type JSONAnswer struct {
	Connection JSONPorts    `json:"connection"`
	Reaches    string       `json:"reaches"`
	Refused    bool         `json:"refused"`
	Requests   string       `json:"requests,omitempty"`
	Bypass     string       `json:"bypass,omitempty"`
	Why        string       `json:"why,omitempty"`
	Ways       []JSONWay    `json:"ways"`
	Change     []JSONChange `json:"change"`
}

// JSONWay is a way. Sources are the addresses that get through, where they are
// not all of those asked about.
type JSONWay struct {
	Passes  string    `json:"passes"`
	Family  int       `json:"family,omitempty"`
	Sources []string  `json:"sources,omitempty"`
	Hops    []JSONHop `json:"hops"`
}

// JSONHop is a hop.
type JSONHop struct {
	Kind    string `json:"kind"`
	Passes  string `json:"passes"`
	Refuses bool   `json:"refuses,omitempty"`
	Says    string `json:"says"`
	Why     string `json:"why,omitempty"`
	Open    string `json:"open,omitempty"`
	Address string `json:"address,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int32  `json:"line,omitempty"`
}

// JSONChange is one thing to do.
type JSONChange struct {
	Says string `json:"says"`
	File string `json:"file,omitempty"`
	Line int32  `json:"line,omitempty"`
}

// JSON is the report in its JSON form.
func (r *Report) JSON() *JSON {
	out := &JSON{Schema: Schema, From: jsonPlace(r.From), To: jsonPlace(r.To), Reaches: Word(r.Reaches()), Says: r.Sentence(), Answers: []JSONAnswer{}}
	if r.Reach != nil {
		out.Set = jsonReach(*r.Reach)
	}
	for i := range r.Answers {
		a := &r.Answers[i]
		ja := JSONAnswer{
			Connection: JSONPorts{jsonProtocol(a.Conn.Protocol), a.Conn.Port, a.Conn.Port}, Reaches: Word(a.Reaches), Refused: a.Refused,
			Requests: a.Requests, Bypass: a.Bypass, Why: a.Why, Ways: []JSONWay{}, Change: []JSONChange{},
		}
		for j := range a.Ways {
			ja.Ways = append(ja.Ways, jsonWay(a, &a.Ways[j]))
		}
		for _, c := range a.Change {
			ja.Change = append(ja.Change, JSONChange{c.Says, c.Hop.At.File, c.Hop.At.Line})
		}
		out.Answers = append(out.Answers, ja)
	}
	return out
}

// WriteJSON prints the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error { return writeJSON(w, r.JSON()) }

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func jsonPlace(p Place) JSONPlace {
	out := JSONPlace{Name: p.String(), Kind: string(p.Kind)}
	if p.Of != nil {
		b := p.Of.Meta()
		out.Address, out.File, out.Line = b.ID.Addr, b.Pos.File, b.Pos.Line
	}
	return out
}

func jsonWay(a *Answer, w *flow.Way) JSONWay {
	out := JSONWay{Passes: Word(w.Pass()), Family: w.Family, Hops: []JSONHop{}}
	if narrowed(a, w) != "" {
		for _, p := range w.Sources.Prefixes() {
			out.Sources = append(out.Sources, p.String())
		}
	}
	for i := range w.Hops {
		h := &w.Hops[i]
		j := JSONHop{Kind: string(h.Kind), Passes: Word(h.Pass), Refuses: h.Refuses, Says: h.Says, Why: h.Why, Open: h.Open, File: h.At.File, Line: h.At.Line}
		if h.Of != nil {
			j.Address = h.Of.Meta().ID.Addr
		}
		out.Hops = append(out.Hops, j)
	}
	return out
}

func jsonReach(r Reach) *JSONReach {
	return &JSONReach{Reaches: jsonPorts(r.Sure), Unknown: jsonPorts(r.May.Minus(r.Sure)), Refused: jsonPorts(r.Refused)}
}

func jsonPorts(c flow.Conns) []JSONPorts {
	out := []JSONPorts{}
	for _, r := range c.Ranges() {
		out = append(out, JSONPorts{jsonProtocol(r.Protocol), r.From, r.To})
	}
	return out
}

func jsonProtocol(p flow.Protocol) string {
	switch p {
	case flow.AnyProtocol:
		return "all"
	case flow.TCP:
		return "tcp"
	case flow.UDP:
		return "udp"
	case flow.SCTP:
		return "sctp"
	case flow.ICMP:
		return "icmp"
	case flow.ICMPv6:
		return "icmpv6"
	}
	return itoa(int(p))
}

// JSONMatrix is a matrix as JSON: its cells that are not empty.
type JSONMatrix struct {
	Schema string      `json:"schema"`
	Places []JSONPlace `json:"places"`
	Cells  []JSONCell  `json:"cells"`
}

// JSONCell is one place by another.
type JSONCell struct {
	From string `json:"from"`
	To   string `json:"to"`
	JSONReach
}

// WriteJSON prints the matrix as JSON.
func (m *Matrix) WriteJSON(w io.Writer) error {
	out := JSONMatrix{Schema: Schema, Places: []JSONPlace{}, Cells: []JSONCell{}}
	for _, p := range m.Places {
		out.Places = append(out.Places, jsonPlace(p))
	}
	m.Each(func(from, to Place, r Reach) {
		out.Cells = append(out.Cells, JSONCell{from.String(), to.String(), *jsonReach(r)})
	})
	return writeJSON(w, out)
}
