package supply

import (
	"testing"

	"fathom/layer/layertest"
)

func TestLayer(t *testing.T) { layertest.Run(t, Layer()) }
