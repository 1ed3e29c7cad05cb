package iam

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is an exact decimal number: 0.digits × 10^exp. Floats would make
// 9007199254740993 equal to its neighbour.
type decimal struct {
	sign   int // -1, 0, 1
	digits string
	exp    int
}

// parseDecimal reads an integer or decimal number, with an exponent too.
func parseDecimal(s string) (decimal, bool) {
	d := decimal{sign: 1}
	if strings.HasPrefix(s, "-") {
		d.sign, s = -1, s[1:]
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.ParseInt(s[i+1:], 10, 32)
		if err != nil {
			return decimal{}, false
		}
		d.exp, s = int(n), s[:i]
	}
	whole, frac, dotted := strings.Cut(s, ".")
	if whole == "" && frac == "" || dotted && frac == "" || !digits(whole) || !digits(frac) {
		return decimal{}, false
	}
	d.exp += len(whole)
	d.digits = whole
	if dotted {
		d.digits += frac
	}
	n := len(d.digits)
	d.digits = strings.TrimLeft(d.digits, "0")
	d.exp -= n - len(d.digits)
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (d decimal) compare(o decimal) int {
	if d.sign != o.sign || d.sign == 0 {
		return cmp.Compare(d.sign, o.sign)
	}
	return d.sign * cmp.Or(cmp.Compare(d.exp, o.exp), strings.Compare(d.digits, o.digits))
}
