package mesh

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"fathom/estate"
)

// naive is the regular expression of a pattern, from the reference's words.
func naive(p *pattern) *regexp.Regexp {
	q := regexp.QuoteMeta
	switch p.kind {
	case present:
		return regexp.MustCompile(`(?s)^.+$`)
	case prefix:
		return regexp.MustCompile(`(?s)^` + q(p.lit) + `.*$`)
	case suffix:
		return regexp.MustCompile(`(?s)^.*` + q(p.lit) + `$`)
	case template:
		re := strings.ReplaceAll(q(p.lit), q(anyRest), `.*`)
		return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(re, q(oneSegment), `[^/]+`) + `$`)
	}
	return regexp.MustCompile(`(?s)^` + q(p.lit) + `$`)
}

func combination(ps []pattern, v string) string {
	var b strings.Builder
	for i := range ps {
		if ps[i].matches(v) {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

// TestAtomsAreAllThereIs holds the atoms to their promise: whatever a value is,
// some atom matches the same patterns; and no two atoms are alike.
func TestAtomsAreAllThereIs(t *testing.T) {
	texts := []string{"/a", "/a*", "*a", "*", "/a/b", "/a/{*}", "/{*}/b", "/a/{**}", "/{*}/a/{**}", "/a/{**}/", "*/b", "/b*", "*ab", "/ab", "/a/{*}/b"}
	values := valuesUpTo(7)
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		var ps []pattern
		for range 1 + r.IntN(6) {
			ps = append(ps, parsePath(pick(r, texts...)))
		}
		got, ok := atoms(ps, true)
		if !ok {
			t.Fatal("too many")
		}
		seen := map[string]string{}
		for _, v := range got {
			if !strings.HasPrefix(v, "/") {
				t.Errorf("%q is no path", v)
			}
			c := combination(ps, v)
			if seen[c] != "" {
				t.Errorf("%q and %q are alike", v, seen[c])
			}
			seen[c] = v
		}
		for _, v := range values {
			if c := combination(ps, v); seen[c] == "" {
				t.Fatalf("no atom is as %q (%s)", v, c)
			}
		}
	}
}

// valuesUpTo are all paths of a small alphabet.
func valuesUpTo(n int) []string {
	out := []string{"/"}
	for from := 0; len(out[len(out)-1]) < n; {
		to := len(out)
		for _, v := range out[from:to] {
			for _, c := range "/abz" {
				out = append(out, v+string(c))
			}
		}
		from = to
	}
	return out
}

// Policies whose patterns overlap in too many ways are given up, soon and with
// a reason; single requests are still answered.
func TestTooManyPatternsAreUnknown(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var ts []string
	for range 120 {
		var b strings.Builder
		for range 16 {
			b.WriteString("/" + pick(r, "{*}", "{*}", "a", "b"))
		}
		ts = append(ts, strconv.Quote(b.String()))
	}
	e := read(t, fooBar+authz("metadata: {name: many, namespace: foo}\nspec: {rules: [{to: [{operation: {paths: ["+strings.Join(ts, ", ")+"]}}]}]}"))
	dst, src := workload(t, e, "foo/httpbin"), caller(t, e, "foo/sleep")
	v := New(e).Admits(src, dst, 8000, Detect)
	if v.Admits != estate.Maybe || v.Why != "the policies for foo/httpbin have too many patterns to try" {
		t.Errorf("%s, %q", truths[v.Admits], v.Why)
	}
	sound(t, "many", v)
	if v := New(e).AdmitsRequest(src, dst, 8000, Request{Method: "GET", Path: "/nothing", Host: "h"}); v.Admits != estate.No {
		t.Errorf("a single request: %s", truths[v.Admits])
	}
}

// FuzzPatternMatches compares the matcher with a regular expression.
func FuzzPatternMatches(f *testing.F) {
	for _, s := range [][2]string{{"/a*", "/ab"}, {"*b", "/ab"}, {"*", ""}, {"/foo/{*}", "/foo/bar"}, {"/foo/{*}/bar/{**}", "/foo/buzz/bar/"}, {"/foo/{**}/", "/foo//"}, {"/{*}", "/"}, {"/a/{**}", "/a/"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, v string) {
		p := parsePath(text)
		if p.kind == template && !validTemplate(text) || v == "" || !utf8.ValidString(text) || len(text) > 200 || len(v) > 1000 {
			return
		}
		if got, want := p.matches(v), naive(&p).MatchString(v); got != want {
			t.Errorf("%q against %q: %v, a regular expression says %v", text, v, got, want)
		}
	})
}

// FuzzAtoms compares the automaton with the matcher: what an atom is said to
// match, it does, and any value is as some atom.
func FuzzAtoms(f *testing.F) {
	f.Add("/a*", "*b", "/a/{*}", "/a/b")
	f.Add("*", "/", "*é", "/xé")
	f.Fuzz(func(t *testing.T, a, b, c, v string) {
		var ps []pattern
		for _, text := range []string{a, b, c} {
			p := parsePath(text)
			if p.kind == template && !validTemplate(text) || len(text) > 40 || !utf8.ValidString(text) {
				return
			}
			ps = append(ps, p)
		}
		if v == "" || !utf8.ValidString(v) {
			return
		}
		got, ok := atoms(ps, false)
		if !ok {
			return
		}
		want := combination(ps, v)
		for _, g := range got {
			if combination(ps, g) == want {
				return
			}
		}
		t.Errorf("no atom of %q, %q, %q is as %q", a, b, c, v)
	})
}
