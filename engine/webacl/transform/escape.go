package transform

import "bytes"

// escapeSeqDecode decodes the escapes of ANSI C. What is no escape stays, with its
// backslash. Octal escapes have up to three digits, of which the low byte counts,
// or the form \0OOO that AWS's documentation writes.
func escapeSeqDecode(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '\\')
		if i < 0 || i+1 == len(src) {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i:]
		c, size := ansiEscape(src)
		if size == 0 {
			c, size = '\\', 1
		}
		dst, src = append(dst, c), src[size:]
	}
}

// ansiEscape is the byte that the escape at the start of s stands for, and how long
// the escape is: 0 where it is none.
func ansiEscape(s []byte) (c byte, size int) {
	switch s[1] {
	case '\\', '?', '\'', '"':
		return s[1], 2
	case 'x', 'X':
		if b, ok := hexByte(s, 2); ok {
			return b, 4
		}
		return 0, 0
	}
	if c := letterEscapes[s[1]]; c != 0 {
		return c, 2
	}
	if !isOctal(s[1]) {
		return 0, 0
	}
	if s[1] == '0' && len(s) >= 5 && s[2] <= '3' && isOctal(s[2]) && isOctal(s[3]) && isOctal(s[4]) {
		return (s[2]-'0')<<6 | (s[3]-'0')<<3 | (s[4] - '0'), 5
	}
	size = 1
	for size < 4 && size < len(s) && isOctal(s[size]) {
		c = c<<3 | (s[size] - '0')
		size++
	}
	return c, size
}

// letterEscapes are the escapes of one letter in C and JavaScript.
var letterEscapes = [256]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// jsDecode decodes the escapes of JavaScript, of codes beyond a byte the low one
// with full-width forms folded. Other escaped characters lose their backslash.
func jsDecode(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '\\')
		if i < 0 || i+1 == len(src) {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i:]
		c, size := jsEscape(src)
		dst, src = append(dst, c), src[size:]
	}
}

// jsEscape is the byte that the escape at the start of s stands for, and how long
// the escape is.
func jsEscape(s []byte) (c byte, size int) {
	switch c = s[1]; {
	case c == 'u':
		if b, ok := wide(s, 1); ok {
			return b, 6
		}
		if b, n := bracedEscape(s); n > 0 {
			return b, n
		}
	case c == 'x':
		if b, ok := hexByte(s, 2); ok {
			return b, 4
		}
	case isOctal(c):
		return jsOctal(s)
	case letterEscapes[c] != 0:
		return letterEscapes[c], 2
	}
	return c, 2
}

// jsOctal decodes up to three octal digits, no more than make a byte.
func jsOctal(s []byte) (c byte, size int) {
	size = 1
	for size < 4 && size < len(s) && isOctal(s[size]) {
		if size == 3 && s[1] > '3' {
			break
		}
		c = c<<3 | (s[size] - '0')
		size++
	}
	return c, size
}

// bracedEscape decodes \u{H…} with one to six digits.
func bracedEscape(s []byte) (c byte, size int) {
	if len(s) < 3 || s[2] != '{' {
		return 0, 0
	}
	code := uint32(0)
	i := 3
	for ; i < len(s) && i < 9 && unhex(s[i]) != none; i++ {
		code = code<<4 | uint32(unhex(s[i]))
	}
	if i == 3 || i == len(s) || s[i] != '}' {
		return 0, 0
	}
	if code > 0xffff {
		return byte(code), i + 1
	}
	return narrow(byte(code>>8), byte(code)), i + 1
}

// cssDecode decodes the escapes of CSS 2.x. AWS's documentation says that up to
// two bytes are used: of the code's last four digits the low byte counts, with
// full-width forms folded, unless there are digits before that say otherwise. One
// white space after an escape goes with it; a backslash before anything else, and
// one at the end, are dropped, with a line end after it too.
func cssDecode(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '\\')
		if i < 0 {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i+1:]
		if len(src) == 0 {
			return dst
		}
		code, n := uint32(0), 0
		for ; n < 6 && n < len(src) && unhex(src[n]) != none; n++ {
			code = code<<4 | uint32(unhex(src[n]))
		}
		switch {
		case n > 0:
			high := byte(code >> 8)
			if code > 0xffff {
				high = 0
			}
			dst = append(dst, narrow(high, byte(code)))
			if n < len(src) && isSpace(src[n]) {
				n++
			}
			src = src[n:]
		case src[0] == '\n':
			src = src[1:]
		default:
			dst, src = append(dst, src[0]), src[1:]
		}
	}
}
