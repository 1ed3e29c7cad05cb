package kubernetes

import (
	gojson "encoding/json"
	"errors"
	"regexp"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
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
		return nil
	}
	return r.blame(n, err, try)
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
