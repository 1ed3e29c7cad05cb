package supply

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"fathom/estate"
	"fathom/render"
)

// pinned is an action by commit, with the release in a comment.
var pinned = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestActionsArePinned(t *testing.T) {
	text := release(t)
	uses := regexp.MustCompile(`(?m)^\s*-? ?uses: (.*)$`).FindAllStringSubmatch(text, -1)
	if len(uses) < 10 {
		t.Fatalf("%d actions", len(uses))
	}
	for _, u := range uses {
		if !pinned.MatchString(u[1]) {
			t.Errorf("%s is not pinned", u[1])
		}
	}
	if left := regexp.MustCompile(`@[A-Z_]+@`).FindAllString(text, -1); len(left) > 0 {
		t.Errorf("not filled in: %v", left)
	}
}

// Only the jobs that sign in to AWS may ask for a token, and what builds and
// scans is not among them.
func TestWhoMayAskForTokens(t *testing.T) {
	var w struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Permissions map[string]string
			Environment string
		}
	}
	if err := yaml.Unmarshal([]byte(release(t)), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Permissions) != 0 {
		t.Errorf("every job has %v", w.Permissions)
	}
	var tokens, writes []string
	for name, j := range w.Jobs {
		for what, access := range j.Permissions {
			switch {
			case what == "id-token":
				tokens = append(tokens, name)
			case access == "write":
				writes = append(writes, name+" "+what)
			}
		}
	}
	slices.Sort(tokens)
	slices.Sort(writes)
	if got := strings.Join(tokens, ", "); got != "access, publish" {
		t.Errorf("tokens for %s", got)
	}
	if got := strings.Join(writes, ", "); got != "code security-events, promote contents, promote pull-requests" {
		t.Errorf("may write: %s", got)
	}
	if got := w.Jobs["publish"].Environment; got != "production" {
		t.Errorf("images are pushed in the environment %q", got)
	}
}

// The role lets in what the workflow is, and the policy trusts what it signs as.
func TestOneIdentity(t *testing.T) {
	p := small()
	e := readBack(t, p)
	for _, r := range estate.All[*estate.Role](e) {
		if name, _ := r.RoleName.Known(); name != render.RoleName(p, "deploy") {
			continue
		}
		got := map[string]string{}
		for _, c := range r.Trust.Statements[0].Conditions {
			if c.Operator != "StringEquals" {
				t.Errorf("%s on %s", c.Operator, c.Key)
			}
			_, claim, _ := strings.Cut(c.Key, ":")
			got[claim] = strings.Join(c.Values, " ")
		}
		want := map[string]string{
			"aud": "sts.amazonaws.com", "sub": "repo:acme/shop:environment:production", "ref": "refs/heads/main",
			"job_workflow_ref": "acme/shop/.github/workflows/release.yml@refs/heads/main", "repository_id": "1",
		}
		for claim, value := range want {
			if got[claim] != value {
				t.Errorf("%s is %q, want %q", claim, got[claim], value)
			}
		}
		return
	}
	t.Error("no deploy role")
}

// The files say what becomes of each; a test with a real API server tries them.
func TestAdmissionCases(t *testing.T) {
	list, err := filepath.Glob("testdata/admission/*.yaml")
	if err != nil || len(list) < 30 {
		t.Fatal(len(list), err)
	}
	for _, name := range list {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		pattern, refused := strings.CutPrefix(first, "# refused: ")
		if _, err := regexp.Compile(pattern); err != nil || !refused && first != "# admitted" {
			t.Errorf("%s: %q: %v", name, first, err)
		}
		var o struct{ Kind, APIVersion string }
		if err := yaml.Unmarshal(text, &o); err != nil || o.Kind == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func release(t *testing.T) string {
	t.Helper()
	p := small()
	return string(files(t, p, declared(t, p))[".github/workflows/release.yml"].Data)
}
