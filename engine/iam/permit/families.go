package permit

import (
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fathom/engine/iam"
)

// family is what a test takes a text for.
type family uint8

const (
	textual family = iota
	numeric
	temporal
	boolean
	address
	binary
	presence
)

func familyOf(t iam.Test) family {
	switch {
	case t >= iam.NumericEquals && t <= iam.NumericGreaterEquals:
		return numeric
	case t >= iam.DateEquals && t <= iam.DateGreaterEquals:
		return temporal
	case t == iam.Bool:
		return boolean
	case t == iam.IPAddress:
		return address
	case t == iam.BinaryEquals:
		return binary
	case t == iam.Null:
		return presence
	}
	return textual
}

// samples are texts that tell apart all that the tests of a family with these
// values can tell apart: every value, one between any two neighbours, one
// beyond either end, and one that is not of the family at all. It reports
// false where it cannot vouch for that.
func samples(f family, values []string) ([]string, bool) {
	switch f {
	case numeric:
		return numbers(values)
	case temporal:
		return dates(values)
	case boolean:
		return []string{"true", "false", "neither"}, true
	case address:
		return addresses(values), true
	case binary:
		return append(slices.Clone(values), "bm9uZSBvZiB0aGVt", "*"), !slices.Contains(values, "bm9uZSBvZiB0aGVt")
	}
	return nil, true
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func numbers(values []string) ([]string, bool) {
	var rs []*big.Rat
	precision := 1
	for _, v := range values {
		m := decimal.FindStringSubmatch(v)
		if m == nil {
			continue // a value that is no number equals nothing
		}
		exp := 0
		if m[3] != "" {
			exp, _ = strconv.Atoi(m[3][1:])
		}
		r, ok := new(big.Rat).SetString(v)
		if !ok || exp > 400 || exp < -400 || len(v) > 400 {
			return nil, false
		}
		rs = append(rs, r)
		precision = max(precision, len(v)+max(exp, -exp)+2)
	}
	out := []string{"not a number"}
	if len(rs) == 0 {
		return append(out, "1"), true
	}
	slices.SortFunc(rs, (*big.Rat).Cmp)
	rs = slices.CompactFunc(rs, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
	show := func(r *big.Rat) string {
		s := r.FloatString(precision)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	unit := big.NewRat(1, 1)
	for i, r := range rs {
		out = append(out, show(r))
		next := new(big.Rat).Add(r, unit)
		if i+1 < len(rs) && next.Cmp(rs[i+1]) >= 0 {
			next = new(big.Rat).Add(r, rs[i+1])
			next.Quo(next, big.NewRat(2, 1))
		}
		out = append(out, show(next))
	}
	return append(out, show(new(big.Rat).Sub(rs[0], unit))), true
}

// dates are told apart to the nanosecond, in seconds since 1970 where the
// calendar has no year for them.
func dates(values []string) ([]string, bool) {
	var ts []time.Time
	for _, v := range values {
		t, ok := date(v)
		if !ok {
			if probe("DateEquals", []string{v}).takes(v) {
				return nil, false // package iam reads what we do not
			}
			continue
		}
		ts = append(ts, t)
	}
	out := []string{"not a date"}
	if len(ts) == 0 {
		return append(out, "2026-01-01T00:00:00Z"), true
	}
	slices.SortFunc(ts, time.Time.Compare)
	ts = slices.CompactFunc(ts, time.Time.Equal)
	show := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	for i, t := range ts {
		out = append(out, show(t))
		next := t.Add(time.Second)
		if i+1 < len(ts) && !next.Before(ts[i+1]) {
			next = t.Add(ts[i+1].Sub(t) / 2)
		}
		out = append(out, show(next))
	}
	out = append(out, show(ts[0].Add(-time.Second)))
	for _, s := range out[1:] {
		if _, ok := date(s); !ok || !probe("DateEquals", []string{s}).takes(s) {
			return nil, false // beyond the calendar
		}
	}
	return out, true
}

func date(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > -1e11 && n < 2e11 {
		return time.Unix(n, 0).UTC(), true
	}
	for _, form := range [...]string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01",
		"2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04",
	} {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// addresses are the first address of each range and the first behind it, of
// either version: between two of these nothing changes.
func addresses(values []string) []string {
	out := []string{"203.0.113.5", "2001:db8::5", "not an address", "0.0.0.0", "::", "::1:0:0:0"}
	for _, v := range values {
		text, bits, ranged := strings.Cut(v, "/")
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			continue
		}
		n := a.BitLen()
		if ranged {
			if n, err = strconv.Atoi(bits); err != nil || n < 0 || n > a.BitLen() {
				continue
			}
		}
		p := unmapped(netip.PrefixFrom(a, n)).Masked()
		out = append(out, p.Addr().String())
		if next := last(p).Next(); next.IsValid() {
			out = append(out, next.String())
		}
	}
	return out
}

// unmapped reads an IPv4 range in IPv6's clothes as what it is.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// last is the last address of a range.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
