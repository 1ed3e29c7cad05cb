package access

import (
	"fathom/control"
	"fathom/layer"
)

// The shared causes: a mistake that several controls see is one finding.
const (
	causeOpenIngress = "open-ingress"
	causeNoMFA       = "no-mfa"          // a person who may act without MFA
	causeStanding    = "standing-access" // a broad policy that is held all the time
)

// Layer is access.
func Layer() layer.Layer {
	return layer.Layer{
		Name:     "access",
		Doc:      "how people get in: Session Manager, MFA, time and scope",
		Controls: []control.Control{ssmOnly, mfaSession, justInTime, sessionAudit, scoped, breakGlass},
	}
}
