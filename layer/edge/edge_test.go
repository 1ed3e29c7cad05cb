package edge

import (
	"testing"

	"fathom/layer/layertest"
)

func TestControls(t *testing.T) { layertest.Run(t, Layer()) }
