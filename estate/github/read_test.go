package github

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fathom/diag"
	"fathom/estate"
)

const release = `name: release
on: {push: {branches: [main]}, workflow_dispatch: }
permissions: read-all
env: &shared
  REGION: eu-west-1
jobs:
  build:
    permissions:
      id-token: write
    environment: {name: production, url: "https://shop.example.com"}
    env: *shared
    steps:
      - uses: actions/checkout@v4
      - name: scan
        uses: aquasecurity/trivy-action@0.33.1
        continue-on-error: true
        with: {exit-code: 1}
      - run: |
          cosign sign "$IMAGE"
  deploy:
    uses: ./.github/workflows/deploy.yml
    secrets: inherit
    continue-on-error: ${{ inputs.soft }}
`

func read(text string) (*estate.Workflow, diag.Problems) {
	const name = ".github/workflows/release.yml"
	return Read(fstest.MapFS{name: {Data: []byte(text)}}, name)
}

func TestRead(t *testing.T) {
	got, problems := read(release)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	at := func(line, column int) diag.Pos { return diag.At(".github/workflows/release.yml", line, column) }
	region := estate.NamedValue{Name: "REGION", Value: "eu-west-1", At: at(5, 3)}
	want := &estate.Workflow{
		Base: estate.Base{ID: estate.ID{Addr: "workflow/release"}, Type: "github workflow", Pos: at(1, 1), Keys: []string{"release"}},
		On:   []string{"push", "workflow_dispatch"}, Permissions: estate.Permissions{All: "read-all", At: at(3, 1)},
		Env: []estate.NamedValue{region},
		Jobs: []estate.Job{
			{
				ID: "build", At: at(7, 3), Environment: "production", Env: []estate.NamedValue{region},
				Permissions: estate.Permissions{Scopes: map[string]string{"id-token": "write"}, At: at(8, 5)},
				Steps: []estate.WorkflowStep{
					{At: at(13, 9), Uses: "actions/checkout@v4"},
					{At: at(14, 9), Name: "scan", Uses: "aquasecurity/trivy-action@0.33.1", ContinueOnError: true, With: []estate.NamedValue{{Name: "exit-code", Value: "1", At: at(17, 16)}}},
					{At: at(18, 9), Run: "cosign sign \"$IMAGE\"\n"},
				},
			},
			{ID: "deploy", At: at(20, 3), Uses: "./.github/workflows/deploy.yml", Secrets: []estate.NamedValue{{Name: "inherit", At: at(22, 5)}}, ContinueOnError: true},
		},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(estate.Base{}), cmpopts.IgnoreUnexported(estate.Map{}, estate.Str{})); d != "" {
		t.Error(d)
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a tab", "jobs:\n\tbuild:\n", "release.yml:2:1: the workflow does not parse: found character that cannot start any token; indent with spaces"},
		{"no jobs", "name: x\n", `release.yml:1:1: the workflow has no jobs; write "jobs:"`},
		{"empty", "", "release.yml:1:1: a workflow is a map with jobs"},
		{"binary", "\x00\x01", "release.yml:1:1: the file is not text"},
		{"jobs as a list", "on: push\njobs:\n  - build\n", "release.yml:3:3: a map is expected here"},
		{"steps as a map", "on: push\njobs:\n  a:\n    steps:\n      run: x\n", "release.yml:5:7: a list is expected here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := read(tt.in)
			if len(problems) == 0 || !strings.Contains(problems[0].Error(), tt.want) {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
		})
	}
}

// TestBombs holds the reader to its bounds on input made to exhaust it.
func TestBombs(t *testing.T) {
	aliases := "jobs:\n  a: &a0 {steps: [{run: x}, {run: x}, {run: x}, {run: x}, {run: x}, {run: x}, {run: x}, {run: x}]}\n" +
		strings.Repeat("  b: *a0\n", 100_000)
	for name, in := range map[string]string{
		"aliases": aliases,
		"nesting": "jobs: " + strings.Repeat("[", 100_000),
		"marks":   "jobs: [" + strings.Repeat(",", 3_000_000),
		"self":    "jobs: &a {b: *a}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := read(in); len(problems) == 0 && name != "self" {
				t.Error("nobody complained")
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(release)
	f.Add("on: [push]\njobs: {a: {steps: [*x]}}")
	f.Add("jobs: &a {b: *a}")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, in string) {
		w, problems := read(in)
		if w == nil && len(problems) == 0 {
			t.Fatal("neither a workflow nor a problem")
		}
		if w != nil && w.ID.Addr != "workflow/release" {
			t.Fatalf("the workflow is called %q", w.ID.Addr)
		}
	})
}
