package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemaFile holds, in JSON:
//
//	{"resources": {TYPE: BLOCK}, "data": {TYPE: BLOCK}}
//	BLOCK = {"attrs":    {NAME: {"type": T, "req": bool}},
//	         "blocks":   {NAME: {"req": bool, "many": bool, "of": BLOCK}},
//	         "computed": {NAME: T}}
//	T = "string" | "number" | "bool" | "dynamic" | {"list": T} | {"map": T} | BLOCK
//
//go:embed testdata/schema.json.gz
var schemaFile []byte

// A kind is a type of resource or data source.
type kind struct {
	name string
	root *block
	typ  tftypes.Object

	// legacy asks Terraform for the lenience it grants to providers built on
	// the older SDK, which plan values that the configuration does not have.
	legacy bool
}

type block struct {
	attrs  []*attr
	blocks []*nested
	typ    tftypes.Object // of the two

	// written says that a configuration sets everything in the block, and in the
	// blocks in it, so that there is nothing to plan and nothing to make up.
	// Values of deep types are slow to take apart.
	written bool
}

type attr struct {
	name, path                   string
	typ                          tftypes.Type
	required, optional, computed bool
	value                        *value // nil: generic
}

// objects says whether an attribute may be written as blocks: an attribute of
// objects in Terraform's older style.
func (a *attr) objects() bool {
	switch t := a.typ.(type) {
	case tftypes.List:
		return t.ElementType.Is(tftypes.Object{})
	case tftypes.Set:
		return t.ElementType.Is(tftypes.Object{})
	}
	return false
}

type nested struct {
	name, path     string
	required, many bool
	of             *block
	typ            tftypes.Type
	value          *value // not nil: AWS fills the block in when it is not there
}

type fileBlock struct {
	Attrs map[string]struct {
		Type json.RawMessage
		Req  bool
	}
	Blocks map[string]struct {
		Req, Many bool
		Of        fileBlock
	}
	Computed map[string]json.RawMessage
}

func readSchema(gz []byte, v values) (resources, data map[string]*kind, err error) {
	z, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, nil, err
	}
	var file struct{ Resources, Data map[string]fileBlock }
	if err := json.NewDecoder(z).Decode(&file); err != nil {
		return nil, nil, err
	}
	if resources, err = readKinds("", file.Resources, v); err != nil {
		return nil, nil, err
	}
	data, err = readKinds("data.", file.Data, v)
	return resources, data, err
}

func readKinds(prefix string, file map[string]fileBlock, v values) (map[string]*kind, error) {
	kinds := make(map[string]*kind, len(file))
	for name, fb := range file {
		k := &kind{name: prefix + name}
		r := reader{kind: k, values: v}
		k.root = r.block("", fb)
		if r.err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, r.err)
		}
		k.typ = k.root.typ
		kinds[name] = k
	}
	return kinds, nil
}

// A reader turns a block of the file into ours and joins the values to it.
type reader struct {
	kind   *kind
	values values
	err    error
}

func (r *reader) block(path string, fb fileBlock) *block {
	b := &block{}
	for _, name := range slices.Sorted(maps.Keys(fb.Attrs)) {
		a := r.attr(path, name, fb.Attrs[name].Type)
		a.required = fb.Attrs[name].Req
		a.optional = !a.required
		a.computed = !a.required && (a.value != nil || path == "" && generic(name, fb))
		b.attrs = append(b.attrs, a)
	}
	for _, name := range slices.Sorted(maps.Keys(fb.Computed)) {
		if _, both := fb.Attrs[name]; both {
			continue
		}
		a := r.attr(path, name, fb.Computed[name])
		a.computed = true
		b.attrs = append(b.attrs, a)
	}
	for _, name := range r.values.added(r.kind.name, path) {
		a := r.attr(path, name, json.RawMessage(`"string"`))
		a.computed = true
		b.attrs = append(b.attrs, a)
	}
	for _, name := range slices.Sorted(maps.Keys(fb.Blocks)) {
		f := fb.Blocks[name]
		n := &nested{name: name, path: path + name, required: f.Req, many: f.Many}
		n.value = r.values.take(r.kind.name, n.path)
		n.of = r.block(n.path+".", f.Of)
		r.kind.legacy = r.kind.legacy || n.value != nil
		b.blocks = append(b.blocks, n)
	}
	b.complete()
	return b
}

// complete derives what the members of a block imply.
func (b *block) complete() {
	types := map[string]tftypes.Type{}
	b.written = true
	for _, a := range b.attrs {
		types[a.name] = a.typ
		b.written = b.written && !a.computed && !a.objects()
	}
	for _, n := range b.blocks {
		n.typ = tftypes.List{ElementType: n.of.typ}
		if n.single() {
			n.typ = n.of.typ
		}
		types[n.name] = n.typ
		b.written = b.written && n.written()
	}
	b.typ = tftypes.Object{AttributeTypes: types}
}

func (r *reader) attr(path, name string, file json.RawMessage) *attr {
	a := &attr{name: name, path: path + name}
	a.value = r.values.take(r.kind.name, a.path)
	t, err := readType(r.kind.name+"."+a.path, file)
	if err != nil {
		r.err = err
	}
	a.typ = t
	r.kind.legacy = r.kind.legacy || a.objects()
	return a
}

// generic says whether AWS gives an attribute of the outermost block a value
// whatever the type.
func generic(name string, fb fileBlock) bool {
	switch name {
	case "id", "arn", "region", "tags_all":
		return true
	}
	stem, isPrefix := strings.CutSuffix(name, "_prefix")
	if isPrefix {
		_, ok := fb.Attrs[stem]
		return ok
	}
	_, ok := fb.Attrs[name+"_prefix"]
	return ok
}

func readType(path string, raw json.RawMessage) (tftypes.Type, error) {
	switch string(raw) {
	case `"string"`:
		return tftypes.String, nil
	case `"number"`:
		return tftypes.Number, nil
	case `"bool"`, `"dynamic"`: // only computed flags are dynamic
		return tftypes.Bool, nil
	}

	var t struct {
		List, Map json.RawMessage
		fileBlock
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch {
	case t.List != nil:
		of, err := readType(path, t.List)
		return collection(path, of), err
	case t.Map != nil:
		of, err := readType(path, t.Map)
		return tftypes.Map{ElementType: of}, err
	default:
		return objectType(path, t.fileBlock)
	}
}

// objectType is the type of an attribute that holds an object: its blocks are
// lists of objects.
func objectType(path string, fb fileBlock) (tftypes.Type, error) {
	types := map[string]tftypes.Type{}
	for name, a := range fb.Attrs {
		t, err := readType(path+"."+name, a.Type)
		if err != nil {
			return nil, err
		}
		types[name] = t
	}
	for name, n := range fb.Blocks {
		t, err := objectType(path+"."+name, n.Of)
		if err != nil {
			return nil, err
		}
		types[name] = tftypes.List{ElementType: t}
	}
	return tftypes.Object{AttributeTypes: types}, nil
}

// single says whether a block is an object and not a list: only timeouts are.
func (n *nested) single() bool { return n.name == "timeouts" }

// written says that AWS never adds to the block.
func (n *nested) written() bool { return n.single() || n.value == nil && n.of.written }

func (k *kind) schema() *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: k.root.schema()}
}

func (b *block) schema() *tfprotov6.SchemaBlock {
	out := &tfprotov6.SchemaBlock{}
	for _, a := range b.attrs {
		out.Attributes = append(out.Attributes, &tfprotov6.SchemaAttribute{
			Name: a.name, Type: a.typ,
			Required: a.required, Optional: a.optional, Computed: a.computed,
		})
	}
	for _, n := range b.blocks {
		out.BlockTypes = append(out.BlockTypes, n.schema())
	}
	return out
}

func (n *nested) schema() *tfprotov6.SchemaNestedBlock {
	s := &tfprotov6.SchemaNestedBlock{
		TypeName: n.name,
		Block:    n.of.schema(),
		Nesting:  tfprotov6.SchemaNestedBlockNestingModeList,
	}
	if n.single() {
		s.Nesting = tfprotov6.SchemaNestedBlockNestingModeSingle
		return s
	}
	if n.required {
		s.MinItems = 1
	}
	if !n.many {
		s.MaxItems = 1
	}
	return s
}
