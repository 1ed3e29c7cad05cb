package control

// The causes of mistakes that more than one layer sees. Layers do not import
// each other; these words are how two of them say that they mean one mistake.
const (
	CauseOpenIngress    = "open-ingress"          // a rule that is open to the world
	CauseNoWAF          = "no-waf"                // a door to the internet without a web ACL
	CauseCounts         = "waf-count"             // a WAF rule that only counts
	CausePlainHTTP      = "plain-http"            // a listener on plain http that forwards
	CausePublicEndpoint = "public-endpoint"       // a cluster API that anybody may call
	CauseHostNetwork    = "host-network"          // a pod in the network of its node
	CauseNoMTLS         = "no-mtls"               // services that talk in plaintext
	CauseIMDS           = "imds"                  // instance metadata that pods can read
	CauseNodeGrant      = "node-grant"            // what the role of nodes may do beyond their work
	CauseTrustsCI       = "ci-trust"              // a trust policy that lets more in than one pipeline
	CauseStaticKey      = "static-key"            // a long-lived access key
	CauseNoMFA          = "no-mfa"                // people who may act without MFA
	CauseStanding       = "standing-access"       // a broad policy that is held all the time
	CauseUnverified     = "no-image-verification" // nothing verifies the signatures of images
	CauseDefaultKey     = "default-key"           // encryption under a key that is not one's own
	CausePublicBucket   = "public-bucket"         // a bucket that anybody may read
	CausePlaintext      = "plaintext-secret"      // a secret written into a file
	CauseNoLock         = "object-lock"           // a bucket whose objects can be deleted
)
