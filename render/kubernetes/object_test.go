package kubernetes_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"fathom/render/kubernetes"
)

func TestPrint(t *testing.T) {
	text, err := kubernetes.Print([]*kubernetes.Object{
		kubernetes.New("networking.k8s.io/v1", "NetworkPolicy", "shop", "default-deny",
			"spec", kubernetes.M("podSelector", kubernetes.M(), "policyTypes", []string{"Ingress"}, "left", nil),
		).For("network.pod-policy").Note("nothing gets in by itself").Label("a", "b"),
		kubernetes.New("v1", "ConfigMap", "", "x", "data", kubernetes.M("script", "one\ntwo\n", "yes", "on", "port", "8080")),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `# Nothing gets in by itself
# control: network.pod-policy
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
  labels:
    a: b
spec:
  podSelector: {}
  policyTypes:
  - Ingress
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: x
data:
  script: |
    one
    two
  "yes": "on"
  port: "8080"
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

// Whatever a string holds, the parser that Kubernetes uses reads the same string
// back, as a string.
func TestStringsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.StringOf(rapid.SampledFrom([]rune("a :#-\"'\n{}[]&*!|>%@`\\,?0y"))),
			rapid.SampledFrom([]string{"yes", "no", "on", "off", "true", "null", "~", "1", "0x1f", "1e3", ".5", "2026-01-01", "<<", "=", "- a", "a: b", "# c", "|", ">", "---", "...", "Yes", "NO", "Null", "TRUE", "y", "n", "e3", "inf", "nan", "\t", " a", "a "}),
			rapid.StringMatching(`[a-zäöü0-9 /._-]{0,40}`),
			rapid.StringMatching(`[a-zA-Z/]?[yYnNeEtTrRuUfFaAlLsSoO0-9 :/._@,=*()+-]{0,9}`),
		).Draw(t, "value")
		text, err := kubernetes.Marshal(kubernetes.M("a", value, "b", kubernetes.L{value}, "c", kubernetes.M("d", value)))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := yaml.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		want := map[string]any{"a": value, "b": []any{value}, "c": map[string]any{"d": value}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", diff, strings.ReplaceAll(string(text), " ", "·"))
		}
	})
}
