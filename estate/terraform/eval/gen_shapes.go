//go:build ignore

// Gen_shapes derives shapes.txt.gz from the schema of the AWS provider: for
// each resource type and data source, the attributes that need not be written
// and are not strings. See shape.go for the notation.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
)

type block struct {
	Attrs map[string]struct {
		Type json.RawMessage
		Req  bool
	}
	Blocks   map[string]struct{ Of json.RawMessage }
	Computed map[string]json.RawMessage
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run gen_shapes.go schema.json.gz shapes.txt.gz")
	}
	in, err := os.Open(os.Args[1])
	check(err)
	r, err := gzip.NewReader(in)
	check(err)
	var schema struct{ Resources, Data map[string]block }
	check(json.NewDecoder(r).Decode(&schema))

	var lines bytes.Buffer
	write(&lines, "", schema.Resources)
	write(&lines, "data.", schema.Data)

	var gz bytes.Buffer
	w, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	check(err)
	_, err = w.Write(lines.Bytes())
	check(err)
	check(w.Close())
	check(os.WriteFile(os.Args[2], gz.Bytes(), 0o644))
}

func write(w io.Writer, prefix string, types map[string]block) {
	for _, name := range slices.Sorted(maps.Keys(types)) {
		b := types[name]
		shapes := map[string]string{}
		for attr, ty := range b.Computed {
			shapes[attr] = shapeOf(ty)
		}
		for attr, a := range b.Attrs {
			if !a.Req {
				shapes[attr] = shapeOf(a.Type)
			}
		}
		for attr := range b.Blocks {
			shapes[attr] = "B"
		}
		var out []string
		for _, attr := range slices.Sorted(maps.Keys(shapes)) {
			if s := shapes[attr]; s != "s" && attr != "tags" && attr != "tags_all" {
				out = append(out, attr+":"+s)
			}
		}
		if len(out) > 0 {
			fmt.Fprintf(w, "%s%s %s\n", prefix, name, strings.Join(out, " "))
		}
	}
}

// shapeOf writes a type of the schema. What it calls dynamic is a computed
// bool, which the bindings it was derived from cannot express.
func shapeOf(raw json.RawMessage) string {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		return map[string]string{"string": "s", "number": "n", "bool": "b", "dynamic": "b"}[name]
	}
	var ty struct {
		List, Map json.RawMessage
		block
	}
	check(json.Unmarshal(raw, &ty))
	switch {
	case ty.List != nil:
		return "l(" + shapeOf(ty.List) + ")"
	case ty.Map != nil:
		return "m(" + shapeOf(ty.Map) + ")"
	}
	var out []string
	for _, attr := range slices.Sorted(maps.Keys(ty.Attrs)) {
		out = append(out, attr+":"+shapeOf(ty.Attrs[attr].Type))
	}
	for _, attr := range slices.Sorted(maps.Keys(ty.Blocks)) {
		out = append(out, attr+":l("+shapeOf(ty.Blocks[attr].Of)+")")
	}
	return "o(" + strings.Join(out, ",") + ")"
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
