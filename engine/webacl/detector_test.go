package webacl

import (
	"testing"

	libinjection "github.com/corazawaf/libinjection-go"
)

// What is passed over without asking libinjection is what it would find nothing in.
func FuzzHarmless(f *testing.F) {
	for _, s := range []string{"", "shoes42", "42", "4e2", "0x41", "union", "sleep", "select", "null", "onload", "a' or 1", "<x>", "style=x", "1or", "waitfor", "xp", "@@version"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if yes, print := libinjection.IsSQLi(v); yes && harmlessSQL(v) {
			t.Errorf("%q is SQL injection (%s)", v, print)
		}
		if libinjection.IsXSS(v) && harmlessHTML(v) {
			t.Errorf("%q is cross-site scripting", v)
		}
	})
}
