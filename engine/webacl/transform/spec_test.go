package transform

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// replace makes a specification of an expression and what becomes of its matches,
// given as the match and its groups.
func replace(expression string, by func(m []string) string) func(string) string {
	re := regexp.MustCompile(strings.ReplaceAll(expression, "H", "[0-9a-fA-F]"))
	return func(s string) string {
		return re.ReplaceAllStringFunc(s, func(match string) string { return by(re.FindStringSubmatch(match)) })
	}
}

func number(s string, base int) uint64 {
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		return 1 << 63
	}
	return n
}

// narrowed is the byte of a code that AWS's text describes.
func narrowed(code uint64) string {
	if code >= 0xff01 && code <= 0xff5e {
		return string(rune(code - 0xfee0))
	}
	return string([]byte{byte(code)})
}

func hexPair(s string) string { return string([]byte{byte(number(s, 16))}) }

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func decode64(s string) string {
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, _ := base64.RawStdEncoding.DecodeString(s)
	return string(b)
}

func cleanPath(s string) string {
	clean := path.Clean(s)
	switch {
	case s == "" || clean == ".":
		return ""
	case strings.HasSuffix(s, "/") && clean != "/":
		return clean + "/"
	}
	return clean
}

// specifications say what each transformation does, slowly and in other words.
var specifications = map[Kind]func(string) string{
	None:      func(s string) string { return s },
	Lowercase: replace(`[A-Z]`, func(m []string) string { return strings.ToLower(m[0]) }),
	CompressWhiteSpace: func(s string) string {
		return regexp.MustCompile(`[\f\t\n\r\v ]+`).ReplaceAllString(strings.ReplaceAll(s, "\xa0", " "), " ")
	},
	CmdLine: func(s string) string {
		s = regexp.MustCompile(`[\\"'^]`).ReplaceAllString(s, "")
		s = regexp.MustCompile(`[,;\t\r\n ]+`).ReplaceAllString(s, " ")
		s = regexp.MustCompile(` ([/(])`).ReplaceAllString(s, "$1")
		return replace(`[A-Z]`, func(m []string) string { return strings.ToLower(m[0]) })(s)
	},
	HTMLEntityDecode: replace(`&(#[xX]H+|#[0-9]+|[A-Za-z0-9]+);?`, func(m []string) string {
		named := map[string]string{"quot": `"`, "QUOT": `"`, "lt": "<", "LT": "<", "gt": ">", "GT": ">", "nbsp": "\xa0"}
		if s, ok := named[m[1]]; ok {
			return s
		}
		if m[1][0] != '#' {
			return m[0]
		}
		base := 10
		if m[1][1]|0x20 == 'x' {
			base = 16
		}
		code := number(strings.TrimLeft(m[1], "#xX"), base)
		switch {
		case code <= 0xff:
			return string([]byte{byte(code)})
		case code > utf8.MaxRune || !utf8.ValidRune(rune(code)):
			return m[0]
		}
		return string(rune(code))
	}),
	URLDecode: replace(`%HH|\+`, func(m []string) string {
		if m[0] == "+" {
			return " "
		}
		return hexPair(m[0][1:])
	}),
	URLDecodeUni: replace(`%[uU](HHHH)|%(HH)|\+`, func(m []string) string {
		switch {
		case m[0] == "+":
			return " "
		case m[1] != "":
			return narrowed(number(m[1], 16))
		}
		return hexPair(m[2])
	}),
	Base64Decode: func(s string) string {
		s = strings.NewReplacer("\r", "", "\n", "").Replace(s)
		return decode64(s[:len(s)-len(strings.TrimLeft(s, alphabet))])
	},
	Base64DecodeExt: func(s string) string {
		s, _, _ = strings.Cut(s, "=")
		return decode64(regexp.MustCompile(`[^A-Za-z0-9+/]`).ReplaceAllString(s, ""))
	},
	HexDecode: func(s string) string {
		if b, err := hex.DecodeString(s); err == nil {
			return string(b)
		}
		return s
	},
	SQLHexDecode: replace(`0[xX]((?:HH)+)`, func(m []string) string {
		b, _ := hex.DecodeString(m[1])
		return string(b)
	}),
	MD5: func(s string) string {
		h := md5.New()
		h.Write([]byte(s))
		return string(h.Sum(nil))
	},
	ReplaceComments: func(s string) string { return regexp.MustCompile(`(?s)/\*.*?(?:\*/|\z)`).ReplaceAllString(s, " ") },
	EscapeSeqDecode: replace(`\\(?:([abfnrtv])|([\\?'"])|[xX](HH)|0([0-3][0-7]{2})|([0-7]{1,3}))`, func(m []string) string {
		if m[1] != "" {
			return string([]byte{"\a\b\f\n\r\t\v"[strings.Index("abfnrtv", m[1])]})
		}
		if m[3] != "" {
			return hexPair(m[3])
		}
		if octal := m[4] + m[5]; octal != "" {
			return string([]byte{byte(number(octal, 8))})
		}
		return m[2]
	}),
	CSSDecode: replace(`(?s)\\(?:(H{1,6})[ \f\n\r\t\v]?|\n|(.)|\z)`, func(m []string) string {
		if m[1] != "" {
			return narrowed(number(m[1], 16))
		}
		return m[2]
	}),
	JSDecode: replace(`(?s)\\(?:u(HHHH)|u\{(H{1,6})\}|x(HH)|([0-3][0-7]{0,2}|[4-7][0-7]?)|([abfnrtv])|(.))`, func(m []string) string {
		switch {
		case m[1]+m[2]+m[3] != "":
			return narrowed(number(m[1]+m[2]+m[3], 16))
		case m[4] != "":
			return string([]byte{byte(number(m[4], 8))})
		case m[5] != "":
			return string([]byte{"\a\b\f\n\r\t\v"[strings.Index("abfnrtv", m[5])]})
		}
		return m[6]
	}),
	NormalizePath:    cleanPath,
	NormalizePathWin: func(s string) string { return cleanPath(strings.ReplaceAll(s, `\`, "/")) },
	RemoveNulls:      func(s string) string { return strings.ReplaceAll(s, "\x00", "") },
	ReplaceNulls:     func(s string) string { return strings.ReplaceAll(s, "\x00", " ") },
	UTF8ToUnicode: replace(`[^\x00-\x7f]`, func(m []string) string {
		if r, size := utf8.DecodeRuneInString(m[0]); size > 1 {
			return fmt.Sprintf("%%u%04x", r)
		}
		return m[0]
	}),
}

// fragments are what the transformations act on, whole and broken.
var fragments = []string{
	"a", "B", "z", "0", "7", "9", "f", " ", "  ", "\t", "\n", "\r", "\v", "\f", "\x00", "\xa0", "\x85", "é", "€", "😀", "\xff", "\xc3", "à",
	"&", "&lt", "&lt;", "&GT;", "&quot;", "&nbsp;", "&amp;", "&#60;", "&#x3e", "&#0;", "&#233;", "&#8364;", "&#xd800;", "&#99999999999999999999;", "&#", "&#x", ";", "#",
	"%", "%3c", "%3", "+", "%u003c", "%uff1c", "%U0041", "%u2019", "%u12", "%uFF00",
	`\`, `\\`, `\n`, `\x41`, `\x4`, `\X4a`, `\101`, `\0101`, `\777`, `\8`, `\q`, `\?`, `\'`, `\u0041`, `\uff1e`, `\u{3c}`, `\u{0ff1c}`, `\u{`, `\6a `, `\00ff1c`, `\2019 `, "\\\n", `\0`,
	"0x41", "0X4142", "0x4", "0x", "x", "41", "4a",
	"/", "//", "./", "../", "..", ".", "...", "a.", "/*", "*/", "/**/", "*", "C:", `..\`,
	`"`, "'", "^", ",", "(", " /", " (", "PHNj", "cmlwdD4=", "=", "-", "_", "QQ", "QUI",
}

func generated(r *rand.Rand) string {
	var b strings.Builder
	few := fragments
	if r.IntN(2) == 0 { // more of the same
		few = nil
		for range 4 {
			few = append(few, fragments[r.IntN(len(fragments))])
		}
	}
	for range r.IntN(9) {
		b.WriteString(few[r.IntN(len(few))])
	}
	return b.String()
}

// check holds a transformation to everything that is true of it for any input.
func check(t *testing.T, k Kind, in string) {
	t.Helper()
	src := []byte(in)
	out := string(k.Append(nil, src))
	if string(src) != in {
		t.Fatalf("%s changed its source %q", k, in)
	}
	if want := specifications[k](in); out != want {
		t.Fatalf("%s of %q = %q, want %q", k, in, out, want)
	}
	if !k.Changes(src) && out != in {
		t.Fatalf("%s changes %q to %q, and Changes says no", k, in, out)
	}
	most := len(in)
	switch k {
	case MD5:
		most = md5.Size
	case UTF8ToUnicode:
		most *= 3
	}
	if len(out) > most {
		t.Fatalf("%s makes %d bytes of %q", k, len(out), in)
	}
	if slices.Contains(idempotent, k) && string(k.Append(nil, []byte(out))) != out {
		t.Fatalf("%s of %q is not the same a second time", k, in)
	}
}

var idempotent = []Kind{
	None, CompressWhiteSpace, Lowercase, CmdLine, ReplaceComments, NormalizePath, NormalizePathWin, RemoveNulls, ReplaceNulls, UTF8ToUnicode,
}

// TestSpecifications compares every transformation of §5 with its specification.
func TestSpecifications(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		in := generated(r)
		for _, k := range All() {
			check(t, k, in)
		}
	}
}

// TestApply compares chains in scratch memory with the transformations one by one.
func TestApply(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	all := All()
	var s Scratch
	for range 20000 {
		in := generated(r)
		kinds := make([]Kind, r.IntN(5))
		want := in
		for i := range kinds {
			kinds[i] = all[r.IntN(len(all))]
			want = string(kinds[i].Append(nil, []byte(want)))
		}
		src := []byte(in)
		got := s.Apply(kinds, src)
		if string(got) != want || string(src) != in {
			t.Fatalf("%v of %q = %q, want %q", kinds, in, got, want)
		}
	}
	src := []byte("plain")
	if got := s.Apply([]Kind{None, Lowercase, URLDecode}, src); &got[0] != &src[0] {
		t.Error("text that nothing changes was copied")
	}
}

func TestNoAllocs(t *testing.T) {
	src := []byte(strings.Join(fragments, ""))
	dst := make([]byte, 0, 3*len(src))
	for _, k := range All() {
		if n := testing.AllocsPerRun(100, func() { dst = k.Append(dst[:0], src) }); n != 0 {
			t.Errorf("%s: %v allocations", k, n)
		}
	}
	var s Scratch
	if n := testing.AllocsPerRun(100, func() { s.Apply([]Kind{URLDecodeUni, HTMLEntityDecode, Lowercase}, src) }); n != 0 {
		t.Errorf("a chain: %v allocations", n)
	}
}

// FuzzAppend holds every transformation to its specification on any bytes.
func FuzzAppend(f *testing.F) {
	for _, s := range fragments {
		f.Add([]byte(s), uint8(0))
	}
	f.Add([]byte(strings.Join(fragments, "")), uint8(3))
	f.Fuzz(func(t *testing.T, src []byte, kind uint8) {
		k := Kind(kind) % kinds
		check(t, k, string(src))
		// An output that goes where there is something already leaves that alone.
		with := k.Append([]byte("/ ../"), src)
		if !bytes.HasPrefix(with, []byte("/ ../")) || string(with[5:]) != string(k.Append(nil, src)) {
			t.Fatalf("%s of %q after other bytes: %q", k, src, with)
		}
		// So does one whose source is there.
		if with = k.Append(src, src); string(with[len(src):]) != string(k.Append(nil, src)) {
			t.Fatalf("%s of %q after itself: %q", k, src, with)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	src := []byte("/shop/checkout?item=A-1029&name=Caf%C3%A9+noir&note=%3Cb%3Ehello%3C%2Fb%3E&session=0123456789abcdef")
	dst := make([]byte, 0, 3*len(src))
	for _, k := range All() {
		b.Run("kind="+k.String(), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				dst = k.Append(dst[:0], src)
			}
		})
	}
}

// BenchmarkChanges is what the check costs on text that nothing changes.
func BenchmarkChanges(b *testing.B) {
	src := []byte("/shop/checkout/basket/items/a-1029/quantity/2/session/0123456789abcdef")
	for _, k := range []Kind{Lowercase, URLDecodeUni, HTMLEntityDecode, CompressWhiteSpace, CmdLine, NormalizePath} {
		b.Run("kind="+k.String(), func(b *testing.B) {
			for b.Loop() {
				if k.Changes(src) {
					b.Fatal("it changes")
				}
			}
		})
	}
}
