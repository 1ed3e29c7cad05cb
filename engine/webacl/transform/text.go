package transform

import (
	"bytes"
	"unicode/utf8"
)

// nbsp is the no-break space of ISO 8859-1. AWS names it by its number, so it is
// that byte wherever it stands, in UTF-8 sequences too.
const nbsp = 160

func lowercase(dst, src []byte) []byte {
	from := len(dst)
	dst = append(dst, src...)
	for i, c := range dst[from:] {
		if c-'A' < 26 {
			dst[from+i] = c + 'a' - 'A'
		}
	}
	return dst
}

func compressWhiteSpace(dst, src []byte) []byte {
	space := false
	for _, c := range src {
		if !isSpace(c) && c != nbsp {
			dst, space = append(dst, c), false
			continue
		}
		if !space {
			dst, space = append(dst, ' '), true
		}
	}
	return dst
}

// cmdLine undoes how shells let a command be written in other ways. Tabs and line
// ends count as spaces, which AWS does not say and ModSecurity does.
func cmdLine(dst, src []byte) []byte {
	space := false
	for _, c := range src {
		switch c {
		case '\\', '"', '\'', '^':
		case ' ', ',', ';', '\t', '\r', '\n':
			if !space {
				dst, space = append(dst, ' '), true
			}
		case '/', '(':
			if space {
				dst, space = dst[:len(dst)-1], false
			}
			dst = append(dst, c)
		default:
			if c-'A' < 26 {
				c += 'a' - 'A'
			}
			dst, space = append(dst, c), false
		}
	}
	return dst
}

// replaceComments puts one space for each C comment, one that does not end among
// them.
func replaceComments(dst, src []byte) []byte {
	for {
		i := bytes.Index(src, commentStart)
		if i < 0 {
			return append(dst, src...)
		}
		dst = append(append(dst, src[:i]...), ' ')
		end := bytes.Index(src[i+2:], commentEnd)
		if end < 0 {
			return dst
		}
		src = src[i+2+end+2:]
	}
}

var commentStart, commentEnd = []byte("/*"), []byte("*/")

func removeNulls(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, 0)
		if i < 0 {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i+1:]
	}
}

func replaceNulls(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, 0)
		if i < 0 {
			return append(dst, src...)
		}
		dst, src = append(append(dst, src[:i]...), ' '), src[i+1:]
	}
}

// utf8ToUnicode writes characters beyond ASCII as %uHHHH, in lower case, with as
// many digits as it takes and at least four. Bytes that are no UTF-8 stay.
func utf8ToUnicode(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		if src[i] < utf8.RuneSelf {
			dst = append(dst, src[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, src[i])
			i++
			continue
		}
		dst = append(dst, '%', 'u')
		shift := 12
		for r>>(shift+4) != 0 {
			shift += 4
		}
		for ; shift >= 0; shift -= 4 {
			dst = append(dst, "0123456789abcdef"[r>>shift&0xf])
		}
		i += size
	}
	return dst
}
