package terraform

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// block is a block of the AWS provider's schema, in the form that package
// tftest keeps it.
type block struct {
	Attrs map[string]struct {
		Type json.RawMessage `json:"type"`
	} `json:"attrs"`
	Blocks map[string]struct {
		Of block `json:"of"`
	} `json:"blocks"`
	Computed map[string]json.RawMessage `json:"computed"`
}

func schema(t *testing.T) (resources, data map[string]block) {
	t.Helper()
	f, err := os.Open("tftest/provider/testdata/schema.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Resources, Data map[string]block }
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc.Resources, doc.Data
}

// Every argument that a type of the estate asks for exists in the AWS
// provider, in one of the places that are read into that type: a misspelt tag
// would be an argument that is always absent.
func TestEveryArgumentExistsInTheProvider(t *testing.T) {
	resources, data := schema(t)
	found := map[string]bool{} // by Go type and tag: whether the provider has it somewhere
	for name, make := range types {
		if !strings.HasPrefix(name, "aws_") {
			continue
		}
		r, managed := resources[name]
		d, looked := data[name]
		if !managed && !looked && !newer[name] {
			t.Errorf("there is no resource type %s; if the provider has it, add it to what tftest keeps of the schema", name)
		}
		typ := reflect.TypeOf(make()).Elem()
		if managed {
			walk(typ, r, found)
		}
		if looked {
			walk(typ, d, found)
		}
	}
	for tag, ok := range found {
		if !ok && retired[tag] == "" {
			t.Errorf("%s is an argument of no resource type that is read into it", tag)
		}
	}
	if len(found) < 500 {
		t.Errorf("only %d arguments were checked", len(found))
	}
}

// newer are types that the provider got after version 6.25, whose schema this
// is.
var newer = map[string]bool{"aws_wafv2_web_acl_rule": true}

// retired are arguments that version 6.25 of the provider, whose schema this
// is, no longer has or leaves out, and strangers' files do have.
var retired = map[string]string{
	"estate.ClusterNetwork.cluster_security_group_id": "left out of the schema's source",
	"estate.WebACLAssociation.web_acl_arn":            "left out of the schema's source",
	"estate.WebACLAssociation.resource_arn":           "left out of the schema's source",
}

// walk notes for every tag of a Go type whether the block has an argument of
// that name, and goes on into nested blocks.
func walk(t reflect.Type, b block, found map[string]bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("tf")
		if name == "" {
			if f.Anonymous && f.Name != "Base" && f.Type.Kind() == reflect.Struct {
				walk(f.Type, b, found)
			}
			continue
		}
		tag := t.String() + "." + name
		nested, has := b.argument(name)
		found[tag] = found[tag] || has
		if has && nested != nil && strings.HasPrefix(f.Type.Name(), "Blocks[") {
			walk(f.Type.Field(0).Type.Elem(), *nested, found)
		}
	}
}

// argument says whether a block has an argument of that name, and what is in
// it when it is a block or an object.
func (b *block) argument(name string) (nested *block, ok bool) {
	if n, ok := b.Blocks[name]; ok {
		return &n.Of, true
	}
	raw, ok := b.Computed[name]
	if a, written := b.Attrs[name]; written {
		raw, ok = a.Type, true
	}
	if of, is := objectOf(raw); is {
		return &of, true
	}
	return nil, ok
}

// objectOf reads a type that is an object, or a list of objects.
func objectOf(raw json.RawMessage) (block, bool) {
	var list struct{ List json.RawMessage }
	if json.Unmarshal(raw, &list) == nil && list.List != nil {
		return objectOf(list.List)
	}
	var b block
	err := json.Unmarshal(raw, &b)
	return b, err == nil && (b.Attrs != nil || b.Blocks != nil)
}
