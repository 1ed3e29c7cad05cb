package kubernetes

import (
	gojson "encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"sigs.k8s.io/json"

	"fathom/diag"
	"fathom/estate/tree"
)

// maxBlames bounds the attempts that one Read spends on finding the values
// that errors without a place are about.
const maxBlames = 5_000

// typeError is a value of the wrong type.
type typeError struct {
	pos diag.Pos
	msg string
}

// decodeInto decodes a tree into a struct of Kubernetes, as a cluster would:
// unknown members are ignored.
func (r *reader) decodeInto(n *tree.Node, into any) *typeError {
	b := toJSON(n)
	err := json.UnmarshalCaseSensitivePreserveInts(b, into)
	if err == nil {
		return nil
	}
	var wrong *gojson.UnmarshalTypeError
	if errors.As(err, &wrong) {
		at := placeAt(n, int(wrong.Offset))
		return &typeError{at.Pos, "it is " + article(wrong.Value) + " where " + wanted(wrong.Type.String()) + " is expected"}
	}
	return r.blame(n, err, func(b []byte) error { return json.UnmarshalCaseSensitivePreserveInts(b, into) })
}

// decodeProto decodes a tree into a message of Istio.
func (r *reader) decodeProto(n *tree.Node, into proto.Message) *typeError {
	try := func(b []byte) error { return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, into) }
	if n.Missing() {
		return nil
	}
	err := try(toJSON(n))
	if err == nil {
		return unknownEnum(n, into.ProtoReflect().Descriptor())
	}
	return r.blame(n, err, try)
}

// unknownEnum finds a word that is none of those its place allows. Decoding
// leaves it out without a word, as it does unknown members, and so would turn
// a misspelt STRICT into nothing.
func unknownEnum(n *tree.Node, m protoreflect.MessageDescriptor) *typeError {
	if n.Is() != tree.Map {
		return nil
	}
	for _, f := range n.Fields {
		fd := m.Fields().ByJSONName(f.Name)
		if fd == nil {
			fd = m.Fields().ByTextName(f.Name)
		}
		if fd == nil {
			continue
		}
		if wrong := unknownEnumIn(f.Node, fd); wrong != nil {
			return wrong
		}
	}
	return nil
}

func unknownEnumIn(n *tree.Node, fd protoreflect.FieldDescriptor) *typeError {
	var below []*tree.Node
	switch {
	case n.Missing():
		return nil
	case fd.IsMap():
		fd = fd.MapValue()
		for _, f := range n.Fields {
			below = append(below, f.Node)
		}
	case fd.IsList():
		below = n.Items
	default:
		below = []*tree.Node{n}
	}
	for _, v := range below {
		switch {
		case fd.Enum() != nil && v.Is() == tree.String && fd.Enum().Values().ByName(protoreflect.Name(v.Text)) == nil:
			var names []string
			for i := range fd.Enum().Values().Len() {
				names = append(names, string(fd.Enum().Values().Get(i).Name()))
			}
			return &typeError{v.Pos, fmt.Sprintf("%q is none of %s", v.Text, strings.Join(names, ", "))}
		case fd.Message() != nil && !strings.HasPrefix(string(fd.Message().FullName()), "google.protobuf."):
			if wrong := unknownEnum(v, fd.Message()); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

// blame finds the value that an error without a place is about: the deepest
// one without which the error goes away or becomes another.
func (r *reader) blame(n *tree.Node, err error, try func([]byte) error) *typeError {
	want, at := plain(err), n
descend:
	for {
		for _, c := range children(at) {
			if r.blames >= maxBlames || c == nil {
				break descend
			}
			r.blames++
			w := jsonWriter{skip: c}
			w.value(n)
			if got := try(w.b); got == nil || plain(got) != want {
				at = c
				continue descend
			}
		}
		break
	}
	return &typeError{at.Pos, want}
}

func children(n *tree.Node) []*tree.Node {
	out := append([]*tree.Node(nil), n.Items...)
	for _, f := range n.Fields {
		out = append(out, f.Node)
	}
	return out
}

var (
	protoPlace = regexp.MustCompile(`^proto: \(line \d+:\d+\): `)
	spaces     = regexp.MustCompile(`[\s\x{a0}]+`)
)

// plain is what an error says, without protobuf's places, which count in text
// that nobody wrote, and without its spaces, which it varies on purpose.
func plain(err error) string {
	msg := spaces.ReplaceAllString(err.Error(), " ")
	msg = protoPlace.ReplaceAllString(msg, "")
	return strings.TrimPrefix(msg, "json: ")
}

func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ")
	switch kind {
	case "object":
		return "a map"
	case "array":
		return "a list"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// wanted says in words what a Go type is.
func wanted(goType string) string {
	t := strings.TrimLeft(goType, "*")
	switch {
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case strings.HasPrefix(t, "map["):
		return "a map"
	case t == "bool":
		return "true or false"
	case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "uint"):
		return "a whole number"
	case strings.HasPrefix(t, "float"):
		return "a number"
	case t == "string":
		return "a string"
	case strings.Contains(t, "."):
		if last := t[strings.LastIndexByte(t, '.')+1:]; strings.HasSuffix(last, "Type") || strings.HasSuffix(last, "Policy") || strings.HasSuffix(last, "Mode") {
			return "a string"
		}
		return "a map"
	}
	return t
}
