package transform

import "testing"

// TestAppend holds every transformation of §5 to examples, most of them from AWS's
// text of TextTransformation.
func TestAppend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind     Kind
		in, want string
	}{
		{None, "A b\x00%41", "A b\x00%41"},

		{CompressWhiteSpace, "a\f\t\n\r\vb", "a b"},
		{CompressWhiteSpace, "a\xa0b  c", "a b c"},
		{CompressWhiteSpace, " a ", " a "},
		{CompressWhiteSpace, "\u00a0a\u00e0", "\xc2 a\xc3 "},

		{HTMLEntityDecode, "&quot;&lt;b&gt;&nbsp;", "\"<b>\xa0"},
		{HTMLEntityDecode, "&#60;&#x3C;&#X3c;", "<<<"},
		{HTMLEntityDecode, "&#60script&lt a", "<script< a"},
		{HTMLEntityDecode, "&#0000000000000000000000000060;", "<"},
		{HTMLEntityDecode, "&#x20ac;&#233;", "€\xe9"},
		{HTMLEntityDecode, "&amp;lt;", "&amp;lt;"},
		{HTMLEntityDecode, "&#; &#x; & &lta; &#xd800; &#99999999999;", "&#; &#x; & &lta; &#xd800; &#99999999999;"},

		{Lowercase, "ABCxyzÄ", "abcxyzÄ"},

		{CmdLine, `c^m"d' \/C ;  Dir`, "cmd/c dir"},
		{CmdLine, "cat   /etc/passwd (a)", "cat/etc/passwd(a)"},
		{CmdLine, "a,b;c\t\r\nd", "a b c d"},

		{URLDecode, "%3Cscript%3e+%", "<script> %"},
		{URLDecode, "%zz%4%u0041", "%zz%4%u0041"},
		{URLDecodeUni, "%3Cscript%3e+%", "<script> %"},
		{URLDecodeUni, "%u003c%U0041", "<A"},
		{URLDecodeUni, "%uFF1Cscript%uff1e", "<script>"},
		{URLDecodeUni, "%u2019%u00a0%uff00%uff5f", "\x19\xa0\x00\x5f"},
		{URLDecodeUni, "%u00%u004", "%u00%u004"},

		{Base64Decode, "PHNjcmlwdD4=", "<script>"},
		{Base64Decode, "PHNj\r\ncmlwdD4", "<script>"},
		{Base64Decode, "PHNj!cmlwdD4=", "<sc"},
		{Base64Decode, "P", ""},
		{Base64DecodeExt, "P.H-N_j c!m\xfflwdD4=QUJD", "<script>"},
		{Base64DecodeExt, ".P.H.N.j.c.m.l.w.d.D.4.", "<script>"},

		{HexDecode, "414243", "ABC"},
		{HexDecode, "4142430", "4142430"},
		{HexDecode, "41zz", "41zz"},
		{SQLHexDecode, "0x414243", "ABC"},
		{SQLHexDecode, "a=0X41424 or 0xg00x41", "a=AB4 or 0xg0A"},
		{SQLHexDecode, "0x", "0x"},

		{MD5, "", "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e"},
		{MD5, "abc", "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72"},

		{ReplaceComments, "UNI/**/ON/*a*//*b*/SELECT", "UNI ON  SELECT"},
		{ReplaceComments, "a/*b", "a "},
		{ReplaceComments, "a*/b/*/c", "a*/b "},

		{EscapeSeqDecode, `\a\b\f\n\r\t\v\\\?\'\"`, "\a\b\f\n\r\t\v\\?'\""},
		{EscapeSeqDecode, `\x41\x4G\q\`, `A\x4G\q\`},
		{EscapeSeqDecode, `\0101\101\0\777\08`, "AA\x00\xff\x008"},
		{EscapeSeqDecode, `\0777`, "?7"},

		{CSSDecode, `ja\vascript`, "javascript"},
		{CSSDecode, `\6a\000061 v\61  x`, "java x"},
		{CSSDecode, `\ff1cscript`, "<script"},
		{CSSDecode, `\ff1c script\00ff1e\12ff1e`, "<script>\x1e"},
		{CSSDecode, "a\\\nb\\", "ab"},
		{CSSDecode, `\2019 `, "\x19"},

		{JSDecode, `\u0041\x41\101\n\q\'`, "AAA\nq'"},
		{JSDecode, `\uff1cscript\uFF1E\u2019`, "<script>\x19"},
		{JSDecode, `\u{3c}\u{0ff1c}\u{110041}\u{}`, "<<Au{}"},
		{JSDecode, `\777\08\x4\u00\`, "?7\x008x4u00\\"},

		{NormalizePath, "/a//b/./c/../d/", "/a/b/d/"},
		{NormalizePath, "../../a/../b", "../../b"},
		{NormalizePath, "/../a", "/a"},
		{NormalizePath, "/", "/"},
		{NormalizePath, "./", ""},
		{NormalizePath, "a/..", ""},
		{NormalizePath, `\a\..\b`, `\a\..\b`},
		{NormalizePathWin, `\a\\..\b\`, "/b/"},
		{NormalizePathWin, `c:\windows\.\system32/../x`, "c:/windows/x"},

		{RemoveNulls, "a\x00b\x00\x00", "ab"},
		{ReplaceNulls, "a\x00b\x00\x00", "a b  "},

		{UTF8ToUnicode, "aé€", "a%u00e9%u20ac"},
		{UTF8ToUnicode, "\U0001f600", "%u1f600"},
		{UTF8ToUnicode, "\xe9a\xff", "\xe9a\xff"},
	}
	seen := map[Kind]bool{}
	for _, tt := range tests {
		seen[tt.kind] = true
		if got := string(tt.kind.Append([]byte("x"), []byte(tt.in))); got != "x"+tt.want {
			t.Errorf("%s of %q = %q, want %q", tt.kind, tt.in, got[1:], tt.want)
		}
	}
	for _, k := range All() {
		if !seen[k] {
			t.Errorf("%s has no example", k)
		}
	}
}
