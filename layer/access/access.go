package access

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is access.
func Layer() layer.Layer {
	return layer.Layer{
		Name:     "access",
		Doc:      "how people get in: Session Manager, MFA, time and scope",
		Controls: []control.Control{ssmOnly, mfaSession, justInTime, sessionAudit, scoped, breakGlass},
		Render:   declare,
		Steps:    steps,
	}
}
