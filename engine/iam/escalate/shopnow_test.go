package escalate_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
	"fathom/estate/read"
)

var update = flag.Bool("update", false, "write the golden files anew")

func shopnow(t testing.TB) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(os.DirFS("../../../examples/shopnow-before"), []string{"."}, read.Options{})
	for _, p := range problems {
		t.Log(p)
	}
	return e
}

func show(ps []escalate.Path) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

// The example reads like prose: what each principal can make of itself.
func TestShopnow(t *testing.T) {
	e := shopnow(t)
	got := show(escalate.Find(e, access.New(e), escalate.Options{Workloads: true}))
	name := filepath.Join("testdata", "shopnow.golden")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
