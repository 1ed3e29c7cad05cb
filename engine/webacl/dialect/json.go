package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"fathom/diag"
	"fathom/estate/tree"
)

// maxDepth bounds how deep values nest. AWS takes statements of a few levels.
const maxDepth = 1_000

var errDeep = errors.New("too deep")

// parseJSON makes a tree of a JSON text, with the position of every value.
func parseJSON(file string, text []byte, problems *diag.Problems) *tree.Node {
	p := jsonParser{file: file, text: text, d: json.NewDecoder(bytes.NewReader(text)), problems: problems}
	p.d.UseNumber()
	n, err := p.value(0)
	if err == nil {
		after := p.at()
		if _, err = p.d.Token(); err == nil {
			problems.Addf(after, "put it into a file of its own", "something follows the JSON value")
			return nil
		}
		if errors.Is(err, io.EOF) {
			return n
		}
	}
	if errors.Is(err, errDeep) {
		problems.Addf(p.at(), "write it without nesting this deep", "the JSON nests more than %d levels deep", maxDepth)
		return nil
	}
	problems.Addf(p.place(err), "mend the JSON", "the JSON does not parse: %s", jsonWhy(err))
	return nil
}

// jsonWhy is a parser's reason, which for a text that breaks off is only "EOF".
func jsonWhy(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it breaks off"
	}
	return err.Error()
}

// jsonParser goes through the tokens of a text and counts lines on the way.
type jsonParser struct {
	file     string
	text     []byte
	d        *json.Decoder
	problems *diag.Problems

	seen, line, column int // the offset up to which lines are counted, and its place
}

// at is where the next token begins.
func (p *jsonParser) at() diag.Pos {
	i := int(p.d.InputOffset())
	for i < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[i]) >= 0 {
		i++
	}
	return p.upTo(i)
}

func (p *jsonParser) upTo(i int) diag.Pos {
	for ; p.seen < min(i, len(p.text)); p.seen++ {
		if p.text[p.seen] == '\n' {
			p.line, p.column = p.line+1, 0
		} else if utf8.RuneStart(p.text[p.seen]) {
			p.column++
		}
	}
	return diag.At(p.file, p.line+1, p.column+1)
}

// place is where the text breaks off.
func (p *jsonParser) place(err error) diag.Pos {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return p.upTo(int(max(syntax.Offset-1, 0)))
	}
	return p.upTo(len(bytes.TrimRight(p.text, " \t\r\n")))
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
		n.Kind, n.Text = tree.Bool, "false"
		if t {
			n.Text = "true"
		}
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
	seen := map[string]bool{}
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
		if seen[name] {
			p.problems.Addf(at, "remove one of the two", "member %q is given twice", shorten(name))
			continue
		}
		seen[name] = true
		n.Fields = append(n.Fields, tree.Field{Name: name, Node: v})
	}
	return nil
}
