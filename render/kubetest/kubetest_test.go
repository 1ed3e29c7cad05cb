package kubetest_test

import (
	"os"
	"strings"
	"testing"

	"fathom/render/kubetest"
)

func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }

// namespace makes one of the test's own, where Pod Security "restricted" is
// enforced, or nothing.
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

func pod(namespace, name, container string) string {
	return `
---
apiVersion: v1
kind: Pod
metadata: {name: ` + name + `, namespace: ` + namespace + `}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - ` + container + "\n"
}

const (
	privileged = `{name: main, image: registry.example/a, securityContext: {privileged: true}}`
	modest     = `{name: main, image: registry.example/a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}`
)

func TestPodSecurityRefusesAPrivilegedPod(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "security", true)
	namespace(t, c, "lax", false)

	for _, apply := range []func([]byte) []error{
		c.Apply,
		c.DryRun,
		func(text []byte) []error { return []error{c.Create(text)} },
		func(text []byte) []error { return []error{c.TryCreate(text)} },
	} {
		refused(t, apply([]byte(pod("security", "strong", privileged))),
			"Pod security/strong: ", `violates PodSecurity "restricted:latest"`, "privileged=true")
	}
	accepted(t, c.Apply([]byte(pod("security", "weak", modest))))
	accepted(t, c.Apply([]byte(pod("lax", "strong", privileged))))
}

func TestADryRunStoresNothing(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "dry", false)
	manifest := []byte(pod("dry", "a", modest))
	stored := func() bool {
		_, err := c.Get("v1", "Pod", "dry", "a")
		return err == nil
	}

	accepted(t, c.DryRun(manifest))
	if err := c.TryCreate(manifest); err != nil {
		t.Error(err)
	}
	if stored() {
		t.Error("a dry run has stored the pod")
	}
	if err := c.Create(manifest); err != nil {
		t.Error(err)
	}
	if !stored() {
		t.Error("the pod is not there")
	}
	refused(t, []error{c.Create(manifest)}, "already exists")

	accepted(t, c.Delete(manifest))
	if stored() {
		t.Error("the pod is still there")
	}
	accepted(t, c.Delete(manifest))
}

func TestWhatSchemasRefuse(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "schemas", false)
	for _, tt := range []struct {
		name, manifest string
		words          []string // of the error; none if it is accepted
	}{
		{
			"unknown field",
			`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: schemas}, dat: {a: b}}`,
			[]string{"ConfigMap schemas/a: ", "dat: field not declared in schema"},
		},
		{
			"repeated field",
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: schemas}\ndata: {a: b, a: c}\n",
			[]string{`"a" already set`},
		},
		{
			"unknown kind",
			`{apiVersion: v1, kind: ConfigMop, metadata: {name: a, namespace: schemas}}`,
			[]string{"ConfigMop schemas/a: ", `the server has no kind "ConfigMop" in "v1"`},
		},
		{
			"unknown group",
			`{apiVersion: example.org/v1, kind: ConfigMap, metadata: {name: a, namespace: schemas}}`,
			[]string{`the server has no kind "ConfigMap" in "example.org/v1"`},
		},
		{
			"unknown namespace",
			`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: nowhere}}`,
			[]string{"ConfigMap nowhere/a: ", `namespaces "nowhere" not found`},
		},
		{
			"unknown ServiceAccount",
			`{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: schemas}, spec: {serviceAccountName: ghost, containers: [{name: a, image: b}]}}`,
			[]string{"Pod schemas/a: ", `serviceaccount "ghost" not found`},
		},
		{
			"field of Istio",
			`{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: a, namespace: schemas}, spec: {rules: [{form: [{}]}]}}`,
			[]string{"AuthorizationPolicy schemas/a: ", ".spec.rules[0].form: field not declared in schema"},
		},
		{
			"value of Istio",
			`{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: a, namespace: schemas}, spec: {action: REFUSE}}`,
			[]string{`spec.action: Unsupported value: "REFUSE"`},
		},
		{
			"Istio",
			`{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: a, namespace: schemas}, spec: {action: DENY, rules: [{to: [{operation: {ports: ["80"]}}]}]}}`,
			nil,
		},
		{
			"field of Kyverno",
			`{apiVersion: policies.kyverno.io/v1, kind: ImageValidatingPolicy, metadata: {name: a}, spec: {validations: [], matchImageReferences: [{globe: "*"}], attestors: []}}`,
			[]string{"ImageValidatingPolicy a: ", "globe"},
		},
		{
			"field of cert-manager",
			`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: schemas}, spec: {secretName: a, issuerRef: {nom: b}}}`,
			[]string{"Certificate schemas/a: ", "nom"},
		},
		{
			"cert-manager",
			`{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: schemas}, spec: {secretName: a, dnsNames: [a.example], issuerRef: {name: b}}}`,
			nil,
		},
		{
			"issuer of AWS",
			`{apiVersion: awspca.cert-manager.io/v1beta1, kind: AWSPCAClusterIssuer, metadata: {name: a}, spec: {arn: "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/a", region: eu-west-1}}`,
			nil,
		},
		{
			"field of an issuer of AWS",
			`{apiVersion: awspca.cert-manager.io/v1beta1, kind: AWSPCAClusterIssuer, metadata: {name: a}, spec: {arm: a}}`,
			[]string{"AWSPCAClusterIssuer a: ", "arm"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			errs := c.Apply([]byte(tt.manifest))
			if tt.words == nil {
				accepted(t, errs)
			} else {
				refused(t, errs, tt.words...)
			}
		})
	}
}

func TestAStreamIsAppliedInOrder(t *testing.T) {
	c := kubetest.Shared(t)
	accepted(t, c.Apply([]byte(`
apiVersion: example.com/v1
kind: Trinket
metadata: {name: a, namespace: order}
spec: {colour: red}
---
# nothing but a comment
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: order}
spec:
  serviceAccountName: own
  containers: [{name: a, image: registry.example/a}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: own, namespace: order}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: trinkets.example.com}
spec:
  group: example.com
  names: {kind: Trinket, plural: trinkets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {colour: {type: string}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: order}
`)))
	trinket, err := c.Get("example.com/v1", "Trinket", "order", "a")
	if err != nil {
		t.Fatal(err)
	}
	if spec, _ := trinket["spec"].(map[string]any); spec["colour"] != "red" {
		t.Errorf("stored as %v", trinket)
	}
}

func TestEveryErrorIsReported(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "errors", true)
	errs := c.Apply([]byte(pod("errors", "a", privileged) + pod("errors", "b", modest) + pod("errors", "c", privileged)))
	if len(errs) != 2 || !strings.HasPrefix(errs[0].Error(), "Pod errors/a: ") || !strings.HasPrefix(errs[1].Error(), "Pod errors/c: ") {
		t.Errorf("got %v", errs)
	}
}

func TestWarningsAreKept(t *testing.T) {
	c := kubetest.Start(t) // nobody else's warnings
	namespace(t, c, "warned", true)
	c.Warnings()
	accepted(t, c.Apply([]byte(deployment("warned", privileged))))
	got := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(got, `would violate PodSecurity "restricted:latest": privileged (container "main"`) {
		t.Errorf("warnings: %q", got)
	}
	if again := c.Warnings(); again != nil {
		t.Errorf("told twice: %q", again)
	}
}

func deployment(namespace, container string) string {
	return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: ` + namespace + `, labels: {of: deployment}}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}, annotations: {note: kept}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - ` + container + "\n"
}
