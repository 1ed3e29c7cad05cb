package platform_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/platform"
)

// The tables of the manual are those of the parser: each stands between two
// comments, and go test ./platform -update writes it.
func TestTheManualHasEveryKey(t *testing.T) {
	const file = "../docs/platform.md"
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(old)
	for _, section := range platform.Sections() {
		begin, end := "<!-- keys of "+section+" -->\n", "<!-- end -->\n"
		before, rest, ok := strings.Cut(text, begin)
		if !ok {
			t.Errorf("%s has no table of %s", file, section)
			continue
		}
		_, after, _ := strings.Cut(rest, end)
		var b strings.Builder
		b.WriteString("| key | value | what it is |\n|---|---|---|\n")
		for _, r := range platform.Rows(section) {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Key, r.Value, r.Doc)
		}
		text = before + begin + b.String() + end + after
	}
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(old), text); diff != "" {
		t.Errorf("%s (-is +should be; go test ./platform -update writes it)\n%s", file, diff)
	}
}
