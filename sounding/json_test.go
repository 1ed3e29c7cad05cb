package sounding

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written are all forms of the JSON, by name.
func written(t *testing.T) map[string]func(io.Writer) error {
	t.Helper()
	r := measured(t, Options{Losses: true, Sets: true, Min: 2})
	y, err := r.Why("network.egress-deny")
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	d := Compare(r, changed(t, "edge.waf-enforcing@acl!", "edge.waf-enforcing@acl-"))
	empty := measure(t, shop(t, ""), nil, Options{Losses: true})
	return map[string]func(io.Writer) error{
		"table": r.WriteJSON, "why": y.WriteJSON, "fixes": f.WriteJSON, "diff": d.WriteJSON, "empty": empty.WriteJSON,
	}
}

func TestJSONKeepsTheContract(t *testing.T) {
	for name, write := range written(t) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "null") {
			t.Errorf("%s: lists are never null: %s", name, b.String())
		}
		var doc map[string]any
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if doc["schema"] != "fathom.depth/v1" {
			t.Errorf("%s: schema %v", name, doc["schema"])
		}
	}
}

// What is printed reads back into the exported types, with nothing left over.
func TestJSONReadsBack(t *testing.T) {
	all := written(t)
	readsBack[JSON](t, "table", all["table"])
	readsBack[JSONWhy](t, "why", all["why"])
	readsBack[JSONFixes](t, "fixes", all["fixes"])
	readsBack[JSONDiff](t, "diff", all["diff"])
}

func readsBack[T any](t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var first, second bytes.Buffer
	if err := write(&first); err != nil {
		t.Fatal(err)
	}
	var doc T
	dec := json.NewDecoder(bytes.NewReader(first.Bytes()))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := encode(&second, doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func TestJSONOfACell(t *testing.T) {
	r := one(t, "flood", "checkout")
	golden(t, "cell.json", func(b *bytes.Buffer) error { return r.WriteJSON(b) })
}
