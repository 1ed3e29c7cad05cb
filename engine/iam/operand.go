package iam

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operand is one value of a condition, read as its operator wants it. One that
// is not of the right type is not good, and equals nothing.
type operand struct {
	good     bool
	text     pattern    // of the string tests, and of Bool with a variable
	any      bool       // of ARNLike: a lone *
	segments [6]pattern // of ARNLike
	number   decimal
	date     time.Time
	truth    bool // of Bool and Null
	bytes    []byte
	net      netip.Prefix
	mapped   netip.Prefix // net before IPv4 lost IPv6's clothes
}

func newOperand(test Test, text string, vars bool) operand {
	var o operand
	switch test {
	case StringEquals, StringEqualsIgnoreCase:
		o.text, o.good = newPattern(text, false, vars), true
	case StringLike:
		o.text, o.good = newPattern(text, true, vars), true
	case ARNLike:
		var parts [6]string
		if text == "*" {
			o.any, o.good = true, true
		} else if parts, o.good = segments(text); o.good {
			for i, s := range parts {
				o.segments[i] = newPattern(s, true, vars)
			}
		}
	case NumericEquals, NumericLess, NumericLessEquals, NumericGreater, NumericGreaterEquals:
		o.number, o.good = parseDecimal(text)
	case DateEquals, DateLess, DateLessEquals, DateGreater, DateGreaterEquals:
		o.date, o.good = parseDate(text)
	case Bool, Null:
		if o.truth, o.good = parseBool(text); !o.good && test == Bool && vars {
			o.text = newPattern(text, false, true)
			o.good = o.text.parts != nil
		}
	case BinaryEquals:
		var err error
		o.bytes, err = base64.StdEncoding.DecodeString(text)
		o.good = err == nil
	case IPAddress:
		o.mapped, o.good = parsePrefix(text)
		o.net = unmap(o.mapped)
	}
	return o
}

// equals says whether a request's value passes the test of the condition's
// operator, its negation left aside.
func (o *operand) equals(test Test, value string, e *eval) bool {
	if !o.good {
		return false
	}
	switch test {
	case StringEquals:
		want, ok := o.text.text(e)
		return ok && value == want
	case StringEqualsIgnoreCase:
		want, ok := o.text.text(e)
		return ok && strings.EqualFold(value, want)
	case StringLike:
		return o.text.match(value, e)
	case ARNLike:
		got, ok := segments(value)
		return ok && (o.any || matchSegments(&o.segments, &got, e))
	case NumericEquals, NumericLess, NumericLessEquals, NumericGreater, NumericGreaterEquals:
		got, ok := parseDecimal(value)
		return ok && ordered(test-NumericEquals, got.compare(o.number))
	case DateEquals, DateLess, DateLessEquals, DateGreater, DateGreaterEquals:
		got, ok := parseDate(value)
		return ok && ordered(test-DateEquals, got.Compare(o.date))
	case Bool:
		want := o.truth
		if o.text.parts != nil {
			text, _ := o.text.text(e)
			var ok bool
			if want, ok = parseBool(text); !ok || e.o.NoBoolVariables {
				return false
			}
		}
		got, ok := parseBool(value)
		return ok && got == want
	case BinaryEquals:
		got, err := base64.StdEncoding.DecodeString(value)
		return err == nil && bytes.Equal(got, o.bytes)
	case IPAddress:
		got, ok := parsePrefix(value)
		if !ok || !got.IsSingleIP() {
			return false
		}
		if e.o.MappedIPv6 {
			return o.mapped.Contains(got.Addr())
		}
		return o.net.Contains(got.Addr().Unmap())
	}
	return false
}

// ordered turns the outcome of a comparison into the answer of a test, which
// is counted from the Equals of its type.
func ordered(test Test, c int) bool {
	return [...]bool{c == 0, c < 0, c <= 0, c > 0, c >= 0}[test]
}

// matchSegments compares two ARNs segment by segment, so that a * never
// crosses one of the first five colons.
func matchSegments(want *[6]pattern, got *[6]string, e *eval) bool {
	for i := 5; i >= 0; i-- { // the last differs most often
		if !want[i].match(got[i], e) {
			return false
		}
	}
	return true
}

// segments takes an ARN apart at its first five colons.
func segments(arn string) (out [6]string, ok bool) {
	if !strings.HasPrefix(arn, "arn:") {
		return out, false
	}
	rest := arn
	for i := range 5 {
		colon := strings.IndexByte(rest, ':')
		if colon < 0 {
			return out, false
		}
		out[i], rest = rest[:colon], rest[colon+1:]
	}
	out[5] = rest
	return out, true
}

func parseBool(s string) (truth, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// parsePrefix reads an address or a range in CIDR notation; an address is a
// range of one.
func parsePrefix(s string) (netip.Prefix, bool) {
	addr, bits, ranged := strings.Cut(s, "/")
	a, err := netip.ParseAddr(addr)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	n := a.BitLen()
	if ranged {
		if n, err = strconv.Atoi(bits); err != nil || n < 0 || n > a.BitLen() || bits[0] == '+' {
			return netip.Prefix{}, false
		}
	}
	return netip.PrefixFrom(a, n).Masked(), true
}

// unmap makes a range of IPv4 addresses in IPv6's clothes (::ffff:0:0/96) one
// of IPv4.
func unmap(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p
}

// dates are the forms of ISO 8601 that the W3C's note names, the most likely
// first. Fractions of seconds are read after any seconds.
var dates = [...]string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04",
}

// parseDate reads a date in ISO 8601 or as seconds since 1970. A date without
// an offset is in UTC.
func parseDate(s string) (time.Time, bool) {
	if len(s) > 64 || s == "" {
		return time.Time{}, false
	}
	if whole, frac, has := strings.Cut(s, "."); !strings.ContainsAny(s, "-T:") || s[0] == '-' && !strings.ContainsAny(s[1:], "-T:") {
		sec, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || sec > maxEpoch || sec < -maxEpoch || whole[0] == '+' {
			return time.Time{}, false
		}
		ns := 0
		if has {
			if frac == "" || len(frac) > 9 {
				return time.Time{}, false
			}
			if ns, err = strconv.Atoi(frac + strings.Repeat("0", 9-len(frac))); err != nil || frac[0] == '+' || frac[0] == '-' {
				return time.Time{}, false
			}
			if whole[0] == '-' {
				ns = -ns
			}
		}
		return time.Unix(sec, int64(ns)), true
	}
	for _, form := range dates {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// maxEpoch is the end of the year 9999 in seconds.
const maxEpoch = 253_402_300_799
