package mesh_test

import (
	"testing"

	"fathom/layer/layertest"
	"fathom/layer/mesh"
)

func TestLayer(t *testing.T) { layertest.Run(t, mesh.Layer()) }
