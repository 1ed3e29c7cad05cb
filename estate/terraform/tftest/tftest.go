package tftest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A CLI is a terraform that knows the stand-in provider and nothing else. Each
// call works on a fresh copy, so calls do not see each other.
type CLI struct {
	t      testing.TB
	bin    string
	mirror string // holds the provider
}

// Terraform finds terraform and builds the provider for it. A test that needs
// it fails without it rather than passing unseen.
func Terraform(t testing.TB) *CLI {
	t.Helper()

	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	mirror, err := providerMirror(root)
	if err != nil {
		t.Fatal(err)
	}
	return &CLI{t: t, bin: bin, mirror: mirror}
}

// Plan returns the JSON of a plan that creates everything. The variables are
// "name=value".
func (c *CLI) Plan(dir string, vars ...string) []byte {
	c.t.Helper()
	w := c.workspace(dir)
	w.run(append([]string{"plan", "-out=tftest.plan", "-input=false"}, flags(vars)...)...)
	return w.run("show", "-json", "tftest.plan")
}

// Apply returns the JSON of the state after everything has been created.
func (c *CLI) Apply(dir string, vars ...string) []byte {
	c.t.Helper()
	w := c.workspace(dir)
	w.run(append([]string{"apply", "-auto-approve", "-input=false"}, flags(vars)...)...)
	return w.run("show", "-json")
}

// Validate returns the JSON that "terraform validate" prints, whether it finds
// the configuration valid or not.
func (c *CLI) Validate(dir string) []byte {
	c.t.Helper()
	w := c.workspace(dir)
	out, stderr, err := w.try("validate", "-json")
	if len(out) == 0 {
		c.t.Fatalf("terraform validate: %v\n%s", err, stderr)
	}
	return out
}

// Format returns what "terraform fmt" would change, or nothing.
func (c *CLI) Format(dir string) []byte {
	c.t.Helper()
	w := c.workspace(dir)
	out, stderr, err := w.try("fmt", "-check", "-diff", "-recursive")
	if err != nil && len(out) == 0 {
		c.t.Fatalf("terraform fmt: %v\n%s", err, stderr)
	}
	return out
}

// State returns the state file itself after everything has been created: the
// format that a backend stores, which is not that of "terraform show".
func (c *CLI) State(dir string, vars ...string) []byte {
	c.t.Helper()
	w := c.workspace(dir)
	w.run(append([]string{"apply", "-auto-approve", "-input=false"}, flags(vars)...)...)
	return w.run("state", "pull")
}

func flags(vars []string) []string {
	var out []string
	for _, v := range vars {
		out = append(out, "-var="+v)
	}
	return out
}

// A workspace is a copy of a configuration in which terraform has been
// initialised.
type workspace struct {
	cli *CLI
	dir string
	env []string
}

// backend takes the place of the configuration's own, which would need an
// account or a network, and so does the version: what the newer ones know
// besides is in backends.
const backend = `terraform {
  required_version = ">= 1.5"
  backend "local" {}
}
`

func (c *CLI) workspace(dir string) *workspace {
	c.t.Helper()

	temp := c.t.TempDir()
	root, sub, _ := strings.Cut(filepath.ToSlash(dir), "//")
	config := filepath.Join(temp, "config")
	if err := copyConfiguration(config, root); err != nil {
		c.t.Fatal(err)
	}

	w := &workspace{cli: c, dir: filepath.Join(config, filepath.FromSlash(sub))}
	rc := filepath.Join(temp, "terraform.rc")
	for path, text := range map[string]string{
		rc: cliConfig(c.mirror),
		filepath.Join(w.dir, "tftest_override.tf"): backend,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}

	// Nothing of the caller's environment: a TF_VAR_ or an AWS_REGION would
	// change what is tested.
	w.env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + temp,
		"TMPDIR=" + os.TempDir(),
		"TF_CLI_CONFIG_FILE=" + rc,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
	}
	w.run("init", "-input=false")
	return w
}

// run returns what terraform prints and fails the test if it fails.
func (w *workspace) run(args ...string) []byte {
	w.cli.t.Helper()
	stdout, stderr, err := w.try(args...)
	if err != nil {
		w.cli.t.Fatalf("terraform %s: %v\n%s%s", args[0], err, stdout, stderr)
	}
	return stdout
}

func (w *workspace) try(args ...string) (stdout, stderr []byte, err error) {
	var out, errs bytes.Buffer
	if args[0] != "state" { // which alone cannot be told
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	cmd := exec.CommandContext(w.cli.t.Context(), w.cli.bin, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.Bytes(), errs.Bytes(), err
}
