package response_test

import (
	"testing"

	"fathom/layer/layertest"
	"fathom/layer/response"
)

func TestControls(t *testing.T) { layertest.Run(t, response.Layer()) }
