package cli

import (
	"cmp"
	"slices"

	"fathom/engine/webacl"
)

// doubts counts, for the requests whose action is uncertain, why: the requests
// for each reason.
type doubts map[string]int

func (d doubts) note(vs ...*webacl.Verdict) {
	var seen []string
	for _, v := range vs {
		for _, u := range v.Undecidable {
			if slices.Contains(seen, u.Why) || len(d) >= mostDoubts && d[u.Why] == 0 {
				continue
			}
			seen = append(seen, u.Why)
			d[u.Why]++
		}
	}
}

// mostDoubts bounds how many reasons are counted, doubtsShown how many are told.
const (
	mostDoubts  = 1000
	doubtsShown = 10
)

// WAFDoubt counts the uncertain requests for a reason.
type WAFDoubt struct {
	Why      string `json:"why"`
	Requests int    `json:"requests"`
}

// sorted lists the reasons, the most frequent first.
func (d doubts) sorted() []WAFDoubt {
	out := []WAFDoubt{}
	for why, n := range d {
		out = append(out, WAFDoubt{why, n})
	}
	slices.SortFunc(out, func(a, b WAFDoubt) int { return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Why, b.Why)) })
	return out
}

func (t *text) doubts(all []WAFDoubt) {
	for i, d := range all {
		if i == doubtsShown {
			t.line("  and %s more", plural(len(all)-i, "reason"))
			return
		}
		t.line("  %6d  %s", d.Requests, d.Why)
	}
}
