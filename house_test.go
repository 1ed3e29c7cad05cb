// Package fathom_test holds the repository to its own rules.
package fathom_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ps []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	if len(ps) < 10 {
		t.Fatalf("go list found only %d packages", len(ps))
	}
	return ps
}

// floors are the floors of the house, the ground first. A package imports only
// from floors below its own, or from its own floor where within is set.
var floors = []struct {
	name   string
	within bool
	holds  func(path string) bool
}{
	{"what is real, for the tests of any floor", false, func(p string) bool { return p == "render/kubetest" || p == "sounding/browsertest" }},
	{"diag", false, is("diag")},
	{"estate/tree", false, is("estate/tree")},
	{"estate", false, is("estate")},
	{"the readers", true, below("estate/")},
	{"control", false, is("control")},
	{"engine", false, below("engine/")},
	{"platform", false, is("platform")},
	{"platform's parts", false, below("platform/")},
	{"comments", false, is("render/comment")},
	{"printers", false, func(p string) bool { return p == "render/terraform" || p == "render/kubernetes" }},
	{"render", false, is("render")},
	{"render's parts", false, below("render/")},
	{"the gateway", true, gateway},
	{"the ground", false, is("layer/ground")},
	{"layer", false, is("layer")},
	{"a layer", false, func(p string) bool {
		return below("layer/")(p) && p != "layer/all" && p != "layer/layertest" && p != "layer/ground" && !gateway(p)
	}},
	{"layer/all", false, func(p string) bool { return p == "layer/all" || p == "layer/layertest" }},
	{"audit", false, func(p string) bool { return p == "audit" || p == "sounding" }},
	{"cli", false, is("cli")},
	{"cmd", false, func(p string) bool { return strings.HasPrefix(p, "cmd/") || strings.HasPrefix(p, "scripts/") }},
}

func is(path string) func(string) bool { return func(p string) bool { return p == path } }
func below(prefix string) func(string) bool {
	return func(p string) bool { return strings.HasPrefix(p, prefix) }
}

// gateway says whether a package is of the gateway, which stands alone: it runs,
// and no layer imports it.
func gateway(p string) bool {
	return p == "layer/edge/gateway" || strings.HasPrefix(p, "layer/edge/gateway/")
}

// oneEngine says whether two packages are parts of one engine: engine/iam and
// engine/iam/permit.
func oneEngine(a, b string) bool {
	name := func(p string) string {
		parts := strings.SplitN(p, "/", 3)
		if len(parts) < 2 || parts[0] != "engine" {
			return ""
		}
		return parts[1]
	}
	return name(a) != "" && name(a) == name(b)
}

func floorOf(path string) int {
	for i, f := range floors {
		if f.holds(path) {
			return i
		}
	}
	return -1
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, "fathom/")
		if from == "fathom" {
			continue // this test
		}
		i := floorOf(from)
		if i < 0 {
			t.Errorf("%s has no floor in the house; add it to floors", from)
			continue
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, "fathom/")
			if !ours {
				continue
			}
			j := floorOf(to)
			if j > i || j == i && !floors[i].within && !oneEngine(from, to) {
				t.Errorf("%s (%s) imports %s (%s): imports run one way, from the roof down", from, floors[i].name, to, floors[j].name)
			}
		}
	}
}

// The engines, layers and readers are values in, values out: what touches the
// machine is in cli, and in the gateway, which is a server.
func TestTheCoreTouchesNothing(t *testing.T) {
	forbidden := map[string]string{
		"os": "files come through fs.FS", "net": "no network", "net/http": "no network", "os/exec": "no processes",
		"time": "the day is passed in", "math/rand": "output is deterministic", "math/rand/v2": "output is deterministic",
	}
	allowed := map[string][]string{
		"audit":                 {"time"},        // parses the dates of suppressions
		"engine/iam":            {"time"},        // parses the dates of conditions
		"engine/iam/permit":     {"time"},        // the same
		"engine/webacl/traffic": {"time"},        // parses the dates of recorded requests
		"estate/kubernetes":     {"time"},        // a chart's date functions get a fixed day
		"estate/terraform/eval": {"net", "time"}, // parses CIDRs; formatdate and timeadd on given times
		"render":                {"time"},        // writes declared dates
		"layer/data":            {"time"},        // declared durations
		"layer/edge":            {"time"},        // the same
		"layer/mesh":            {"time"},        // the same
		"layer/response":        {"time"},        // the same
		"platform":              {"time"},        // durations, and dates that are compared with a given day
	}
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, "fathom/")
		if path == "fathom" || path == "cli" || gateway(path) || strings.HasPrefix(path, "cmd/") || strings.HasPrefix(path, "scripts/") || testOnly(path) {
			continue
		}
		for _, imp := range p.Imports {
			if why := forbidden[imp]; why != "" && !slices.Contains(allowed[path], imp) {
				t.Errorf("%s imports %s: %s", path, imp, why)
			}
		}
	}
}

// testOnly packages exist for tests, and may touch the machine.
func testOnly(path string) bool {
	for _, part := range strings.Split(path, "/") {
		if strings.HasSuffix(part, "test") {
			return true
		}
	}
	return false
}

func TestEveryPackageHasADoc(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 || strings.Contains(p.ImportPath, "/cmd/") || strings.HasSuffix(p.ImportPath, "/provider") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go", p.ImportPath)
			continue
		}
		if len(text) < 80 || !strings.Contains(string(text), "// Package ") && !strings.Contains(string(text), "// Command ") {
			t.Errorf("%s/doc.go does not say what the package is", p.ImportPath)
		}
	}
}
