package permit

import (
	"math/rand"
	"strings"
	"testing"
)

// matches is the slow twin of a language: it tries everything.
func (p pattern) matches(s []rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	takes := func(r rune) bool {
		if p[0].op == one {
			return strings.ContainsRune(string(p[0].takes), r)
		}
		return p[0].bar == 0 || p[0].bar != r
	}
	if p[0].op == star {
		return p[1:].matches(s) || len(s) > 0 && takes(s[0]) && p.matches(s[1:])
	}
	return len(s) > 0 && takes(s[0]) && p[1:].matches(s[1:])
}

// words are all texts of some letters up to a length.
func words(letters string, n int) []string {
	out := []string{""}
	for from := 0; n > 0; n-- {
		end := len(out)
		for _, w := range out[from:end] {
			for _, r := range letters {
				out = append(out, w+string(r))
			}
		}
		from = end
	}
	return out
}

// The automata have the texts that their patterns take one by one, and meet
// finds a shortest text wherever enumeration finds one at all.
func TestMeetAgainstEnumeration(t *testing.T) {
	texts := words("ab:z", 4)
	for seed := range int64(600) {
		r := rand.New(rand.NewSource(seed))
		alpha := newAlphabet()
		random := func() (*language, []pattern) {
			var ps []pattern
			for range 1 + r.Intn(3) {
				bar := rune(0)
				if r.Intn(3) == 0 {
					bar = ':'
				}
				var b strings.Builder
				for range r.Intn(6) {
					b.WriteByte("aab:**?"[r.Intn(7)])
				}
				p := glob(b.String(), bar)
				if r.Intn(6) == 0 {
					p = literal(strings.NewReplacer("*", "b", "?", "z").Replace(b.String()), false)
				}
				ps = append(ps, p)
			}
			return newLanguage(alpha, ps, false), ps
		}
		var in, out []*language
		var all [][]pattern
		for range 1 + r.Intn(2) {
			l, ps := random()
			in, all = append(in, l), append(all, ps)
		}
		for range r.Intn(3) {
			l, ps := random()
			out, all = append(out, l), append(all, ps)
		}
		want, any := "", false
		for _, w := range texts {
			ok := true
			for i, ps := range all {
				takes := false
				for _, p := range ps {
					takes = takes || p.matches([]rune(w))
				}
				l := append(append([]*language{}, in...), out...)[i]
				if l.has(w) != takes {
					t.Fatalf("seed %d: %q: the automaton says %v", seed, w, !takes)
				}
				ok = ok && takes == (i < len(in))
			}
			if ok && !any {
				want, any = w, true
			}
		}
		got, found, finished := meet(alpha, in, out, &budget{left: 1 << 30})
		switch {
		case !finished:
			t.Fatalf("seed %d: not finished", seed)
		case any && (!found || len(got) != len(want)):
			t.Fatalf("seed %d: %q %v, and %q is there", seed, got, found, want)
		case found && !any && len([]rune(got)) <= 4:
			t.Fatalf("seed %d: found %q", seed, got)
		}
		if found {
			for i, ps := range all {
				takes := false
				for _, p := range ps {
					takes = takes || p.matches([]rune(got))
				}
				if takes != (i < len(in)) {
					t.Fatalf("seed %d: %q is no answer", seed, got)
				}
			}
		}
	}
}

// A pattern seen through a part of a text takes what it takes of the part.
func TestViewsAgreeWithTheirParts(t *testing.T) {
	arns := []string{
		"arn:aws:iam::111111111111:user/u", "arn:aws:iam::111111111111:user/p/q/u", "arn:aws-cn:iam::222222222222:user/a", "arn:aws:sts::111111111111:federated-user/f",
		"arn:aws:sts::222222222222:federated-user/11", "arn:aws:iam::111111111111:role/r",
	}
	patterns := []string{"*", "u", "?", "1*", "111111111111", "11*:f", "*:*", "*f", "?????????????*", "111111111111:?", "*1*", "a*", "*/*", "**", "2*:1?", ""}
	for name, v := range map[string]view{"account": inAccount(0), "name": inName(0), "id": federatedID(0)} {
		for _, p := range patterns {
			wrapped := newLanguage(newAlphabet(), v.wrap([]pattern{glob(p, 0)}), false)
			part := newLanguage(newAlphabet(), []pattern{glob(p, 0)}, false)
			for _, a := range arns {
				if name == "id" && !strings.Contains(a, "federated") {
					continue
				}
				if got, want := wrapped.has(a), part.has(v.get(a)); got != want {
					t.Errorf("%s like %q: %v of %s, whose %s is %q", name, p, got, a, name, v.get(a))
				}
			}
		}
	}
}

// The samples of a family tell apart whatever its tests can tell apart: any
// value has the answers of some sample.
func TestSamplesCoverTheirFamilies(t *testing.T) {
	for _, c := range []struct {
		family         family
		operators      []string
		values, probes []string
	}{
		{
			numeric, numberSort.operators,
			[]string{"1", "2", "2.5", "-3", "1e1", "0.001", "1000000000000000000000"},
			[]string{"0", "1.0000000000001", "2.4999", "-2.999", "-1e9", "9.99", "10.01", "1e30", "x", "", "+2", "02", "0.0005", "999999999999999999999.5"},
		},
		{
			temporal, dateSort.operators,
			[]string{"2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "1767225602", "2026-06-30T12:00:00+02:00", "2026-01-01T00:00:00.5Z"},
			[]string{"2025-12-31", "2026-01-01T00:00:00.25Z", "2026-01-01T00:00:00.75Z", "2026-01-01T00:00:01.000000001Z", "1767225603", "2026-06-30T10:00:00Z", "2030", "2030-01", "x", "0"},
		},
		{
			address, ipSort.operators,
			append(ipSort.values, "192.168.0.0/16", "2001:db8:1::/48"),
			[]string{"10.1.2.2", "10.1.2.4", "10.2.0.0", "9.255.255.255", "11.0.0.0", "10.0.255.255", "::ffff:10.1.0.7", "::ffff:10.2.0.7", "2001:db8:0:ffff::", "2001:db8:2::", "2001:db9::", "::1", "x", "10.1.2.3/32", "10.0.0.0/8"},
		},
		{boolean, boolSort.operators, boolSort.values, []string{"TRUE", "fAlse", "yes", "", "1"}},
	} {
		got, ok := samples(c.family, c.values)
		if !ok {
			t.Errorf("%v: cannot vouch", c.family)
		}
		answers := func(s string) string {
			out := ""
			for _, op := range c.operators {
				for _, v := range c.values {
					out += map[bool]string{true: "1", false: "0"}[probe(op, []string{v}).takes(s)]
				}
			}
			return out
		}
		seen := map[string]bool{}
		for _, s := range got {
			seen[answers(s)] = true
		}
		for _, p := range c.probes {
			if !seen[answers(p)] {
				t.Errorf("no sample answers like %q: %q", p, got)
			}
		}
	}
}
