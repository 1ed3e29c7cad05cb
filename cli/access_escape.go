package cli

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escaped writes those characters of a JSON text as \u…, which a terminal
// would obey: JSON lets controls above ASCII and marks of direction stand in
// strings as they are, and strings come from input. The text may have line ends.
func escaped(text []byte) []byte {
	i := 0
	for i < len(text) && text[i] < 0x7f {
		i++
	}
	if i == len(text) {
		return text
	}
	out := append([]byte(nil), text[:i]...)
	for i < len(text) {
		r, n := utf8.DecodeRune(text[i:])
		if r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') {
			for _, u := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, u)
			}
		} else {
			out = append(out, text[i:i+n]...)
		}
		i += n
	}
	return out
}

// escaping is a writer of whole JSON texts that escapes them.
type escaping struct{ io.Writer }

func (w escaping) Write(p []byte) (int, error) {
	if _, err := w.Writer.Write(escaped(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
