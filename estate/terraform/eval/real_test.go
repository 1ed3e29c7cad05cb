package eval

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// TestRealTerraform compares the value of every expression in
// testdata/functions with the one that Terraform itself recorded.
func TestRealTerraform(t *testing.T) {
	b, err := os.ReadFile("testdata/functions/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	e := newEvaluator(os.DirFS("testdata/functions"))
	m := newModInst(e.load("."))
	m.root, m.rel, m.given = m, ".", map[string]cty.Value{}
	if len(m.outputs) != len(want) {
		t.Errorf("%d outputs, %d recorded", len(m.outputs), len(want))
	}
	for name := range m.outputs {
		v, _ := e.outputOf(m, name)
		if v.ContainsMarked() {
			t.Errorf("%s is unknown: %v", name, e.convert(v, m.outputs[name].pos))
			continue
		}
		out, err := ctyjson.Marshal(v, v.Type())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got any
		if err := json.Unmarshal(out, &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want[name], got); diff != "" {
			t.Errorf("%s at %v (-terraform +fathom):\n%s", name, m.outputs[name].pos, diff)
		}
	}
	for _, p := range e.problems {
		t.Error(p.Error())
	}
	for _, g := range e.gaps {
		t.Errorf("gap %v: %s", g.Pos, g.Why)
	}
}
