package draft_test

import (
	"io/fs"
	"os"
	"testing"

	"fathom/estate/read"
	"fathom/platform/draft"
)

func of(t testing.TB, fsys fs.FS, name string) draft.Draft {
	t.Helper()
	e, _ := read.Paths(fsys, []string{"."}, read.Options{})
	return draft.Of(e, draft.Options{Name: name})
}

func TestTry(t *testing.T) {
	d := of(t, os.DirFS(os.Getenv("TRY")), "x")
	t.Logf("%s", d.Text)
	for _, n := range d.Notes {
		t.Log(n.Error())
	}
	t.Log(len(d.Problems))
}
