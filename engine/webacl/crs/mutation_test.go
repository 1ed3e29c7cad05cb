package crs_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/engine/webacl/crs"
)

// mutations makes requests out of what the regression tests attack with, in
// other places and changed a little: the same ones every time.
type mutations struct {
	*rand.Rand
	payloads []string
}

func newMutations(t testing.TB) *mutations {
	m := &mutations{Rand: rand.New(rand.NewPCG(1, 2))}
	for _, in := range regressionInputs(t) {
		_, query, _ := strings.Cut(in.URI, "?")
		for pair := range strings.SplitSeq(query+"&"+in.body, "&") {
			_, v, _ := strings.Cut(pair, "=")
			if u, err := url.QueryUnescape(v); err == nil {
				v = u
			}
			if v != "" {
				m.payloads = append(m.payloads, v)
			}
		}
	}
	return m
}

// payload is one of the payloads, cut, joined with another, or with a few bytes
// changed.
func (m *mutations) payload() string {
	p := m.payloads[m.IntN(len(m.payloads))]
	switch m.IntN(6) {
	case 0:
		p = p[m.IntN(len(p)):]
	case 1:
		p += m.payloads[m.IntN(len(m.payloads))]
	case 2:
		p = strings.ToUpper(p)
	}
	p = p[:min(len(p), 300)]
	for range m.IntN(3) {
		at := m.IntN(len(p) + 1)
		odd := []string{" ", "\\", "'", "\"", "/*", "*/", "^", "%", "&", ";", "\t", "\x00", "\u212a", "\u017f", "é", "\xa0", "a", "K", "s", "+", "/", ".", "&lt;", "\\u0061", "%u0061", ",", "$", "("}
		p = p[:at] + odd[m.IntN(len(odd))] + p[at:]
	}
	return p
}

// request puts payloads into one request, in one to three places, no two under
// one name: Coraza mixes those up (TestRepeatedNamesAreEachRead).
func (m *mutations) request() (crs.Request, string) {
	r, body := browser("GET", "/shop/item"), ""
	set := func(name, value string) {
		for i := range r.Headers {
			if r.Headers[i].Name == name {
				r.Headers[i].Value = value
				return
			}
		}
		r.Headers = append(r.Headers, crs.Header{Name: name, Value: value})
	}
	places := m.Perm(7)[:1+m.IntN(3)]
	slices.Sort(places) // the path first, the query after it
	for _, place := range places {
		p := m.payload()
		switch place {
		case 0:
			r.URI = "/" + url.PathEscape(p)
		case 1:
			r.URI += "?q=" + url.QueryEscape(p)
		case 2:
			set("Cookie", "x="+strings.ReplaceAll(p, ";", ","))
		case 3:
			set("User-Agent", p)
		case 4:
			set("Referer", p)
		case 5:
			set("X-Other", p)
		case 6:
			r.Method = "POST"
			if m.IntN(2) == 0 {
				body = "a=" + url.QueryEscape(p) + "&b" + url.QueryEscape(m.payload()) + "=1"
				set("Content-Type", "application/x-www-form-urlencoded")
			} else if b, err := json.Marshal(map[string]any{"a": []any{p, 1, map[string]string{m.payload(): "x"}}}); err == nil {
				body = string(b)
				set("Content-Type", "application/json")
			}
		}
	}
	return r, body
}

// The same as TestSameHitsAsCorazaOnItsRegressionTests, on what an attacker makes
// of those requests. With -all it is 20 times as many.
func TestSameHitsOnMutatedAttacks(t *testing.T) {
	plain, ours := inspector(t, crs.Options{Paranoia: 4, Plain: true}), inspector(t, crs.Options{Paranoia: 4})
	m := newMutations(t)
	n, attacks := 200, 0
	if *everything {
		n *= 20
	}
	for i := range n {
		r, body := m.request()
		want, got := run(t, plain, &r, body), run(t, ours, &r, body)
		if d := cmp.Diff(essence(want), essence(got)); d != "" {
			t.Fatalf("request %d: %+v %q (-Coraza +ours):\n%s", i, r, body, d)
		}
		if got.Blocked {
			attacks++
		}
	}
	if attacks < n/2 {
		t.Errorf("only %d of %d requests are attacks", attacks, n)
	}
}
