package access_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"fathom/engine/iam/access"
	"fathom/estate/read"
)

// A World answers many at once, and the same: what it finds out on the way is
// kept by nobody else. The race detector watches.
func TestManyMayAskAtOnce(t *testing.T) {
	e, _ := read.Paths(os.DirFS("../../../examples"), []string{"shopnow-before"}, read.Options{})
	w := access.New(e)
	ask := func() string {
		out := ""
		for _, r := range e.Resources {
			arn, _, err := w.Resource(r.Meta().ID.Addr)
			out += fmt.Sprintln(arn, err)
			found, err := w.Outside(r.Meta().ID.Addr)
			out += fmt.Sprintln(len(found), err)
			out += fmt.Sprintln(len(w.IdentitiesOf(r)))
		}
		for _, p := range w.Principals() {
			may, err := w.What(p.Name)
			out += fmt.Sprintln(p.Name, len(may), err)
			a, err := w.Can(p.Name, "s3:GetObject", "arn:aws:s3:::any/key", nil)
			out += fmt.Sprintln(a.Truth, a.Missing, err)
		}
		who, err := w.Who("kms:Decrypt", "*", nil)
		return out + fmt.Sprintln(len(who), err)
	}
	got := make([]string, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = ask() })
	}
	wg.Wait()
	for _, g := range got {
		if g != got[0] || g != ask() {
			t.Fatal("those who ask at once are answered differently")
		}
	}
}
