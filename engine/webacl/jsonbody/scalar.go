package jsonbody

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// word reads true, false or null.
func (w *Walker) word(word string) ([]byte, error) {
	from := w.at
	for i := range len(word) {
		if w.at == len(w.body) || w.body[w.at] != word[i] {
			return nil, w.fail("it should say %s", word)
		}
		w.at++
	}
	return w.delimited(from)
}

// number reads a number of JSON.
func (w *Walker) number() ([]byte, error) {
	from := w.at
	w.take('-')
	if !w.take('0') && !w.digits() {
		return nil, w.fail("%q stands where a value should", w.body[min(w.at, len(w.body)-1)])
	}
	if w.take('.') && !w.digits() {
		return nil, w.fail("the number has no digit after its point")
	}
	if w.take('e') || w.take('E') {
		if !w.take('+') {
			w.take('-')
		}
		if !w.digits() {
			return nil, w.fail("the number has no digit in its exponent")
		}
	}
	return w.delimited(from)
}

func (w *Walker) take(c byte) bool {
	if w.at < len(w.body) && w.body[w.at] == c {
		w.at++
		return true
	}
	return false
}

func (w *Walker) digits() bool {
	from := w.at
	for w.at < len(w.body) && w.body[w.at]-'0' < 10 {
		w.at++
	}
	return w.at > from
}

// delimited is the text of a word or number. At the end of the body it may be cut
// short, and a letter after it does not belong there; a comma after it may be missing.
func (w *Walker) delimited(from int) ([]byte, error) {
	if w.at == len(w.body) || bytes.IndexByte([]byte(" \t\n\r,:]}[{\""), w.body[w.at]) < 0 {
		return nil, w.fail("a word or number does not end here")
	}
	return w.body[from:w.at:w.at], nil
}

// text reads a string.
func (w *Walker) text() ([]byte, error) {
	w.at++
	from, escaped, ascii := w.at, false, true
	for ; w.at < len(w.body); w.at++ {
		switch c := w.body[w.at]; {
		case c == '"':
			raw := w.body[from:w.at:w.at]
			if !ascii && !utf8.Valid(raw) {
				w.at = from + invalidUTF8(raw)
				return nil, w.fail("the byte %#x is no UTF-8", w.body[w.at])
			}
			w.at++
			if !escaped {
				return raw, nil
			}
			return w.unescape(raw, from)
		case c == '\\':
			escaped = true
			w.at++
		case c < ' ':
			return nil, w.fail("a string holds the control character %q; write it as an escape", c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	w.at = len(w.body)
	return nil, w.fail("a string does not end")
}

func invalidUTF8(s []byte) (at int) {
	for at < len(s) {
		r, size := utf8.DecodeRune(s[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape decodes a string into the arena; at is where it stands in the body.
func (w *Walker) unescape(raw []byte, at int) ([]byte, error) {
	from := len(w.arena)
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			next := bytes.IndexByte(raw[i:], '\\')
			if next < 0 {
				next = len(raw) - i
			}
			w.arena = append(w.arena, raw[i:i+next]...)
			i += next
			continue
		}
		if c := escapes[raw[i+1]]; c != 0 {
			w.arena = append(w.arena, c)
			i += 2
			continue
		}
		r := unicodeEscape(raw[i:])
		if r < 0 {
			w.at = at + i
			return nil, w.fail("a string holds an escape that JSON does not have")
		}
		i += 6
		if utf16.IsSurrogate(r) {
			// A half alone is the replacement character, as in most parsers.
			if both := utf16.DecodeRune(r, unicodeEscape(raw[i:])); both != utf8.RuneError {
				i += 6
				r = both
			}
		}
		w.arena = utf8.AppendRune(w.arena, r)
	}
	return w.arena[from:len(w.arena):len(w.arena)], nil
}

// unicodeEscape is the code unit of \uHHHH at the start of s, or -1.
func unicodeEscape(s []byte) (r rune) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	for _, c := range s[2:6] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case c|0x20-'a' < 6:
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
