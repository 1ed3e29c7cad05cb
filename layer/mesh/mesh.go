package mesh

import (
	"fathom/control"
	"fathom/layer"
)

// Layer is the mesh layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "mesh",
		Doc:  "service identity and mutual TLS: who calls, and who may listen",
		Controls: []control.Control{
			mtlsStrict,
			authorization,
			privateCA,
			shortCerts,
			revocation,
			storeTLS,
			telemetry,
		},
		Render: declare,
		Steps:  steps,
	}
}
