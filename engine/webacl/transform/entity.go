package transform

import (
	"bytes"
	"unicode/utf8"
)

// htmlEntityDecode decodes the entities that AWS names: quot, nbsp, lt and gt, and
// numeric ones. The semicolon may be missing, as browsers have it. A number up to
// 255 is that byte, as AWS says of nbsp; a larger one is the character in UTF-8.
// What stands for no character stays.
func htmlEntityDecode(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '&')
		if i < 0 {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i:]
		r, size := entity(src)
		switch {
		case size == 0:
			dst, src = append(dst, '&'), src[1:]
			continue
		case r < 0:
			dst = append(dst, src[:size]...)
		case r <= 0xff:
			dst = append(dst, byte(r))
		default:
			dst = utf8.AppendRune(dst, r)
		}
		src = src[size:]
	}
}

// entity is the character of the entity at the start of s, and its length, 0 where
// it is none. A negative character is a number that is none.
func entity(s []byte) (r rune, size int) {
	if len(s) > 1 && s[1] == '#' {
		r, size = numericEntity(s)
	} else {
		r, size = namedEntity(s)
	}
	if size > 0 && size < len(s) && s[size] == ';' {
		size++
	}
	return r, size
}

// namedEntity knows the names in the letters that HTML has: nbsp has none in upper
// case.
func namedEntity(s []byte) (r rune, size int) {
	n := 1
	for n < len(s) && n < 6 && isAlphanumeric(s[n]) {
		n++
	}
	switch string(s[1:n]) {
	case "quot", "QUOT":
		return '"', n
	case "nbsp":
		return nbsp, n
	case "lt", "LT":
		return '<', n
	case "gt", "GT":
		return '>', n
	}
	return 0, 0
}

func numericEntity(s []byte) (r rune, size int) {
	i, base := 2, rune(10)
	if i < len(s) && s[i]|0x20 == 'x' {
		i, base = 3, 16
	}
	first := i
	for ; i < len(s); i++ {
		d := unhex(s[i])
		if rune(d) >= base {
			break
		}
		if r = r*base + rune(d); r > utf8.MaxRune {
			r = utf8.MaxRune + 1 // enough to know, and never too large to hold
		}
	}
	if i == first {
		return 0, 0
	}
	if !utf8.ValidRune(r) {
		r = -1
	}
	return r, i
}

func isAlphanumeric(c byte) bool { return c-'0' < 10 || c|0x20-'a' < 26 }
