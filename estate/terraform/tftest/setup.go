package tftest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// repository is the folder that holds go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("tftest: no go.mod above the working directory")
		}
		dir = parent
	}
}

// find returns the path of terraform: the one that FATHOM_TERRAFORM names, the
// one that "make setup" has built, or the one on the PATH.
func find(root string) (string, error) {
	if bin := os.Getenv("FATHOM_TERRAFORM"); bin != "" {
		if _, err := exec.LookPath(bin); err != nil {
			return "", fmt.Errorf("FATHOM_TERRAFORM: %w", err)
		}
		return filepath.Abs(bin)
	}
	if bin := filepath.Join(root, ".cache", "bin", "terraform"); executable(bin) {
		return bin, nil
	}
	if bin, err := exec.LookPath("terraform"); err == nil {
		return filepath.Abs(bin)
	}
	return "", errors.New(`this test runs the real terraform and there is none; "make setup" installs it`)
}

func executable(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}

// version is the one of the AWS provider that the schema is taken from.
const version = "6.25.0"

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

// providerMirror builds the provider, once for a test binary, and returns a
// folder laid out as a mirror of Terraform's registry. It stays in the cache of
// the repository: "go build" leaves it alone while it is up to date.
func providerMirror(root string) (string, error) {
	buildOnce.Do(func() {
		built = filepath.Join(root, ".cache", "tftest")
		buildErr = build(root, built)
	})
	return built, buildErr
}

func build(root, mirror string) error {
	// Test binaries of several packages may build at once. Go moves a finished
	// binary into place, which is atomic if it comes from the same file system.
	work := filepath.Join(mirror, "work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}

	platform := runtime.GOOS + "_" + runtime.GOARCH
	bin := filepath.Join(mirror, "registry.terraform.io", "hashicorp", "aws", version, platform, "terraform-provider-aws_v"+version)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "./estate/terraform/tftest/provider")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOTMPDIR="+work)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the stand-in provider: %w\n%s", err, out)
	}
	return nil
}

// cliConfig lets terraform install providers from the mirror and from nowhere
// else.
func cliConfig(mirror string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
}

// copyConfiguration copies a folder without what earlier runs of terraform have
// left in it.
func copyConfiguration(to, from string) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)

		switch name := entry.Name(); {
		case entry.IsDir() && (name == ".terraform" || name == ".git"):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case name == ".terraform.lock.hcl" || strings.HasSuffix(name, ".tfstate"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}
