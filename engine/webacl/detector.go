package webacl

import (
	"strings"

	libinjection "github.com/corazawaf/libinjection-go"
)

// libinjectionName is what stands in for AWS's detectors of SQL injection and
// cross-site scripting.
const libinjectionName = "libinjection"

type sqliTest struct{ high bool }

func (t sqliTest) match(v []byte) (start, end int, is Truth) {
	text := text(v)
	if harmlessSQL(text) {
		return 0, 0, No
	}
	if yes, _ := libinjection.IsSQLi(text); yes {
		return 0, len(v), Yes
	}
	if t.high {
		for i, n := 0, 0; i < len(text) && n < mostFragments; i++ {
			if strings.IndexByte("'\"`(),;=", text[i]) < 0 {
				continue
			}
			n++
			if yes, _ := libinjection.IsSQLi(text[i+1:]); yes {
				return i + 1, len(v), Yes
			}
		}
	}
	return 0, 0, No
}

// mostFragments bounds how many parts of a value the HIGH sensitivity looks at,
// each beginning after a quote or another delimiter. What AWS's does is not
// published.
const mostFragments = 32

func (t sqliTest) what() string {
	if t.high {
		return "looks like SQL injection (high sensitivity)"
	}
	return "looks like SQL injection"
}

type xssTest struct{}

func (xssTest) match(v []byte) (start, end int, is Truth) {
	if text := text(v); !harmlessHTML(text) && libinjection.IsXSS(text) {
		return 0, len(v), Yes
	}
	return 0, 0, No
}

func (xssTest) what() string { return "looks like cross-site scripting" }

// harmlessSQL knows values that libinjection takes for one token, which is never
// an injection: a number, or a word of letters and digits. Most values are.
func harmlessSQL(v string) bool {
	digits := true
	for i := range len(v) {
		c := v[i]
		switch {
		case c >= '0' && c <= '9':
		case c|0x20 >= 'a' && c|0x20 <= 'z' && (i == 0 || !digits):
			digits = false
		default:
			return false
		}
	}
	return true
}

// harmlessHTML knows values that can hold neither a tag nor an attribute with a
// value.
func harmlessHTML(v string) bool {
	return strings.IndexByte(v, '<') < 0 && strings.IndexByte(v, '=') < 0
}
