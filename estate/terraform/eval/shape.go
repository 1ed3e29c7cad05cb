package eval

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

// The table is made by: go run gen_shapes.go aws-provider-6.25.0.json.gz shapes.txt.gz

// shapesGz tells which attributes of the AWS provider are not strings. The
// facts come from the schema of hashicorp/aws 6.25.0; gen_shapes.go derives the
// file. One line holds a resource type (data sources begin with "data.") and
// name:type for each of its attributes that somebody may leave out.
//
//go:embed shapes.txt.gz
var shapesGz []byte

// shape is what an attribute holds, as far as it matters to a placeholder. A
// nil shape is a string, or something whose members are not known.
type shape struct {
	kind   shapeKind
	elem   *shape
	fields map[string]*shape
}

type shapeKind byte

const (
	shapeString shapeKind = 's'
	shapeNumber shapeKind = 'n'
	shapeBool   shapeKind = 'b'
	shapeList   shapeKind = 'l'
	shapeMap    shapeKind = 'm'
	shapeObject shapeKind = 'o'
	shapeBlock  shapeKind = 'B' // nested blocks; their attributes are not listed
)

func (s *shape) kindOf() shapeKind {
	if s == nil {
		return shapeString
	}
	return s.kind
}

// at is the shape of an element.
func (s *shape) at() *shape {
	switch s.kindOf() {
	case shapeList, shapeMap:
		return s.elem
	}
	return nil
}

// get is the shape of a member.
func (s *shape) get(name string) *shape {
	switch s.kindOf() {
	case shapeObject:
		return s.fields[name]
	case shapeMap:
		return s.elem
	}
	return nil
}

var shapeLines = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	r, err := gzip.NewReader(bytes.NewReader(shapesGz))
	if err != nil {
		return out
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return out
	}
	for line := range strings.Lines(string(text)) {
		name, attrs, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		out[name] = attrs
	}
	return out
})

// shapeOf returns the shape of an attribute of a resource type.
func shapeOf(data bool, typ, attr string) *shape {
	if attr == "tags_all" {
		return &shape{kind: shapeMap}
	}
	if data {
		typ = "data." + typ
	}
	for field := range strings.FieldsSeq(shapeLines()[typ]) {
		if name, ty, _ := strings.Cut(field, ":"); name == attr {
			s, _ := parseShape(ty)
			return s
		}
	}
	return nil
}

// parseShape reads s, n, b, B, l(T), m(T) and o(name:T,name:T), and returns
// what follows.
func parseShape(s string) (*shape, string) {
	if s == "" {
		return nil, ""
	}
	out := &shape{kind: shapeKind(s[0])}
	s = s[1:]
	switch out.kind {
	case shapeList, shapeMap:
		out.elem, s = parseShape(strings.TrimPrefix(s, "("))
		s = strings.TrimPrefix(s, ")")
	case shapeObject:
		out.fields = map[string]*shape{}
		s = strings.TrimPrefix(s, "(")
		for s != "" && s[0] != ')' {
			name, rest, _ := strings.Cut(s, ":")
			out.fields[name], s = parseShape(rest)
			s = strings.TrimPrefix(s, ",")
		}
		s = strings.TrimPrefix(s, ")")
	}
	return out, s
}
