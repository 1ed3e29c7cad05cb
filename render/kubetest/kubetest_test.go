package kubetest_test

import (
	"os"
	"strings"
	"testing"

	"fathom/render/kubetest"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }

// namespace is one where Pod Security "restricted" is enforced, or not.
func namespace(t *testing.T, c *kubetest.Cluster, name string, restricted bool) {
	t.Helper()
	text := "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n"
	if restricted {
		text += "  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}\n"
	}
	accepted(t, c.Apply([]byte(text)))
}

func accepted(t *testing.T, errs []error) {
	t.Helper()
	for _, err := range errs {
		t.Error(err)
	}
}

// refused wants one error that holds all the words.
func refused(t *testing.T, errs []error, words ...string) {
	t.Helper()
	if len(errs) != 1 {
		t.Fatalf("got %d errors, want 1: %v", len(errs), errs)
	}
	for _, word := range words {
		if !strings.Contains(errs[0].Error(), word) {
			t.Errorf("the error does not say %q: %v", word, errs[0])
		}
	}
}

const privileged = `
apiVersion: v1
kind: Pod
metadata: {name: strong, namespace: NS}
spec:
  containers:
    - name: main
      image: registry.example/strong
      securityContext: {privileged: true}
`

func TestPodSecurityRefusesAPrivilegedPod(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "restricted", true)
	namespace(t, c, "lax", false)
	in := func(ns string) []byte { return []byte(strings.ReplaceAll(privileged, "NS", ns)) }

	err := c.Create(in("restricted"))
	if err == nil {
		t.Fatal("a privileged pod was accepted")
	}
	refused(t, []error{err}, "Pod restricted/strong", `violates PodSecurity "restricted:latest"`, "privileged=true")
	refused(t, c.Apply(in("restricted")), "Pod restricted/strong", "privileged=true")

	if err := c.TryCreate(in("lax")); err != nil {
		t.Error(err)
	}
	if _, err := c.Get("v1", "Pod", "lax", "strong"); err == nil {
		t.Error("a dry run has stored the pod")
	}
	if err := c.Create(in("lax")); err != nil {
		t.Error(err)
	}
	if _, err := c.Get("v1", "Pod", "lax", "strong"); err != nil {
		t.Error(err)
	}
}
