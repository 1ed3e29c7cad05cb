package regex

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
)

// ends are the places at which a node can end that begins at pos: the meaning of an
// expression, straight from its tree. It is slow, and knows no order.
func ends(n *node, text string, pos int) map[int]bool {
	out := map[int]bool{}
	switch n.op {
	case empty:
		out[pos] = true
	case one:
		if pos < len(text) && n.set.has(text[pos]) {
			out[pos+1] = true
		}
	case concat:
		out[pos] = true
		for _, s := range n.subs {
			out = endsOfAll(s, text, out)
		}
	case choice:
		for _, s := range n.subs {
			for e := range ends(s, text, pos) {
				out[e] = true
			}
		}
	case repeat:
		from := map[int]bool{pos: true}
		for range n.min {
			from = endsOfAll(n.subs[0], text, from)
		}
		for round := n.min; ; round++ {
			grown := false
			for e := range from {
				grown = grown || !out[e]
				out[e] = true
			}
			if !grown || n.max >= 0 && round >= n.max {
				break
			}
			from = endsOfAll(n.subs[0], text, from)
		}
	case look:
		seen := false
		for from := 0; from <= pos && n.behind; from++ {
			seen = seen || ends(n.subs[0], text, from)[pos]
		}
		if !n.behind {
			seen = len(ends(n.subs[0], text, pos)) > 0
		}
		if seen != n.negative {
			out[pos] = true
		}
	default:
		m := machine{text: []byte(text)}
		if m.holds(n.op, pos) {
			out[pos] = true
		}
	}
	return out
}

func endsOfAll(n *node, text string, from map[int]bool) map[int]bool {
	out := map[int]bool{}
	for pos := range from {
		for e := range ends(n, text, pos) {
			out[e] = true
		}
	}
	return out
}

// pattern makes an expression. full has what other engines lack or do otherwise.
func pattern(r *rand.Rand, depth int, full bool) string {
	p := func() string { return pattern(r, depth-1, full) }
	if depth == 0 {
		chars := []string{"a", "b", "ab", ".", "[ab]", "[^a]", `\w`, `\d`, `\s`, "1", `\n`, "^", "$", `\b`, `\B`, `\A`, `\z`, `\Z`, "(?:)"}
		if full {
			chars = append(chars, `\xc3`, "é", `\N`, `\h`, `[^\xa9]`, "(?m:^)", "(?m:$)", "(?s:.)")
		}
		return chars[r.IntN(len(chars))]
	}
	switch r.IntN(10) {
	case 0, 1, 2:
		return p() + p()
	case 3:
		return "(?:" + p() + "|" + p() + ")"
	case 4, 5:
		quantifiers := []string{"*", "+", "?", "{2}", "{1,2}", "{0,2}", "*?", "+?", "??", "{1,}?"}
		return "(?:" + p() + ")" + quantifiers[r.IntN(len(quantifiers))]
	case 6:
		return "(?i:" + p() + ")"
	case 7:
		return []string{"(?=", "(?!"}[r.IntN(2)] + p() + ")"
	case 8:
		return []string{"(?<=", "(?<!"}[r.IntN(2)] + []string{"a", "b1", "[ab]|a1", "^", `\b.`}[r.IntN(5)] + ")"
	default:
		return p()
	}
}

func subject(r *rand.Rand, full bool) string {
	chars := []string{"a", "b", "A", "1", " ", "\n", "ab"}
	if full {
		chars = append(chars, "é", "\xc3", "\xa9", "\xff")
	}
	var b strings.Builder
	for range r.IntN(7) {
		b.WriteString(chars[r.IntN(len(chars))])
	}
	return b.String()
}

// TestTwins compares Find on generated expressions and texts with the meaning of
// the tree, and where Go's regexp did the matching with the backtracking matcher.
func TestTwins(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	matched, linear, wideTexts := 0, 0, 0
	for range 20000 {
		expression := pattern(r, r.IntN(5), true)
		re, err := Compile(expression)
		if err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		tree, _ := parse(expression)
		program := compile(tree)
		for range 4 {
			text := subject(r, true)
			start, end, found := re.Find([]byte(text))
			checkMeaning(t, tree, expression, text, start, end, found)
			s, e, f := program.find([]byte(text), MaxSteps)
			if s != start || e != end || f != found {
				t.Fatalf("%q in %q: %d-%d (%d), by backtracking %d-%d (%d)", expression, text, start, end, found, s, e, f)
			}
			matched += int(found / Yes)
			if re.linear != nil {
				linear++
				if !isASCII([]byte(text)) {
					wideTexts++
				}
			}
		}
	}
	if matched < 20000 || linear < 20000 || wideTexts < 5000 {
		t.Errorf("%d matched, %d were linear, %d of them not ASCII: the generators are of no use", matched, linear, wideTexts)
	}
}

func checkMeaning(t *testing.T, tree *node, expression, text string, start, end int, found Found) {
	t.Helper()
	for from := 0; from <= len(text); from++ {
		all := ends(tree, text, from)
		if len(all) == 0 {
			continue
		}
		if found != Yes || start != from || !all[end] {
			t.Fatalf("%q in %q: %d-%d (%d), want a match from %d to one of %v", expression, text, start, end, found, from, all)
		}
		return
	}
	if found != No {
		t.Fatalf("%q in %q: %d-%d (%d), want no match", expression, text, start, end, found)
	}
}

// TestOtherEngine compares with an independent backtracking engine, on what both
// read in the same way. Its loops go on where libpcre's stop, after a round that
// matched nothing, so that the end may differ where parts can match nothing.
func TestOtherEngine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	matched := 0
	for range 10000 {
		expression := pattern(r, r.IntN(5), false)
		re, err := Compile(expression)
		if err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		other, err := regexp2.Compile(expression, regexp2.None)
		if err != nil {
			continue
		}
		for range 4 {
			text := subject(r, false)
			start, end, found := re.Find([]byte(text))
			match, err := other.FindStringMatch(text)
			if err != nil {
				t.Fatal(err)
			}
			if (match != nil) != (found == Yes) {
				t.Fatalf("%q in %q: %d, want %v", expression, text, found, match != nil)
			}
			if match == nil {
				continue
			}
			matched++
			sameEnd := end == match.Index+match.Length || strings.ContainsAny(expression, "*+?{")
			if start != match.Index || !sameEnd {
				t.Fatalf("%q in %q: %d-%d, want %d-%d", expression, text, start, end, match.Index, match.Index+match.Length)
			}
		}
	}
	if matched < 10000 {
		t.Errorf("only %d matched", matched)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		`(?i)^/admin(?!/public)`, `(a+)+$`, `(?<=a|bc)d{2,3}?`, `[[:alpha:]\d-]+\Z`, `(?x) a #b`, `\Qa\E{1,`, `(?m)^$\x{41}\p{L}`,
	} {
		f.Add(s, []byte("ab\n/admin/é\xff"))
	}
	f.Fuzz(func(t *testing.T, expression string, text []byte) {
		if len(expression) > 300 || len(text) > 2000 {
			return
		}
		re, err := Compile(expression)
		if err != nil {
			return
		}
		start, end, found := re.Find(text)
		if start < 0 || end < start || end > len(text) || found != Yes && end != 0 {
			t.Fatalf("%q in %q: %d-%d (%d)", expression, text, start, end, found)
		}
		tree, err := parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		s, _, other := compile(tree).find(text, MaxSteps)
		if other != Undecided && found != Undecided && (s != start || other != found) {
			t.Fatalf("%q in %q: %d from %d, by backtracking %d from %d", expression, text, found, start, other, s)
		}
	})
}
