package crs_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/corazawaf/coraza-coreruleset/v4/tests"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"fathom/engine/webacl/crs"
)

var everything = flag.Bool("all", false, "compare every request of the regression tests, which takes half a minute")

// regression is one file of the rule set's own regression tests.
type regression struct {
	Rule  int `yaml:"rule_id"`
	Tests []struct {
		ID     int `yaml:"test_id"`
		Stages []struct {
			Input struct {
				Method  string            `yaml:"method"`
				URI     string            `yaml:"uri"`
				Version string            `yaml:"version"`
				Headers map[string]string `yaml:"headers"`
				Data    string            `yaml:"data"`
				Encoded string            `yaml:"encoded_request"`
			} `yaml:"input"`
			Output struct {
				Log struct {
					Expect []int `yaml:"expect_ids"`
					No     []int `yaml:"no_expect_ids"`
				} `yaml:"log"`
			} `yaml:"output"`
		} `yaml:"stages"`
	} `yaml:"tests"`
}

type input struct {
	name string
	crs.Request
	body       string
	expect, no []int
}

// regressionInputs are the requests of the rule set's regression tests, without
// a server between: those that need one (raw requests, responses) are checked by
// the gateway's run of them.
func regressionInputs(t testing.TB) []input {
	t.Helper()
	var out []input
	err := fs.WalkDir(tests.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		b, err := fs.ReadFile(tests.FS, name)
		if err != nil {
			return err
		}
		var r regression
		if err := yaml.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, test := range r.Tests {
			for _, stage := range test.Stages {
				in := input{name: fmt.Sprintf("%d-%d", r.Rule, test.ID), expect: stage.Output.Log.Expect, no: stage.Output.Log.No}
				i := stage.Input
				if i.Encoded != "" {
					raw, err := base64.StdEncoding.DecodeString(i.Encoded)
					if err != nil {
						return err
					}
					i.Data = string(raw)
				}
				in.Method, in.URI, in.Version, in.body = i.Method, i.URI, i.Version, i.Data
				if in.Method == "" {
					in.Method = "GET"
				}
				if in.URI == "" {
					in.URI = "/"
				}
				if in.Version == "" {
					in.Version = "HTTP/1.1"
				}
				for _, n := range slices.Sorted(keys(i.Headers)) {
					in.Headers = append(in.Headers, crs.Header{Name: n, Value: i.Headers[n]})
				}
				in.Client = netip.MustParseAddr("192.0.2.1")
				out = append(out, in)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 4600 {
		t.Fatalf("only %d regression inputs were found", len(out))
	}
	return out
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func run(t testing.TB, in crs.Inspector, r *crs.Request, body string) crs.Result {
	t.Helper()
	tx := in.Start(r)
	defer tx.Close()
	result := tx.Request([]byte(body))
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	return result
}

func inspector(t testing.TB, o crs.Options) crs.Inspector {
	t.Helper()
	in, err := crs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// essence is what does not differ between two runs of Coraza: it keeps arguments
// and headers in maps, and what a rule says of its match (TX.0) may be left over
// from another.
func essence(r crs.Result) []string {
	out := []string{fmt.Sprintf("score %d, blocked %t by %d", r.Score, r.Blocked, r.By)}
	for _, h := range r.Hits {
		line := fmt.Sprintf("%d %d %s", h.ID, h.Phase, h.Severity)
		for _, f := range h.Found {
			if f.Variable != "TX" {
				line += fmt.Sprintf(" %s:%s=%q", f.Variable, f.Key, f.Value)
			}
		}
		out = append(out, line)
	}
	return out
}

// The screen and the operator of our own must not change what is found: every
// request of the rule set's regression tests gives the same hits with them and
// with Coraza's own, at paranoia level 4, where all rules run.
func TestSameHitsAsCorazaOnItsRegressionTests(t *testing.T) {
	plain := inspector(t, crs.Options{Paranoia: 4, Plain: true})
	ours := inspector(t, crs.Options{Paranoia: 4})
	found, failed := 0, 0
	step := 10
	if *everything {
		step = 1
	}
	for n, in := range regressionInputs(t) {
		if n%step != 0 {
			continue
		}
		want, got := run(t, plain, &in.Request, in.body), run(t, ours, &in.Request, in.body)
		if d := cmp.Diff(essence(want), essence(got)); d != "" {
			t.Errorf("%s: %s %s (-Coraza +ours):\n%s", in.name, in.Method, in.URI, d)
			if failed++; failed == 5 {
				t.FailNow()
			}
		}
		for _, id := range in.expect {
			if slices.ContainsFunc(got.Hits, func(h crs.Hit) bool { return h.ID == id }) {
				found++
			}
		}
	}
	// A test that found nothing would pass: most rules that are to match did.
	if found < 3000/step {
		t.Errorf("only %d rules matched as the tests expect", found)
	}
	t.Logf("%d rules matched as the tests expect", found)
}
