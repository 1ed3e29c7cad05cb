package crs

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
)

// attacks are texts that expressions of the rule set match.
var attacks = []string{
	"", "a", "hello world", "Müller & Söhne", "1' OR '1'='1", "<script>alert(1)</script>", "../../etc/passwd", "${jndi:ldap://x/a}",
	";cat /etc/passwd", "() { :;}; echo x", "php://input", "$_GET[x]", "UNION ALL SELECT NULL--", "javaſcript:alert(1)", "K", "\xac\xed\x00\x05",
	"a=b&c=d", "%u003cscript", "http://169.254.169.254/latest/", "require('child_process')", "O:8:\"stdClass\":0:{}", "`id`", "{{7*7}}", "\r\nSet-Cookie: x=y",
}

type pattern struct {
	text string
	ours *expression
}

// patterns are the expressions of the rule set that our operator takes over.
var patterns = sync.OnceValues(func() ([]pattern, error) {
	names, err := fs.Glob(coreruleset.FS, "@owasp_crs/*.conf")
	if err != nil {
		return nil, err
	}
	quoted := regexp.MustCompile(`(?m)^\s*SecRule\s+\S+\s+"!?@fathomrx (.*)" \\$`)
	var out []pattern
	for _, name := range names {
		b, err := fs.ReadFile(coreruleset.FS, name)
		if err != nil {
			return nil, err
		}
		for _, m := range quoted.FindAllStringSubmatch(string(useOperators(b)), -1) {
			text := "(?sm)" + strings.ReplaceAll(m[1], `\"`, `"`)
			e, err := compileExpression(text)
			if err != nil {
				return nil, err
			}
			out = append(out, pattern{text, e})
		}
	}
	return out, nil
})

// Every expression that our operator takes over matches what it matched before:
// nothing that the expression matches is held back.
func FuzzExpressionHoldsNothingBack(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	all, err := patterns()
	if err != nil {
		f.Fatal(err)
	}
	if len(all) < 200 {
		f.Fatalf("only %d expressions were found", len(all))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range all {
			if p.ours.re.MatchString(text) && !p.ours.possible(text) {
				t.Errorf("%.80q matches %q, and is held back", p.text, text)
			}
		}
	})
}

// Something has to be held back, or the operator is for nothing.
func TestExpressionsHoldBackOrdinaryText(t *testing.T) {
	all, err := patterns()
	if err != nil {
		t.Fatal(err)
	}
	back := 0
	for _, p := range all {
		if !p.ours.possible("Cotton shirt size 36 blue") {
			back++
		}
	}
	if back < len(all)/2 {
		t.Errorf("only %d of %d expressions hold ordinary text back", back, len(all))
	}
}

func TestNeedsOfAnExpression(t *testing.T) {
	for _, c := range []struct {
		pattern string
		pass    []string
		hold    []string
	}{
		{`(?i)union\s+select`, []string{"UNION  select", "selection union"}, []string{"union", "select", ""}},
		{`a(?:b|c)+d`, []string{"abd", "acd"}, []string{"ad", "b"}},
		{`x*`, []string{"", "y"}, nil},
		{`(?:sleep|benchmark)\(`, []string{"sleep(", "BENCHMARK("}, []string{"sleep", "("}},
		{`[;|]\s*id`, []string{"; id", "|id"}, []string{"id", ";"}},
		{`(?i)kill`, []string{"kill", "\u212aill"}, []string{"kil"}},
		{`[^a]b{2,3}`, []string{"cbb"}, []string{"ca"}},
	} {
		e, err := compileExpression(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.pass {
			if !e.possible(s) {
				t.Errorf("%s holds %q back", c.pattern, s)
			}
		}
		for _, s := range c.hold {
			if e.possible(s) {
				t.Errorf("%s lets %q pass", c.pattern, s)
			}
		}
	}
}

func FuzzAutomatonFindsWhatContainsFinds(f *testing.F) {
	f.Add("he she his hers", "ushers")
	f.Add("a aa aaa", "AAAA")
	f.Add("ab b", "xab")
	f.Fuzz(func(t *testing.T, words, text string) {
		var literals []string
		for _, w := range strings.Fields(words) {
			if w = literalOf([]rune(w)); w != "" && !slices.Contains(literals, w) {
				literals = append(literals, w)
			}
		}
		found := make([]bool, len(literals))
		newAutomaton(literals).scan(text, func(n int32) { found[n] = true })
		lower := []byte(text)
		for i, c := range lower {
			if c >= 'A' && c <= 'Z' {
				lower[i] = c + 'a' - 'A'
			}
		}
		for i, l := range literals {
			if want := strings.Contains(string(lower), l); want != found[i] {
				t.Errorf("%q in %q: %t, want %t", l, text, found[i], want)
			}
		}
	})
}
