package kubetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"testing"
)

// IstioValidate holds the objects of Istio in a stream of manifests to Istio's
// own validation, and to its types without unknown fields. It returns what that
// finds, an object and a text a line; warnings begin with the word. Other objects
// are passed over.
func IstioValidate(t testing.TB, manifests []byte) []string {
	t.Helper()
	tools, err := findToolbox()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := tools.binary("istio-validate")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bin)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(manifests), &out, &problems
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		t.Fatalf("%v\n%s", err, problems.String())
	}

	var lines []string
	for dec := json.NewDecoder(&out); ; {
		var f struct{ Severity, Kind, Namespace, Name, Text string }
		if err := dec.Decode(&f); errors.Is(err, io.EOF) {
			return lines
		} else if err != nil {
			t.Fatal(err)
		}
		o := object{Kind: f.Kind}
		o.Metadata.Namespace, o.Metadata.Name = f.Namespace, f.Name
		line := o.wrap(errors.New(f.Text)).Error()
		if f.Severity == "warning" {
			line = "warning: " + line
		}
		lines = append(lines, line)
	}
}
