package plantest

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestWrite holds the generator to its promise: JSON, of that many resources,
// the same every time.
func TestWrite(t *testing.T) {
	for _, n := range []int{0, 1, 57, 500} {
		var a, b bytes.Buffer
		if err := Write(&a, n); err != nil {
			t.Fatal(err)
		}
		if err := Write(&b, n); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%d resources: two runs differ", n)
		}
		var plan struct {
			Changes []struct{ Address string } `json:"resource_changes"`
		}
		if err := json.Unmarshal(a.Bytes(), &plan); err != nil {
			t.Fatalf("%d resources: %v", n, err)
		}
		seen := map[string]bool{}
		for _, c := range plan.Changes {
			seen[c.Address] = true
		}
		if len(seen) != n || len(plan.Changes) != n {
			t.Errorf("%d resources: %d changes, %d addresses", n, len(plan.Changes), len(seen))
		}
	}
}
