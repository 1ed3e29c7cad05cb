package kubetest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// WaitPolicies waits until the admission policies and bindings that have been
// stored or deleted before the call are in force. [Cluster.Apply] calls it.
//
// The server does not say so itself: it learns of policies and of bindings
// through two watches, and takes over what it has learned about once a second,
// all together. A watch tells of changes in their order. So a policy and a
// binding are stored after those in question that warn of one ConfigMap, and once
// there is that warning the earlier ones are in force as well. The ConfigMap is
// only tried, never stored. A policy with parameters may still need its first
// look at them; until then it refuses, or not, as its failurePolicy says.
// Policies that mutate are another matter; they are not waited for.
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
	tried := fmt.Appendf(nil, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n", name)
	err := poll(about("the admission policy "+name), func() (bool, error) {
		_, warnings, err := c.send(http.MethodPost, "/api/v1/namespaces/default/configmaps?dryRun=All", "application/yaml", tried)
		var no *Refusal
		if err != nil && !errors.As(err, &no) {
			return false, err
		}
		// Another policy may refuse it; the warning comes all the same.
		return slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "in force: "+name) }), nil
	})
	for _, gone := range c.Delete([]byte(policy)) {
		if err == nil {
			err = gone
		}
	}
	return err
}

// probePolicy warns of the ConfigMap of its own name, and nothing else.
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
  validationActions: [Warn]
`
