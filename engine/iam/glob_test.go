package iam

import (
	"math/rand"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// twin matches a pattern the slow and obvious way: a table of which beginnings
// of the pattern match which beginnings of the text.
func twin(pattern, text string) bool {
	p, s := []rune(pattern), []rune(text)
	table := make([][]bool, len(p)+1)
	for i := range table {
		table[i] = make([]bool, len(s)+1)
	}
	table[0][0] = true
	for i := 1; i <= len(p); i++ {
		for j := 0; j <= len(s); j++ {
			switch {
			case p[i-1] == '*':
				table[i][j] = table[i-1][j] || j > 0 && table[i][j-1]
			case j > 0 && (p[i-1] == '?' || p[i-1] == s[j-1]):
				table[i][j] = table[i-1][j-1]
			}
		}
	}
	return table[len(p)][len(s)]
}

func fast(pattern, text string) bool {
	g := compile(split(pattern, true, false))
	return g.match(text)
}

func TestGlobAgreesWithItsTwin(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	word := func(letters string, n int) string {
		var b strings.Builder
		all := []rune(letters)
		for range rnd.Intn(n) {
			b.WriteRune(all[rnd.Intn(len(all))])
		}
		return b.String()
	}
	hits := 0
	for range 200_000 {
		p, s := word("aab*?é", 9), word("aabé", 12)
		want := twin(p, s)
		if want {
			hits++
		}
		if got := fast(p, s); got != want {
			t.Fatalf("%q on %q: got %v, want %v", p, s, got, want)
		}
	}
	if hits < 10_000 {
		t.Errorf("only %d pairs matched: the test tests little", hits)
	}
}

func TestLongRunsAgreeWithTheTwin(t *testing.T) {
	rnd := rand.New(rand.NewSource(2))
	for range 300 {
		n := 1 + rnd.Intn(400) // several words of 64 bits
		run := []byte(strings.Repeat("ab", n/2+1)[:n])
		for range 1 + n/50 {
			run[rnd.Intn(n)] = '?'
		}
		p := "*" + string(run) + "*"
		s := strings.Repeat("ab", rnd.Intn(300)) + strings.Repeat("a", rnd.Intn(3)) + strings.Repeat("ab", rnd.Intn(300))
		if got, want := fast(p, s), twin(p, s); got != want {
			t.Fatalf("%q on %q: got %v, want %v", p, s, got, want)
		}
	}
}

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"*", ""},
		{"", ""},
		{"a*b", "ab"},
		{"a*a", "a"},
		{"?*?", "é"},
		{"a*a*a*a*b", strings.Repeat("a", 50)},
		{"**?**", "x"},
		{"*ab?ab*", "xabcab"},
		{"a?c*", "abcd"},
		{"*\u00e9?", "x\u00e9y"},
		{strings.Repeat("?", 70) + "*", strings.Repeat("a", 71)},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 300 || len(s) > 300 || !utf8.ValidString(p) || !utf8.ValidString(s) {
			return // the twin is slow
		}
		if got, want := fast(p, s), twin(p, s); got != want {
			t.Errorf("%q on %q: got %v, want %v", p, s, got, want)
		}
	})
}

// A run of a great many different runes takes no more memory than its length.
func TestRunsOfManyRunes(t *testing.T) {
	var b strings.Builder
	for r := range rune(50_000) {
		if r = '0' + r; utf8.ValidRune(r) && r != '*' && r != '?' {
			b.WriteRune(r)
		}
	}
	s := b.String()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fast("*?"+s+"*", "x"+s)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("%d bytes", n)
	}
	if !fast("*?"+s+"*", "xyz"+s+"z") || fast("*?"+s+"*", s+"z") {
		t.Error("not matched as it should")
	}
}

// Patterns that make a backtracking matcher run for ever.
func TestAdversarialPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{strings.Repeat("a*", 10_000) + "b", strings.Repeat("a", 100_000), false},
		{strings.Repeat("a*", 10_000) + "b", strings.Repeat("a", 100_000) + "b", true},
		{strings.Repeat("*a", 10_000), strings.Repeat("a", 9_999), false},
		{strings.Repeat("*", 100_000), "x", true},
		{strings.Repeat("?*", 10_000), strings.Repeat("a", 9_999), false},
		{strings.Repeat("?*", 10_000), strings.Repeat("a", 10_000), true},
		{"*" + strings.Repeat("a", 5_000) + "?b*", strings.Repeat("a", 50_000), false},
	} {
		if got := fast(c.pattern, c.text); got != c.want {
			t.Errorf("%.20s… on %.20s…: got %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func BenchmarkGlob(b *testing.B) {
	for _, c := range []struct{ name, pattern, text string }{
		{"literal", "bucket/key", "bucket/key"},
		{"prefix", "bucket/*", "bucket/a/long/key/with/parts"},
		{"middle", "*/logs/*/2026/*", "bucket/logs/eu-west-1/2026/11/22/x.gz"},
		{"hole", "bucket/????-??-??/*", "bucket/2026-11-22/x"},
		{"stars=1000", strings.Repeat("a*", 1000) + "b*a", strings.Repeat("a", 2000)},
		{"holes=1000", "*" + strings.Repeat("a", 999) + "?b*", strings.Repeat("a", 2000)},
	} {
		g := compile(split(c.pattern, true, false))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.match(c.text)
			}
		})
	}
}
