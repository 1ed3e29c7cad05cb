package layertest

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/control"
	"fathom/estate"
	"fathom/layer"
	"fathom/render"
	"fathom/render/terraform"
)

// Changes holds what Printed gives before and after a change to patterns: each
// resource that is other than before matches one, and each pattern matches such
// a resource. A pattern is the address, with a star for any characters; + before
// it stands for a new resource, - for one that has gone. Without patterns nothing
// changes.
func Changes(t *testing.T, before, after map[string]string, patterns ...string) {
	t.Helper()
	used := make([]bool, len(patterns))
	for _, a := range changed(before, after) {
		found := false
		for i, p := range patterns {
			if match(p, a) {
				used[i], found = true, true
			}
		}
		if !found {
			address := strings.TrimLeft(a, "+-")
			t.Errorf("it changes %s:\n%s", a, cmp.Diff(before[address], after[address]))
		}
	}
	for i, p := range patterns {
		if !used[i] {
			t.Errorf("it does not change %s", p)
		}
	}
}

// changed are the addresses whose text differs, sorted; + and - mark those that
// only one has.
func changed(before, after map[string]string) []string {
	var out []string
	for a, text := range before {
		if now, there := after[a]; !there {
			out = append(out, "-"+a)
		} else if now != text {
			out = append(out, a)
		}
	}
	for a := range after {
		if _, there := before[a]; !there {
			out = append(out, "+"+a)
		}
	}
	slices.Sort(out)
	return out
}

// match is path.Match in which a star stands for slashes too, and for no mark of
// what is new or gone.
func match(pattern, address string) bool {
	if strings.ContainsAny(address[:1], "+-") && (pattern == "" || pattern[0] != address[0]) {
		return false
	}
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x01") }
	ok, err := path.Match(flat(pattern), flat(address))
	return err == nil && ok
}

// Judge is what a layer's control finds in an estate.
func Judge(t testing.TB, l layer.Layer, id string, e *estate.Estate) control.Verdict {
	t.Helper()
	i := slices.IndexFunc(l.Controls, func(c control.Control) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("there is no control %s", id)
	}
	return l.Controls[i].Judge(e)
}

// Missing are the verdicts of those of a layer's controls that files can show
// and that are less than present.
func Missing(l layer.Layer, e *estate.Estate) []control.Verdict {
	var out []control.Verdict
	for i := range l.Controls {
		if c := &l.Controls[i]; c.Check != nil {
			if v := c.Judge(e); v.Status != control.Present {
				out = append(out, v)
			}
		}
	}
	return out
}

// Present holds an estate to having all of a layer's controls that files can
// show, each of them on something.
func Present(t testing.TB, l layer.Layer, e *estate.Estate) {
	t.Helper()
	for _, v := range Missing(l, e) {
		t.Error(Why(&v))
	}
}

// Why says what a control found other than itself, for messages.
func Why(v *control.Verdict) string {
	less := *v
	less.Results = slices.DeleteFunc(slices.Clone(v.Results), func(r control.Result) bool { return r.Status == control.Present })
	return v.Control.ID + ": " + print(&less)
}

// Explained holds every block to saying what it is for and where it comes from.
func Explained(t testing.TB, resources []render.Resource) {
	t.Helper()
	for _, r := range resources {
		if b, ok := r.(*terraform.Block); ok && (len(b.Controls) == 0 || len(b.Paths) == 0) {
			t.Errorf("%s is for controls %v, from %v", b.Address(), b.Controls, b.Paths)
		}
	}
}
