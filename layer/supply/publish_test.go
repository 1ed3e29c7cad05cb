package supply

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// registryTools stand in for aws and docker: the folder "tags" is the registry,
// and what is pushed gets the digest in the file "made".
var registryTools = map[string]string{
	"aws": `#!/bin/sh
test "$2" = describe-images || exit 0
for a; do case $a in imageTag=*) cat "$REGISTRY_FOLDER/${a#imageTag=}" || exit 254; esac; done
`,
	"docker": `#!/bin/sh
last() { for a; do :; done; echo "$a"; }
put() { echo "$2" > "$REGISTRY_FOLDER/${1##*:}"; }
echo "$*" >> "$CALLS"
case "$1 $2" in
"push "*) put "$2" "$PUSHED" ;;
"buildx imagetools") from=$(last "$@"); put "$TAG" "${from##*@}" ;;
"image inspect") echo "elsewhere/other@sha256:0"; echo "$REGISTRY/$REPOSITORY@$MADE" ;;
esac
`,
}

// What is signed is what the run made or copied: somebody who has put an image
// under the tag before it makes the job fail, and nothing is signed.
func TestWhatIsSignedIsWhatTheRunMade(t *testing.T) {
	const made, other = "sha256:aaaa", "sha256:bbbb"
	mirror := "docker.io/istio/proxyv2@" + made
	for _, x := range []struct {
		name string
		from string
		// there is what the tag leads to before; pushed what a push leaves there.
		there, pushed string
		// signed is the digest that is handed on to what signs, "" for a failure.
		signed string
		calls  string
	}{
		{name: "a new tag", pushed: made, signed: made, calls: "push"},
		{name: "a tag that somebody pushed first", there: other, pushed: made},
		{name: "a tag under which the very image lies", there: made, pushed: made},
		{name: "a push that leaves something else", pushed: other, calls: "push"},
		{name: "a mirror", from: mirror, signed: made, calls: "imagetools create"},
		{name: "a mirror that is there", from: mirror, there: made, signed: made},
		{name: "a mirror in whose place something else is", from: mirror, there: other},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range registryTools {
				write(t, filepath.Join(dir, "bin", name), text)
			}
			write(t, filepath.Join(dir, "calls"), "")
			write(t, filepath.Join(dir, "tags", "none"), "")
			if x.there != "" {
				write(t, filepath.Join(dir, "tags", "v1"), x.there)
			}
			if x.from != "" {
				write(t, filepath.Join(dir, "source"), x.from+"\n")
			}
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", stepOf(t, "publish", "push what this run built, or copy what it mirrors"))
			cmd.Dir = dir
			cmd.Env = []string{
				"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "REGISTRY=registry", "REPOSITORY=shop/front", "NAME=service-front", "TAG=v1",
				"FROM=" + x.from, "MADE=" + made, "PUSHED=" + x.pushed, "GITHUB_ENV=" + filepath.Join(dir, "env"),
				"REGISTRY_FOLDER=" + filepath.Join(dir, "tags"), "CALLS=" + filepath.Join(dir, "calls"),
			}
			out, err := cmd.CombinedOutput()
			env, _ := os.ReadFile(filepath.Join(dir, "env"))
			if signs := strings.Contains(string(env), "IMAGE="); (err == nil) != (x.signed != "") || signs != (x.signed != "") {
				t.Fatalf("%v: %s%s", err, out, env)
			}
			if err != nil && !strings.Contains(string(out), "::error::") {
				t.Errorf("it says nothing: %s", out)
			}
			if want := "IMAGE=registry/shop/front@" + x.signed + "\n"; x.signed != "" && !strings.Contains(string(env), want) {
				t.Errorf("signs\n%swant\n%s", env, want)
			}
			calls, err := os.ReadFile(filepath.Join(dir, "calls"))
			if err != nil {
				t.Fatal(err)
			}
			if wrote := strings.Contains(string(calls), "push ") || strings.Contains(string(calls), "imagetools create"); wrote != (x.calls != "") || !strings.Contains(string(calls), x.calls) {
				t.Errorf("calls, want %q:\n%s", x.calls, calls)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// stepOf is what a step of a job runs.
func stepOf(t *testing.T, job, step string) string {
	t.Helper()
	var w struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(release(t)), &w); err != nil {
		t.Fatal(err)
	}
	for _, s := range w.Jobs[job].Steps {
		if s.Name == step {
			return s.Run
		}
	}
	t.Fatalf("job %s has no step %q", job, step)
	return ""
}
