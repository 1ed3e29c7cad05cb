package permit

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fathom/engine/iam"
)

// pair is a line of pairs.jsonl: two documents and what AWS says of them. Label
// is the heading of AWS's page, GrantsNew what the file's makers took from it.
type pair struct {
	ID, Kind, Label string
	Old, New        json.RawMessage
	GrantsNew       bool
}

// wants is the answer that the label gives. The pages say PASS of a document
// that grants nothing new, and FAIL otherwise.
func (p *pair) wants() Verdict {
	if strings.Contains(p.Label, "FAIL") {
		return Yes
	}
	return No
}

// mislabelled are the pairs whose grantsNew is not what AWS's page says. Of
// this one it says "FAIL - grants access to pass a role outside of the allowed
// path", rightly: old denies iam:PassRole on all but role/PassableRoles/*.
var mislabelled = map[string]string{
	"identity-policies/check-for-privilege-escalation/via-iam-and-sts.md#4": "arn:aws:iam::111111111111:role/WrongPath/MyRole",
}

func readPairs(t testing.TB) []pair {
	text, err := os.ReadFile("testdata/pairs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	for dec := json.NewDecoder(bytes.NewReader(text)); dec.More(); {
		var p pair
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

var kindNames = map[string]iam.Kind{"identity": iam.Identity, "resource": iam.Resource, "trust": iam.Trust}

// The pairs that AWS published with its custom policy checks, all of them.
func TestPairsAreAnsweredAsAWSLabelsThem(t *testing.T) {
	pairs := readPairs(t)
	if len(pairs) != 106 {
		t.Fatalf("%d pairs", len(pairs))
	}
	for _, p := range pairs {
		a, ps := CompareText(p.ID, kindNames[p.Kind], p.Old, p.New, Options{})
		if len(ps) > 0 {
			t.Errorf("%s: %v", p.ID, ps)
		}
		if a.Grants != p.wants() {
			t.Errorf("%s (%s): %v, want %v: %s", p.ID, p.Label, a.Grants, p.wants(), a.Summary)
		}
		resource, known := mislabelled[p.ID]
		if differs := (p.wants() == Yes) != p.GrantsNew; differs != known {
			t.Errorf("%s: grantsNew is %v, the label %q", p.ID, p.GrantsNew, p.Label)
		}
		if known && (a.Witness == nil || a.Witness.Resource != resource || a.Witness.Action != "iam:PassRole") {
			t.Errorf("%s: no proof that the label is right: %+v", p.ID, a.Witness)
		}
	}
}

func BenchmarkPairs(b *testing.B) {
	pairs := readPairs(b)
	var took []time.Duration
	for b.Loop() {
		for _, p := range pairs {
			start := time.Now()
			CompareText(p.ID, kindNames[p.Kind], p.Old, p.New, Options{})
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e6, "ms/pair(median)")
	b.ReportMetric(float64(took[len(took)-1].Nanoseconds())/1e6, "ms/pair(max)")
}
