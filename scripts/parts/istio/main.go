package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/log"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A finding is one line of the output.
type finding struct {
	Severity  string `json:"severity"` // error or warning
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Text      string `json:"text"`
}

// An object is one of Istio's as it is written. Decoding it strictly finds what
// does not belong there.
type object struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            json.RawMessage   `json:"spec"`
	Status          json.RawMessage   `json:"status"`
}

func main() {
	quiet := log.DefaultOptions()
	quiet.OutputPaths = []string{"stderr"} // standard output is for the findings
	if err := log.Configure(quiet); err != nil {
		fail(err)
	}
	found, err := validateStream(os.Stdin)
	if err != nil {
		fail(err)
	}
	out := json.NewEncoder(os.Stdout)
	for _, f := range found {
		if err := out.Encode(f); err != nil {
			fail(err)
		}
	}
	if slices.ContainsFunc(found, func(f finding) bool { return f.Severity == "error" }) {
		os.Exit(3)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "istio-validate:", err)
	os.Exit(1)
}

func validateStream(in io.Reader) ([]finding, error) {
	var found []finding
	docs := kubeyaml.NewYAMLReader(bufio.NewReader(in))
	for {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		var what metav1.TypeMeta
		if err := yaml.Unmarshal(doc, &what); err != nil {
			return nil, err
		}
		if group := what.GroupVersionKind().Group; group == "istio.io" || strings.HasSuffix(group, ".istio.io") {
			found = append(found, validate(doc)...)
		}
	}
}

// validate returns what Istio says of one of its objects.
func validate(doc []byte) []finding {
	var o object
	// The object is decoded as far as it can be even if there is something
	// wrong, so that its name is known.
	err := yaml.UnmarshalStrict(doc, &o)
	var found []finding
	add := func(severity string, err error) {
		for _, e := range flatten(err) {
			found = append(found, finding{severity, o.Kind, o.Metadata.Namespace, o.Metadata.Name, e.Error()})
		}
	}
	if err != nil {
		_ = yaml.Unmarshal(doc, &o)
		add("error", err)
		return found
	}

	kind, known := collections.Pilot.FindByGroupVersionAliasesKind(groupVersionKind(o.GroupVersionKind()))
	if !known {
		add("error", fmt.Errorf("there is no %s in %s", o.Kind, o.APIVersion))
		return found
	}
	spec, err := kind.NewInstance()
	if err != nil {
		add("error", err)
		return found
	}
	if len(o.Spec) > 0 {
		if err := config.ApplyJSONStrict(spec, string(o.Spec)); err != nil {
			add("error", err)
			return found
		}
	}

	namespace := o.Metadata.Namespace
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	warning, err := kind.ValidateConfig(config.Config{
		Meta: config.Meta{
			GroupVersionKind: kind.GroupVersionKind(),
			Name:             o.Metadata.Name,
			Namespace:        namespace,
			Labels:           o.Metadata.Labels,
			Annotations:      o.Metadata.Annotations,
		},
		Spec: spec,
	})
	add("error", err)
	add("warning", warning)
	return found
}

func groupVersionKind(k schema.GroupVersionKind) config.GroupVersionKind {
	return config.GroupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Kind}
}

// flatten returns the errors that are gathered in one.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	many, ok := err.(interface{ WrappedErrors() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range many.WrappedErrors() {
		out = append(out, flatten(e)...)
	}
	return out
}
