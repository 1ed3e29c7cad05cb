package edge

import (
	"fathom/control"
	"fathom/layer"
)

// The shared causes: a mistake that several controls see is one finding.
const (
	causeOpenIngress = "open-ingress"     // a rule open to the world
	causeNoWAF       = "no-waf"           // a door without a web ACL
	causeCount       = "waf-count"        // a rule that only counts
	causePlainHTTP   = "plain-http"       // a listener on plain http that forwards
	causePlainSecret = "plaintext-secret" // a secret written into a file
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
	}
}
