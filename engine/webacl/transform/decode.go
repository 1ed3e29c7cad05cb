package transform

import "bytes"

// urlDecode decodes %HH and the plus sign. What is no valid encoding stays.
func urlDecode(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if b, ok := hexByte(src, i+1); ok {
				c = b
				i += 2
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// urlDecodeUni decodes what urlDecode does, and Microsoft's %uHHHH.
func urlDecodeUni(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if b, ok := hexByte(src, i+1); ok {
				c = b
				i += 2
			} else if b, ok := wide(src, i+1); ok {
				c = b
				i += 5
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// wide decodes uHHHH at s[i:] into one byte.
func wide(s []byte, i int) (byte, bool) {
	if i >= len(s) || s[i]|0x20 != 'u' {
		return 0, false
	}
	high, ok := hexByte(s, i+1)
	low, also := hexByte(s, i+3)
	return narrow(high, low), ok && also
}

// base64Decode decodes up to the padding or the first character that is not
// Base64 (RFC 4648, section 4) or a line end; the lenient form leaves such
// characters out. The bits of an unfinished last byte are dropped.
func base64Decode(dst, src []byte, lenient bool) []byte {
	var bits uint32
	n := 0
	for _, c := range src {
		v := base64Values[c]
		if v == none {
			if c == '=' {
				break
			}
			if lenient || c == '\r' || c == '\n' {
				continue
			}
			break
		}
		bits = bits<<6 | uint32(v)
		if n++; n == 4 {
			dst = append(dst, byte(bits>>16), byte(bits>>8), byte(bits))
			n = 0
		}
	}
	switch n {
	case 2:
		dst = append(dst, byte(bits>>4))
	case 3:
		dst = append(dst, byte(bits>>10), byte(bits>>2))
	}
	return dst
}

var base64Values = func() (t [256]byte) {
	for c := range t {
		t[c] = none
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	return t
}()

// sqlHexDecode decodes literals such as 0x414243. An odd last digit stays, and so
// does a literal without two digits.
func sqlHexDecode(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '0')
		if i < 0 {
			return append(dst, src...)
		}
		dst, src = append(dst, src[:i]...), src[i:]
		b, ok := byte(0), false
		if len(src) > 1 && src[1]|0x20 == 'x' {
			b, ok = hexByte(src, 2)
		}
		if !ok {
			dst, src = append(dst, '0'), src[1:]
			continue
		}
		src = src[2:]
		for ok {
			dst, src = append(dst, b), src[2:]
			b, ok = hexByte(src, 0)
		}
	}
}
