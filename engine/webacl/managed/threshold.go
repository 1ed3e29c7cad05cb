package managed

import (
	"fmt"

	"fathom/engine/webacl"
)

// count counts the request for a threshold, once for a request whichever rules
// share it, and says how many there were in the window; or why nobody knows.
func (b *builder) count(s *webacl.Subject, rule string, limit, window int64, instance string) (seen int64, unknown string) {
	if instance == "" {
		return 0, "what is counted by is not known"
	}
	type key struct{ use, rule string }
	type tally struct {
		seen int64
		why  string
	}
	c := s.Memo(key{b.use, rule}, func() any {
		rate, err := s.Count(webacl.RateRule{ID: b.use + "/" + rule, Limit: limit, Window: window}, []byte(instance))
		if err != nil {
			return tally{why: err.Error()}
		}
		return tally{seen: rate.Seen}
	}).(tally)
	return c.seen, c.why
}

// addressOf is the client's address as an instance, empty if it is not known.
func addressOf(r *webacl.Request) string {
	if r.Missing&webacl.PartClient != 0 || !r.Client.IsValid() {
		return ""
	}
	return r.Client.Unmap().String()
}

// sessionOf is the client's session, and whether it is known whether it has one.
func sessionOf(r *webacl.Request) (id string, known bool) {
	if r.Missing&webacl.PartToken != 0 {
		return "", false
	}
	if r.Token.State != webacl.TokenValid {
		return "", true
	}
	return r.Token.ID, true
}

func counted(seen, window int64, what string) webacl.Detail {
	return webacl.Detail{Field: "RATE", What: fmt.Sprintf("%d requests in %d seconds, %s", seen, window, what)}
}

// step is one of the thresholds of a count: more than over gives the label.
type step struct {
	over  int64
	label string
}

// stepped answers Yes over the first step, and labels by the highest step that
// is passed. Steps stand from the highest to the lowest.
func stepped(seen, window int64, prefix string, steps []step, what string) webacl.Answer {
	for i, st := range steps {
		if seen > st.over {
			a := webacl.Answer{Labels: []string{prefix + st.label}}
			if i == 0 {
				a.Truth = webacl.Yes
				a.Details = []webacl.Detail{counted(seen, window, what)}
			}
			return a
		}
	}
	return webacl.Answer{}
}
