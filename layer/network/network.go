package network

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is the network layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name:   "network",
		Doc:    "VPC, security groups, egress, NetworkPolicies: who can open a connection to whom",
		Render: declare,
		Steps:  steps,
		Controls: []control.Control{
			noOpenIngress,
			privateData,
			sgChain,
			egressDeny,
			endpoints,
			podPolicy,
			paymentsIsolation,
			noSSH,
			flowLogs,
			clusterPrivate,
		},
	}
}
