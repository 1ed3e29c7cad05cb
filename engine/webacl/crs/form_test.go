package crs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl/crs"
)

// An attack does not hide behind an argument whose name differs in case alone,
// wherever it stands.
func TestNamesThatDifferInCaseAreEachRead(t *testing.T) {
	in := inspector(t, crs.Options{})
	const attack = "%24%7Bjndi%3Aldap%3A%2F%2Fx%2Fa%7D"
	form := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	for _, body := range []string{
		"q=" + attack + "&Q=plain", "Q=plain&q=" + attack, "%71=plain&Q=" + attack + "&q=more", "q=1&r=2&R=3&&Q=" + attack, "na+me=a&NA+ME=" + attack,
	} {
		want := essence(run(t, in, &form, body))
		for range 40 {
			r := run(t, in, &form, body)
			if !has(r, 944150) {
				t.Fatalf("%s: the attack was not found", body)
			}
			if d := cmp.Diff(want, essence(r)); d != "" {
				t.Fatalf("%s: two runs of one request differ:\n%s", body, d)
			}
		}
	}
}

// Nor behind arguments without a name, or with the same.
func TestArgumentsThatShareANameAreEachRead(t *testing.T) {
	in := inspector(t, crs.Options{Paranoia: 4})
	const attack = "%24%7Bjndi%3Aldap%3A%2F%2Fx%2Fa%7D"
	for _, c := range [][2]string{
		{"id=+1&=2&=" + attack, ""}, {"q=1&q=" + attack + "&r=2", ""}, {"=1&r=2", "=" + attack + "&s=3"}, {"q=1&r=2", "q=" + attack + "&q=3&s"},
	} {
		r := browser("POST", "/?"+c[0], crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
		want := essence(run(t, in, &r, c[1]))
		for range 60 {
			got := run(t, in, &r, c[1])
			if !has(got, 944150) || !has(got, 944151) {
				t.Fatalf("%s: the attack was not found", c)
			}
			if d := cmp.Diff(want, essence(got)); d != "" {
				t.Fatalf("%s: two runs of one request differ:\n%s", c, d)
			}
		}
	}
}

// Reading a form again gives what Coraza gives, where it loses nothing.
func TestFormsAreReadAsCorazaReadsThem(t *testing.T) {
	ours, plain := inspector(t, crs.Options{Paranoia: 4}), inspector(t, crs.Options{Paranoia: 4, Plain: true})
	form := browser("POST", "/", crs.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	const attack = "<script>alert(1)</script>"
	for _, value := range []string{"%", "%2", "%zz", "a%3", "%3d+%2B", "a=b=", "%u0041", "é%ff", ""} {
		// A second pair with the same name in another case makes ours read it again;
		// the two have one value, so that it does not matter which Coraza keeps.
		twice := run(t, ours, &form, "x="+value+attack+"&X="+value+attack)
		once := run(t, plain, &form, "x="+value+attack)
		if a, b := valuesOf(twice), valuesOf(once); !cmp.Equal(a, b) {
			t.Errorf("%q: %v, and Coraza's %v", value, a, b)
		}
	}
}

// valuesOf are the values in which the rule 941110 found its pattern.
func valuesOf(r crs.Result) map[string]bool {
	out := map[string]bool{}
	for _, h := range r.Hits {
		for _, f := range h.Found {
			if h.ID == 941110 {
				out[f.Value] = true
			}
		}
	}
	return out
}
