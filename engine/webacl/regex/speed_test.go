package regex

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestNeed asks that no text is ruled out that the expression without its need
// matches.
func TestNeed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	ruled, matched := 0, 0
	for range 20000 {
		expression := pattern(r, r.IntN(5), true)
		re, err := Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if re.need == nil {
			continue
		}
		for range 4 {
			text := []byte(subject(r, true))
			without := *re
			without.need = nil
			_, _, found := without.Find(text)
			if !re.need.in(text) {
				ruled++
				if found != No {
					t.Fatalf("%q is ruled out for %q, which it matches", text, expression)
				}
			}
			matched += int(found / Yes)
		}
	}
	if ruled < 1000 || matched < 500 {
		t.Errorf("%d ruled out, %d matched: the generators are of no use", ruled, matched)
	}
}

func compiled(t testing.TB, pattern string) *Regex {
	re, err := Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

var timed = []struct{ name, pattern string }{
	{"words", `(?i)(?:sqlmap|nikto|masscan|nmap)`},
	{"anchored", `^/(?:login|checkout)$`},
	{"class", `[0-9]{5,}x`},
	{"ahead", `^/admin(?!/public)`},
	{"ahead-all", `^(?=.*\d)(?=.*[a-z]).*[<>]`},
}

func TestNoAllocs(t *testing.T) {
	text := []byte(agent)
	for _, tt := range timed {
		re := compiled(t, tt.pattern)
		if n := testing.AllocsPerRun(100, func() { re.Find(text) }); n != 0 && !raceEnabled {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	text := []byte(agent)
	for _, tt := range timed {
		for _, without := range []bool{false, true} {
			name := "expression=" + tt.name
			re := compiled(b, tt.pattern)
			if without {
				if re.need == nil {
					continue
				}
				name += "/need=none"
				re.need = nil
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					re.Find(text)
				}
			})
		}
	}
}

// BenchmarkWorst is what the most steps cost.
func BenchmarkWorst(b *testing.B) {
	re := compiled(b, `(?!x)(a{0,300}a{0,300}){9}b`)
	re.need = nil
	text := []byte(strings.Repeat("a", 8192))
	for b.Loop() {
		if _, _, found := re.Find(text); found != Undecided {
			b.Fatal(found)
		}
	}
}
