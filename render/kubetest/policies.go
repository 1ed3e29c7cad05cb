package kubetest

import (
	"fmt"
	"net/http"
	"strings"
)

// WaitPolicies waits until the admission policies and bindings that have been
// stored or deleted before the call are in force. [Cluster.Apply] calls it.
//
// The server does not say so itself: it learns of policies and of bindings
// through two watches, and takes over what it has learned about once a second,
// all together. A watch tells of changes in their order. So a policy and a
// binding are stored after those in question that refuse one ConfigMap, and once
// that ConfigMap is refused the earlier ones are in force as well. The ConfigMap
// is only tried, never stored. A policy with parameters may still need its first
// look at them; until then it refuses, or not, as its failurePolicy says.
func (c *Cluster) WaitPolicies() error {
	name := fmt.Sprintf("kubetest-probe-%d", c.probes.Add(1))
	policy := fmt.Sprintf(probePolicy, name)
	for _, text := range strings.SplitAfter(policy, "---\n") {
		o, err := one([]byte(text))
		if err != nil {
			return err
		}
		if err := c.applyOne(o, false); err != nil {
			return o.wrap(err)
		}
	}
	err := poll("admission policies are not in force", func() (bool, error) {
		_, err := c.request(http.MethodPost, "/api/v1/namespaces/default/configmaps?dryRun=All", "application/yaml",
			fmt.Appendf(nil, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n", name))
		if err == nil {
			return false, nil
		}
		if strings.Contains(err.Error(), "in force: "+name) {
			return true, nil
		}
		if refused(err, "Forbidden") || refused(err, "Invalid") {
			return false, nil // another policy refuses it; both are asked
		}
		return false, err
	}, nil)
	for _, gone := range c.Delete([]byte(policy)) {
		if err == nil {
			err = gone
		}
	}
	return err
}

// probePolicy refuses the ConfigMap of its own name, and nothing else.
const probePolicy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: %[1]s
spec:
  failurePolicy: Ignore
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [configmaps]
  matchConditions:
    - name: own
      expression: object.metadata.name == "%[1]s"
  validations:
    - expression: "false"
      message: "in force: %[1]s"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: %[1]s
spec:
  policyName: %[1]s
  validationActions: [Deny]
`
