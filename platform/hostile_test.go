package platform_test

import (
	"strings"
	"testing"

	"fathom/platform"
)

// Files that somebody made to hurt: nothing but a problem may come of them.
func TestHostile(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	lines := func(s string, n int) string { return many(many(s, 500/len(s))+"\n", n) }
	for name, text := range map[string]string{
		"brackets":      many("[", 1<<19),
		"braces":        many("{a: ", 1<<18),
		"open brackets": many("[\n", 5000),
		"items":         many("- ", 1<<19),
		"items again":   lines("- ", 500),
		"keys":          many("? ", 1<<19),
		"tags":          many("!a ", 1<<18),
		"anchors":       "a: " + many("&a ", 1<<18) + "b",
		"pairs":         lines("a: ", 500),
		"indented": func() string {
			var b strings.Builder
			for i := range 900 {
				b.WriteString(many(" ", i) + "a:\n")
			}
			return b.String()
		}(),
		"many keys":    "services:\n" + many("  a: b\n", 1<<17),
		"large":        many("a", 2<<20),
		"aliases":      "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
		"quotes":       many("'", 1<<12+1),
		"literal":      "a: |\n" + many(" b\n", 9000),
		"comments":     many("# a\n", 9000),
		"documents":    many("---\n", 9000),
		"broken UTF-8": "platform: \xff",
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := platform.Parse("p.yaml", []byte(text), platform.Options{})
			if p != nil || len(problems) == 0 {
				t.Error("it is taken")
			}
		})
	}
}
