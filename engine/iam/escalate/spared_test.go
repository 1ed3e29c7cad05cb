package escalate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// What is not tried would not have worked.
func TestNothingIsSparedThatWorks(t *testing.T) {
	for _, o := range []escalate.Options{{}, {Assume: true}} {
		e := shopnow(t)
		w := access.New(e)
		if diff := cmp.Diff(show(escalate.FindSlow(e, w, o)), show(escalate.Find(e, w, o))); diff != "" {
			t.Errorf("shopnow: slow and quick differ (-slow +quick):\n%s", diff)
		}
		e = generated(t, 60)
		w = access.New(e)
		if diff := cmp.Diff(show(escalate.FindSlow(e, w, o)), show(escalate.Find(e, w, o))); diff != "" {
			t.Errorf("generated: slow and quick differ (-slow +quick):\n%s", diff)
		}
	}
}

// What surely works is what Find calls certain, and is found without the rest.
func TestSureIsTheCertainPart(t *testing.T) {
	for name, e := range map[string]*estate.Estate{"shopnow": shopnow(t), "generated": generated(t, 60)} {
		w := access.New(e)
		var certain []escalate.Path
		for _, p := range escalate.Find(e, w, escalate.Options{}) {
			if p.Certain == estate.Yes {
				certain = append(certain, p)
			}
		}
		sure := escalate.Find(e, w, escalate.Options{Sure: true})
		if len(sure) == 0 {
			t.Fatalf("%s: nothing is sure", name)
		}
		if diff := cmp.Diff(show(certain), show(sure)); diff != "" {
			t.Errorf("%s: (-certain +sure):\n%s", name, diff)
		}
	}
}

// matches is glob by its definition.
func matches(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return matches(p[1:], s) || s != "" && matches(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && matches(p[1:], s[1:])
}

// meets says by trying all texts whether two short patterns have one in common.
func meets(a, b string, length int, text string) bool {
	if matches(a, text) && matches(b, text) {
		return true
	}
	if length == 0 {
		return false
	}
	for _, c := range "ab:" {
		if meets(a, b, length-1, text+string(c)) {
			return true
		}
	}
	return false
}

func TestGlobs(t *testing.T) {
	pattern := rapid.StringMatching(`[ab:*?]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, s := pattern.Draw(t, "a"), pattern.Draw(t, "b"), rapid.StringMatching(`[ab:]{0,7}`).Draw(t, "s")
		if got, want := escalate.Glob(a, s), matches(a, s); got != want {
			t.Errorf("%q on %q is %v, want %v", a, s, got, want)
		}
		text, ok := escalate.Meet(a, b)
		if ok && (!matches(a, text) || !matches(b, text)) {
			t.Errorf("%q and %q: %q does not match both", a, b, text)
		}
		if want := meets(a, b, 6, ""); want && !ok {
			t.Errorf("%q and %q: no text found, but there is one", a, b)
		}
	})
}

func TestFill(t *testing.T) {
	holes := map[string]string{"me": "{name}", "name": "eve"}
	for in, want := range map[string]string{
		"": "", "{me}": "{name}", "{name} and {other}": "eve and {other}",
		`{"Principal":{"AWS":"*"},"x":"{name}"}`: `{"Principal":{"AWS":"*"},"x":"eve"}`, "{": "{", "{{name}": "{eve",
	} {
		if got := escalate.Fill(in, holes); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
