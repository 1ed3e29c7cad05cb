package kubetest_test

import (
	"testing"

	"fathom/render/kubetest"
)

// policy refuses pods in the namespace "policies" that call for trouble, also in
// containers that are added later.
const policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: trouble}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [pods, pods/ephemeralcontainers]
  variables:
    - name: containers
      expression: object.spec.containers.map(c, c.image) + object.spec.?ephemeralContainers.orValue([]).map(c, c.image)
  validations:
    - expression: variables.containers.all(image, !image.contains("trouble"))
      message: no trouble here
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: trouble}
spec:
  policyName: trouble
  validationActions: [Deny]
  matchResources:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: policies}}
`

const (
	trouble = `{name: extra, image: registry.example/trouble}`
	peace   = `{name: extra, image: registry.example/peace}`
)

func TestAdmissionPoliciesAreInForce(t *testing.T) {
	c := kubetest.Shared(t)
	namespace(t, c, "policies", false)
	t.Cleanup(func() { accepted(t, c.Delete([]byte(policy))) })

	// The pod stands before the policy that judges it.
	refused(t, c.Apply([]byte(pod("policies", "a", trouble)+"---"+policy)),
		"Pod policies/a: ", "ValidatingAdmissionPolicy 'trouble' with binding 'trouble' denied request: no trouble here")
	accepted(t, c.Apply([]byte(pod("policies", "a", peace))))
	accepted(t, c.DryRun([]byte(pod("default", "a", trouble))))

	err := c.Ephemeral("policies", "a", []byte(`{name: debug, image: registry.example/trouble}`))
	if err == nil {
		t.Fatal("the ephemeral container was accepted")
	}
	refused(t, []error{err}, "ephemeral container in Pod policies/a: ", "no trouble here")
	if err := c.Ephemeral("policies", "a", []byte(`{name: debug, image: registry.example/peace}`)); err != nil {
		t.Error(err)
	}
	if err := c.Ephemeral("policies", "a", []byte(`{name: again, imago: registry.example/peace}`)); err == nil {
		t.Error("an unknown field of an ephemeral container was accepted")
	}

	// What is taken away is no longer in force, either.
	accepted(t, c.Delete([]byte(policy)))
	if err := c.WaitPolicies(); err != nil {
		t.Fatal(err)
	}
	accepted(t, c.Apply([]byte(pod("policies", "b", trouble))))
}

// A policy that refuses whatever comes must not make the wait endless, and one
// whose expression is nonsense is refused.
func TestWaitPoliciesAmongOthers(t *testing.T) {
	c := kubetest.Start(t) // it is nobody else's problem
	accepted(t, c.Apply([]byte(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: nothing}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  validations: [{expression: "false", message: nothing goes}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: nothing}
spec: {policyName: nothing, validationActions: [Deny]}
`)))
	if err := c.WaitPolicies(); err != nil {
		t.Error(err)
	}
	configMap := []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	refused(t, c.Apply(configMap), "ConfigMap a: ", "nothing goes")

	refused(t, c.Apply([]byte(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: nonsense}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
  validations: [{expression: "object.metadata.name ="}]
`)), "ValidatingAdmissionPolicy nonsense: ", "compilation failed")
}
