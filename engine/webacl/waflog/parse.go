package waflog

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads one record. The error says which member is not as AWS WAF writes
// it; members that are not known are no error.
func Parse(line []byte) (*Record, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(line))
	r := new(Record)
	if err := recordCodec.read(r, d); err != nil {
		return nil, explained(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the record on its line; write each record on a line of its own")
	}
	return r, nil
}

// explained words an error of the JSON library for a person.
func explained(err error) error {
	var wrong *typeError
	if errors.As(err, &wrong) {
		if wrong.path == "" {
			return errors.New("the record is " + wrong.got + ", and AWS WAF writes an object")
		}
		return wrong
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the record ends in the middle; the line is cut off")
	}
	return errors.New("the record is no JSON: " + strings.TrimPrefix(err.Error(), "jsontext: "))
}

// Append writes the record at the end of dst, without a newline. A record that
// was parsed is written as it was; one that was filled as AWS WAF would. Bytes
// that are no UTF-8 become U+FFFD.
func (r *Record) Append(dst []byte) []byte { return recordCodec.append(r, dst) }

func appendString(dst []byte, s string) []byte { return quote(dst, s) }
func appendBytes(dst, s []byte) []byte         { return quote(dst, s) }

// quote writes a JSON string, and escapes only what has to be.
func quote[S string | []byte](dst []byte, s S) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
