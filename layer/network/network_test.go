package network_test

import (
	"testing"

	"fathom/layer/layertest"
	"fathom/layer/network"
)

func TestLayer(t *testing.T) { layertest.Run(t, network.Layer()) }
