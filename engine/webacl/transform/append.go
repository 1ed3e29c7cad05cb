package transform

import (
	"crypto/md5"
	"encoding/hex"
)

// Append appends what the transformation makes of src to dst and returns the
// longer slice. It allocates only where dst has too little room; the result is no
// longer than src, but for MD5 (16 bytes) and UTF8_TO_UNICODE (at most three times
// as long). The time is linear in src. src is not changed, and nothing of it may be
// in the spare capacity of dst, which is written to; it may be a part of what dst
// holds already. A Kind that is none of the package's copies src.
//
// The source of each is AWS's documentation of TextTransformation (API reference);
// the package's comment has what is taken from elsewhere.
func (k Kind) Append(dst, src []byte) []byte {
	switch k {
	case CompressWhiteSpace:
		return compressWhiteSpace(dst, src)
	case HTMLEntityDecode:
		return htmlEntityDecode(dst, src)
	case Lowercase:
		return lowercase(dst, src)
	case CmdLine:
		return cmdLine(dst, src)
	case URLDecode:
		return urlDecode(dst, src)
	case Base64Decode:
		return base64Decode(dst, src, false)
	case HexDecode:
		return hexDecode(dst, src)
	case MD5:
		sum := md5.Sum(src)
		return append(dst, sum[:]...)
	case ReplaceComments:
		return replaceComments(dst, src)
	case EscapeSeqDecode:
		return escapeSeqDecode(dst, src)
	case SQLHexDecode:
		return sqlHexDecode(dst, src)
	case CSSDecode:
		return cssDecode(dst, src)
	case JSDecode:
		return jsDecode(dst, src)
	case NormalizePath:
		return normalizePath(dst, src, false)
	case NormalizePathWin:
		return normalizePath(dst, src, true)
	case RemoveNulls:
		return removeNulls(dst, src)
	case ReplaceNulls:
		return replaceNulls(dst, src)
	case Base64DecodeExt:
		return base64Decode(dst, src, true)
	case URLDecodeUni:
		return urlDecodeUni(dst, src)
	case UTF8ToUnicode:
		return utf8ToUnicode(dst, src)
	default: // None
		return append(dst, src...)
	}
}

// hexDecode decodes pairs of hexadecimal digits. What is not such pairs from end to
// end stays as it is.
func hexDecode(dst, src []byte) []byte {
	from := len(dst)
	dst, err := hex.AppendDecode(dst, src)
	if err != nil {
		return append(dst[:from], src...)
	}
	return dst
}

// unhex is the value of a hexadecimal digit, and none of everything else.
func unhex(c byte) byte { return hexValues[c] }

const none = 0xff

var hexValues = func() (t [256]byte) {
	for c := range t {
		t[c] = none
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// hexByte is the value of the two hexadecimal digits at s[i:], if they are there.
func hexByte(s []byte, i int) (byte, bool) {
	if i+1 >= len(s) {
		return 0, false
	}
	hi, lo := hexValues[s[i]], hexValues[s[i+1]]
	return hi<<4 | lo&0x0f, hi != none && lo != none
}

// narrow makes one byte of a 16-bit code, as ModSecurity does and AWS documents:
// the lower byte, with the full-width forms of ASCII (U+FF01 to U+FF5E) folded.
func narrow(high, low byte) byte {
	if high == 0xff && low > 0x00 && low < 0x5f {
		return low + 0x20
	}
	return low
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// isSpace is isspace of C in its own locale.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
