package transform

import "bytes"

// Changes says whether the transformation may change src. False is certain: Append
// would copy src. It is cheaper than Append, which most parts of most requests
// then never need.
func (k Kind) Changes(src []byte) bool {
	if len(src) == 0 {
		return k == MD5
	}
	switch k {
	case HTMLEntityDecode:
		return bytes.IndexByte(src, '&') >= 0
	case EscapeSeqDecode, CSSDecode, JSDecode:
		return bytes.IndexByte(src, '\\') >= 0
	case RemoveNulls, ReplaceNulls:
		return bytes.IndexByte(src, 0) >= 0
	case ReplaceComments:
		return bytes.Contains(src, commentStart)
	case Base64Decode, Base64DecodeExt, HexDecode, MD5:
		return true
	case NormalizePath, NormalizePathWin:
		return pathChanges(src, k == NormalizePathWin)
	case CompressWhiteSpace, CmdLine, Lowercase, URLDecode, URLDecodeUni, SQLHexDecode, UTF8ToUnicode:
		return k.touches(src)
	default:
		return false
	}
}

// touches looks for the bytes that a transformation acts on. A space is acted on
// only before some others.
func (k Kind) touches(src []byte) bool {
	bit := uint32(1) << k
	for i, c := range src {
		if triggers[c]&bit != 0 {
			return true
		}
		if c == ' ' && i+1 < len(src) && spaceTriggers[src[i+1]]&bit != 0 {
			return true
		}
	}
	return false
}

// triggers says for each byte, by a bit for each Kind, which transformations act on
// it wherever it stands; spaceTriggers which act on it after a space.
var triggers, spaceTriggers = func() (t, after [256]uint32) {
	on := func(t *[256]uint32, k Kind, bytes string) {
		for _, c := range []byte(bytes) {
			t[c] |= 1 << k
		}
	}
	for c := range t {
		if c >= 'A' && c <= 'Z' {
			t[c] |= 1<<Lowercase | 1<<CmdLine
		}
		if c >= 0x80 {
			t[c] |= 1 << UTF8ToUnicode
		}
	}
	on(&t, CompressWhiteSpace, "\t\n\v\f\r\xa0")
	on(&t, CmdLine, "\\\"'^,;\t\r\n")
	on(&t, URLDecode, "%+")
	on(&t, URLDecodeUni, "%+")
	on(&t, SQLHexDecode, "xX")
	on(&after, CompressWhiteSpace, " ")
	on(&after, CmdLine, " /(")
	return t, after
}()

// pathChanges looks for a slash or the start before another slash or a dot.
func pathChanges(src []byte, windows bool) bool {
	if windows && bytes.IndexByte(src, '\\') >= 0 || src[0] == '.' {
		return true
	}
	for i := 1; i < len(src); i++ {
		if src[i-1] == '/' && (src[i] == '/' || src[i] == '.') {
			return true
		}
	}
	return false
}
