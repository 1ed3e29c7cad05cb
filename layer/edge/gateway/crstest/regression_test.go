package crstest

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/differences.txt anew")

// cases is how many tests the rule set has: 4,656 that begin with their test_id,
// and 18 in which it stands further down. With fewer, some were not read.
const cases = 4674

const golden = "testdata/differences.txt"

// What Coraza's middleware passes of the rule set's own tests, the gateway passes
// too, and what neither or only one of them passes is known and explained.
func TestCRSRegression(t *testing.T) {
	all := load(t)
	if len(all) != cases {
		t.Fatalf("%d tests were read, not %d", len(all), cases)
	}
	if raced {
		raceSample(t, all)
		return
	}
	before := verdicts(t, newBaseline(t), all)
	now := verdicts(t, newGateway(t), all)
	t.Logf("of %d tests Coraza's middleware passes %d, the gateway %d", len(all), len(all)-len(before), len(all)-len(now))
	if len(now) > len(before) {
		t.Errorf("the gateway fails %d tests, Coraza's middleware %d", len(now), len(before))
	}
	known, reasons := readGolden(t)
	written := differences(all, before, now, reasons)
	if *update {
		if err := os.WriteFile(golden, written, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(known, written) {
		t.Errorf("%s is not what the tests show (go test ./layer/edge/gateway/crstest -update writes it anew):\n%s", golden, changes(string(known), string(written)))
	}
	if bytes.Contains(written, []byte("\t?\n")) {
		t.Errorf("%s has a test without a reason; write one in place of the question mark", golden)
	}
}

// raceSample runs some of the tests through the gateway alone: with the race
// detector all would take half an hour. None fails that the list does not name.
func raceSample(t *testing.T, all []testCase) {
	t.Helper()
	var some []testCase
	for i := 0; i < len(all); i += 40 {
		some = append(some, all[i])
	}
	_, reasons := readGolden(t)
	for id, why := range verdicts(t, newGateway(t), some) {
		if reasons[id] == "" {
			t.Errorf("%s: %s", id, why)
		}
	}
}

const preamble = `# Regression tests of the Core Rule Set that Coraza's own middleware or the
# gateway does not pass, with what each does instead and why.
#
# passed by Coraza's middleware: %d of %d
# passed by the gateway:         %d of %d
#
# test	Coraza's middleware	the gateway	why
`

// differences is the list as it stands in the file.
func differences(all []testCase, before, now map[string]string, reasons map[string]string) []byte {
	either := maps.Clone(before)
	maps.Copy(either, now)
	ids := slices.SortedFunc(maps.Keys(either), byNumbers)
	var b bytes.Buffer
	n := len(all)
	fmt.Fprintf(&b, preamble, n-len(before), n, n-len(now), n)
	for _, id := range ids {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", id, orPasses(before[id]), orPasses(now[id]), orQuestion(reasons[id]))
	}
	return b.Bytes()
}

func orPasses(why string) string {
	if why == "" {
		return "passes"
	}
	return why
}

func orQuestion(why string) string {
	if why == "" {
		return "?"
	}
	return why
}

func byNumbers(a, b string) int {
	rule := func(s string) (n, m int) {
		x, y, _ := strings.Cut(s, "-")
		n, _ = strconv.Atoi(x)
		m, _ = strconv.Atoi(y)
		return n, m
	}
	an, am := rule(a)
	bn, bm := rule(b)
	if an != bn {
		return an - bn
	}
	return am - bm
}

// readGolden reads the list, and the reasons in it by test.
func readGolden(t *testing.T) (text []byte, reasons map[string]string) {
	t.Helper()
	text, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	reasons = map[string]string{}
	for line := range strings.Lines(string(text)) {
		if part := strings.Split(strings.TrimSpace(line), "\t"); len(part) == 4 && part[0][0] != '#' {
			reasons[part[0]] = part[3]
		}
	}
	return text, reasons
}

// changes are the lines that only one of two texts has.
func changes(from, to string) string {
	var b strings.Builder
	for _, side := range []struct{ mark, has, lacks string }{{"- ", from, to}, {"+ ", to, from}} {
		lacks := strings.Split(side.lacks, "\n")
		for line := range strings.SplitSeq(side.has, "\n") {
			if !slices.Contains(lacks, line) {
				b.WriteString(side.mark + line + "\n")
			}
		}
	}
	return b.String()
}
