package supply

import (
	"fathom/control"
	"fathom/layer"
)

// Layer returns the supply layer.
func Layer() layer.Layer {
	return layer.Layer{
		Name: "supply",
		Doc:  "from commit to running container: no static keys, gates, signatures, admission, hardened pods and nodes",
		Controls: []control.Control{
			ciOIDC, scanOnPush, codeGates, signedImages, sbom,
			admission, podHardening, immutableTags, runtimeDetection, immutableNodes,
		},
		Render: declare,
		Steps:  attack,
	}
}
