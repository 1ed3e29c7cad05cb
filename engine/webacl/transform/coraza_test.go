package transform

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/corazawaf/coraza/v3"
)

// twin is Coraza's name for a transformation, and the inputs on which the two are
// known to differ: the table in the package's comment. A nil differs is none.
type twin struct {
	kind    Kind
	name    string
	differs func(in, ours string) bool
}

// has makes a list of differences of an expression for the inputs that have them.
func has(expression string) func(in, ours string) bool {
	re := regexp.MustCompile(expression)
	return func(in, _ string) bool { return re.MatchString(in) }
}

// codes finds the codes of escapes, and asks each whether the two differ on it.
func codes(expression string, base int, differs func(code uint64) bool) func(in, ours string) bool {
	re := regexp.MustCompile(expression)
	return func(in, _ string) bool {
		for _, m := range re.FindAllStringSubmatch(in, -1) {
			if m[1] != "" && differs(number(m[1], base)) {
				return true
			}
		}
		return false
	}
}

func notNarrow(code uint64) bool {
	return code == 0 || code > 0x7f && (code < 0xff01 || code > 0xff5e)
}

func anyOf(list ...func(in, ours string) bool) func(in, ours string) bool {
	return func(in, ours string) bool {
		return slices.ContainsFunc(list, func(f func(in, ours string) bool) bool { return f(in, ours) })
	}
}

var (
	entityName   = regexp.MustCompile(`&([A-Za-z0-9]+)`)
	validEscape  = regexp.MustCompile(`\\[abfnrtv\\?'"]|\\[xX][0-9a-fA-F]{2}|\\[0-7]{1,3}`)
	rootedTwice  = func(_, ours string) bool { return ours == "/" }
	windowsNames = has(`[: ]|[^./\\]\.+([/\\]|$)|\.\.\.`)
)

var twins = []twin{
	{CompressWhiteSpace, "compressWhitespace", func(in, _ string) bool { return strings.Contains(in, "\xa0") || strings.Contains(in, "\u0085") }},
	{HTMLEntityDecode, "htmlEntityDecode", anyOf(
		func(in, _ string) bool {
			for _, m := range entityName.FindAllStringSubmatch(in, -1) {
				if !slices.Contains([]string{"quot", "QUOT", "lt", "LT", "gt", "GT"}, m[1]) {
					return true
				}
			}
			return false
		},
		codes(`&#([0-9]+)`, 10, notText),
		codes(`&#[xX]([0-9a-fA-F]+)`, 16, notText),
	)},
	{Lowercase, "lowercase", has(`[^\x00-\x7f]`)},
	{CmdLine, "cmdLine", nil},
	{URLDecode, "urlDecode", nil},
	{Base64Decode, "base64Decode", nil},
	{HexDecode, "hexDecode", func(in, _ string) bool { return !regexp.MustCompile(`^([0-9a-fA-F]{2})*$`).MatchString(in) }},
	{MD5, "md5", nil},
	{ReplaceComments, "replaceComments", nil},
	{EscapeSeqDecode, "escapeSeqDecode", anyOf(
		func(in, _ string) bool {
			rest := validEscape.ReplaceAllString(in, ".")
			return strings.Contains(strings.TrimSuffix(rest, `\`), `\`)
		},
		has(`\\0[0-3][0-7]{2}`),
	)},
	{CSSDecode, "cssDecode", codes(`(?s)\\(?:([0-9a-fA-F]{1,6})|.)`, 16, notNarrow)},
	{JSDecode, "jsDecode", nil},
	{NormalizePath, "normalizePath", rootedTwice},
	{NormalizePathWin, "normalizePathWin", anyOf(rootedTwice, windowsNames)},
	{RemoveNulls, "removeNulls", nil},
	{ReplaceNulls, "replaceNulls", nil},
	{Base64DecodeExt, "base64DecodeExt", has(`[-_]`)},
	{URLDecodeUni, "urlDecodeUni", codes(`%[uU]([0-9a-fA-F]{4})`, 16, notNarrow)},
	{UTF8ToUnicode, "utf8toUnicode", func(in, _ string) bool { return !utf8.ValidString(in) }},
}

// notText are numbers that HTML reads in another way than a byte, or not at all.
func notText(code uint64) bool {
	return code == 0 || code >= 0x80 && code <= 0xff || code > utf8.MaxRune || !utf8.ValidRune(rune(code))
}

// corazas runs real Coraza, with one rule for each transformation that matches
// whatever came out.
func corazas(t *testing.T) func(in string) map[Kind]string {
	t.Helper()
	directives := "SecRuleEngine On\n"
	for i, w := range twins {
		directives += fmt.Sprintf("SecRule ARGS_GET:in \"@unconditionalMatch\" \"id:%d,phase:1,pass,t:none,t:%s\"\n", i+1, w.name)
	}
	waf, err := coraza.NewWAF(coraza.NewWAFConfig().WithDirectives(directives))
	if err != nil {
		t.Fatal(err)
	}
	return func(in string) map[Kind]string {
		tx := waf.NewTransaction()
		defer tx.Close()
		tx.AddGetRequestArgument("in", in)
		tx.ProcessRequestHeaders()
		out := map[Kind]string{}
		for _, m := range tx.MatchedRules() {
			data := m.MatchedDatas()
			if len(data) != 1 {
				t.Fatalf("rule %d matched %d values", m.Rule().ID(), len(data))
			}
			out[twins[m.Rule().ID()-1].kind] = data[0].Value()
		}
		return out
	}
}

// TestCoraza compares the transformations with those of Coraza, wherever AWS's text
// does not want another result (§5).
func TestCoraza(t *testing.T) {
	t.Parallel()
	ask := corazas(t)
	r := rand.New(rand.NewPCG(9, 10))
	compared := map[Kind]int{}
	inputs := slices.Clone(fragments)
	for range 6000 {
		inputs = append(inputs, generated(r))
	}
	for range 100 {
		inputs = append(inputs, hex.EncodeToString([]byte(generated(r))))
	}
	for _, in := range inputs {
		theirs := ask(in)
		for _, w := range twins {
			ours := string(w.kind.Append(nil, []byte(in)))
			if w.differs != nil && w.differs(in, ours) {
				continue
			}
			got, ok := theirs[w.kind]
			if !ok {
				t.Fatalf("Coraza ran no %s on %q", w.name, in)
			}
			if got != ours {
				t.Errorf("%s of %q = %q, Coraza's %s makes %q of it", w.kind, in, ours, w.name, got)
			}
			if ours != in {
				compared[w.kind]++
			}
		}
		if t.Failed() {
			return
		}
	}
	for _, w := range twins {
		if compared[w.kind] < 50 {
			t.Errorf("%s was compared on only %d inputs that it changes", w.kind, compared[w.kind])
		}
	}
}

// TestKnownDifferences asks that each difference from Coraza that the package's
// comment lists is one still.
func TestKnownDifferences(t *testing.T) {
	t.Parallel()
	ask := corazas(t)
	for _, tt := range []struct {
		kind             Kind
		in, ours, theirs string
	}{
		{Lowercase, "É", "É", "é"},
		{CompressWhiteSpace, "à", "\xc3 ", "à"},
		{CompressWhiteSpace, "\u0085", "\u0085", " "},
		{HTMLEntityDecode, "&amp;", "&amp;", "&"},
		{HTMLEntityDecode, "&#233;", "\xe9", "é"},
		{HTMLEntityDecode, "&#xd800;", "&#xd800;", "\ufffd"},
		{Base64DecodeExt, "Q-UI", "AB", "C\xe5\x08"},
		{EscapeSeqDecode, `\q`, `\q`, "q"},
		{EscapeSeqDecode, `\0101`, "A", "\b1"},
		{CSSDecode, `\2019 `, "\x19", "\u2019"},
		{NormalizePath, "/", "/", "//"},
		{NormalizePathWin, `a.txt::$DATA`, "a.txt::$DATA", "a.txt"},
		{NormalizePathWin, `a.`, "a.", "a"},
		{URLDecodeUni, "%u2019", "\x19", "'"},
		{UTF8ToUnicode, "é\xff", "%u00e9\xff", "%u00e9%ufffd"},
	} {
		ours, theirs := string(tt.kind.Append(nil, []byte(tt.in))), ask(tt.in)[tt.kind]
		if ours != tt.ours || theirs != tt.theirs {
			t.Errorf("%s of %q: %q and Coraza %q, want %q and %q", tt.kind, tt.in, ours, theirs, tt.ours, tt.theirs)
		}
	}
}
