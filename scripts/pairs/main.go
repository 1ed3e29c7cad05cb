package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"fathom/engine/iam"
	"fathom/engine/iam/permit"
)

func main() {
	file := "engine/iam/permit/testdata/pairs.jsonl"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	agreed, err := run(file, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pairs:", err)
	}
	if err != nil || !agreed {
		os.Exit(1)
	}
}

type pair struct {
	ID, Kind, Label string
	Old, New        json.RawMessage
	GrantsNew       bool
}

var kinds = map[string]iam.Kind{"identity": iam.Identity, "resource": iam.Resource, "trust": iam.Trust}

// says is the answer that AWS gives. Without a label it is grantsNew.
func (p *pair) says() permit.Verdict {
	if strings.Contains(p.Label, "FAIL") || !strings.Contains(p.Label, "PASS") && p.GrantsNew {
		return permit.Yes
	}
	return permit.No
}

// run compares the pairs of a file, and says whether all answers are AWS's.
func run(file string, out io.Writer) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var took []time.Duration
	var wrong, undecided, disputed int
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for n := 1; lines.Scan(); n++ {
		var p pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return false, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		kind, ok := kinds[p.Kind]
		if !ok {
			return false, fmt.Errorf("%s:%d: there is no kind %q", file, n, p.Kind)
		}
		start := time.Now()
		a, problems := permit.CompareText(p.ID, kind, p.Old, p.New, permit.Options{})
		took = append(took, time.Since(start))
		mark := "ok"
		switch {
		case a.Grants == permit.Undecided:
			undecided++
			mark = "UNDECIDED"
		case a.Grants != p.says() || len(problems) > 0:
			wrong++
			mark = "WRONG"
		case (a.Grants == permit.Yes) != p.GrantsNew:
			disputed++
			mark = "ok, disputed"
		}
		fmt.Fprintf(out, "%s %s: %s\n", mark, p.ID, a.Grants)
		if mark != "ok" {
			fmt.Fprintf(out, "  AWS: %s; grantsNew: %v\n  we: %s\n", p.Label, p.GrantsNew, a.Summary)
		}
		for _, problem := range problems {
			fmt.Fprintf(out, "  %v\n", problem)
		}
	}
	if err := lines.Err(); err != nil {
		return false, err
	}
	if len(took) == 0 {
		return false, fmt.Errorf("%s has no pairs", file)
	}
	slices.Sort(took)
	fmt.Fprintf(out, "%d pairs: %d as AWS says (%d of them with a grantsNew that says otherwise), %d wrong, %d undecided; median %.2f ms, longest %.2f ms\n",
		len(took), len(took)-wrong-undecided, disputed, wrong, undecided, ms(took[len(took)/2]), ms(took[len(took)-1]))
	return wrong+undecided == 0, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
