package network_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fathom/layer/network"
	"fathom/platform"
	"fathom/render"
)

// today is before any exception of the examples ends.
var today = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func example(t *testing.T, name string) *platform.Platform {
	t.Helper()
	file := filepath.Join("..", "..", "examples", name, "platform.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := platform.Parse(file, text, platform.Options{Today: today})
	for _, x := range problems {
		t.Log(x)
	}
	if p == nil {
		t.Fatal("the example is not a platform")
	}
	return p
}

func declared(t *testing.T, p *platform.Platform) []render.Resource {
	t.Helper()
	out, err := network.Layer().Render(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRendersTheSameEveryTime(t *testing.T) {
	for _, name := range []string{"shopnow", "bazaar"} {
		p := example(t, name)
		first, second := printed(t, p), printed(t, p)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s renders differently: %s", name, diff)
		}
	}
}

// printed is every file of what the layer renders.
func printed(t *testing.T, p *platform.Platform) map[string]string {
	t.Helper()
	files, err := render.Files(p, []render.Part{{Layer: "network", Resources: declared(t, p)}})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Content)
	}
	return out
}
