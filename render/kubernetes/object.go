package kubernetes

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"fathom/render/comment"
)

// Map is an ordered map.
type Map = yaml.MapSlice

// M is a Map from keys and values in turn. A nil value is left out; an empty
// Map or list is written.
func M(pairs ...any) Map {
	if len(pairs)%2 != 0 {
		panic("kubernetes: M takes keys and values in turn")
	}
	out := Map{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			out = append(out, yaml.MapItem{Key: pairs[i].(string), Value: pairs[i+1]})
		}
	}
	return out
}

// L is a list of mixed values.
type L = []any

// Object is one manifest.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Labels, Annotations               Map
	// Body is what follows metadata.
	Body Map
	// Controls, Paths and Says are printed as comments above it, as those of a
	// terraform.Block.
	Controls, Paths []string
	Says            string
	// File is the name of the file in the layer's folder, without .yaml: the
	// service's or store's name, or platform where empty.
	File string
}

// New is an object; body are keys and values in turn. Namespace is empty for
// what belongs to the cluster.
func New(apiVersion, kind, namespace, name string, body ...any) *Object {
	return &Object{APIVersion: apiVersion, Kind: kind, Namespace: namespace, Name: name, Body: M(body...)}
}

// For adds controls that the object is part of.
func (o *Object) For(controls ...string) *Object {
	o.Controls = append(o.Controls, controls...)
	return o
}

// From adds paths of the declaration that the object derives from.
func (o *Object) From(paths ...string) *Object {
	o.Paths = append(o.Paths, paths...)
	return o
}

// Note says why the object is there, in a sentence without a full stop.
func (o *Object) Note(says string) *Object {
	o.Says = says
	return o
}

// In names the file.
func (o *Object) In(file string) *Object {
	o.File = file
	return o
}

// Label adds labels: keys and values in turn.
func (o *Object) Label(pairs ...any) *Object {
	o.Labels = append(o.Labels, M(pairs...)...)
	return o
}

// Annotate adds annotations: keys and values in turn.
func (o *Object) Annotate(pairs ...any) *Object {
	o.Annotations = append(o.Annotations, M(pairs...)...)
	return o
}

// Address is Kind/namespace/name, with the group of its API where two kinds
// could have the same name.
func (o *Object) Address() string {
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		group = ""
	}
	return strings.Join([]string{o.Kind + "." + group, o.Namespace, o.Name}, "/")
}

// Print writes the objects of one file.
func Print(objects []*Object) ([]byte, error) {
	var out bytes.Buffer
	for i, o := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		text, err := o.print()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Address(), err)
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}

func (o *Object) print() ([]byte, error) {
	var out bytes.Buffer
	for _, line := range comment.Above(o.Says, o.Controls, o.Paths) {
		out.WriteString("# " + line + "\n")
	}
	meta := M("name", o.Name)
	if o.Namespace != "" {
		meta = append(meta, M("namespace", o.Namespace)...)
	}
	if len(o.Labels) > 0 {
		meta = append(meta, M("labels", o.Labels)...)
	}
	if len(o.Annotations) > 0 {
		meta = append(meta, M("annotations", o.Annotations)...)
	}
	text, err := Marshal(append(M("apiVersion", o.APIVersion, "kind", o.Kind, "metadata", meta), o.Body...))
	if err != nil {
		return nil, err
	}
	out.Write(text)
	return out.Bytes(), nil
}

// Marshal writes any value as the YAML of this package: two spaces, lists not
// indented, texts of several lines as blocks.
func Marshal(v any) ([]byte, error) {
	return yaml.MarshalWithOptions(safe(v), options...)
}

var options = []yaml.EncodeOption{yaml.Indent(2), yaml.IndentSequence(false), yaml.UseLiteralStyleIfMultiline(true)}
