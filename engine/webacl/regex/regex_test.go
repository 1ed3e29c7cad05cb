package regex

import (
	"strings"
	"testing"
)

// TestSyntax holds the dialect of §3 (Regex) to one example or more for each
// construct that it has. "-" is no match.
func TestSyntax(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, text, want string }{
		{"", "abc", ""},
		{"a|b", "xb", "b"},
		{"ab?c+d*", "xaccdd", "accdd"},
		{"a{2}", "aaa", "aa"},
		{"a{2,}", "aaaa", "aaaa"},
		{"a{1,2}", "aaaa", "aa"},
		{"a{,2}", "xa{,2}", "a{,2}"},
		{"a{x}", "a{x}", "a{x}"},
		{"a{2}{2}", "aaaaa", "aaaa"},
		{"a+?", "aaa", "a"},
		{"(?U)a+", "aaa", "a"},
		{"(?U)a+?", "aaa", "aaa"},
		{"a.c", "a\nc", "-"},
		{"(?s)a.c", "a\nc", "a\nc"},
		{`a\Nc`, "a\nc", "-"},
		{"a$", "a\n", "a"},
		{"a$", "a\n\n", "-"},
		{`a\Z`, "a\n", "a"},
		{`a\z`, "a\n", "-"},
		{`a$\n`, "a\n", "a\n"},
		{"(?m)^b", "a\nb", "b"},
		{"(?m)a$", "a\nb", "a"},
		{"(?m)b^", "b\n", "-"},
		{"(?m)\n^", "b\n", "-"},
		{`\Ab|\Gc`, "cb", "c"},
		{"^b", "a\nb", "-"},
		{`\bfoo\b`, "a foo.", "foo"},
		{`\Boo`, "foo", "oo"},
		{`\d+`, "٣12", "12"},
		{`\w+`, "é_a1-", "_a1"},
		{`\W`, "aé", "\xc3"},
		{`\s\S`, "a\vb", "\vb"},
		{`\h\H`, "\xa0a", "\xa0a"},
		{`\v\V`, "a\x85b", "\x85b"},
		{`\t\n\r\f\a\e\0`, "\t\n\r\f\a\x1b\x00", "\t\n\r\f\a\x1b\x00"},
		{`\x41\x{42}\x4\101\o{102}\cA`, "AB\x04AB\x01", "AB\x04AB\x01"},
		{`\xff`, "ÿ\xff", "\xff"},
		{`é+`, "éé", "é"},
		{`[é]`, "é", "\xc3"},
		{`.`, "é", "\xc3"},
		{`^.{2}$`, "é", "é"},
		{`\Qa.b\E+`, "a.bb", "a.bb"},
		{`\Qa.b`, "xa.b", "a.b"},
		{`[a-c]+`, "xabcd", "abc"},
		{`[^a-c]+`, "abxy\nz", "xy\nz"},
		{`[]a]+`, "x]a", "]a"},
		{`[a\]b-]+`, "x-]", "-]"},
		{`[a-\d]+`, "x-5a", "-5a"},
		{`[\b]`, "a\bb", "\b"},
		{`[\Qa-c\E]+`, "b-", "-"},
		{`[[:alpha:]]+`, "1ab2", "ab"},
		{`[[:^digit:][:punct:]]+`, "1a!2", "a!"},
		{`[[:alpha]+`, "b[a:", "[a:"},
		{`[[:word:]\-x]`, "-", "-"},
		{`(?i)straße[A-C]`, "STRAßEb", "STRAßEb"},
		{`(?i)k`, "\u212a", "-"},
		{`a(?i)b|c`, "C", "C"},
		{`(a(?i)b)c`, "aBC", "-"},
		{`(?i:a)b`, "Ab", "Ab"},
		{`(?i:a)b`, "AB", "-"},
		{`(?i-i:a)`, "A", "-"},
		{`(?x) a b # c` + "\n d", "abd", "abd"},
		{`(?x)a\ [ ]b +`, "a  bb", "a  bb"},
		{`(?xx)[a b]+`, "a b", "a"},
		{`a(?#comment)b`, "ab", "ab"},
		{`(?P<x>a)(?<y>b)(?'z'c)(d)(?:e)(?|f)`, "abcdef", "abcdef"},
		{`\p{Lu}\pN\P{L}`, "aB12", "B12"},
		{`\_\-\/\<`, "_-/<", "_-/<"},
		{`foo(?=bar)`, "foobaz foobar", "foo"},
		{`foo(?!bar)`, "foobar foobaz", "foo"},
		{`(?<=id=)\d+`, "x=1&id=23", "23"},
		{`(?<!id=|x=)[0-9]`, "id=1x=2y=3", "3"},
		{`^(?=.*\d)(?=.*[a-z]).{4,}$`, "ab12", "ab12"},
		{`(?i)^/admin(?!/public)`, "/Admin/public", "-"},
		{`a{1001}`, strings.Repeat("a", 1001), strings.Repeat("a", 1001)},
		{`(|a)*`, "aa", ""},
		{`(?=(a*))\w`, "aab", "a"},
	}
	for _, tt := range tests {
		re, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		got := "-"
		start, end, found := re.Find([]byte(tt.text))
		if found == Yes {
			got = tt.text[start:end]
		}
		if got != tt.want {
			t.Errorf("%q in %q: %q (%d), want %q", tt.pattern, tt.text, got, found, tt.want)
		}
	}
}

// TestRefused asks that what §3 lists as unsupported is refused by its name, and
// mistakes by their place.
func TestRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, want string }{
		{`(a)\1`, `character 4: AWS WAF does not support back-references (\1)`},
		{`(?<x>a)\k<x>`, `back-references (\k)`},
		{`(a)\g1`, `back-references (\g)`},
		{`(?P<x>a)(?P=x)`, `back-references ((?P=name))`},
		{`(a(?R)?b)`, `recursion ((?R))`},
		{`(a)(?1)`, `subroutine calls ((?1))`},
		{`(a)(?-1)`, `subroutine calls ((?-1))`},
		{`(?+1)(a)`, `subroutine calls ((?+1))`},
		{`(?<x>a)(?&x)`, `subroutine calls ((?&name))`},
		{`(?<x>a)(?P>x)`, `subroutine calls ((?P>name))`},
		{`(a)\g<1>`, `subroutine calls (\g<…>)`},
		{`(a)?(?(1)b|c)`, `conditions ((?(…)…))`},
		{`a(*SKIP)b`, `backtracking verbs`},
		{`(*UTF8)a`, `options of the matcher`},
		{`a\Cb`, `the single byte \C`},
		{`a\Rb`, `the line end \R`},
		{`a\Kb`, `the reset of the match's start \K`},
		{`a(?C1)b`, `callouts ((?C))`},
		{`a(?{1})b`, `embedded code`},
		{`(?>a+)b`, `atomic groups ((?>…))`},
		{`a++b`, `possessive quantifiers (++)`},
		{`a*+`, `possessive quantifiers (*+)`},
		{`a{2}+`, `possessive quantifiers ({2}+)`},
		{`\X`, `grapheme cluster`},
		{`\x{20ac}`, `more than a byte`},
		{`(?<=a+)b`, `character 1: what is looked for behind has no fixed length`},
		{`a**`, `character 3: the quantifier "*" follows another one`},
		{`*a`, `nothing before "*"`},
		{`|{2}`, `nothing before "{2}"`},
		{`(a`, `character 1: the parenthesis is not closed`},
		{`a)`, `character 2: a closing parenthesis without`},
		{`[a`, `the class in brackets is not closed`},
		{`[b-a]`, `the range b-a is out of order`},
		{`[[:nope:]]`, `there is no POSIX class "nope"`},
		{`a{3,2}`, `the counts of {3,2} are out of order`},
		{`a{70000}`, `larger than 65535`},
		{`((a{999}){999}){9}`, `too large`},
		{`\y`, `the escape \y stands for nothing`},
		{`\p{Nope}`, `there is no Unicode property "Nope"`},
		{`(?y)a`, `(?y is no group and no option`},
		{`a\`, `nothing after the last backslash`},
		{`(?#a`, `the comment does not end`},
		{strings.Repeat("(", 1000), `nested more than 250 deep`},
	}
	for _, tt := range tests {
		_, err := Compile(tt.pattern)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.pattern, err, tt.want)
		}
	}
}

// TestCatastrophic asks that expressions that take a backtracking matcher an
// eternity are answered, and that what takes too many steps is undecided.
func TestCatastrophic(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 8192)
	tests := []struct {
		pattern, text string
		want          Found
	}{
		{`(a+)+$`, long + "!", No},
		{`^(?=(a+)+$)`, long + "!", No},
		{`(?!x)(a|aa)+$`, long + "!", No},
		{`(?!x)(a*)*b`, long, No},
		{`(?=.*b)(?=.*c).*d`, long, No},
		{`(?=.*a)(?=.*!)x*d`, long + "!", No},
		{`(?<!x)(a?){50}a{50}$`, long[:60], Yes},
		{`(?=x|(?=a*b)a*c|(?=a*d))y`, long, No},
		{`(?!x)(a{0,300}a{0,300}){9}b`, long, Undecided},
	}
	for _, tt := range tests {
		re, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		re.need = nil // the matcher itself has to answer
		if _, _, found := re.Find([]byte(tt.text)); found != tt.want {
			t.Errorf("%q: %d, want %d", tt.pattern, found, tt.want)
		}
	}
}
