package platform_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fathom/platform"
)

var update = flag.Bool("update", false, "write the golden files")

// Each file in testdata/broken is a declaration with something wrong, and the
// text beside it is all that Parse says about it.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("only %d files (%v)", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := platform.Parse(name, text, options)
			if p != nil {
				t.Error("it gives a platform all the same")
			}
			var b strings.Builder
			for _, x := range problems {
				b.WriteString(x.Error() + "\n")
				if x.Fix == "" || x.Line == 0 || x.Column == 0 {
					t.Errorf("no fix or no place: %s", x.Error())
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("%s (-want +got; go test ./platform -update writes it)\n%s", golden, diff)
			}
		})
	}
}
