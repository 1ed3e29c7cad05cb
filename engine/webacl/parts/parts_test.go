package parts_test

import (
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl/parts"
)

func list(seq iter.Seq2[string, string]) [][2]string {
	var out [][2]string
	for n, v := range seq {
		out = append(out, [2]string{n, v})
	}
	return out
}

func TestQuery(t *testing.T) {
	for query, want := range map[string][][2]string{
		"":                nil,
		"a=1&b=%32&a=3":   {{"a", "1"}, {"b", "%32"}, {"a", "3"}},
		"a&=x&&b==c&":     {{"a", ""}, {"", "x"}, {"b", "=c"}},
		"x=1;y=2&é=%zz+ ": {{"x", "1;y=2"}, {"é", "%zz+ "}},
	} {
		if diff := cmp.Diff(want, list(parts.Query(query))); diff != "" {
			t.Errorf("Query(%q):\n%s", query, diff)
		}
	}
}

func TestCookies(t *testing.T) {
	for header, want := range map[string][][2]string{
		"":                              nil,
		"a=1; B=2;c=3 ; ; d":            {{"a", "1"}, {"B", "2"}, {"c", "3"}, {"d", ""}},
		`s="quoted; x=y=z`:              {{"s", `"quoted`}, {"x", "y=z"}},
		"\ta=1\t;\tb = 2":               {{"a", "1"}, {"b ", " 2"}},
		"aws-waf-token=AB+/=:x; k=v%20": {{"aws-waf-token", "AB+/=:x"}, {"k", "v%20"}},
	} {
		if diff := cmp.Diff(want, list(parts.Cookies(header))); diff != "" {
			t.Errorf("Cookies(%q):\n%s", header, diff)
		}
	}
}

// Every cookie that a browser can have been given is found by net/http's reading
// and by ours alike.
func FuzzCookies(f *testing.F) {
	f.Add("a=1; b=2")
	f.Add("a; b==; =c")
	f.Fuzz(func(t *testing.T, header string) {
		ours := map[[2]string]bool{}
		for n, v := range parts.Cookies(header) {
			if strings.Contains(n+v, ";") {
				t.Errorf("a cookie holds a semicolon: %q=%q", n, v)
			}
			ours[[2]string{n, strings.Trim(v, `"`)}] = true
		}
		theirs, err := http.ParseCookie(header)
		if err != nil || strings.ContainsFunc(header, unsent) {
			return
		}
		for _, c := range theirs {
			if !ours[[2]string{c.Name, c.Value}] {
				t.Errorf("net/http finds %s=%q in %q", c.Name, c.Value, header)
			}
		}
	})
}

// unsent are characters that no header holds, and quotes, which net/http strips
// and WAF inspects.
func unsent(r rune) bool { return r < ' ' || r == '"' || r == 0x7f }
