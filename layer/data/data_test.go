package data_test

import (
	"testing"

	"fathom/layer/data"
	"fathom/layer/layertest"
)

func TestControls(t *testing.T) { layertest.Run(t, data.Layer()) }
