package kubernetes

import (
	"encoding/json"
	"sort"
	"strconv"
	"unicode/utf8"

	"fathom/estate/tree"
)

// jsonWriter prints a tree as JSON, which is what Kubernetes' own types are
// decoded from. With places it also notes at which offset each value begins.
type jsonWriter struct {
	b      []byte
	places *[]place
	skip   *tree.Node // left out, to see whether an error goes away with it
}

type place struct {
	offset int
	node   *tree.Node
}

// toJSON prints a tree as JSON.
func toJSON(n *tree.Node) []byte {
	w := jsonWriter{}
	w.value(n)
	return w.b
}

func (w *jsonWriter) value(n *tree.Node) {
	if w.places != nil {
		*w.places = append(*w.places, place{len(w.b), n})
	}
	switch n.Is() {
	case tree.Bool, tree.Number:
		w.b = append(w.b, n.Text...)
	case tree.String:
		w.b = appendString(w.b, n.Text)
	case tree.List:
		w.b = append(w.b, '[')
		first := true
		for _, it := range n.Items {
			if it == w.skip && it != nil {
				continue
			}
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			w.value(it)
		}
		w.b = append(w.b, ']')
	case tree.Map:
		w.b = append(w.b, '{')
		first := true
		for _, f := range n.Fields {
			if f.Node == w.skip && f.Node != nil {
				continue
			}
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			w.b = append(appendString(w.b, f.Name), ':')
			w.value(f.Node)
		}
		w.b = append(w.b, '}')
	default:
		w.b = append(w.b, "null"...)
	}
}

// appendString quotes a string for JSON.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			q, err := json.Marshal(s)
			if err != nil { // a string always marshals; keep the output valid all the same
				return strconv.AppendQuote(b, "")
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// placeAt is the value that the JSON decoder was at when it had read offset bytes.
func placeAt(n *tree.Node, offset int) *tree.Node {
	var places []place
	w := jsonWriter{places: &places}
	w.value(n)
	i := sort.Search(len(places), func(i int) bool { return places[i].offset >= offset })
	if i == 0 {
		return n
	}
	return places[i-1].node
}
