package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"fathom/diag"
	"fathom/estate/tree"
)

// parseJSON reads JSON documents. The error says that it is not JSON; ok is
// false when it is, and is too much. YAML's parser would do for most JSON, but
// not for escaped surrogate pairs.
func parseJSON(file string, b []byte, problems *diag.Problems) (docs []document, ok bool, err error) {
	if len(b) > maxMarks && marks(b) > maxMarks {
		problems.Addf(diag.At(file, 1, 1), "split it, or leave it out", "the document holds too many values to be one Kubernetes object")
		return nil, false, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	p := jsonParser{file: file, b: b, d: d}
	for {
		v, err := p.value(0)
		switch {
		case errors.Is(err, io.EOF):
			for _, again := range p.again {
				problems.Addf(again.Pos, "remove one of the two; the cluster would take the last", "key %q is given twice", again.Text)
			}
			return docs, true, nil
		case errors.Is(err, errDeep):
			problems.Addf(p.at(), "write it without nesting this deep", "the document nests more than %d levels deep", maxDepth)
			return docs, false, nil
		case err != nil:
			return nil, false, err
		}
		docs = append(docs, document{file, v})
	}
}

// jsonPlace is where JSON breaks off.
func jsonPlace(file string, b []byte, err error) diag.Pos {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return position(file, b, int(max(syntax.Offset-1, 0)))
	}
	return position(file, b, len(bytes.TrimRight(b, " \t\r\n")))
}

var errDeep = errors.New("too deep")

type jsonParser struct {
	file  string
	b     []byte
	d     *json.Decoder
	again []*tree.Node // the keys given twice

	seen, line, column int // the offset up to which lines are counted, and its place
}

// at is where the next token begins.
func (p *jsonParser) at() diag.Pos {
	i := int(p.d.InputOffset())
	for i < len(p.b) && bytes.IndexByte([]byte(" \t\r\n,:"), p.b[i]) >= 0 {
		i++
	}
	for ; p.seen < i; p.seen++ {
		if p.b[p.seen] == '\n' {
			p.line, p.column = p.line+1, 0
		} else if utf8.RuneStart(p.b[p.seen]) {
			p.column++
		}
	}
	return diag.At(p.file, p.line+1, p.column+1)
}

func (p *jsonParser) value(depth int) (*tree.Node, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &tree.Node{Pos: p.at()}
	t, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		n.Kind = tree.Null
	case bool:
		n.Kind, n.Text = tree.Bool, fmt.Sprint(t)
	case json.Number:
		n.Kind, n.Text = tree.Number, t.String()
	case string:
		n.Kind, n.Text = tree.String, t
	case json.Delim:
		if t == '[' {
			n.Kind = tree.List
			err = p.list(n, depth)
		} else {
			n.Kind = tree.Map
			err = p.object(n, depth)
		}
		if err == nil {
			_, err = p.d.Token()
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

func (p *jsonParser) list(n *tree.Node, depth int) error {
	for p.d.More() {
		it, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, it)
	}
	return nil
}

func (p *jsonParser) object(n *tree.Node, depth int) error {
	where := map[string]int{}
	for p.d.More() {
		at := p.at()
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		if v.Kind == tree.Map || v.Kind == tree.List {
			v.Pos = at
		}
		if had, ok := where[name]; ok {
			p.again = append(p.again, &tree.Node{Text: name, Pos: at})
			n.Fields[had].Node = v
			continue
		}
		where[name] = len(n.Fields)
		n.Fields = append(n.Fields, tree.Field{Name: name, Node: v})
	}
	return nil
}
