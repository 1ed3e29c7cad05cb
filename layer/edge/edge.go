package edge

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is the edge.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "edge",
		Doc:  "CloudFront, WAF, Shield and the public load balancers",
		Controls: []control.Control{
			frontDoor, originSecret, tls, wafAttached, wafManaged, wafEnforcing,
			rateLimit, geo, bots, clientProof, challenge, wafCanary, wafLogging,
			shield, overload, failover,
		},
		Render: declare,
		Steps:  steps,
	}
}
