package identity

import (
	"fathom/control"
	"fathom/layer"
)

// Layer returns the identity layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "identity",
		Doc:  "IAM: each workload its own role, each role as little as it needs, people with MFA",
		Controls: []control.Control{
			irsa, trustExact, leastPrivilege, nodeRole, sessionTags,
			roleMonitoring, mfa, noLongKeys, guardrails, policyLint,
		},
		Render: declare,
		Steps:  steps,
	}
}
