package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"fathom/sounding"
)

// depthJSON measures as the command does, and decodes what it prints.
func depthJSON(t *testing.T, wantCode int, args ...string) sounding.JSON {
	t.Helper()
	var out, errs bytes.Buffer
	env := System()
	env.Stdout, env.Stderr, env.TerminalErr = &out, &errs, false
	if code := Run(context.Background(), append([]string{"depth", "--format", "json"}, args...), env); code != wantCode {
		t.Fatalf("fathom depth %s: exit code %d, want %d: %s", strings.Join(args, " "), code, wantCode, errs.String())
	}
	var doc sounding.JSON
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The "before" picture is open to everybody: no cell of it is deeper than one.
func TestShopNowBeforeIsOpen(t *testing.T) {
	doc := depthJSON(t, 0, "../examples/shopnow-before")
	if len(doc.Rows) != 6 {
		t.Fatalf("the table has %d rows", len(doc.Rows))
	}
	measured := 0
	for _, row := range doc.Rows {
		for _, c := range row.Cells {
			if c.Kind != "measured" {
				continue
			}
			measured++
			if c.Least.Over || c.Least.Never || c.Least.Depth > 1 {
				t.Errorf("%s → %s is %s", c.From, c.To, c.Depth)
			}
			if len(c.Least.Path) == 0 {
				t.Errorf("%s → %s tells no path", c.From, c.To)
			}
		}
	}
	if measured < 30 {
		t.Errorf("only %d cells are measured", measured)
	}
}

// What is rendered of the declared shop is at least three deep, four before the
// card vault, and as deep as it declares. Two things are two deep, and cannot be
// otherwise: a service that is robbed of its own data through its own answers,
// and Falco, which sees everything on its nodes because that is its work; only
// what sees and what acts stands there.
func TestShopNowRenderedIsDeep(t *testing.T) {
	doc := depthJSON(t, 0, "../examples/shopnow/rendered")
	measured := 0
	for _, row := range doc.Rows {
		for _, start := range row.Starts {
			for _, c := range start.Cells {
				if c.Kind != "measured" {
					continue
				}
				measured++
				want := 3
				switch {
				case c.ByRight || start.Name == "pod/falco":
					want = 2
				case start.Name == "internet" && c.To == "store/card_vault":
					want = 4
				}
				if !c.Least.Never && !c.Least.Over && c.Least.Depth < want {
					t.Errorf("%s → %s is %s, want %d: %s", start.Name, c.To, c.Depth, want, c.Says)
				}
			}
		}
	}
	if measured < 40 {
		t.Errorf("only %d cells are measured", measured)
	}
	asked := 0
	for _, o := range doc.Objectives {
		if !o.Met {
			t.Errorf("%s → %s: %s", o.From, o.To, o.Why)
		}
		if o.File != "" {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("the files ask for %d depths, want the declared three", asked)
	}
}

// From before to after no cell falls; from after to before it is a gate.
func TestTheDifferenceTellsTheStory(t *testing.T) {
	const before, after = "../examples/shopnow-before", "../examples/shopnow/rendered"
	diff := func(wantCode int, a, b string) string {
		var out, errs bytes.Buffer
		env := System()
		env.Stdout, env.Stderr, env.TerminalErr = &out, &errs, false
		if code := Run(context.Background(), []string{"depth", "diff", a, b}, env); code != wantCode {
			t.Errorf("depth diff %s %s: exit code %d, want %d: %s", a, b, code, wantCode, errs.String())
		}
		return out.String()
	}
	rose := diff(0, before, after)
	for _, want := range []string{"no cell fell", "↑ internet → store/orders-db: was 0, is ", "was 0", "modules/database/main.tf", "now it stands"} {
		if !strings.Contains(rose, want) {
			t.Errorf("%q is not in\n%s", want, rose)
		}
	}
	if fell := diff(3, after, before); !strings.Contains(fell, "↓ internet → store/orders_db: was ") {
		t.Errorf("the way back tells\n%s", fell)
	}
}
