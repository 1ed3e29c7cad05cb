package kubetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
			return "", errors.New("kubetest: no go.mod above the working directory")
		}
		dir = parent
	}
}

// A toolbox is where "make setup" leaves what the tests need.
type toolbox struct{ cache string }

func findToolbox() (toolbox, error) {
	root, err := repository()
	return toolbox{filepath.Join(root, ".cache")}, err
}

// binary returns the path of one of the programs. Only the ones that "make
// setup" has built will do: another version accepts other things.
func (b toolbox) binary(name string) (string, error) {
	path := filepath.Join(b.cache, "bin", name)
	if _, err := exec.LookPath(path); err != nil {
		return "", fmt.Errorf("this test runs the real %s and there is none; run make setup", name)
	}
	return path, nil
}

// crds returns the CustomResourceDefinitions.
func (b toolbox) crds() ([]object, error) {
	files, err := filepath.Glob(filepath.Join(b.cache, "crds", "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("this test needs the CustomResourceDefinitions of Istio and others and there are none; run make setup")
	}
	var out []object
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, found...)
	}
	return out, nil
}
