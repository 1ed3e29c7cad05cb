package dialect_test

import (
	"io/fs"
	"os"
	"testing"

	"fathom/engine/webacl"
	"fathom/engine/webacl/dialect"
	"fathom/estate"
	"fathom/estate/read"
)

// estateOf reads an estate whose files have no problems.
func estateOf(t *testing.T, fsys fs.FS, paths ...string) *estate.Estate {
	t.Helper()
	e, problems := read.Paths(fsys, paths, read.Options{})
	for _, p := range problems {
		t.Fatal(p.Error())
	}
	return e
}

// The estates of this repository are read without a problem.
func TestSection1Dialects_examples(t *testing.T) {
	for _, c := range []struct {
		dir   string
		acls  int
		front webacl.Resource
	}{
		{"shopnow/rendered/terraform", 2, webacl.Distribution},
		{"bazaar/rendered/terraform", 2, webacl.Distribution},
		{"shopnow-before/terraform", 1, webacl.Distribution},
	} {
		t.Run(c.dir, func(t *testing.T) {
			found, problems := dialect.FromEstate(estateOf(t, os.DirFS("../../../examples/"+c.dir), "."))
			for _, p := range problems {
				t.Error(p.Error())
			}
			acls := 0
			for _, f := range found {
				if f.ACL == nil {
					continue
				}
				acls++
				if len(f.ACL.Rules) == 0 || f.ACL.Default.Kind == webacl.Unset || f.ACL.Scope != webacl.CloudFront || f.ACL.Resource != c.front || len(f.Protects) == 0 {
					t.Errorf("%s: %d rules, default %v, scope %v, resource %v, protects %v", f.ACL.Name, len(f.ACL.Rules), f.ACL.Default.Kind, f.ACL.Scope, f.ACL.Resource, f.Protects)
				}
				for _, r := range f.ACL.Rules {
					if r.At.Line == 0 {
						t.Errorf("rule %s has no position", r.Name)
					}
				}
			}
			if acls != c.acls {
				t.Errorf("%d web ACLs, want %d", acls, c.acls)
			}
		})
	}
}
